"""Flights that the airline changes in an order of two bookings: one traveller changed the way out,
both fly back together.
"""

from dataclasses import replace
from datetime import timedelta

from tests.e2e.airline import actions, after, asm, cancelled, kept, retimed, told
from tests.e2e.servicing import AHEAD, COUPLE, bought, by_plan
from tests.e2e.test_seats import add, map_of
from tests.houses import Served

from ndc_oms.kit.client import child_text
from ndc_oms.kit.conversation import OrderSummary, change_offers_of, order_of
from ndc_oms.kit.seeing import order_history
from ndc_oms.kit.servicing import accept_change
from ndc_oms.model.airline_change import Inaction, Reason
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.order import Order
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import SegmentSale


async def divided(served: Served) -> OrderSummary:
    order = await bought(served, COUPLE, there_and_back=True)
    second, out = order.items[1:2], [("YYZ", "LHR", served.today + timedelta(days=AHEAD + 2))]
    quoted = await served.talk.rebook(order.order_id, second, out)
    chosen = change_offers_of(quoted)[0]
    paid = by_plan(str(chosen.collect)) if chosen.collect else ""
    done = await served.talk.accept_change(order, chosen, "change", paid)
    assert done.errors == ()
    assert len((await kept(served, order)).bookings) == 2
    return order


def flown_by(order: Order, passenger_id: str) -> list[OrderSegment]:
    ids = {
        service.segment_id
        for item in order.live_items
        if item.passenger_id == passenger_id
        for service in item.services
    }
    return sorted(
        (each for each in order.segments if each.id in ids), key=lambda s: s.flight.departure
    )


def good_for(order: Order, passenger_id: str) -> list[str | None]:
    """Segments of a passenger's latest ticket."""
    return [each.segment_id for each in order.tickets_of(passenger_id)[-1].coupons]


async def test_a_cancelled_flight_moves_only_who_flies_it(served: Served) -> None:
    order = await divided(served)
    before = await kept(served, order)
    his = flown_by(before, "PAX2")[0]
    await told(served, cancelled(his))
    now = await kept(served, order)
    assert flown_by(now, "PAX1") == flown_by(before, "PAX1")
    (change,) = now.airline_changes
    assert [(each.reason, len(each.new)) for each in change.bounds] == [(Reason.CANCELLED, 1)]
    new, back = flown_by(now, "PAX2")
    assert new.flight.key != his.flight.key
    assert good_for(now, "PAX2") == [new.id, back.id]
    concerned = {item.passenger_id for item in now.live_items if item.id in change.item_ids}
    assert concerned == {"PAX2"}
    assert await served.findings() == []


async def test_a_retimed_flight_that_both_bookings_have_changes_once(served: Served) -> None:
    order = await divided(served)
    old = flown_by(await kept(served, order), "PAX1")[1]
    await told(served, retimed(old, timedelta(hours=3)))
    now = await kept(served, order)
    (change,) = now.airline_changes
    assert [each.reason for each in change.bounds] == [Reason.TIME]
    for passenger_id in ("PAX1", "PAX2"):
        out, back = flown_by(now, passenger_id)
        assert back.flight.departure == old.flight.departure + timedelta(hours=3)
        assert good_for(now, passenger_id) == [out.id, back.id]
    assert await served.findings() == []


async def test_a_cancelled_flight_of_both_bookings_moves_each(served: Served) -> None:
    """To the same flight, as one change that the seller is asked about."""
    order = await divided(served)
    old = flown_by(await kept(served, order), "PAX1")[1]
    await told(served, cancelled(old))
    now = await kept(served, order)
    (change,) = now.airline_changes
    assert (change.stranded, change.inaction) == (False, Inaction.ACCEPT)
    assert {i.passenger_id for i in now.live_items if i.id in change.item_ids} == {"PAX1", "PAX2"}
    new = flown_by(now, "PAX1")[1]
    assert new.flight.key != old.flight.key
    assert flown_by(now, "PAX2")[1] == new
    for passenger_id in ("PAX1", "PAX2"):
        assert good_for(now, passenger_id)[1] == new.id
    reply = await after(served, order)
    assert [consequence for _, consequence in actions(reply)] == ["Auto-acceptance"] * 2
    assert await served.findings() == []


async def losing_a_seat(served: Served) -> tuple[OrderSummary, OrderSegment]:
    """Both bookings have a flight that is left with one seat: one of them keeps it. What it was."""
    order = await divided(served)
    old = flown_by(await kept(served, order), "PAX1")[1]
    await told(served, asm("CON", old, f"J {old.flight.legs[0].aircraft} Y1"))
    return order, old


async def test_of_two_bookings_one_keeps_its_seat_and_the_other_is_moved(served: Served) -> None:
    order, old = await losing_a_seat(served)
    now = await kept(served, order)
    (change,) = now.airline_changes
    (bound,) = change.bounds
    (moved,) = bound.passenger_ids
    (stays,) = {"PAX1", "PAX2"} - {moved}
    assert flown_by(now, stays)[1].id == old.id
    new = flown_by(now, moved)[1]
    assert new.flight.key != old.flight.key
    assert (good_for(now, stays)[1], good_for(now, moved)[1]) == (old.id, new.id)
    assert {i.passenger_id for i in now.live_items if i.id in change.item_ids} == {moved}
    assert await served.findings() == []
    # the flight that one has left is retimed for the other one alone
    await told(served, retimed(old, timedelta(hours=3)))
    now = await kept(served, order)
    assert flown_by(now, moved)[1] == new
    assert flown_by(now, stays)[1].flight.departure == old.flight.departure + timedelta(hours=3)
    assert good_for(now, stays)[1] != old.id
    assert await served.findings() == []


async def test_who_finds_a_seat_may_take_it_where_the_other_finds_none(served: Served) -> None:
    """They are asked apart: what is accepted for one is not given up with the other's."""
    order = await divided(served)
    old = flown_by(await kept(served, order), "PAX1")[1]
    await told(served, await all_but_one_seat(served, old))
    now = await kept(served, order)
    lost, found = sorted(now.airline_changes, key=lambda each: not each.stranded)
    assert [e.inaction for e in (lost, found)] == [Inaction.CANCEL, Inaction.ACCEPT]
    (stays,), (goes,) = lost.bounds[0].passenger_ids, found.bounds[0].passenger_ids
    assert good_for(now, goes)[1] == found.bounds[0].new[0].segment_id
    shown = order_of(await after(served, order))
    done = await served.talk.change(shown, "accept", accept_change(found.item_ids))
    assert done.errors == ()
    served.clock.advance(timedelta(hours=73))
    await after(served, order)
    now = await kept(served, order)
    assert len(flown_by(now, goes)) == 2
    assert len(flown_by(now, stays)) == 1
    assert await served.findings() == []


async def all_but_one_seat(served: Served, flight: OrderSegment) -> str:
    """Messages that cancel it, and all that leave from there in the days around it but one direct
    flight on the same way, on which somebody holds all seats of its cabin but one.
    """
    airport, world = flight.flight.origin, served.house.world
    days = [flight.flight.departure.date() + timedelta(days=n) for n in range(-2, 5)]
    there = [
        each
        for day in days
        for each in world.timetable.departures(airport, day)
        if each.operator == flight.flight.operator and each.key != flight.flight.key
    ]
    later = (each for each in there if each.departure > flight.flight.departure)
    left = next(each for each in later if each.destination == flight.flight.destination)
    seats = await served.pss.check([left.key])
    assert isinstance(seats, Confirmed)
    highest = next(each.rbd for each in world.classes if each.cabin is flight.cabin)
    others = SegmentSale(left.key, highest, seats.value[left.key][highest] - 1)
    until = served.clock.now() + timedelta(days=30)
    assert isinstance(await served.pss.hold("others", [others], until), Confirmed)
    gone = {e.operator_number + str(e.departure.date()): e for e in there if e.key != left.key}
    messages = [cancelled(replace(flight, flight=each)) for each in gone.values()]
    return "\n".join([*messages, cancelled(flight)])


async def test_the_history_says_who_did_what(served: Served) -> None:
    """Through the client that checks every reply: what an event refers to is in it."""
    order = await divided(served)
    await told(served, cancelled(flown_by(await kept(served, order), "PAX2")[0]))
    shown = order_of(await after(served, order))
    (change,) = (await kept(served, order)).airline_changes
    done = await served.talk.change(shown, "accept", accept_change(change.item_ids))
    assert done.errors == ()
    reply = await served.client.send(order_history(order.order_id))
    assert reply.errors == ()
    by = {
        child_text(each, "ChangeOperation/ChangeTypeCode"): child_text(
            each, "DistibutionChain/OrgRole"
        )
        for each in reply.all("Response/ChangeGroup/ChangeOperationGroup")
    }
    assert by["CHANGE ACCEPTED"] == by["AIRLINE CHANGE ACCEPTED"] == "Seller"
    kinds = [each.text for each in reply.root.iter("{*}ChangeTypeCode")]
    assert {"FLIGHTS CHANGED", "DOCUMENTS REVALIDATED", "FLIGHT CHANGE HEARD"} <= {*kinds}


async def test_each_of_two_bookings_gets_the_seats_of_its_own_travellers(served: Served) -> None:
    """Both choose seats for the way back, which they fly together."""
    order = await divided(served)
    back = flown_by(await kept(served, order), "PAX1")[1]
    shown = await map_of(served, order)
    picked = shown.pick("PAX1", "PAX2", segment=back.id)
    one, two = (each.seat for each in picked)
    reply = await add(served, order_of(await after(served, order)), "seats", picked)
    assert reply.errors == ()
    done = await kept(served, order)
    assert {str(each.seat) for each in done.seated} == {one, two}
    for own, name in zip((each.locator for each in done.bookings), (one, two), strict=True):
        pnr = await served.pss.pnr(own)
        assert isinstance(pnr, Confirmed)
        assert pnr.value is not None
        assert [str(each.seat) for each in pnr.value.choices] == [name]
    assert await served.findings() == []

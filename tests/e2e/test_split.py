"""Some passengers of an order get an order of their own: money, documents, bookings, seats."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.e2e.airline import cancelled, first_segment, heard, told
from tests.e2e.receiver import assert_sound, receiving, registered
from tests.e2e.servicing import (
    AHEAD,
    COUPLE,
    bought,
    by_plan,
    coupons,
    hold,
    payments,
    refunded,
    seen,
    settle,
    texts,
)
from tests.e2e.test_seats import map_of
from tests.houses import Served

from ndc_oms.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, Unavailable
from ndc_oms.kit.conversation import OrderSummary, change_offers_of, order_of
from ndc_oms.kit.requests import Pax, order_retrieve
from ndc_oms.kit.seats import seats_for_order
from ndc_oms.kit.seeing import order_history, order_list, order_rules
from ndc_oms.kit.services import Picked, added, list_for_order, services_of
from ndc_oms.kit.servicing import called, update_pax
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order
from ndc_oms.model.status import CouponStatus, PaymentState, ServiceStatus
from ndc_oms.orders.split import SplitDone
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import Pnr

FAMILY = (
    *COUPLE,
    Pax("PAX3", "CHD", "Hansen", "Jonas"),
    Pax("PAX4", "INF", "Hansen", "Liv", holder="PAX2"),
)


def left_of(order: Order) -> Money:
    return total((p.left for p in order.payments if p.state is PaymentState.CAPTURED), "CAD")


async def pnr_of(served: Served, order: Order) -> Pnr:
    assert order.own_booking is not None
    shown = await served.pss.pnr(order.own_booking.locator)
    assert isinstance(shown, Confirmed)
    assert shown.value is not None
    return shown.value


async def divided(served: Served) -> OrderSummary:
    """Two who bought together, and of whom the second flies on another day."""
    order = await bought(served, COUPLE)
    day = served.today + timedelta(days=AHEAD + 4)
    quoted = await served.talk.rebook(order.order_id, order.items[1:], [("YYZ", "LHR", day)])
    chosen = change_offers_of(quoted)[0]
    paid = by_plan(str(chosen.collect)) if chosen.collect else ""
    assert (await served.talk.accept_change(order, chosen, "change", paid)).errors == ()
    return order_of(await seen(served, order))


async def split(served: Served, order: OrderSummary, *passengers: str) -> SplitDone:
    """And all that is due then."""
    done = await served.house.split(order.order_id, passengers)
    await settle(served)
    get = served.house.store.get_order
    both = [await get(each.order.order_id, None) for each in (done.staying, done.going)]
    assert await served.findings() == []
    return SplitDone(*both)


async def test_one_of_two(served: Served) -> None:
    order = await bought(served, COUPLE, there_and_back=True)
    before = (await served.house.store.get_order(order.order_id, None)).order
    done = await split(served, order, "PAX2")
    old, new = done.staying.order, done.going.order
    assert new.original_order_id == old.order_id
    assert [each.order_id for each in old.splits] == [new.order_id]
    assert old.total + new.total == before.total == left_of(old) + left_of(new)
    assert (left_of(old), left_of(new)) == (old.total, new.total)
    assert {p.passenger_id for p in done.staying.people.persons} == {"PAX1"}
    assert {p.passenger_id for p in done.going.people.persons} == {"PAX2"}
    numbers = {d.number for d in (*old.documents, *new.documents)}
    assert numbers == {d.number for d in before.documents}
    theirs, ours = await pnr_of(served, new), await pnr_of(served, old)
    assert [t.passenger_id for t in theirs.travellers] == ["PAX2"]
    assert [t.passenger_id for t in ours.travellers] == ["PAX1"]
    assert (theirs.order_id, ours.order_id) == (new.order_id, old.order_id)
    assert any(s.code == "CTCE" for s in theirs.services)
    assert {new.order_id, old.order_id} == set((await served.pss.live_bookings()).values())


async def test_what_the_seller_sees(served: Served) -> None:
    order = await bought(served, COUPLE)
    done = await split(served, order, "PAX2")
    new_id = done.going.order.order_id
    shown = await served.talk.retrieve(new_id)
    assert texts(shown, "OriginalOrderID") == [order.order_id]
    assert texts(shown, "GivenName") == ["Soren"]
    assert (coupons(shown), len(payments(shown))) == (["O"], 1)
    old = await served.talk.retrieve(order.order_id)
    assert order_of(old).version > order.version
    assert any(new_id in text for text in texts(old, "DescText"))
    assert ServiceStatus.TRANSFERRED in texts(old, "StatusCode")
    assert texts(old, "GivenName") == ["Maren"]
    assert coupons(old) == ["O"]
    for order_id in (order.order_id, new_id):
        for body in (
            order_history(order_id),
            order_rules(order_id),
            list_for_order(order_id),
            seats_for_order(order_id),
        ):
            assert (await served.client.send(body)).errors == ()
    told_of = await served.client.send(order_history(new_id))
    assert texts(told_of, "OrgRole")[0] == "Carrier"


async def test_each_is_found_by_what_it_has(served: Served) -> None:
    order = await bought(served, COUPLE)
    done = await split(served, order, "PAX2")
    for kept in (done.staying.order, done.going.order):
        assert kept.own_booking is not None
        found = await served.client.send(
            order_retrieve(locator=kept.own_booking.locator, surname="Hansen")
        )
        assert order_of(found).order_id == kept.order_id
        (ticket,) = kept.documents
        named = f"<TicketNumber>{ticket.number}</TicketNumber>"
        by_ticket = f"<TicketFilterCriteria>{named}</TicketFilterCriteria>"
        listed = await served.client.send(order_list(by_ticket))
        assert texts(listed, "OrderRefID") == [kept.order_id]


async def test_one_is_cancelled_and_the_other_changed(served: Served) -> None:
    order = await bought(served, COUPLE)
    done = await split(served, order, "PAX2")
    new_id = done.going.order.order_id
    served.clock.advance(timedelta(days=3))
    going = order_of(await served.talk.retrieve(new_id))
    quoted = await served.talk.reshop(new_id)
    back = refunded(quoted)
    assert (await served.talk.accept_cancelled(going, quoted, "cancel")).errors == ()
    over = await seen(served, going)
    assert (order_of(over).status, coupons(over)) == ("CLOSED", ["R"])
    assert payments(over)[1][0] == f"-{back}" or payments(over)[1][0] == str(back)
    staying = order_of(await served.talk.retrieve(order.order_id))
    live = [item.id for item in done.staying.order.live_items]
    day = served.today + timedelta(days=AHEAD + 4)
    offers = change_offers_of(await served.talk.rebook(order.order_id, live, [("YYZ", "LHR", day)]))
    paid = by_plan(str(offers[0].collect)) if offers[0].collect else ""
    changed = await served.talk.accept_change(staying, offers[0], "change", paid)
    assert changed.errors == ()
    assert await served.findings() == []
    later = await served.talk.reshop(order.order_id)
    latest = order_of(await seen(served, staying))
    assert (await served.talk.accept_cancelled(latest, later, "cancel2")).errors == ()
    assert order_of(await seen(served, staying)).status == "CLOSED"


async def test_services_seats_and_a_lap_go_along(served: Served) -> None:
    family = tuple(
        replace(each, birthdate=served.today.replace(year=2019 if each.type == "CHD" else 2026))
        if each.type in {"CHD", "INF"}
        else each
        for each in FAMILY
    )
    order = await bought(served, family)
    reply = await served.client.send(list_for_order(order.order_id))
    bag = next(e for e in services_of(reply) if e.code == "BAG23" and "PAX2" in e.passengers)
    await served.talk.change(
        order, "bag", added([Picked(bag, ("PAX2",))]), payments=by_plan(bag.price)
    )
    latest = order_of(await seen(served, order))
    before = (await served.house.store.get_order(order.order_id, None)).order
    done = await split(served, latest, "PAX2")
    old, new = done.staying.order, done.going.order
    assert [each.id for each in new.passengers] == ["PAX2", "PAX4"]
    assert [each.product.code for each in new.live_ancillaries] == ["BAG23"]
    assert old.live_ancillaries == ()
    (item,) = new.live_ancillaries
    assert len(new.emds_of(item)) == 1
    assert old.total + new.total == before.total
    assert left_of(old) + left_of(new) == left_of(before)
    codes_of = {s.code for s in (await pnr_of(served, new)).services}
    assert {"XBAG", "INFT"} & codes_of
    # what is theirs is given back there
    served.clock.advance(timedelta(days=3))
    quoted = await served.talk.reshop(new.order_id)
    going = order_of(await served.talk.retrieve(new.order_id))
    assert (await served.talk.accept_cancelled(going, quoted, "cancel")).errors == ()
    assert order_of(await seen(served, going)).status == "CLOSED"


async def test_a_hold_is_paid_apart(served: Served) -> None:
    order = order_of(await seen(served, await hold(served, COUPLE)))
    done = await split(served, order, "PAX1")
    for number, kept in enumerate((done.staying.order, done.going.order)):
        assert kept.payment_limit_at is not None
        shown = order_of(await served.talk.retrieve(kept.order_id))
        paid = await served.talk.pay(shown, by_plan(shown.amount), f"pay{number}")
        assert paid.errors == ()
        assert coupons(await seen(served, shown)) == ["O"]


async def test_a_hold_of_both_ends_in_time(served: Served) -> None:
    order = order_of(await seen(served, await hold(served, COUPLE)))
    done = await split(served, order, "PAX1")
    served.clock.advance(timedelta(days=4))
    await settle(served)
    for kept in (done.staying, done.going):
        now = (await served.house.store.get_order(kept.order.order_id, None)).order
        assert now.status.value == "CLOSED"


async def test_who_is_divided_already_only_gets_an_order(served: Served) -> None:
    latest = await divided(served)
    before = (await served.house.store.get_order(latest.order_id, None)).order
    theirs = before.booking_of("PAX2")
    done = await split(served, latest, "PAX2")
    assert theirs is not None
    assert done.going.order.own_booking == replace(theirs, passenger_ids=())
    assert len(done.staying.order.bookings) == 1
    assert done.staying.order.total + done.going.order.total == before.total


async def test_the_first_booking_goes_and_the_divided_one_stays(served: Served) -> None:
    latest = await divided(served)
    done = await split(served, latest, "PAX1")
    for kept in (done.staying.order, done.going.order):
        served.clock.advance(timedelta(hours=30))
        shown = order_of(await served.talk.retrieve(kept.order_id))
        back = await served.talk.reshop(kept.order_id)
        assert (await served.talk.accept_cancelled(shown, back, f"c{kept.order_id}")).errors == ()
        assert order_of(await seen(served, shown)).status == "CLOSED"
        assert await served.findings() == []


async def test_what_cannot_be_split(served: Served) -> None:
    order = await bought(served, COUPLE)
    act = served.house.split
    for passengers, kind, code in (
        (("PAX1", "PAX2"), NotAllowed, "185"),
        (("PAX9",), Invalid, "143"),
        ((), Invalid, "143"),
    ):
        with pytest.raises(kind) as caught:
            await act(order.order_id, passengers)
        assert isinstance(caught.value, Refusal)
        assert caught.value.code == code
    with pytest.raises(NotFound):
        await act("T8ZZZZZZZZZZ", ("PAX1",))
    with pytest.raises(Conflict):
        await act(order.order_id, ("PAX1",), version=9)
    done = await split(served, order, "PAX2")
    with pytest.raises(NotAllowed, match=done.going.order.order_id):
        await act(order.order_id, ("PAX2",))
    with pytest.raises(NotAllowed):
        await act(order.order_id, ("PAX1",))


async def test_an_open_change_by_the_airline_comes_first(served: Served) -> None:
    order = await bought(served, COUPLE)
    await told(served, cancelled(await first_segment(served, order)))
    with pytest.raises(NotAllowed, match="waits for an answer"):
        await served.house.split(order.order_id, ("PAX2",))


async def test_a_booking_that_is_not_divided_leaves_the_order_whole(served: Served) -> None:
    order = await bought(served, COUPLE)
    before = (await served.house.store.get_order(order.order_id, None)).order
    await served.pss.plant("divide:fails:1x")
    with pytest.raises(Unavailable, match="could not be divided"):
        await served.house.split(order.order_id, ("PAX2",))
    now = (await served.house.store.get_order(order.order_id, None)).order
    assert (now.items, now.documents, now.split) == (before.items, before.documents, None)
    await split(served, order, "PAX2")


async def test_a_name_is_corrected_in_the_new_order(served: Served) -> None:
    order = await bought(served, COUPLE)
    done = await split(served, order, "PAX2")
    going = order_of(await served.talk.retrieve(done.going.order.order_id))
    lists = f"<PaxList>{called('T1', 'Hanssen', 'Soren')}</PaxList>"
    reply = await served.talk.change(going, "name", update_pax("PAX2", "T1"), lists=lists)
    assert reply.errors == ()
    assert texts(await seen(served, going), "Surname") == ["Hanssen"]


async def test_a_chosen_seat_goes_along(served: Served) -> None:
    order = await bought(served, COUPLE)
    (picked,) = (await map_of(served, order)).pick("PAX2")
    paid = by_plan(f"{picked.price:.2f}")
    assert (await served.talk.change(order, "seat", added([picked]), payments=paid)).errors == ()
    latest = order_of(await seen(served, order))
    done = await split(served, latest, "PAX2")
    old, new = done.staying.order, done.going.order
    assert (old.seated, len(new.seated)) == ((), 1)
    assert (await pnr_of(served, new)).choices == new.seated


async def test_split_again(served: Served) -> None:
    three = (*COUPLE, Pax("PAX3", surname="Hansen", given="Tove"))
    order = await bought(served, three)
    first = await split(served, order, "PAX2", "PAX3")
    latest = order_of(await served.talk.retrieve(first.going.order.order_id))
    second = await split(served, latest, "PAX3")
    assert second.going.order.original_order_id == first.going.order.order_id
    whole = (first.staying, second.staying, second.going)
    assert total((each.order.total for each in whole), "CAD") == total(
        (left_of(each.order) for each in whole), "CAD"
    )


@pytest.mark.parametrize(
    "kind", ["rejects-once", "times-out-before:1x", "times-out-after:1x", "garbage:1x"]
)
async def test_a_fault_of_the_division_that_passes(served: Served, kind: str) -> None:
    order = await bought(served, COUPLE)
    await served.pss.plant(f"divide:{kind}")
    with suppress(Unavailable):  # it goes on by itself
        await served.house.split(order.order_id, ("PAX2",))
    served.clock.advance(timedelta(seconds=30))
    await settle(served)
    (made,) = (await served.house.store.get_order(order.order_id, None)).order.splits
    new = (await served.house.store.get_order(made.order_id, None)).order
    assert new.original_order_id == order.order_id
    assert len(await served.pss.live_bookings()) == 2


async def test_the_seller_is_told(served: Served) -> None:
    async with receiving() as receiver:
        await registered(served, receiver.url)
        order = await bought(served, COUPLE)
        done = await split(served, order, "PAX2")
        await served.house.notifier.run_due()
        (got,) = receiver.got
        assert_sound(got)
        new, old = done.going.order.order_id, order.order_id
        assert got.texts("OrderID") == [new, old]  # New comes before Old
        assert got.texts("ChangeTypeCode") == ["SPLIT"]
        (item,) = done.going.order.items
        assert got.texts("OrderItemID") == [item.id] * 2


async def test_what_airports_and_the_airline_do_reaches_both(served: Served) -> None:
    order = await bought(served, COUPLE)
    done = await split(served, order, "PAX2")
    new = done.going.order
    moved = await served.pss.set_coupon("in", new.documents[0].number, 1, CouponStatus.CHECKED_IN)
    assert isinstance(moved, Confirmed)
    await heard(served)
    assert coupons(await served.talk.retrieve(new.order_id)) == ["C"]
    assert coupons(await served.talk.retrieve(order.order_id)) == ["O"]
    await told(served, cancelled(await first_segment(served, order)))
    await settle(served)
    for order_id in (order.order_id, new.order_id):
        now = (await served.house.store.get_order(order_id, None)).order
        assert len(now.open_changes) == 1
        assert len(now.live_items) == 1
    assert await served.findings() == []

"""Flights that the airline changes: what an order has then, what the seller is asked, and what
each answer, and none, comes to.
"""

from datetime import timedelta
from pathlib import Path

from tests.e2e.airline import (
    actions,
    after,
    asm,
    cancelled,
    first_segment,
    flights,
    kept,
    retimed,
    statuses,
    told,
)
from tests.e2e.servicing import (
    COUPLE,
    bought,
    by_plan,
    codes,
    coupons,
    hold,
    payments,
    refunded,
    seats_left,
)
from tests.houses import Served, serving

from ndc_oms.kit.conversation import offers_of, order_of
from ndc_oms.kit.servicing import accept_change
from ndc_oms.model.airline_change import Answer, Reason

LATER = timedelta(hours=3)
ANSWER_BY = "2027-01-15T09:00:00Z"  # 72 hours after the change


async def test_a_retimed_flight_is_in_the_order_at_its_new_times(served: Served) -> None:
    order = await bought(served, COUPLE)
    old = await first_segment(served, order)
    await told(served, retimed(old, LATER))
    reply = await after(served, order)
    new = await first_segment(served, order)
    assert new.flight.departure == old.flight.departure + LATER
    assert flights(reply) == [f"T8{new.flight.number} {new.flight.departure:%Y-%m-%dT%H:%M}"]
    assert actions(reply) == [(ANSWER_BY, "Auto-acceptance")] * 2
    assert coupons(reply) == ["O", "O"]
    stored = await kept(served, order)
    assert {c.segment_id for d in stored.documents for c in d.coupons} == {new.id}
    (change,) = stored.airline_changes
    assert [each.reason for each in change.bounds] == [Reason.TIME]


async def test_a_small_change_asks_nothing(served: Served) -> None:
    order = await bought(served)
    old = await first_segment(served, order)
    await told(served, retimed(old, timedelta(minutes=10)))
    reply = await after(served, order)
    assert actions(reply) == []
    assert (await first_segment(served, order)).flight.departure > old.flight.departure
    (change,) = (await kept(served, order)).airline_changes
    assert change.answer is Answer.NOT_ASKED


async def test_a_cancelled_flight_is_replaced_by_another(served: Served) -> None:
    order = await bought(served, COUPLE)
    old = await first_segment(served, order)
    await told(served, cancelled(old))
    reply = await after(served, order)
    new = await first_segment(served, order)
    assert new.flight.key != old.flight.key
    assert (new.flight.origin, new.flight.destination) == ("YYZ", "LHR")
    assert actions(reply) == [(ANSWER_BY, "Auto-acceptance")] * 2
    assert coupons(reply) == ["O", "O"]
    assert statuses(reply) == ["READY TO PROCEED"]


async def test_the_seller_accepts(served: Served) -> None:
    order = await bought(served)
    await told(served, retimed(await first_segment(served, order), LATER))
    shown = order_of(await after(served, order))
    accepted = await served.talk.change(shown, "accept", accept_change(shown.items))
    assert accepted.errors == ()
    assert actions(accepted) == []
    again = await served.talk.change(order_of(accepted), "again", accept_change(shown.items))
    assert codes(again) == ["368"]


async def test_the_seller_takes_all_its_money_back(served: Served) -> None:
    """Of a fare that would give nothing back by itself, and outside the void window."""
    order = await bought(served, family="Economy Light")
    served.clock.advance(timedelta(hours=30))
    free = await seats_left(served, order)
    await told(served, retimed(await first_segment(served, order), LATER))
    shown = order_of(await after(served, order))
    quoted = await served.talk.reshop(shown.order_id)
    assert str(refunded(quoted)) == order.amount
    done = await served.talk.accept_cancelled(shown, quoted, "refund")
    assert done.errors == ()
    reply = await after(served, order)
    assert order_of(reply).status == "CLOSED"
    assert coupons(reply) == ["R"]
    assert payments(reply)[-1] == (f"-{order.amount}", "SUCCESSFUL")
    assert actions(reply) == []
    assert (await seats_left(served, order))[0] > free[0]


async def test_who_does_not_answer_has_accepted(served: Served) -> None:
    order = await bought(served)
    await told(served, retimed(await first_segment(served, order), LATER))
    served.clock.advance(timedelta(hours=73))
    reply = await after(served, order)
    assert actions(reply) == []
    assert order_of(reply).status == "OPENED"
    (change,) = (await kept(served, order)).airline_changes
    assert change.answer is Answer.LAPSED


async def test_where_there_is_no_other_flight_inaction_gives_everything_back(
    served: Served,
) -> None:
    order = await bought(served, family="Economy Light")
    old = await first_segment(served, order)
    await strand(served, order.order_id)
    reply = await after(served, order)
    assert actions(reply) == [(ANSWER_BY, "Auto-cancellation")]
    assert statuses(reply) == ["UNABLE TO DELIVER"]
    shown = order_of(reply)
    refused = await served.talk.change(shown, "accept", accept_change(shown.items))
    assert codes(refused) == ["182"]
    served.clock.advance(timedelta(hours=73))
    ended = await after(served, order)
    assert order_of(ended).status == "CLOSED"
    assert coupons(ended) == ["R"]
    assert payments(ended)[-1] == (f"-{order.amount}", "SUCCESSFUL")
    assert (await first_segment(served, order)).flight.key == old.flight.key


async def test_inaction_gives_back_the_stranded_way_and_keeps_the_other(served: Served) -> None:
    order = await bought(served, COUPLE, there_and_back=True, family="Economy Light")
    stored = await kept(served, order)
    back = [item for item in stored.live_items if item.bound_index == 1]
    await strand(served, order.order_id)
    served.clock.advance(timedelta(hours=73))
    ended = await after(served, order)
    now = await kept(served, order)
    assert [item.id for item in now.live_items] == [item.id for item in back]
    assert sorted(coupons(ended)) == ["O", "O", "R", "R", "R", "R"]
    live = [document for document in now.documents if document.live]
    assert {d.passenger_id for d in live} == {"PAX1", "PAX2"}
    flown = {item.passenger_id: item.services[0].segment_id for item in back}
    assert {d.passenger_id: d.coupons[0].segment_id for d in live} == flown
    given_up = stored.total - now.total
    assert payments(ended)[-1] == (f"-{given_up.text()}", "SUCCESSFUL")
    assert now.failure is None


async def strand(served: Served, order_id: str, place: int = 0) -> None:
    """Cancels every flight from its origin for a week around this one of the order's."""
    segment = (await served.house.store.get_order(order_id, None)).order.segments[place]
    around = [segment.flight.departure.date() + timedelta(days=n) for n in range(-2, 5)]
    messages = []
    timetable, origin = served.house.world.timetable, segment.flight.origin
    for on in around:
        numbers = {each.operator_number: each for each in timetable.departures(origin, on)
                   if each.operator == segment.flight.operator}  # fmt: skip
        for each in numbers.values():
            named = f"{each.operator}{each.operator_number}/{each.departure:%d%b%y}".upper()
            messages += ["ASM", "LT", "CNL", named]
    await told(served, "\n".join(messages))


async def test_a_held_order_follows_its_flight_and_is_still_to_be_paid(served: Served) -> None:
    order = await hold(served)
    await told(served, retimed(await first_segment(served, order), LATER))
    reply = await after(served, order)
    assert len(actions(reply)) == 1
    assert any("is to be paid until" in (w.text or "") for w in reply.all("//Warning/DescText"))


async def test_who_has_lost_the_seat_to_a_smaller_aircraft_gets_another_flight(
    served: Served,
) -> None:
    order = await bought(served, COUPLE)
    old = await first_segment(served, order)
    aircraft = old.flight.legs[0].aircraft
    await told(served, asm("EQT", old, f"J {aircraft} Y1"))
    reply = await after(served, order)
    new = await first_segment(served, order)
    assert new.flight.key != old.flight.key
    (change,) = (await kept(served, order)).airline_changes
    assert [each.reason for each in change.bounds] == [Reason.EQUIPMENT]
    assert coupons(reply) == ["O", "O"]


async def test_other_equipment_with_seats_enough_asks_nothing(served: Served) -> None:
    order = await bought(served)
    old = await first_segment(served, order)
    await told(served, asm("EQT", old, "J 77W"))
    reply = await after(served, order)
    new = await first_segment(served, order)
    assert (new.flight.key, new.flight.legs[0].aircraft) == (old.flight.key, "77W")
    assert actions(reply) == []


async def test_a_later_change_of_the_same_flights_replaces_the_question(served: Served) -> None:
    order = await bought(served)
    await told(served, retimed(await first_segment(served, order), LATER))
    await told(served, cancelled(await first_segment(served, order)))
    reply = await after(served, order)
    assert len(actions(reply)) == 1
    answers = [each.answer for each in (await kept(served, order)).airline_changes]
    assert answers == [Answer.REPLACED, None]


async def test_what_is_shopped_follows_the_schedule(served: Served) -> None:
    order = await bought(served)
    old = await first_segment(served, order)
    await told(served, cancelled(old))
    found = served.house.world.timetable.flights(
        old.flight.origin, old.flight.destination, old.flight.departure.date()
    )
    assert old.flight.key not in [each.key for each in found]
    await told(served, asm("RIN", old))
    found = served.house.world.timetable.flights(
        old.flight.origin, old.flight.destination, old.flight.departure.date()
    )
    assert old.flight.key in [each.key for each in found]


async def test_a_flight_that_comes_back_takes_its_passengers_again(served: Served) -> None:
    order = await bought(served, COUPLE)
    old = await first_segment(served, order)
    await strand(served, order.order_id)
    assert statuses(await after(served, order)) == ["UNABLE TO DELIVER"]
    await told(served, asm("RIN", old))
    reply = await after(served, order)
    assert (await first_segment(served, order)).flight == old.flight
    assert actions(reply) == []
    assert statuses(reply) == ["READY TO PROCEED"]
    assert coupons(reply) == ["O", "O"]


async def test_a_held_order_that_was_stranded_can_be_paid_when_its_flight_is_back(
    served: Served,
) -> None:
    order = await hold(served)
    old = await first_segment(served, order)
    await strand(served, order.order_id)
    await told(served, asm("RIN", old))
    shown = order_of(await after(served, order))
    paid = await served.talk.pay(shown, by_plan(shown.amount), "pay")
    assert paid.errors == ()
    assert coupons(await after(served, order)) == ["O"]


async def test_a_held_order_that_cannot_be_flown_is_not_priced_anew(served: Served) -> None:
    """It could not be paid either: whoever asks is told so at once."""
    order = await hold(served)
    await strand(served, order.order_id)
    stored = await kept(served, order)
    assert stored.price_guarantee_until is not None
    served.clock.advance(stored.price_guarantee_until - served.clock.now())
    assert len(actions(await after(served, order))) == 1
    quoted = await served.talk.quote(order.order_id)
    assert codes(quoted) == ["182"]
    assert "CancelUnpaidOrder" in quoted.errors[0][1]


async def test_a_missed_connection_is_replaced_and_what_is_cancelled_stays_readable(
    served: Served,
) -> None:
    """One of two gave up; the first flight is late, so that the second is not reached."""
    day = served.today + timedelta(days=60)
    bounds = [("SAN", "LHR", day)]
    shopped = offers_of(await served.talk.shop(bounds, COUPLE))
    firm = offers_of(await served.talk.price(shopped[0], COUPLE))[0]
    order = order_of(await served.talk.create(firm, COUPLE, "connect"))
    stored = await kept(served, order)
    assert len(stored.segments) == 2
    shown = order_of(await after(served, order))
    one = [item.id for item in stored.items if item.passenger_id == "PAX2"]
    quoted = await served.talk.reshop(order.order_id, one)
    done = await served.talk.accept_cancelled(shown, quoted, "one less")
    assert done.errors == ()
    late = stored.segments[1].flight.departure - stored.segments[0].flight.arrival
    await told(served, retimed(stored.segments[0], late))
    reply = await after(served, order)
    assert reply.errors == ()
    (change,) = (await kept(served, order)).airline_changes
    first, second = (await kept(served, order)).segments[:2]
    assert first.flight.arrival < second.flight.departure
    assert change.open


async def test_another_house_on_the_same_pss_knows_the_schedule(tmp_path: Path) -> None:
    """Also one that starts later, and reads the feed from where it stands."""
    async with serving(tmp_path) as served:
        order = await bought(served)
        old = await first_segment(served, order)
        await told(served, cancelled(old))
        day, clock = old.flight.departure.date(), served.clock
    async with serving(tmp_path, clock=clock) as again:
        assert await again.house.availability.catch_up()
        found = again.house.world.timetable.flights("YYZ", "LHR", day)
        assert old.flight.key not in [each.key for each in found]
        assert len(found) > 0

"""Flights that the airline changes when somebody has checked in for them, boarded or flown them."""

from datetime import timedelta

from tests.e2e.airline import actions, after, asm, cancelled, first_segment, kept, retimed, told
from tests.e2e.servicing import COUPLE, bought, coupons, refunded, seen
from tests.e2e.test_airline_changes import strand
from tests.e2e.test_airline_divided import divided, flown_by, good_for
from tests.e2e.test_airline_seats import with_seats_that_go
from tests.e2e.test_delivery import move
from tests.houses import Served

from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.kit.services import list_for_order, services_of
from ndc_oms.model.order import Order
from ndc_oms.model.status import CouponStatus as C
from ndc_oms.model.status import DeliveryStatus, ItemStatus

LATER = timedelta(hours=3)


async def ticket_of(served: Served, order: OrderSummary, passenger_id: str) -> str:
    (ticket,) = (await kept(served, order)).tickets_of(passenger_id)
    return ticket.number


def states(order: Order, passenger_id: str) -> list[str]:
    return [c.status for d in order.tickets_of(passenger_id) for c in d.coupons]


async def test_a_cancelled_flight_has_nobody_checked_in(served: Served) -> None:
    """Also where no other flight is found: then all that was paid can come back at once."""
    order = await bought(served, COUPLE)
    for passenger_id in ("PAX1", "PAX2"):
        await move(served, await ticket_of(served, order, passenger_id), 1, C.CHECKED_IN)
    assert coupons(await after(served, order)) == ["C", "C"]
    await strand(served, order.order_id)
    assert coupons(await after(served, order)) == ["O", "O"]
    quoted = await served.talk.reshop(order.order_id)
    assert refunded(quoted) == (await kept(served, order)).total.decimal()
    latest = order_of(await seen(served, order))
    assert (await served.talk.accept_cancelled(latest, quoted, "back")).errors == ()
    assert coupons(await seen(served, order)) in (["R", "R"], ["V", "V"])
    assert await served.findings() == []


async def test_nobody_checks_in_for_a_flight_that_is_not_flown(served: Served) -> None:
    order = await bought(served)
    await strand(served, order.order_id)
    number = await ticket_of(served, order, "PAX1")
    refused = await served.pss.set_coupon("late", number, 1, C.CHECKED_IN)
    assert "not flown" in str(refused)
    assert coupons(await after(served, order)) == ["O"]


async def test_who_has_boarded_keeps_the_flight_that_the_other_s_leaves_later(
    served: Served,
) -> None:
    order = await bought(served, COUPLE)
    old = await first_segment(served, order)
    await move(served, await ticket_of(served, order, "PAX1"), 1, C.CHECKED_IN, C.LIFTED)
    await after(served, order)
    await told(served, retimed(old, LATER))
    reply = await after(served, order)
    now = await kept(served, order)
    assert flown_by(now, "PAX1") == [old]
    (new,) = flown_by(now, "PAX2")
    assert new.flight.departure == old.flight.departure + LATER
    assert (good_for(now, "PAX1"), good_for(now, "PAX2")) == ([old.id], [new.id])
    assert coupons(reply) == ["L", "O"]
    assert len(actions(reply)) == 1
    assert await served.findings() == []
    await move(served, await ticket_of(served, order, "PAX1"), 1, C.FLOWN)
    assert coupons(await after(served, order)) == ["F", "O"]


async def test_of_a_cancelled_flight_that_was_boarded_only_the_others_are_asked(
    served: Served,
) -> None:
    """They are in one booking, which is not put on two flights: theirs comes back in the end."""
    order = await bought(served, COUPLE)
    old = await first_segment(served, order)
    await move(served, await ticket_of(served, order, "PAX1"), 1, C.CHECKED_IN, C.LIFTED)
    await move(served, await ticket_of(served, order, "PAX2"), 1, C.CHECKED_IN)
    await after(served, order)
    await told(served, cancelled(old))
    reply = await after(served, order)
    now = await kept(served, order)
    (change,) = now.airline_changes
    assert change.stranded
    assert {i.passenger_id for i in now.live if i.id in change.item_ids} == {"PAX2"}
    assert [how for _, how in actions(reply)] == ["Auto-cancellation"]
    assert coupons(reply) == ["L", "O"]
    served.clock.advance(timedelta(hours=73))
    ended = await after(served, order)
    assert sorted(coupons(ended)) == ["L", "R"]
    assert [i.passenger_id for i in (await kept(served, order)).live_items] == ["PAX1"]
    assert await served.findings() == []


async def test_in_a_divided_order_what_one_has_flown_stays(served: Served) -> None:
    order = await divided(served)
    old = flown_by(await kept(served, order), "PAX1")[1]
    await move(served, await ticket_of(served, order, "PAX1"), 1, C.FLOWN)
    await move(served, await ticket_of(served, order, "PAX1"), 2, C.FLOWN)
    await after(served, order)
    await told(served, retimed(old, LATER))
    now = await kept(served, order)
    assert flown_by(now, "PAX1")[1] == old
    assert flown_by(now, "PAX2")[1].flight.departure == old.flight.departure + LATER
    (change,) = now.airline_changes
    assert {i.passenger_id for i in now.live if i.id in change.item_ids} == {"PAX2"}
    assert states(now, "PAX1") == ["F", "F"]
    assert await served.findings() == []
    # nobody else flies it still: cancelled, the other one is put on another flight
    await told(served, cancelled(flown_by(now, "PAX2")[1]))
    now = await kept(served, order)
    assert flown_by(now, "PAX1")[1] == old
    assert flown_by(now, "PAX2")[1].flight.key != old.flight.key
    assert good_for(now, "PAX2") == [each.id for each in flown_by(now, "PAX2")]
    assert await served.findings() == []


async def test_a_seat_that_is_lost_after_check_in_comes_back(served: Served) -> None:
    """Its coupon goes with the ticket's: it is opened again, and refunded."""
    order, _ = await with_seats_that_go(served, "223")
    for passenger_id in ("PAX1", "PAX2"):
        await move(served, await ticket_of(served, order, passenger_id), 1, C.CHECKED_IN)
    assert coupons(await after(served, order)) == ["C"] * 4
    await served.pss.plant("assign_seats:fails:1x")
    await told(served, asm("EQT", await first_segment(served, order), "J 223"))
    reply = await after(served, order)
    stored = await kept(served, order)
    assert {each.status for each in stored.ancillaries} == {ItemStatus.CANCELLED}
    assert sorted(coupons(reply)) == ["C", "C", "R", "R"]
    assert await served.findings() == []


async def test_what_is_given_up_at_the_limit_waits_for_a_coupon_that_is_suspended(
    served: Served,
) -> None:
    order = await bought(served, there_and_back=True)
    number = await ticket_of(served, order, "PAX1")
    await move(served, number, 2, C.SUSPENDED)
    await after(served, order)
    await strand(served, order.order_id)
    served.clock.advance(timedelta(hours=80))
    waiting = await after(served, order)
    assert coupons(waiting) == ["O", "S"]
    assert len(actions(waiting)) == 1
    assert await served.findings() == []
    await move(served, number, 2, C.OPEN)
    ended = await after(served, order)
    now = await kept(served, order)
    assert sorted(coupons(ended)) == ["O", "R", "R"]
    assert [item.bound_index for item in now.live_items] == [1]
    assert now.failure is None
    assert await served.findings() == []


async def test_what_was_boarded_or_cannot_be_flown_is_sold_no_services(served: Served) -> None:
    order = await bought(served, COUPLE)
    await move(served, await ticket_of(served, order, "PAX1"), 1, C.CHECKED_IN, C.LIFTED)
    stored = await kept(served, order)
    await after(served, order)
    (first, second) = (await kept(served, order)).live_items
    assert first.services[0].delivery is DeliveryStatus.IN_PROGRESS
    assert stored.live_items[1] == second
    listed = services_of(await served.client.send(list_for_order(order.order_id)))
    assert {who for each in listed for who in each.passengers} == {"PAX2"}

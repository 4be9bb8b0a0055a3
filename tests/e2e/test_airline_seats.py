"""What goes with a flight that the airline changes: chosen seats and services."""

from datetime import timedelta
from decimal import Decimal

from tests.e2e.airline import after, cancelled, first_segment, kept, retimed, told
from tests.e2e.servicing import ADULT, COUPLE, coupons, offer, payments
from tests.e2e.test_seats import buy_seated, map_of, seated
from tests.houses import Served

from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.model.order import Order
from ndc_oms.model.status import ItemStatus


async def with_seats(served: Served, *who: str) -> OrderSummary:
    party = COUPLE if len(who) > 1 else ADULT
    firm = await offer(served, party)
    picked = (await map_of(served, firm)).pick(*who)
    order, reply = await buy_seated(served, party, picked, firm)
    assert coupons(reply) == ["O"] * 2 * len(who)
    return order


def flights_of_seats(order: Order) -> set[str]:
    return {str(choice.flight) for choice in order.seated}


async def test_seats_stay_on_a_flight_that_only_moves(served: Served) -> None:
    order = await with_seats(served, "PAX1", "PAX2")
    had = await seated(served, order)
    await told(served, retimed(await first_segment(served, order), timedelta(hours=2)))
    reply = await after(served, order)
    assert await seated(served, order) == had
    assert coupons(reply) == ["O"] * 4
    stored = await kept(served, order)
    assert flights_of_seats(stored) == {str(stored.segments[0].flight.key)}
    known = {segment.id for segment in stored.segments}
    assert {c.segment_id for d in stored.documents for c in d.coupons} <= known


async def test_seats_that_the_new_flight_does_not_have_are_given_back(served: Served) -> None:
    order = await with_seats(served, "PAX1")
    await served.pss.plant("assign_seats:fails:1x")
    await told(served, cancelled(await first_segment(served, order)))
    reply = await after(served, order)
    stored = await kept(served, order)
    (seat,) = stored.ancillaries
    assert seat.status is ItemStatus.CANCELLED
    assert stored.failure is None
    assert order_of(reply).status == "OPENED"
    assert sorted(coupons(reply)) == ["O", "R"]
    assert Decimal(payments(reply)[-1][0]) == -seat_price(stored)
    assert stored.seated == ()


def seat_price(order: Order) -> Decimal:
    return Decimal(order.ancillaries[0].fare.total.minor) / 100


async def test_seats_follow_to_a_new_flight_where_they_are_free_or_are_given_back(
    served: Served,
) -> None:
    order = await with_seats(served, "PAX1")
    await told(served, cancelled(await first_segment(served, order)))
    reply = await after(served, order)
    stored = await kept(served, order)
    assert order_of(reply).status == "OPENED"
    (seat,) = stored.ancillaries
    if seat.status is ItemStatus.ACTIVE:
        assert flights_of_seats(stored) == {str(stored.segments[0].flight.key)}
        assert coupons(reply) == ["O", "O"]
    else:
        assert sorted(coupons(reply)) == ["O", "R"]

"""Passengers whom we cannot fly are flown by a partner: what the order has then, what the seller is
asked, what each answer and none comes to, and who pays.
"""

from datetime import timedelta

from tests.e2e.airline import (
    actions,
    after,
    asm,
    cancelled,
    first_segment,
    flights,
    kept,
    statuses,
    told,
)
from tests.e2e.protected import aster, to_edinburgh
from tests.e2e.servicing import codes, payments, refunded
from tests.houses import Served
from tests.partners.joint import booked_where, tickets

from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.kit.servicing import accept_change
from ndc_oms.model.airline_change import Answer, Reason
from ndc_oms.model.fold import apply
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.ledger import transaction
from ndc_oms.model.offer import Fare
from ndc_oms.model.order import Order
from ndc_oms.model.product import Cabin
from ndc_oms.model.protecting import protection_of
from ndc_oms.ports.outcome import Confirmed, Unknown

ANSWER_BY = "2027-01-15T09:00:00Z"  # 72 hours after the change


async def test_a_partner_flies_what_we_cannot(served: Served) -> None:
    order = await to_edinburgh(served)
    old = await first_segment(served, order)
    await told(served, cancelled(old))
    reply = await after(served, order)
    stored = await kept(served, order)
    (new,) = stored.segments
    assert new.flight.carrier == "XA"
    assert (new.flight.origin, new.flight.destination) == ("YYZ", "EDI")
    assert flights(reply) == [f"XA{new.flight.number} {new.flight.departure:%Y-%m-%dT%H:%M}"]
    assert actions(reply) == [(ANSWER_BY, "Auto-acceptance")]
    assert booked_where(reply) == {new.id: ["XA"]}
    assert sorted(tickets(reply).values()) == ["T8", "XA"]
    assert statuses(reply) == ["READY TO PROCEED"]
    assert order_of(reply).amount == order.amount  # the customer pays nothing for it
    (change,) = stored.airline_changes
    assert [each.reason for each in change.bounds] == [Reason.CANCELLED]
    assert list(await aster(served).live_bookings()) == [stored.parts[0].reference]


async def test_our_documents_end_when_the_seller_has_taken_the_partners_flight(
    served: Served,
) -> None:
    order = await protected(served)
    shown = order_of(await after(served, order))
    assert coupons_of(await kept(served, order)) == {"T8": "O", "XA": "O"}
    accepted = await served.talk.change(shown, "accept", accept_change(shown.items))
    assert accepted.errors == ()
    assert actions(accepted) == []
    reply = await after(served, order)
    stored = await kept(served, order)
    assert coupons_of(stored) == {"T8": "E", "XA": "O"}
    assert statuses(reply) == ["READY TO PROCEED"]
    assert await codes_of_segments(served, stored) == {"HX"}
    again = await served.talk.change(order_of(reply), "again", accept_change(shown.items))
    assert codes(again) == ["368"]


async def test_who_does_not_answer_flies_with_the_partner(served: Served) -> None:
    order = await protected(served)
    served.clock.advance(timedelta(hours=73))
    reply = await after(served, order)
    assert actions(reply) == []
    stored = await kept(served, order)
    assert [each.answer for each in stored.airline_changes] == [Answer.LAPSED]
    assert coupons_of(stored) == {"T8": "E", "XA": "O"}
    assert order_of(reply).status == "OPENED"


async def test_the_airline_pays_for_it(served: Served) -> None:
    order = await protected(served)
    stored = await kept(served, order)
    cost = protection_of(stored.parts[0]).cost
    assert cost.minor > 0
    assert await balance(served, order) == {
        "clearing": stored.total.minor,
        "unearned": -fare_of(stored).base.minor,
        "taxes": fare_of(stored).base.minor - stored.total.minor,
        "expenses": cost.minor,
        "partners": -cost.minor,
    }


async def test_the_seller_takes_all_its_money_back_and_the_partner_keeps_nothing(
    served: Served,
) -> None:
    """Of a fare that would give nothing back by itself, and outside our void window."""
    order = await bought_and_cancelled(served)
    shown = order_of(await after(served, order))
    quoted = await served.talk.reshop(shown.order_id)
    assert str(refunded(quoted)) == order.amount
    done = await served.talk.accept_cancelled(shown, quoted, "refund")
    assert done.errors == ()
    reply = await after(served, order)
    assert order_of(reply).status == "CLOSED"
    assert payments(reply)[-1] == (f"-{order.amount}", "SUCCESSFUL")
    assert coupons_of(await kept(served, order)) == {"T8": "R", "XA": "V"}
    assert actions(reply) == []
    assert await aster(served).live_bookings() == {}
    assert not any((await balance(served, order)).values())


async def test_what_the_partner_keeps_stays_our_expense(served: Served) -> None:
    """A day later it gives back less than it took."""
    order = await protected(served)
    served.clock.advance(timedelta(hours=30))
    shown = order_of(await after(served, order))
    quoted = await served.talk.reshop(shown.order_id)
    done = await served.talk.accept_cancelled(shown, quoted, "refund")
    assert done.errors == ()
    reply = await after(served, order)
    assert payments(reply)[-1] == (f"-{order.amount}", "SUCCESSFUL")
    stored = await kept(served, order)
    kept_by_aster = protection_of(stored.parts[0]).keeps.minor
    assert kept_by_aster > 0
    left = {name: minor for name, minor in (await balance(served, order)).items() if minor}
    assert left == {"expenses": kept_by_aster, "partners": -kept_by_aster}
    assert coupons_of(stored) == {"T8": "R", "XA": "R"}


async def test_a_second_message_about_the_same_flight_does_nothing(served: Served) -> None:
    order = await to_edinburgh(served)
    old = await first_segment(served, order)
    await told(served, cancelled(old))
    before = await kept(served, order)
    again = await served.pss.schedule(cancelled(old))
    assert not isinstance(again, Unknown)
    await after(served, order)
    assert await kept(served, order) == before
    assert len(await aster(served).live_bookings()) == 1


async def test_the_flight_that_comes_back_takes_nobody_from_the_partner(served: Served) -> None:
    order = await protected(served)
    stored = await kept(served, order)
    (bound,) = stored.airline_changes[0].bounds
    await told(served, asm("RIN", OrderSegment("", 0, bound.old[0].flight, "", Cabin.ECONOMY)))
    reply = await after(served, order)
    assert (await kept(served, order)).segments == stored.segments
    shown = order_of(reply)
    accepted = await served.talk.change(shown, "accept", accept_change(shown.items))
    assert accepted.errors == ()
    await after(served, order)
    assert await codes_of_segments(served, stored) == {"HX"}  # and its seat is free


async def protected(served: Served) -> OrderSummary:
    order = await to_edinburgh(served)
    await told(served, cancelled(await first_segment(served, order)))
    return order


async def bought_and_cancelled(served: Served) -> OrderSummary:
    order = await to_edinburgh(served, family="Economy Light")
    served.clock.advance(timedelta(hours=30))
    await told(served, cancelled(await first_segment(served, order)))
    return order


def coupons_of(order: Order) -> dict[str, str]:
    """The one coupon of each issuer's ticket."""
    found = {each.issuer or order.owner: each.coupons for each in order.documents}
    return {issuer: "".join(c.status for c in coupons) for issuer, coupons in found.items()}


def fare_of(order: Order) -> Fare:
    (item,) = order.items
    return item.fare


async def codes_of_segments(served: Served, order: Order) -> set[str]:
    booking = order.own_booking
    assert booking is not None
    shown = await served.pss.pnr(booking.locator)
    assert isinstance(shown, Confirmed)
    assert shown.value is not None
    return {each.code for each in shown.value.segments}


async def balance(served: Served, order: OrderSummary) -> dict[str, int]:
    """By account, what the order's postings sum to."""
    events = await served.house.store.list_events(order.order_id)
    sums: dict[str, int] = {}
    state = None
    for event in events:
        before, state = state, apply(state, event)
        moved = transaction(before, event, state)
        for posting in moved.postings if moved else ():
            account = posting.account.value
            sums[account] = sums.get(account, 0) + posting.amount.minor
    return {account: minor for account, minor in sums.items() if minor}

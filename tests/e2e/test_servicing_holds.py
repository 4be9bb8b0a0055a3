"""Orders that are paid later: held, priced anew, paid, given back, or left to expire."""

from datetime import datetime, timedelta

from tests.e2e.servicing import (
    ADULT,
    COUPLE,
    by_plan,
    codes,
    coupons,
    hold,
    offer,
    payments,
    seats_left,
    seen,
    settle,
    texts,
)
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import order_of
from ndc_oms.kit.requests import card

SECOND = timedelta(seconds=1)
DECLINED = "4000000000002008"


def limit(reply: Reply, name: str) -> datetime:
    """The one limit that every unpaid item bears."""
    (found,) = set(texts(reply, name))
    return datetime.fromisoformat(found)


async def to(served: Served, moment: datetime) -> None:
    """Moves the clock, and does what is then due."""
    served.clock.advance(moment - served.clock.now())
    await settle(served)


async def test_a_hold_is_paid_later_by_settlement_plan(served: Served) -> None:
    order = await hold(served)
    held = await seen(served, order)
    assert coupons(held) == []
    assert payments(held) == []
    assert set(texts(held, "DeliveryStatusCode")) == {"CONFIRMED"}
    assert len(set(texts(held, "BookingID"))) == 1
    until = limit(held, "PaymentTimeLimitDateTime")
    assert served.clock.now() < limit(held, "PriceGuaranteeTimeLimitDateTime") <= until

    paid = await served.talk.pay(order_of(held), by_plan(order.amount), "pay")
    assert paid.errors == ()
    assert order_of(paid).version > order.version
    ticketed = await seen(served, order)
    assert coupons(ticketed) == ["O"]
    assert payments(ticketed) == [(order.amount, "SUCCESSFUL")]
    assert texts(ticketed, "PaymentTimeLimitDateTime") == []
    assert set(texts(ticketed, "DeliveryStatusCode")) == {"READY TO PROCEED"}

    again = await served.talk.pay(order_of(ticketed), by_plan(order.amount), "pay-2")
    assert codes(again) == ["395"]


async def test_a_hold_that_nobody_pays_gives_its_seats_back_once(served: Served) -> None:
    order = await hold(served)
    until = limit(await seen(served, order), "PaymentTimeLimitDateTime")
    taken = await seats_left(served, order)
    await to(served, until - SECOND)
    assert order_of(await seen(served, order)).status == "OPENED"
    assert await seats_left(served, order) == taken
    await to(served, until + SECOND)
    over = await seen(served, order)
    assert await seats_left(served, order) == [each + 1 for each in taken]
    assert order_of(over).status == "CLOSED"
    assert set(texts(over, "DeliveryStatusCode")) == {"REMOVED"}
    assert texts(over, "PaymentTimeLimitDateTime") == []
    assert over.all("Response/Warning")

    late = await served.talk.pay(order_of(over), by_plan(order.amount), "pay")
    assert codes(late) == ["303"]
    assert codes(await served.talk.quote(order.order_id)) == ["303"]


async def test_after_the_guarantee_a_hold_is_priced_anew(served: Served) -> None:
    order = await hold(served)
    held = await seen(served, order)
    guarantee = limit(held, "PriceGuaranteeTimeLimitDateTime")
    assert guarantee < limit(held, "PaymentTimeLimitDateTime")
    await to(served, guarantee + SECOND)
    refused = await served.talk.pay(order_of(held), by_plan(order.amount), "pay")
    assert codes(refused) == ["711"]
    assert "OrderQuote" in refused.errors[0][1]

    quoted = await served.talk.quote(order.order_id)
    assert quoted.errors == ()
    amount = quoted.text("Response/ReshopResults/RepricedOffer/TotalPrice/TotalAmount")
    accepted = await served.talk.accept_repriced(order_of(held), quoted, "accept")
    assert accepted.errors == ()
    assert order_of(accepted).amount == amount
    assert limit(accepted, "PriceGuaranteeTimeLimitDateTime") > served.clock.now()

    paid = await served.talk.pay(order_of(accepted), by_plan(amount), "pay-2")
    assert paid.errors == ()
    assert coupons(await seen(served, order)) == ["O"]


async def test_a_quote_is_accepted_once_and_in_time(served: Served) -> None:
    order = await hold(served)
    held = await seen(served, order)
    await to(served, limit(held, "PriceGuaranteeTimeLimitDateTime") + SECOND)
    quoted = await served.talk.quote(order.order_id)
    until = quoted.text("Response/ReshopResults/RepricedOffer/OfferExpirationTimeLimitDateTime")
    await to(served, datetime.fromisoformat(until) + SECOND)
    late = await served.talk.accept_repriced(order_of(held), quoted, "late")
    assert codes(late) == ["913"]

    quoted = await served.talk.quote(order.order_id)
    accepted = await served.talk.accept_repriced(order_of(held), quoted, "first")
    assert accepted.errors == ()
    twice = await served.talk.accept_repriced(order_of(accepted), quoted, "second")
    assert codes(twice) == ["913"]


async def test_an_unpaid_order_is_cancelled_whole(served: Served) -> None:
    order = await hold(served, COUPLE)
    held = await seen(served, order)
    cancelled = await served.talk.cancel_unpaid(order_of(held), "cancel")
    assert cancelled.errors == ()
    over = await seen(served, order)
    assert order_of(over).status == "CLOSED"
    assert order_of(over).amount == "0.00"
    items = over.all("Response/Order/OrderItem/StatusCode")
    assert {each.text for each in items} == {"CANCELLED"}


async def test_an_unpaid_order_is_cancelled_by_item_and_the_rest_is_paid(served: Served) -> None:
    order = await hold(served, COUPLE)
    held = await seen(served, order)
    first = order_of(held).items[0]
    cancelled = await served.talk.cancel_unpaid(order_of(held), "cancel", [first])
    assert cancelled.errors == ()
    left = order_of(await seen(served, order))
    assert left.status == "OPENED"
    assert 0 < float(left.amount) < float(order.amount)

    paid = await served.talk.pay(left, by_plan(left.amount), "pay")
    assert paid.errors == ()
    ticketed = await seen(served, order)
    assert coupons(ticketed) == ["O"]
    assert codes(await served.talk.cancel_unpaid(order_of(ticketed), "too-late")) == ["395"]


async def test_a_declined_payment_leaves_the_hold_as_it_was(served: Served) -> None:
    order = await hold(served)
    held = await seen(served, order)
    declined = await served.talk.pay(
        order_of(held), card(DECLINED, order.amount, order.currency), "pay"
    )
    assert codes(declined) == ["708"]
    still = await seen(served, order)
    assert order_of(still).status == "OPENED"
    assert payments(still) == [(order.amount, "FAILED")]
    assert texts(still, "PaymentTimeLimitDateTime") != []

    paid = await served.talk.pay(order_of(still), by_plan(order.amount), "pay-2")
    assert paid.errors == ()
    ticketed = await seen(served, order)
    assert payments(ticketed) == [(order.amount, "FAILED"), (order.amount, "SUCCESSFUL")]


async def test_a_wrong_amount_is_not_taken(served: Served) -> None:
    order = await hold(served)
    held = order_of(await seen(served, order))
    assert codes(await served.talk.pay(held, by_plan("1.00"), "less")) == ["290"]
    assert codes(await served.talk.pay(held, by_plan(order.amount, "EUR"), "euro")) == ["727"]
    assert payments(await seen(served, order)) == []


async def test_near_departure_nothing_is_held(served: Served) -> None:
    firm = await offer(served, ahead=2)
    assert codes(await served.talk.hold(firm, ADULT, "hold")) == ["495"]
    assert (await served.talk.create(firm, ADULT, "buy")).errors == ()


async def test_a_price_that_stands_is_not_quoted_anew(served: Served) -> None:
    order = await hold(served)
    quoted = await served.talk.quote(order.order_id)
    assert quoted.errors == ()
    assert quoted.text("Response/ReshopResults/NoChangeInd/NoChangeInd") == "true"

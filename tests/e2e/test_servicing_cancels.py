"""Cancelling what was paid: quoted first, then done; documents, money and seats go back."""

from datetime import date, datetime, timedelta
from decimal import Decimal

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
    seen,
    settle,
    texts,
)
from tests.houses import Served

from ndc_oms.kit.conversation import order_of
from ndc_oms.kit.requests import Pax

OFFER = "Response/ReshopResults/ReshopOffers/Offer"
FEES = "Response/ChangeFees/Price/TotalAmount"
LATER = timedelta(days=3)  # beyond the window in which documents are voided


async def later(served: Served) -> None:
    served.clock.advance(LATER)
    await settle(served)


async def test_in_the_void_window_everything_comes_back(served: Served) -> None:
    order = await bought(served, family="Economy Light")
    taken = await seats_left(served, order)
    quoted = await served.talk.reshop(order.order_id)
    assert quoted.errors == ()
    assert set(texts(quoted, "DifferentialTypeCode")) == {"Void"}
    assert refunded(quoted) == Decimal(order.amount)

    done = await served.talk.accept_cancelled(order, quoted, "cancel")
    assert done.errors == ()
    over = await seen(served, order)
    assert order_of(over).status == "CLOSED"
    assert coupons(over) == ["V"]
    assert await seats_left(served, order) == [each + 1 for each in taken]
    assert payments(over) == [(order.amount, "SUCCESSFUL"), (f"-{order.amount}", "SUCCESSFUL")]
    assert {e.text for e in over.all("Response/Order/OrderItem/StatusCode")} == {"CANCELLED"}
    assert set(texts(over, "DeliveryStatusCode")) == {"REMOVED"}


async def test_later_the_family_s_fee_is_kept(served: Served) -> None:
    order = await bought(served, COUPLE, family="Economy Standard")
    await later(served)
    quoted = await served.talk.reshop(order.order_id)
    assert set(texts(quoted, "DifferentialTypeCode")) == {"Refund"}
    fees = Decimal(quoted.text(FEES))
    back = refunded(quoted)
    assert 0 < fees < Decimal(order.amount)
    assert 0 < back <= Decimal(order.amount) - fees
    parts = [Decimal(text) for text in texts(quoted, "DueByAirlineAmount")]
    assert (sum(parts), len(parts)) == (back, 2)

    done = await served.talk.accept_cancelled(order, quoted, "cancel")
    assert done.errors == ()
    over = await seen(served, order)
    assert coupons(over) == ["R", "R"]
    assert payments(over) == [(order.amount, "SUCCESSFUL"), (f"-{back}", "SUCCESSFUL")]
    assert order_of(over).status == "CLOSED"


async def test_of_a_fare_without_refund_taxes_come_back(served: Served) -> None:
    order = await bought(served, family="Economy Light")
    await later(served)
    quoted = await served.talk.reshop(order.order_id)
    assert quoted.text(f"{OFFER}/DeleteOrderItem/PriceDifferential/DiffPrice/Price/BaseAmount") == (
        "0.00"
    )
    taxes = quoted.all("//DiffPrice/Price/TaxSummary/Tax/Amount")
    assert sum(Decimal(each.text or "") for each in taxes) == refunded(quoted) > 0


async def test_one_traveller_is_cancelled_and_the_other_flies(served: Served) -> None:
    order = await bought(served, COUPLE)
    await later(served)
    first, second = order.items
    quoted = await served.talk.reshop(order.order_id, [first])
    assert texts(quoted, "OrderItemRefID") == [first]
    done = await served.talk.accept_cancelled(order, quoted, "cancel")
    assert done.errors == ()
    left = await seen(served, order)
    assert order_of(left).status == "OPENED"
    assert sorted(coupons(left)) == ["O", "R"]
    statuses = {
        item.findtext("{*}OrderItemID"): item.findtext("{*}StatusCode")
        for item in left.all("Response/Order/OrderItem")
    }
    assert statuses == {first: "CANCELLED", second: "ACTIVE"}


async def test_a_quote_holds_to_its_second_and_for_one_version(served: Served) -> None:
    order = await bought(served, COUPLE)
    quoted = await served.talk.reshop(order.order_id)
    until = datetime.fromisoformat(quoted.text(f"{OFFER}/OfferExpirationTimeLimitDateTime"))
    other = await served.talk.reshop(order.order_id, order.items[:1])
    assert (await served.talk.accept_cancelled(order, other, "first")).errors == ()
    now = order_of(await seen(served, order))
    stale = await served.talk.accept_cancelled(now, quoted, "second")
    assert codes(stale) == ["913"]

    quoted = await served.talk.reshop(order.order_id)
    until = datetime.fromisoformat(quoted.text(f"{OFFER}/OfferExpirationTimeLimitDateTime"))
    served.clock.advance(until - served.clock.now() + timedelta(seconds=1))
    late = await served.talk.accept_cancelled(now, quoted, "third")
    assert codes(late) == ["913"]


async def test_what_is_cancelled_is_not_quoted_again(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.reshop(order.order_id)
    await served.talk.accept_cancelled(order, quoted, "cancel")
    await settle(served)
    assert codes(await served.talk.reshop(order.order_id)) != []


async def test_an_item_that_is_not_the_order_s(served: Served) -> None:
    order = await bought(served)
    assert codes(await served.talk.reshop(order.order_id, ["NONE-1"])) != []
    held = await hold(served)
    assert codes(await served.talk.quote(held.order_id, ["NONE-1"])) != []


async def test_tickets_are_not_given_back_unevenly(served: Served) -> None:
    order = await bought(served, COUPLE, there_and_back=True)
    assert len(order.items) == 4
    uneven = await served.talk.reshop(order.order_id, order.items[:3])
    assert codes(uneven) == ["185"]
    assert uneven.text("Error/TagText") == "/IATA_OrderReshopRQ/Request/OrderRefID"


async def test_who_stays_flies_what_stays(served: Served) -> None:
    order = await hold(served, COUPLE, there_and_back=True)
    part = await served.talk.cancel_unpaid(order, "part", order.items[:1])
    assert codes(part) == ["185"]
    # all of one journey may go
    back = await served.talk.cancel_unpaid(order, "back", order.items[2:])
    assert back.errors == ()
    left = order_of(await seen(served, order))
    paid = await served.talk.pay(left, by_plan(left.amount), "pay")
    assert paid.errors == ()
    assert coupons(await seen(served, order)) == ["O", "O"]


async def test_an_adult_does_not_leave_a_child_behind(served: Served) -> None:
    family = (*COUPLE[:1], Pax("PAX2", "CHD", given="Jonas", birthdate=date(2019, 8, 30)))
    order = await bought(served, family)
    alone = await served.talk.reshop(order.order_id, order.items[:1])
    assert codes(alone) == ["143"]

"""Paying an order in parts, by several forms, and on a page of the payment provider."""

from datetime import timedelta
from decimal import Decimal

import aiohttp
import pytest
from tests.e2e.servicing import (
    ADULT,
    COUPLE,
    bought,
    by_plan,
    codes,
    coupons,
    hold,
    offer,
    payments,
    seen,
    texts,
)
from tests.houses import Served

from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.kit.requests import card
from ndc_oms.kit.servicing import authenticated, for_items, redirect, voucher
from ndc_oms.payments.gateways.pages import PaymentPages

VISA = "4111111111111111"


async def test_items_are_paid_one_after_the_other_in_several_forms(served: Served) -> None:
    order = await hold(served, COUPLE)
    held = await seen(served, order)
    prices = [
        each.findtext("{*}Price/{*}TotalAmount") or ""
        for each in held.all("Response/Order/OrderItem")
    ]
    first, second = order_of(held).items
    part = for_items(by_plan(prices[0]), order.order_id, [first])
    assert (await served.talk.pay(order_of(held), part, "part-1")).errors == ()
    half = await seen(served, order)
    assert payments(half)[0][0] == prices[0]
    assert len(texts(half, "PaymentTimeLimitDateTime")) == 1  # of the item that is unpaid

    rest = for_items(card(VISA, prices[1], order.currency), order.order_id, [second])
    assert (await served.talk.pay(order_of(half), rest, "part-2")).errors == ()
    whole = await seen(served, order)
    assert coupons(whole) == ["O", "O"]
    assert payments(whole) == [(prices[0], "SUCCESSFUL"), (prices[1], "SUCCESSFUL")]


async def test_one_message_pays_in_two_forms(served: Served) -> None:
    order = await hold(served)
    held = order_of(await seen(served, order))
    some = "100.00"
    rest = f"{float(order.amount) - 100:.2f}"
    both = by_plan(some) + card(VISA, rest, order.currency)
    assert (await served.talk.pay(held, both, "pay")).errors == ()
    ticketed = await seen(served, order)
    assert coupons(ticketed) == ["O"]
    assert sorted(payments(ticketed)) == sorted([(some, "SUCCESSFUL"), (rest, "SUCCESSFUL")])


@pytest.mark.parametrize(("status", "code"), [("N", "921"), ("R", "921"), ("U", "923")])
async def test_what_the_card_s_issuer_said_counts(served: Served, status: str, code: str) -> None:
    order = await hold(served)
    held = order_of(await seen(served, order))
    paying = card(VISA, order.amount, order.currency)
    failed = authenticated(paying, value="AAABBBCCC", status=status)
    assert codes(await served.talk.pay(held, failed, "no")) == [code]
    held = order_of(await seen(served, order))
    passed = authenticated(paying, value="AAABBBCCC")
    assert (await served.talk.pay(held, passed, "yes")).errors == ()
    assert coupons(await seen(served, order)) == ["O"]


# -- on a page of the provider -----------------------------------------------------------------


def provider(served: Served) -> PaymentPages:
    found = served.house.sides.gateways["payment-page"]
    assert isinstance(found, PaymentPages)
    return found


async def call_back(served: Served, callback: tuple[bytes, dict[str, str]]) -> int:
    """HTTP's status."""
    body, headers = callback
    url = served.url.replace("/ndc", "/payment/callback/payment-page")
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers) as response,
    ):
        return response.status


async def redirected(served: Served) -> tuple[OrderSummary, str]:
    """A held order whose payer was sent to a page, and the name of the page's session."""
    order = await hold(served)
    held = order_of(await seen(served, order))
    asked = await served.talk.pay(held, redirect(order.amount, order.currency), "pay")
    assert asked.errors == ()
    waiting = await seen(served, order)
    assert payments(waiting) == [(order.amount, "PENDING")]
    assert coupons(waiting) == []
    (page,) = texts(waiting, "PaymentGatewayURI")
    return order_of(waiting), page.rpartition("/")[2]


async def test_a_payer_pays_on_a_page_and_the_provider_calls_back(served: Served) -> None:
    order, session = await redirected(served)
    callback = await provider(served).pay(session)
    assert callback is not None
    body, headers = callback
    assert await call_back(served, (body + b" ", headers)) == 403
    assert await call_back(served, callback) == 204
    assert await call_back(served, callback) == 204  # heard once
    ticketed = await seen(served, order)
    assert coupons(ticketed) == ["O"]
    assert payments(ticketed) == [(order.amount, "SUCCESSFUL")]
    assert texts(ticketed, "PaymentGatewayURI") == []


async def test_a_callback_that_is_lost_costs_nothing(served: Served) -> None:
    order, session = await redirected(served)
    assert await provider(served).pay(session)
    served.clock.advance(timedelta(hours=1))
    assert coupons(await seen(served, order)) == ["O"]


async def test_a_payer_who_gives_up_leaves_the_hold_as_it_was(served: Served) -> None:
    order, session = await redirected(served)
    callback = await provider(served).refuse(session)
    assert callback is not None
    assert await call_back(served, callback) == 204
    still = await seen(served, order)
    assert payments(still) == [(order.amount, "FAILED")]
    assert texts(still, "PaymentTimeLimitDateTime") != []
    paid = await served.talk.pay(order_of(still), by_plan(order.amount), "again")
    assert paid.errors == ()
    assert coupons(await seen(served, order)) == ["O"]


async def test_a_payer_who_never_comes_does_not_keep_the_seats(served: Served) -> None:
    order, _ = await redirected(served)
    served.clock.advance(timedelta(hours=1))
    assert payments(await seen(served, order)) == [(order.amount, "FAILED")]
    served.clock.advance(timedelta(days=4))
    assert order_of(await seen(served, order)).status == "CLOSED"


async def test_an_order_can_be_made_by_way_of_a_page(served: Served) -> None:
    firm = await offer(served)
    made = await served.talk.create(
        firm, ADULT, "create", payment=redirect(firm.amount, firm.currency)
    )
    assert made.errors == ()
    (page,) = texts(await seen(served, order_of(made)), "PaymentGatewayURI")
    callback = await provider(served).pay(page.rpartition("/")[2])
    assert callback is not None
    assert await call_back(served, callback) == 204
    assert coupons(await seen(served, order_of(made))) == ["O"]


# -- vouchers ----------------------------------------------------------------------------------


async def test_a_voucher_pays_what_it_holds_and_a_card_the_rest(served: Served) -> None:
    order = await hold(served)
    held = order_of(await seen(served, order))
    alone = voucher("VCH100CAD01", order.amount, order.currency)
    assert codes(await served.talk.pay(held, alone, "alone")) == ["466"]
    held = order_of(await seen(served, order))
    rest = str(Decimal(order.amount) - 100)
    both = voucher("VCH100CAD01", "100.00", "CAD") + card(VISA, rest, order.currency)
    assert (await served.talk.pay(held, both, "both")).errors == ()
    ticketed = await seen(served, order)
    assert coupons(ticketed) == ["O"]
    assert texts(ticketed, "VoucherID") == ["VCH100CAD01", "VCH100CAD01"]
    assert payments(ticketed)[1:] == [("100.00", "SUCCESSFUL"), (rest, "SUCCESSFUL")]


async def test_money_goes_back_to_the_forms_that_it_came_in(served: Served) -> None:
    firm = await offer(served)
    rest = str(Decimal(firm.amount) - 100)
    both = voucher("VCH100CAD02", "100.00", "CAD") + card(VISA, rest, firm.currency)
    order = order_of(await served.talk.create(firm, ADULT, "buy", payment=both))
    paid = order_of(await seen(served, order))
    quoted = await served.talk.reshop(order.order_id)
    assert (await served.talk.accept_cancelled(paid, quoted, "cancel")).errors == ()
    over = await seen(served, order)
    assert sorted(payments(over)) == sorted(
        [
            ("100.00", "SUCCESSFUL"),
            ("-100.00", "SUCCESSFUL"),
            (rest, "SUCCESSFUL"),
            (f"-{rest}", "SUCCESSFUL"),
        ]
    )
    assert coupons(over) == ["V"]


async def test_what_is_paid_is_not_paid_again(served: Served) -> None:
    order = await bought(served)
    assert codes(await served.talk.pay(order, by_plan(order.amount), "again")) == ["395"]

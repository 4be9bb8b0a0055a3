"""Paying for a hold: by card, on a page, by voucher, in parts; and what is declined."""

from datetime import timedelta
from decimal import Decimal

from tests.e2e.servicing import COUPLE, by_plan, codes, coupons, hold, payments, seen
from tests.faults.acting import act
from tests.faults.flow import DAY, DECLINED, VISA, Flow, Prepared, change
from tests.faults.holding_flows import expired, held
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import order_of
from ndc_oms.kit.requests import card
from ndc_oms.kit.servicing import accept_cancelled, for_items, redirect, voucher
from ndc_oms.payments.gateways.pages import PaymentPages


def pages(served: Served) -> PaymentPages:
    found = served.house.sides.gateways["payment-page"]
    assert isinstance(found, PaymentPages)
    return found


async def _pay(served: Served) -> Prepared:
    order = await held(served)
    return change(order, paid=card(VISA, order.amount, order.currency))


async def _paid(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert coupons(order) == ["O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"]


async def _pay_declined(served: Served) -> Prepared:
    order = await held(served)
    return change(order, paid=card(DECLINED, order.amount, order.currency))


async def _declined(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    assert payments(order) == [(order_of(order).amount, "FAILED")]
    left = order_of(order)
    paid = await served.talk.pay(left, by_plan(left.amount), "another")
    assert paid.errors == ()  # the hold is as it was


async def _pay_wrongly(served: Served) -> Prepared:
    return change(await held(served), paid=by_plan("1.00"))


async def _refused(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["290"]
    assert payments(order) == []


async def _pay_half_declined(served: Served) -> Prepared:
    order = await held(served)
    rest = f"{float(order.amount) - 100:.2f}"
    both = card(VISA, "100.00", order.currency) + card(DECLINED, rest, order.currency)
    return change(order, paid=both)


async def _let_go(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    assert [status for _, status in payments(order)] == ["FAILED", "FAILED"]


async def _pay_on_a_page(served: Served) -> Prepared:
    order = await held(served)
    return change(order, paid=redirect(order.amount, order.currency))


async def _awaited(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert [status for _, status in payments(order)] == ["PENDING"]


async def _page_paid(served: Served) -> Prepared:
    asked = await _pay_on_a_page(served)
    await served.client.send(asked.body)
    (payment,) = (await served.house.store.get_order(asked.order_id, None)).order.payments
    return Prepared(asked.order_id, callback=await pages(served).pay(payment.session or ""))


async def _page_paid_unheard(served: Served) -> Prepared:
    heard = await _page_paid(served)
    return Prepared(heard.order_id, later=timedelta(hours=1))


async def _pay_by_voucher(served: Served) -> Prepared:
    order = await held(served)
    rest = str(Decimal(order.amount) - 100)
    both = voucher("VCH100CAD01", "100.00", "CAD") + card(VISA, rest, order.currency)
    return change(order, paid=both)


async def _paid_by_both(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert coupons(order) == ["O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"] * 2


async def _pay_by_voucher_declined(served: Served) -> Prepared:
    order = await held(served)
    rest = str(Decimal(order.amount) - 100)
    both = voucher("VCH100CAD01", "100.00", "CAD") + card(DECLINED, rest, order.currency)
    return change(order, paid=both)


async def _voucher_holds_as_much(served: Served, again: Reply | None, order: Reply) -> None:
    await _let_go(served, again, order)
    left = order_of(order)
    rest = str(Decimal(left.amount) - 100)
    both = voucher("VCH100CAD01", "100.00", "CAD") + card(VISA, rest, left.currency)
    assert (await served.talk.pay(left, both, "another")).errors == ()


async def _give_back(served: Served, paid: Prepared, later: timedelta) -> Prepared:
    """What was bought is quoted and given back, so much later."""
    await act(served, paid)
    order = order_of(await served.talk.retrieve(paid.order_id))
    assert order.status == "OPENED"
    served.clock.advance(later)
    quoted = await served.talk.reshop(order.order_id)
    offer_id = quoted.text("Response/ReshopResults/ReshopOffers/Offer/OfferID")
    return change(order, accept_cancelled(offer_id), key="back")


async def _give_back_voucher(served: Served) -> Prepared:
    """While all of it comes back: else the card has enough of what comes back."""
    return await _give_back(served, await _pay_by_voucher(served), timedelta(hours=1))


async def _give_back_page(served: Served) -> Prepared:
    return await _give_back(served, await _page_paid(served), 3 * DAY)


async def _given_back(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert order_of(order).status == "CLOSED"
    assert coupons(order) in (["R"], ["V"])


async def _page_paid_in_part(served: Served) -> Prepared:
    """On a page, a part; the rest never comes."""
    shown = await seen(served, await hold(served, COUPLE))
    order, item = order_of(shown), shown.all("Response/Order/OrderItem")[0]
    price = item.findtext("{*}Price/{*}TotalAmount") or ""
    paid_by = for_items(redirect(price, order.currency), order.order_id, order.items[:1])
    asked = change(order, paid=paid_by)
    await served.client.send(asked.body)
    (payment,) = (await served.house.store.get_order(asked.order_id, None)).order.payments
    paid = Prepared(asked.order_id, callback=await pages(served).pay(payment.session or ""))
    await act(served, paid)
    return Prepared(asked.order_id, later=4 * DAY)


async def _ticketed(_served: Served, _again: Reply | None, order: Reply) -> None:
    assert coupons(order) == ["O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"]


PAYING = {
    "pay": Flow(_pay, _paid),
    "declined": Flow(_pay_declined, _declined),
    "refused": Flow(_pay_wrongly, _refused),
    "half declined": Flow(_pay_half_declined, _let_go),
    "page": Flow(_pay_on_a_page, _awaited),
    "callback": Flow(_page_paid, _ticketed),
    "callback lost": Flow(_page_paid_unheard, _ticketed),
    "voucher": Flow(_pay_by_voucher, _paid_by_both),
    "voucher let go": Flow(_pay_by_voucher_declined, _voucher_holds_as_much),
    "voucher given back": Flow(_give_back_voucher, _given_back),
    "page given back": Flow(_give_back_page, _given_back),
    "page let go": Flow(_page_paid_in_part, expired),
}

"""Changes that are paid on a page of the payment provider. Flows of `servicing_flows.py`."""

from dataclasses import replace
from datetime import timedelta

from tests.e2e.airline import kept
from tests.e2e.servicing import ADULT, AGENCY, AHEAD, bought, coupons, payments, seen, texts
from tests.e2e.test_service_quotes import item_of
from tests.e2e.with_services import buy_with, listed_for
from tests.faults.flow import Flow, Prepared, change
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import change_offers_of, order_of
from ndc_oms.kit.services import Picked
from ndc_oms.kit.servicing import accept_quoted, redirect
from ndc_oms.payments.gateways.pages import PaymentPages


def _pages(served: Served) -> PaymentPages:
    found = served.house.sides.gateways["payment-page"]
    assert isinstance(found, PaymentPages)
    return found


async def _rebook(served: Served) -> Prepared:
    order = order_of(await seen(served, await bought(served)))
    wanted = [("YYZ", "LHR", served.today + timedelta(days=AHEAD + 4))]
    quoted = await served.talk.rebook(order.order_id, order.items, wanted)
    chosen = next(each for each in change_offers_of(quoted) if each.families == ("FLEX",))
    page = redirect(str(chosen.collect), order.currency)
    return change(order, accept_quoted(chosen.offer_id, chosen.items), paid=page)


async def _swap(served: Served) -> Prepared:
    """A bag for a lounge: the difference is paid."""
    order = order_of((await buy_with(served, ADULT, ("LOUNGE", 1)))[1])
    bag = Picked((await listed_for(served, order))["BAG23"], ("PAX1",))
    lounge = await item_of(served, order, "LOUNGE")
    quoted = await served.talk.quote_services(order.order_id, [bag], [lounge])
    (chosen,) = change_offers_of(quoted)
    page = redirect(str(chosen.collect), order.currency)
    return change(order, accept_quoted(chosen.offer_id, chosen.items), paid=page)


async def _on_a_page(served: Served, asked: Prepared, *, pays: bool) -> Prepared:
    """The payer is there, and ends it."""
    await served.client.send(asked.body)
    stored = (await served.house.store.get_order(asked.order_id, None)).order
    session, pages = stored.payments[-1].session or "", _pages(served)
    ended = await (pages.pay(session) if pays else pages.refuse(session))
    return Prepared(asked.order_id, callback=ended)


async def _rebook_paid(served: Served) -> Prepared:
    return await _on_a_page(served, await _rebook(served), pays=True)


async def _rebook_paid_unheard(served: Served) -> Prepared:
    return replace(await _rebook_paid(served), callback=None, later=timedelta(hours=1))


async def _rebook_refused(served: Served) -> Prepared:
    return await _on_a_page(served, await _rebook(served), pays=False)


async def _swap_paid(served: Served) -> Prepared:
    return await _on_a_page(served, await _swap(served), pays=True)


async def _awaited(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert coupons(order) == ["O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL", "PENDING"]
    assert len(texts(order, "PaymentGatewayURI")) == 1


async def _told_once(served: Served, order: Reply) -> None:
    """Of the end, which no reply tells; whoever died meanwhile."""
    notes = await served.house.store.list_notifications(order_of(order).order_id)
    (note,) = [each for each in notes if each.receiver == AGENCY]
    latest = (await kept(served, order_of(order))).sequence
    assert note.sequence == latest


async def _changed(served: Served, _again: Reply | None, order: Reply) -> None:
    await _told_once(served, order)
    assert coupons(order) == ["E", "O", "F"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"] * 2
    (item,) = (await kept(served, order_of(order))).live_items
    assert item.family.code == "FLEX"


async def _as_before(served: Served, _again: Reply | None, order: Reply) -> None:
    await _told_once(served, order)
    assert coupons(order) == ["O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL", "FAILED"]
    stored = await kept(served, order_of(order))
    assert (stored.change, stored.live_items[0].family.code) == (None, "STANDARD")


async def _swapped(served: Served, _again: Reply | None, order: Reply) -> None:
    await _told_once(served, order)
    assert coupons(order) == ["O", "V", "O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"] * 2
    made = await kept(served, order_of(order))
    assert [item.product.code for item in made.live_ancillaries] == ["BAG23"]


PAGES = {
    "rebook on a page": Flow(_rebook, _awaited),
    "rebook paid on a page": Flow(_rebook_paid, _changed),
    "rebook paid, callback lost": Flow(_rebook_paid_unheard, _changed),
    "rebook not paid": Flow(_rebook_refused, _as_before),
    "swap paid on a page": Flow(_swap_paid, _swapped),
}

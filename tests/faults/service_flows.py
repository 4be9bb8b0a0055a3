"""Services and seats that are added to an order, declined, given up, taken in place of others."""

from decimal import Decimal

from tests.e2e.servicing import bought, codes, coupons, payments, seen
from tests.e2e.test_seats import map_of, seated
from tests.faults.flow import DECLINED, VISA, Flow, Prepared, change
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, change_offers_of, order_of
from ndc_oms.kit.requests import card
from ndc_oms.kit.services import Picked, added, list_for_order, services_of
from ndc_oms.kit.servicing import accept_cancelled, accept_quoted, order_change


async def _services(served: Served, order: OrderSummary, *wanted: str, pan: str = VISA) -> Prepared:
    """Adds a piece of each product, paid by card."""
    listed = {
        each.code: each
        for each in services_of(await served.client.send(list_for_order(order.order_id)))
    }
    picked = [Picked(listed[code], ("PAX1",)) for code in wanted]
    price = sum((each.price for each in picked), Decimal(0))
    return change(order, added(picked), paid=card(pan, f"{price:.2f}", order.currency))


async def _add(served: Served) -> Prepared:
    order = order_of(await seen(served, await bought(served)))
    return await _services(served, order, "BAG23", "AVIH")


async def _added(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert coupons(order) == ["O"] * 3
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"] * 2
    made = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert len(made.live_ancillaries) == 2
    assert await served.house.store.stock_taken(made.segments[0].flight.key) == {"AVIH": 1}


async def _add_declined(served: Served) -> Prepared:
    order = order_of(await seen(served, await bought(served)))
    return await _services(served, order, "AVIH", pan=DECLINED)


async def _not_added(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    assert coupons(order) == ["O"]
    made = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert made.live_ancillaries == ()
    assert await served.house.store.stock_taken(made.segments[0].flight.key) == {}


async def _remove(served: Served) -> Prepared:
    prepared = await _add(served)
    order = order_of(await served.client.send(prepared.body))
    quoted = await served.talk.reshop(order.order_id, order.items[-2:])
    offer_id = quoted.text("Response/ReshopResults/ReshopOffers/Offer/OfferID")
    body = order_change(
        order.order_id, accept_cancelled(offer_id), version=order.version, trx_id="remove"
    )
    return Prepared(order.order_id, body)


async def _removed(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert coupons(order) == ["O", "V", "V"]
    made = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert await served.house.store.stock_taken(made.segments[0].flight.key) == {}


async def _add_seat(served: Served) -> Prepared:
    """A chosen seat, paid with it: kept at the PSS, assigned, and documented by an EMD."""
    order = order_of(await seen(served, await bought(served)))
    (picked,) = (await map_of(served, order)).pick("PAX1")
    paid = card(VISA, f"{picked.price:.2f}", order.currency)
    return change(order, added([picked]), paid=paid)


async def _seated(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == (), again.errors
    assert coupons(order) == ["O", "O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"] * 2
    assert len(await seated(served, order_of(order))) == 1


async def _swap_seat(served: Served) -> Prepared:
    """Another seat in place of one that is paid for: added, documented, and the first given up."""
    first = await _add_seat(served)
    order = order_of(await served.client.send(first.body))
    (better,) = (await map_of(served, order)).pick("PAX1", code="SEATEXT")
    quoted = await served.talk.quote_services(order.order_id, [better], order.items[1:])
    (chosen,) = change_offers_of(quoted)
    paid = card(VISA, f"{chosen.collect:.2f}", order.currency)
    return change(order, accept_quoted(chosen.offer_id, chosen.items), paid=paid, key="swap")


async def _swapped(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == (), again.errors
    assert coupons(order) == ["O", "V", "O"]
    made = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert [item.product.code for item in made.live_ancillaries] == ["SEATEXT"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"] * 4
    (seat,) = (await seated(served, order_of(order))).values()
    assert await served.house.store.stock_taken(made.segments[0].flight.key) == {f"seat {seat}": 1}


SERVICES = {
    "add seat": Flow(_add_seat, _seated),
    "swap seat": Flow(_swap_seat, _swapped),
    "add": Flow(_add, _added),
    "add declined": Flow(_add_declined, _not_added),
    "remove": Flow(_remove, _removed),
}

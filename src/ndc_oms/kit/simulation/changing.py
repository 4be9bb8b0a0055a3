"""What a seller of a simulation does to its orders: pay, cancel, reprice, update, at the right
version and at wrong ones.
"""

import asyncio
from datetime import timedelta
from typing import Final

from ndc_oms.kit.conversation import OrderSummary
from ndc_oms.kit.servicing import (
    accept_cancelled,
    accept_repriced,
    cancel_unpaid,
    contact,
    for_items,
    order_quote,
    order_reshop,
    reached_by,
    update_pax,
)
from ndc_oms.kit.simulation.buying import create
from ndc_oms.kit.simulation.looking import changed, seen
from ndc_oms.kit.simulation.means import some_payment
from ndc_oms.kit.simulation.seller import SimulatedSeller

_REPRICED: Final = "Response/ReshopResults/RepricedOffer"


async def change(
    seller: SimulatedSeller,
    what: str,
    order: OrderSummary,
    wanted: str = "",
    *,
    payments: str = "",
    lists: str = "",
    version: int | None = None,
) -> None:
    """Once, or twice at the same time."""
    sent = seller.new(
        what,
        lambda key: changed(
            seller, order.order_id, wanted, key,
            version=version or order.version, payments=payments, lists=lists,
        ),
        order.order_id,
    )  # fmt: skip
    times = 2 if seller.chance(0.2) else 1
    await asyncio.gather(*(seller.write(sent) for _ in range(times)))


async def pay(seller: SimulatedSeller) -> None:
    order = await _current(seller)
    if order is None:
        return await create(seller)
    paid = some_payment(seller.random, order.amount, order.currency)
    if seller.chance(0.15) and order.items:
        items = [seller.random.choice(order.items)]
        paid = for_items(paid, order.order_id, items)
    await change(seller, "pay", order, payments=paid)
    return None


async def give_up(seller: SimulatedSeller) -> None:
    """CancelUnpaidOrder, whole or an item of it."""
    order = await _current(seller)
    if order is None:
        return await create(seller)
    items = [seller.random.choice(order.items)] if order.items and seller.chance(0.4) else []
    wanted = cancel_unpaid(order.order_id, items, owner=seller.sender.carrier)
    await change(seller, "give up", order, wanted)
    return None


async def cancel(seller: SimulatedSeller) -> None:
    """What OrderReshop quotes, accepted; the quote may be old by then."""
    order = await _current(seller)
    if order is None:
        return await create(seller)
    items = [seller.random.choice(order.items)] if order.items and seller.chance(0.3) else []
    body = order_reshop(order.order_id, items, sender=seller.sender)
    quoted = await seller.ask("reshop", body)
    offer_id = quoted.text("Response/ReshopResults/ReshopOffers/Offer/OfferID") if quoted else ""
    if not offer_id:
        return None
    if seller.chance(0.15):
        seller.house.set_clock(timedelta(minutes=20))
    wanted = accept_cancelled(offer_id, owner=seller.sender.carrier)
    await change(seller, "cancel", order, wanted)
    return None


async def reprice(seller: SimulatedSeller) -> None:
    """What OrderQuote quotes once the price's guarantee is over, accepted and perhaps paid."""
    order = await _current(seller)
    if order is None:
        return await create(seller)
    if seller.chance(0.6):
        seller.house.set_clock(timedelta(hours=seller.random.choice((7, 13, 25))))
    quoted = await seller.ask("quote", order_quote(order.order_id, sender=seller.sender))
    offer_id = quoted.text(f"{_REPRICED}/OfferRefID") if quoted else ""
    if not offer_id:
        return None
    amount = quoted.text(f"{_REPRICED}/TotalPrice/TotalAmount") if quoted else ""
    paid = ""
    if amount and seller.chance(0.5):
        paid = some_payment(seller.random, amount, order.currency)
    await change(seller, "reprice", order, accept_repriced(offer_id), payments=paid)
    return None


async def update(seller: SimulatedSeller) -> None:
    order = await _current(seller)
    if order is None:
        return await create(seller)
    number = seller.random.randint(1, 999)
    lists = (
        f"<ContactInfoList>{contact('C9', email=f'new{number}@example.com')}</ContactInfoList>"
        f"<PaxList>{reached_by('T1', 'C9')}</PaxList>"
    )
    await change(seller, "update", order, update_pax("PAX1", "T1"), lists=lists)
    return None


async def stale(seller: SimulatedSeller) -> None:
    """At a version that is not the order's."""
    order = await _current(seller)
    if order is None:
        return await create(seller)
    wanted = cancel_unpaid(order.order_id, owner=seller.sender.carrier)
    version = seller.random.choice((order.version + 7, max(order.version - 1, 1)))
    if version == order.version:
        return None
    sent = seller.new(
        "stale", lambda key: changed(seller, order.order_id, wanted, key, version=version)
    )
    reply = await seller.write(sent)
    if reply is not None and not reply.errors:
        seller.find(f"{order.order_id} was changed at version {version}, it is {order.version}")
    return None


async def _current(seller: SimulatedSeller) -> OrderSummary | None:
    """An order, mostly as it is by now."""
    order = seller.some_order()
    if order is None or seller.chance(0.3):
        return order
    return await seen(seller, order.order_id) or order

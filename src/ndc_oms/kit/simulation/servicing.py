"""What a seller of a simulation does to what it bought, beside giving it back: services and seats
more, other flights, other names; and the airline's staff, an order of one's own.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from ndc_oms.errors import Refusal
from ndc_oms.kit.conversation import OrderSummary, change_offers_of
from ndc_oms.kit.services import added
from ndc_oms.kit.servicing import (
    accept_cancelled,
    accept_quoted,
    order_rebook,
    order_rename,
    order_reshop,
)
from ndc_oms.kit.simulation.buying import create
from ndc_oms.kit.simulation.changing import change
from ndc_oms.kit.simulation.choosing import some_of_order
from ndc_oms.kit.simulation.looking import seen
from ndc_oms.kit.simulation.means import some_payment
from ndc_oms.kit.simulation.memory import KnownOffer
from ndc_oms.kit.simulation.seller import SimulatedSeller

_SHOWN: Final = 2  # offers that a change asks for
_OFFER: Final = "Response/ReshopResults/ReshopOffers/Offer/OfferID"


async def add_services(seller: SimulatedSeller) -> None:
    """A service or a seat, paid at once, or left to be paid with the rest."""
    order = await _mine(seller)
    if order is None:
        return await create(seller)
    picked = await some_of_order(seller, order.order_id)
    if not picked:
        return None
    price = sum((each.price for each in picked), Decimal(0))
    paid = some_payment(seller.random, str(price), order.currency) if price else ""
    if order.order_id in seller.memory.held:
        whole = str(price + Decimal(order.amount))
        paid = some_payment(seller.random, whole, order.currency) if seller.chance(0.4) else ""
    await change(seller, "add services", order, added(picked), payments=paid)
    return None


async def give_back_service(seller: SimulatedSeller) -> None:
    order = await _mine(seller, lambda _, order: bool(_services(order)))
    served = _services(order) if order is not None else []
    if order is None or not served:
        return await add_services(seller)
    items = [seller.random.choice(served)]
    body = order_reshop(order.order_id, items, sender=seller.sender)
    quoted = await seller.ask("reshop", body)
    offer_id = quoted.text(_OFFER) if quoted else ""
    if offer_id:
        wanted = accept_cancelled(offer_id, owner=seller.sender.carrier)
        await change(seller, "give back service", order, wanted)
    return None


async def rebook(seller: SimulatedSeller) -> None:
    """All journeys, or the first, for everybody, on days nearby; what goes with them follows."""
    order = await _mine(seller, lambda known, _: _ours(seller, known))
    if order is None:
        return await create(seller)
    known = seller.memory.bought[order.order_id]
    flights = [each for each in order.items if each not in _services(order)]
    bounds = list(known.bounds)
    if len(bounds) > 1 and len(flights) % len(bounds) == 0 and seller.chance(0.5):
        flights, bounds = flights[: len(flights) // len(bounds)], bounds[:1]
    by = timedelta(days=seller.random.choice((0, 1, 1, 2)))
    moved = [(origin, destination, day + by) for origin, destination, day in bounds]
    body = order_rebook(order.order_id, flights, moved, limit=_SHOWN, sender=seller.sender)
    quoted = await seller.ask("rebook", body)
    if quoted is None or quoted.errors:
        return None
    chosen = seller.random.choice(change_offers_of(quoted))
    due, paid = str(chosen.collect), ""
    if chosen.collect and order.order_id not in seller.memory.held:
        paid = some_payment(seller.random, due, chosen.currency)
    wanted = accept_quoted(chosen.offer_id, chosen.items, owner=seller.sender.carrier)
    await change(seller, "change flights", order, wanted, payments=paid)
    return None


async def rename(seller: SimulatedSeller) -> None:
    """A slip of the pen, or somebody else's name."""
    order = await _mine(seller, lambda known, _: _ours(seller, known))
    if order is None:
        return await create(seller)
    surname, given = seller.random.choice((("Hanson", "Odd"), ("Hansen", "Od"), ("Berg", "Ida")))
    body = order_rename(order.order_id, "PAX1", surname, [given], sender=seller.sender)
    quoted = await seller.ask("rename", body)
    offers = change_offers_of(quoted) if quoted is not None and not quoted.errors else []
    if not offers:
        return None
    due = Decimal(offers[0].amount)
    paid = some_payment(seller.random, str(due), offers[0].currency) if due > 0 else ""
    wanted = accept_quoted(offers[0].offer_id, offers[0].items, owner=seller.sender.carrier)
    await change(seller, "change name", order, wanted, payments=paid)
    return None


async def split(seller: SimulatedSeller) -> None:
    """Staff give one passenger an order apart, which is the same seller's."""
    order = await _mine(seller, lambda known, _: len(known.party) > 1)
    if order is None:
        return await create(seller)
    seller.notes.acts["split"] += 1
    going = seller.memory.bought[order.order_id].party[1].id
    try:
        new_id = await seller.house.split(order.order_id, [going])
    except Refusal as refused:
        seller.trace(f"split of {order.order_id}: {refused.code} {refused.text}")
        return None
    seller.trace(f"split of {order.order_id}: {new_id}")
    if new_id is not None:
        seller.notes.acts["split done"] += 1
        await seen(seller, order.order_id)
        await seen(seller, new_id)
    return None


async def _mine(
    seller: SimulatedSeller, fits: Callable[[KnownOffer, OrderSummary], bool] | None = None
) -> OrderSummary | None:
    """An open order of the seller's that fits, as it is by now; mostly a while after the last
    thing that was done to it.
    """
    known = seller.memory.bought
    found = [
        order
        for order_id, order in seller.memory.orders.items()
        if order_id in known
        and order.status == "OPENED"
        and (fits is None or fits(known[order_id], order))
    ]
    if not found:
        return None
    if seller.chance(0.8):
        await asyncio.sleep(seller.random.choice((1.0, 20.0, 60.0)))
    order = seller.random.choice(found)
    return await seen(seller, order.order_id) or order


def _ours(seller: SimulatedSeller, known: KnownOffer) -> bool:
    """No partner flies a part of it; now and then one does, which is refused."""
    return "NCL" not in {place for bound in known.bounds for place in bound[:2]} or seller.chance(
        0.1
    )


def _services(order: OrderSummary) -> list[str]:
    return [each for each in order.items if each.rpartition("-")[2].startswith("A")]

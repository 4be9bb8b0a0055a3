"""What a seller of a simulation does to what it bought, beside giving it back: services and seats
more, other flights, other names; and the airline's staff, an order of one's own.
"""

from datetime import timedelta
from decimal import Decimal

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
from ndc_oms.kit.simulation.changing import change, current
from ndc_oms.kit.simulation.choosing import some_of_order
from ndc_oms.kit.simulation.looking import seen
from ndc_oms.kit.simulation.means import some_payment
from ndc_oms.kit.simulation.seller import SimulatedSeller

_SHOWN = 2  # offers that a change asks for
_OFFER = "Response/ReshopResults/ReshopOffers/Offer/OfferID"


async def add_services(seller: SimulatedSeller) -> None:
    """A service or a seat, paid at once, or left to be paid with the rest."""
    order = await current(seller)
    if order is None:
        return await create(seller)
    picked = await some_of_order(seller, order.order_id)
    if not picked:
        return None
    price = sum((each.price for each in picked), Decimal(0))
    paid = some_payment(seller.random, str(price), order.currency) if price else ""
    if seller.chance(0.1):
        paid = ""
    await change(seller, "add services", order, added(picked), payments=paid)
    return None


async def give_back_service(seller: SimulatedSeller) -> None:
    order = await current(seller)
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
    order = await current(seller)
    known = seller.memory.bought.get(order.order_id) if order is not None else None
    if order is None or known is None:
        return await create(seller)
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
    due = str(chosen.collect)
    paid = some_payment(seller.random, due, chosen.currency) if chosen.collect else ""
    wanted = accept_quoted(chosen.offer_id, chosen.items, owner=seller.sender.carrier)
    await change(seller, "change flights", order, wanted, payments=paid)
    return None


async def rename(seller: SimulatedSeller) -> None:
    """A slip of the pen, or somebody else's name."""
    order = await current(seller)
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
    order = await current(seller)
    if order is None:
        return await create(seller)
    seller.notes.acts["split"] += 1
    try:
        new_id = await seller.house.split(order.order_id, ["PAX2"])
    except Refusal as refused:
        seller.trace(f"split of {order.order_id}: {refused.code} {refused.text}")
        return None
    seller.trace(f"split of {order.order_id}: {new_id}")
    if new_id is not None:
        seller.notes.acts["split done"] += 1
        await seen(seller, order.order_id)
        await seen(seller, new_id)
    return None


def _services(order: OrderSummary) -> list[str]:
    return [each for each in order.items if each.rpartition("-")[2].startswith("A")]

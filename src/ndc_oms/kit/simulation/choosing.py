"""What a seller of a simulation chooses of lists and maps: services and seats, of an offer or an
order, for those who may have them.
"""

from ndc_oms.kit.client import Reply
from ndc_oms.kit.seats import seats_for_offer, seats_for_order, seats_of
from ndc_oms.kit.services import Picked, list_for_offer, list_for_order, services_of
from ndc_oms.kit.simulation.memory import KnownOffer
from ndc_oms.kit.simulation.seller import SimulatedSeller


async def some_of_offer(seller: SimulatedSeller, known: KnownOffer) -> tuple[Picked, ...]:
    """One thing, or nothing where nothing can be had."""
    if seller.chance(0.5):
        shown = await seller.ask(
            "seats", seats_for_offer(known.offer.offer_id, sender=seller.sender)
        )
        return _seat(seller, shown)
    body = list_for_offer(known.offer.offer_id, known.party, sender=seller.sender)
    return _service(seller, await seller.ask("services", body))


async def some_of_order(seller: SimulatedSeller, order_id: str) -> tuple[Picked, ...]:
    if seller.chance(0.5):
        shown = await seller.ask("seats", seats_for_order(order_id, sender=seller.sender))
        return _seat(seller, shown)
    body = list_for_order(order_id, sender=seller.sender)
    return _service(seller, await seller.ask("services", body))


def _service(seller: SimulatedSeller, listed: Reply | None) -> tuple[Picked, ...]:
    found = services_of(listed) if listed is not None and not listed.errors else ()
    if not found:
        return ()
    code = seller.random.choice(sorted({each.code for each in found}))
    service = seller.random.choice([each for each in found if each.code == code])
    many = seller.random.randint(1, len(service.passengers)) if seller.chance(0.3) else 1
    who = seller.random.sample(service.passengers, k=many)
    return (Picked(service, tuple(who), seller.random.choice((1, 1, 1, 2))),)


def _seat(seller: SimulatedSeller, shown: Reply | None) -> tuple[Picked, ...]:
    """One that is free, mostly; few are, so that sellers meet at them."""
    if shown is None or shown.errors:
        return ()
    items = {each.item_id: each for each in services_of(shown)}
    seats = [each for each in seats_of(shown) if each.items][:4]
    if not seats:
        return ()
    seat = seller.random.choice([each for each in seats if each.free] or seats)
    item = items[seat.items[0]]
    return (Picked(item, (seller.random.choice(item.passengers),), 1, seat.name),)

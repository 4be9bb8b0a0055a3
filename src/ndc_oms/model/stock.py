"""What an order takes of what can run out on a flight: places of a product, and seats.

Decided from the order before and after an event, so that whoever records the event moves the
counters in the same transaction, and an order that ends gives back exactly what it took.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from ndc_oms.model.ancillary import Product
from ndc_oms.model.following import flights_of
from ndc_oms.model.items import AncillaryItem, Service
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.order import Order

ANY: Final = 1_000_000  # so many are there at least, of what has no limit


class Place(NamedTuple):
    """What runs out: a product's places, or a seat, on one flight. what: the product's code, or
    the seat as `seat 12A`.
    """

    flight: FlightKey
    what: str


@dataclass(frozen=True, slots=True)
class StockMove:
    """count: taken (above zero) or given back. has: how many the order has then. limit: how many
    may be taken in all.
    """

    place: Place
    count: int
    has: int
    limit: int


def seat_place(flight: FlightKey, seat: str) -> Place:
    """seat: as `12A`."""
    return Place(flight, f"seat {seat}")


def taken(order: Order) -> dict[Place, tuple[int, int]]:
    """How many the order has of each, and the limit under which it took them. What follows its
    passenger is taken on both flights while a change is carried out, which may be taken back.
    """
    counts: Counter[Place] = Counter()
    limits: dict[Place, int] = {}
    for item in order.live_ancillaries:
        for service, flight in flights_of(order, item):
            for product in _running_out(item, service):
                place = Place(flight, product.code)
                counts[place] += item.quantity
                limits[place] = product.stock or 0
            if item.seat is not None:
                place = seat_place(flight, str(item.seat))
                counts[place] += 1
                limits[place] = 1
    return {place: (count, limits[place]) for place, count in counts.items()}


def _running_out(item: AncillaryItem, service: Service) -> Iterator[Product]:
    """What the service takes one of. A bundle is taken with the first of its parts."""
    part = item.product_of(service)
    if part.stock is not None:
        yield part
    bundle = item.product
    if bundle.parts and bundle.stock is not None and part is bundle.parts[0]:
        yield bundle


def moves(before: Order | None, after: Order, *, by_airline: bool = False) -> tuple[StockMove, ...]:
    """From one state of the order to the next: what is given back first, and in one order for
    everybody, so that two orders never wait for each other. by_airline: who is put on another
    flight takes along what was bought, also what is sold out there; seats that two then have, the
    PSS gives to one of them.
    """
    old, new = taken(before) if before else {}, taken(after)
    found = []
    for place in {*old, *new}:
        had, limit = old.get(place, (0, 0))
        has, limit = new.get(place, (0, limit))
        if has != had:
            found.append(StockMove(place, has - had, has, ANY if by_airline else limit))
    return tuple(sorted(found, key=lambda move: (move.count > 0, move.place)))

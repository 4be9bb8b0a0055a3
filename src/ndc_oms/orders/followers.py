"""What becomes of services when the flights they go with are exchanged.

A service follows its passenger where each of its flights has one in its place, and where it is
sold there as it was: the same product, at the same price or with `follows` in the catalogue, with
some of it left, and the very same seat where it is one. Else it is given back by its product's
rule. Flights that are unlike in number take each other's places where they fly the same route.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ndc_oms.errors import NotAllowed, Unavailable
from ndc_oms.fulfilment.asking import answer_of
from ndc_oms.model.documents import Document
from ndc_oms.model.items import AncillaryItem, OrderItem
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.offer import Fare, PricedBound
from ndc_oms.model.order import Order
from ndc_oms.model.quote import Followed, ItemQuote
from ndc_oms.model.seat import Seat
from ndc_oms.model.stock import seat_place
from ndc_oms.offers.services import Flown, Seen, fare_at, obstacle
from ndc_oms.orders.about import flown_of_order
from ndc_oms.orders.airline_answers import refundable_in_full
from ndc_oms.orders.cancel_quote import (
    lost_item,
    refunded_item,
    unpaid_item,
    voidable,
    voided_item,
)
from ndc_oms.orders.chosen_seats import MapOf
from ndc_oms.orders.coupons import CALL_S, RETRY_S, Shown, Use
from ndc_oms.orders.service_items import codes_of, times
from ndc_oms.orders.show_seats import may_sit
from ndc_oms.ports.outcome import Confirmed, Rejected
from ndc_oms.ports.pss import Pss
from ndc_oms.ports.store import Store
from ndc_oms.world.services import Catalogue, CatalogueProduct

Place = tuple[int, int]  # index among the new bounds, place of the flight in it
Fates = tuple[tuple[Followed, ...], tuple[ItemQuote, ...]]


@dataclass(frozen=True, slots=True)
class Moving:
    """Flights that are exchanged. journeys: items that are given up, journey by journey; bounds:
    what takes their places. shown: the documents. void_h: as in world.servicing. named: services
    that are to be given back. gone: seats that somebody has, of flights that the PSS was asked
    about already.
    """

    order: Order
    journeys: Sequence[Sequence[OrderItem]]
    bounds: Sequence[PricedBound]
    shown: Shown
    now: datetime
    void_h: int
    named: frozenset[str] = frozenset()
    gone: dict[FlightKey, frozenset[Seat]] = field(default_factory=dict)

    def new(self, place: Place) -> Flown:
        bound, at = place
        family = self.bounds[bound].family
        flight = self.bounds[bound].journey.segments[at]
        return Flown(
            f"new{bound}.{at}", flight, family.cabin, family.code, bound - len(self.bounds)
        )

    def affected(self) -> Iterator[AncillaryItem]:
        """Those of which a service loses its flight, and those that are named to be given back."""
        gone = {
            (item.passenger_id, service.segment_id)
            for items in self.journeys
            for item in items
            for service in item.services
        }
        for each in self.order.live_ancillaries:
            if each.id in self.named or any(
                (each.passenger_id, s.segment_id) in gone for s in each.services
            ):
                yield each

    def place_of(self, passenger_id: str, segment_id: str) -> tuple[Place | None, bool]:
        """What takes the place of a passenger's flight, and whether it is given up at all."""
        for index, items in enumerate(self.journeys):
            for item in items:
                ids = [service.segment_id for service in item.services]
                if item.passenger_id == passenger_id and segment_id in ids:
                    return self._match(index, ids, segment_id), True
        return None, False

    def _match(self, index: int, ids: Sequence[str], segment_id: str) -> Place | None:
        flights = self.bounds[index].journey.segments
        if len(flights) == len(ids):
            return index, ids.index(segment_id)
        old = self.order.segment(segment_id).flight
        for at, new in enumerate(flights):
            if (new.origin, new.destination) == (old.origin, old.destination):
                return index, at
        return None


@dataclass
class _Left:
    """What is left on the new flights, as more of it is taken."""

    seen: Seen
    seats: Mapping[FlightKey, frozenset[Seat]]
    sitting: set[tuple[FlightKey, Seat]] = field(default_factory=set)

    def without(self, own: AncillaryItem, flights: Sequence[FlightKey]) -> Seen:
        """What others have: its own places on flights that it keeps are its own."""
        taken = {key: dict(counts) for key, counts in self.seen.taken.items()}
        for key in flights:
            counts = taken.get(key, {})
            for code in codes_of(own.product):
                if code in counts:
                    counts[code] -= own.quantity
        return Seen(self.seen.owner, self.seen.now, taken)

    def is_gone(self, key: FlightKey, seat: Seat) -> bool:
        return seat in self.seats.get(key, ()) or (key, seat) in self.sitting

    def take(self, item: AncillaryItem, flights: Sequence[FlightKey]) -> None:
        for key in flights:
            counts = dict(self.seen.taken.get(key, {}))
            for code in codes_of(item.product):
                counts[code] = counts.get(code, 0) + item.quantity
            self.seen = Seen(self.seen.owner, self.seen.now, {**self.seen.taken, key: counts})
            if item.seat is not None:
                self.sitting.add((key, item.seat))


@dataclass(frozen=True, slots=True)
class Followers:
    """owner: our designator."""

    owner: str
    catalogue: Catalogue
    store: Store
    pss: Pss
    map_of: MapOf

    async def __call__(self, moving: Moving) -> Fates:
        """Which follow, and which are given back for what. Raises NotAllowed (182) for a service
        whose document is neither open nor used, Unavailable (182) where nobody says which seats
        are free.
        """
        affected = tuple(moving.affected())
        if not affected:
            return (), ()
        left = await self._left(moving, affected)
        followed, given_up = [], []
        for item in affected:
            places = None if item.id in moving.named else _places(moving, item)
            if places is not None and self._follows(moving, item, places, left):
                followed.append(Followed(item.id, _moved(places)))
            else:
                given_up.append(given_back(moving, item))
        return tuple(followed), tuple(given_up)

    async def _left(self, moving: Moving, affected: Sequence[AncillaryItem]) -> _Left:
        flights = {flight.key for bound in moving.bounds for flight in bound.journey.segments}
        taken = {key: await self.store.stock_taken(key) for key in flights}
        seats: dict[FlightKey, frozenset[Seat]] = {}
        if any(each.seat is not None for each in affected):
            for key in flights:
                ours = {
                    name.removeprefix(seat_place(key, "").what)
                    for name, many in taken[key].items()
                    if many and name.startswith(seat_place(key, "").what)
                }
                if key not in moving.gone:
                    moving.gone[key] = await self._gone(key)
                seats[key] = moving.gone[key] | {Seat.parse(name) for name in ours}
        return _Left(Seen(self.owner, moving.now, taken), seats)

    async def _gone(self, key: FlightKey) -> frozenset[Seat]:
        outcome = await answer_of(self.pss.taken(key), CALL_S)
        if isinstance(outcome, Confirmed):
            return outcome.value
        if isinstance(outcome, Rejected) and outcome.final:
            return frozenset()  # no seats are chosen there: the map has none either
        raise Unavailable(
            "The reservation system does not say which seats are free.",
            code="182",
            remedy="Send the same request again.",
            retry_after_s=RETRY_S,
        )

    def _follows(
        self,
        moving: Moving,
        item: AncillaryItem,
        places: Mapping[str, Place | None],
        left: _Left,
    ) -> bool:
        product = self.catalogue.find(item.product.code)
        if product is None or self.catalogue.rates is None:
            return False
        there = [moving.new(place) for place in places.values() if place is not None]
        there = list({each.ref: each for each in there}.values())
        had = [moving.order.segment(s.segment_id).flight.key for s in item.services]
        same = [each.flight.key for each in there if each.flight.key in had]
        free = left.without(item, same)
        whole_product = (product, *product.parts)
        if any(obstacle(each, there, free, item.quantity) for each in whole_product):
            return False
        whole = _whole(moving, item, places)
        fare = fare_at(product, whole, self.catalogue.rates, moving.order.currency)
        if fare is None or not (product.follows or _costs_the_same(fare, item)):
            return False
        fresh = [each.flight.key for each in there if each.flight.key not in had]
        if item.seat is not None:
            if not all(self._seated(moving.order, item, product, each) for each in there):
                return False
            if any(left.is_gone(key, item.seat) for key in fresh):
                return False
        left.take(item, fresh)
        return True

    def _seated(
        self, order: Order, item: AncillaryItem, product: CatalogueProduct, flown: Flown
    ) -> bool:
        """The very seat is there, of the same kind, and the passenger may sit on it."""
        cabin = self.map_of(flown)
        found = next((s for s in cabin.seats if s.seat == item.seat), None) if cabin else None
        passenger = next(p for p in order.passengers if p.id == item.passenger_id)
        return (
            found is not None
            and found.zone is product.seat
            and may_sit(passenger, order.passengers, found)
        )


def _places(moving: Moving, item: AncillaryItem) -> Mapping[str, Place | None] | None:
    """Of each of its services, where it goes: None where it stays. None of an item that cannot go
    on: a flight has none in its place, or a journey has more or fewer flights than before.
    """
    found: dict[str, Place | None] = {}
    to: dict[str, Place | None] = {}
    for service in item.services:
        place, gone = moving.place_of(item.passenger_id, service.segment_id)
        if gone and place is None:
            return None
        found[service.id] = to[service.segment_id] = place  # parts of a bundle share their flights
    taken = [place for place in to.values() if place is not None]
    if len(set(taken)) < len(taken):
        return None
    for index in {bound for bound, _ in taken}:
        many = sum(bound == index for bound, _ in taken)
        old = {s.segment_id for i in moving.journeys[index] for s in i.services}
        of_journey = many == len(old) > 1
        if of_journey and many != len(moving.bounds[index].journey.segments):
            return None
    return found


def _moved(places: Mapping[str, Place | None]) -> tuple[tuple[str, int, int], ...]:
    return tuple((service, *place) for service, place in places.items() if place is not None)


def _whole(
    moving: Moving, item: AncillaryItem, places: Mapping[str, Place | None]
) -> tuple[Flown, ...]:
    """All its flights as they would be, those that stay too, in the order they are flown."""
    known = {each.ref: each for each in flown_of_order(moving.order)}
    found = []
    for service in item.services:
        place = places[service.id]
        flown = moving.new(place) if place is not None else known.get(service.segment_id)
        if flown is not None:
            found.append(flown)
    return tuple(sorted(found, key=lambda each: each.flight.departure))


def _costs_the_same(fare: Fare, item: AncillaryItem) -> bool:
    now = times(fare, item.quantity)
    return (now.base, now.total) == (item.fare.base, item.fare.total)


def given_back(moving: Moving, item: AncillaryItem) -> ItemQuote:
    """Raises NotAllowed (182)."""
    order, shown, now = moving.order, moving.shown, moving.now
    if not order.ticketed:
        return unpaid_item(item)
    use = shown.use(item)
    if use is Use.SOME:
        return lost_item(item)
    if use is Use.HELD_UP:
        raise NotAllowed(
            f"The document of {item.product.name} ({item.id}) is neither open nor used.",
            code="182",
            remedy="Ask the airline what became of the document.",
        )
    emds = tuple(
        d for d in shown.documents if any(c.service_id in item.service_ids for c in d.coupons)
    )
    if _void(order, emds, moving) or refundable_in_full(order, item):
        return voided_item(item)
    return refunded_item(order, item, now)


def _void(order: Order, emds: Sequence[Document], moving: Moving) -> bool:
    return bool(emds) and all(voidable(d, order, moving.void_h, moving.now) for d in emds)

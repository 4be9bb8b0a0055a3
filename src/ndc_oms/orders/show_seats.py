"""SeatAvailability: the seats of the flights of an offer, of an order, or of named flights, who may
have them, and what each kind of them costs.

Nothing is written. Items are signed like those of services, one for each flight and zone; which
seat it is is said with the item when it is bought.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ndc_oms.errors import Unavailable
from ndc_oms.fulfilment.asking import answer_of
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.passenger import Passenger, PassengerType
from ndc_oms.model.seat import Seat, Trait
from ndc_oms.offers.request import Notice
from ndc_oms.offers.services import Flown, ServiceItem
from ndc_oms.orders.about import AboutRequest, FindAbout
from ndc_oms.orders.service_offer import OfferServices, ServiceOffer
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.outcome import Confirmed, Rejected, Unknown
from ndc_oms.ports.pss import Pss
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import Store
from ndc_oms.world.seat_maps import CabinMap, MapSeat, Zone
from ndc_oms.world.world import World

CALL_S: Final = 5.0
RETRY_S: Final = 5
_NO_MAP: Final = "NO SEAT MAP"
_GONE: Final = "UNKNOWN FLIGHT"


@dataclass(frozen=True, slots=True)
class SeatedFlight:
    """A flight with the map of its cabin. taken: seats that cannot be chosen."""

    flown: Flown
    cabin: CabinMap
    taken: frozenset[Seat]

    @property
    def free(self) -> int:
        return sum(each.seat not in self.taken for each in self.cabin.seats)


@dataclass(frozen=True, slots=True)
class SeatsResult:
    """offer: an item for each flight and zone; none where seats are only shown."""

    offer: ServiceOffer
    flights: tuple[SeatedFlight, ...]


@dataclass(frozen=True, slots=True)
class ShowSeats:
    world: World
    find: FindAbout
    pss: Pss
    store: Store
    offers: OfferServices
    clock: Clock

    async def __call__(self, request: AboutRequest, seller: Seller) -> SeatsResult:
        """Raises Expired 913, NotFound 129, NotAllowed 182, Invalid 100, 143, 914; Unavailable 197
        where every seat is taken, 200 where seats are given at the airport, 208 where every flight
        has left, 493 where the PSS does not answer.
        """
        about = await self.find(request, seller)
        now = self.clock.now()
        coming = tuple(e for e in about.flown if e.flight.departure > now and e.who != frozenset())
        if not coming:
            raise _none("208", "The flights have left.", request)
        found = await asyncio.gather(*[self._flight(each) for each in coming])
        flights = tuple(each for each in found if each is not None)
        if not flights:
            raise _none("200", "Seats of these flights are given at the airport.", request)
        if not any(each.free for each in flights):
            raise _none("197", "Every seat of these flights is taken.", request)
        products = [each for each in self.world.services.products() if each.seat is not None]
        offer = self.offers(products, about, [e.flown for e in flights], seller, taken={})
        return SeatsResult(
            replace(
                offer,
                items=tuple(_takeable(offer.items, about.party, flights)),
                notices=(*offer.notices, *_unshown(about.flown, flights)),
            ),
            flights,
        )

    async def _flight(self, flown: Flown) -> SeatedFlight | None:
        """None where seats are not chosen: at a partner, or without a map."""
        cabin = map_of(self.world, flown)
        if cabin is None:
            return None
        gone = await seats_gone(self.pss, self.store, flown.flight.key)
        return None if gone is None else SeatedFlight(flown, cabin, gone)


async def seats_gone(pss: Pss, store: Store, flight: FlightKey) -> frozenset[Seat] | None:
    """Seats that somebody has, by the PSS or by our orders; None where none are chosen. Raises
    Unavailable (493) where the PSS does not say.
    """
    outcome = await answer_of(pss.taken(flight), CALL_S)
    if not isinstance(outcome, Confirmed):
        _check_without(outcome)
        return None
    ours = await store.stock_taken(flight)
    chosen = {Seat.parse(name[5:]) for name, many in ours.items() if many and _is_seat(name)}
    return outcome.value | chosen


def map_of(world: World, flown: Flown) -> CabinMap | None:
    """Of our own flights without stops; of others seats are given at the airport."""
    flight = flown.flight
    if flight.operator != world.airline.designator or len(flight.legs) != 1:
        return None
    return world.seat_maps.get(flight.legs[0].aircraft, {}).get(flown.cabin)


def may_sit(passenger: Passenger, party: Iterable[Passenger], seat: MapSeat) -> bool:
    """In an exit row sits who is grown up and holds nobody (EU-OPS 1.280, US 14 CFR 121.585)."""
    if not passenger.type.seated:
        return False
    if Trait.EXIT not in seat.traits:
        return True
    grown = passenger.type in {PassengerType.ADULT, PassengerType.YOUTH}
    return grown and all(each.guardian != passenger.id for each in party)


def _takeable(
    items: Iterable[ServiceItem], party: Sequence[Passenger], flights: Iterable[SeatedFlight]
) -> Iterator[ServiceItem]:
    """Of zones with a free seat, for those who may sit there."""
    zones = {
        each.flown.ref: {seat.zone for seat in each.cabin.seats if seat.seat not in each.taken}
        for each in flights
    }
    for item in items:
        able = _for_able(item, party)
        if able.passenger_ids and able.product.seat in zones[able.flown[0].ref]:
            yield able


def _for_able(item: ServiceItem, party: Sequence[Passenger]) -> ServiceItem:
    if item.product.seat is not Zone.EXIT:
        return item
    holding = {each.guardian for each in party}
    return replace(item, passenger_ids=tuple(i for i in item.passenger_ids if i not in holding))


def _is_seat(name: str) -> bool:
    """Of what the store counts on a flight (model/stock.py)."""
    return name.startswith("seat ")


def _check_without(outcome: Rejected | Unknown) -> None:
    """That the PSS has no seats to choose there; raises Unavailable (493) where it says nothing."""
    if isinstance(outcome, Rejected) and outcome.code in {_NO_MAP, _GONE}:
        return
    raise Unavailable(
        "The reservation system does not say which seats are free.",
        remedy="Send the same request again.",
        retry_after_s=RETRY_S,
    )


def _none(code: str, text: str, request: AboutRequest) -> Unavailable:
    return Unavailable(text, code=code, path=request.path, remedy="Ask for other flights.")


def _unshown(flown: Iterable[Flown], flights: Sequence[SeatedFlight]) -> Iterable[Notice]:
    shown = {each.flown.ref for each in flights}
    for each in flown:
        if each.ref not in shown:
            flight = f"{each.flight.carrier}{each.flight.number}"
            yield Notice(f"Seats of {flight} are given at the airport.", "200")

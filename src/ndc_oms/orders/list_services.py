"""ServiceList: what can be had beside the flights of an offer, of an order, or of named flights.

Nothing is written: each item is a signed token (offers/service_token.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ndc_oms.errors import Invalid, Unavailable
from ndc_oms.model.offer import Offer
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.product import Cabin
from ndc_oms.model.status import ItemStatus
from ndc_oms.offers.recall import RecallOffer, pointing
from ndc_oms.offers.request import NamedFlight, Notice, Selection
from ndc_oms.offers.service_token import LETTERS, OFFER, OFFER_LENGTH, ServiceTokens
from ndc_oms.offers.services import Flown, Seen, ServiceItem, Taken, offered
from ndc_oms.orders.own import check_open, find_own
from ndc_oms.orders.request import OrderReference
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import Store
from ndc_oms.world.services import CatalogueProduct
from ndc_oms.world.world import World


@dataclass(frozen=True, slots=True)
class FlightAsked:
    """A flight that the sender names itself. ref: its PaxSegmentID."""

    ref: str
    flight: NamedFlight
    cabin: Cabin
    path: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which services: of these RFICs, RFISCs and taxonomy codes; () for any."""

    rfics: tuple[str, ...] = ()
    rfiscs: tuple[str, ...] = ()
    taxonomies: tuple[str, ...] = ()

    def fits(self, each: CatalogueProduct) -> bool:
        return (
            (not self.rfics or each.product.rfic in self.rfics)
            and (not self.rfiscs or each.product.rfisc in self.rfiscs)
            and (not self.taxonomies or each.taxonomy in self.taxonomies)
        )


@dataclass(frozen=True, slots=True)
class ServiceListRequest:
    """about: an offer, an order, or flights. party: as the sender names it; () for the offer's or
    the order's own. passenger_ids, segment_refs: of which alone it asks; () for all.
    """

    about: Selection | OrderReference | tuple[FlightAsked, ...]
    party: tuple[Passenger, ...] = ()
    passenger_ids: tuple[str, ...] = ()
    segment_refs: tuple[str, ...] = ()
    wanted: Wanted = Wanted()
    path: str = ""


@dataclass(frozen=True, slots=True)
class ServiceListResult:
    """items: none where nothing can be had; notices say why."""

    offer_id: str
    owner: str
    currency: str
    expires_at: datetime
    party: tuple[Passenger, ...]
    flown: tuple[Flown, ...]
    items: tuple[ServiceItem, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class _About:
    party: tuple[Passenger, ...]
    flown: tuple[Flown, ...]
    currency: str


@dataclass(frozen=True, slots=True)
class ListServices:
    world: World
    recall: RecallOffer
    store: Store
    tokens: ServiceTokens
    clock: Clock
    entropy: Entropy

    async def __call__(self, request: ServiceListRequest, seller: Seller) -> ServiceListResult:
        """Raises Expired 913, NotFound 129, NotAllowed 182, Invalid 100, 143, 914; Unavailable
        496 where nothing can be had.
        """
        about = await self._about(request, seller)
        about = _narrowed(about, request)
        now = self.clock.now()
        expires_at = now.astimezone(UTC).replace(microsecond=0)
        expires_at += timedelta(seconds=self.world.controls.offer_ttl_s)
        items = await self._items(request, about, seller, expires_at)
        if not items:
            raise Unavailable(
                "No service is sold on these flights to these passengers at this time.",
                code="496",
                path=request.path,
                remedy="Ask for other flights, or with other criteria.",
            )
        return ServiceListResult(
            offer_id=OFFER + self.entropy.token(LETTERS, OFFER_LENGTH),
            owner=self.world.airline.designator,
            currency=about.currency,
            expires_at=expires_at,
            party=about.party,
            flown=about.flown,
            items=items,
        )

    async def _items(
        self, request: ServiceListRequest, about: _About, seller: Seller, expires_at: datetime
    ) -> tuple[ServiceItem, ...]:
        catalogue = self.world.services
        if catalogue.rates is None:
            return ()
        products = [each for each in catalogue.products() if request.wanted.fits(each)]
        taken = await taken_on(self.store, about.flown)
        return offered(
            products,
            catalogue.rates,
            flown=about.flown,
            party=about.party,
            currency=about.currency,
            seen=Seen(self.world.airline.designator, self.clock.now(), taken),
            mint=lambda product, place, fare: self.tokens.mint(
                seller.org_id,
                product.product.code,
                [each.flight for each in place],
                fare,
                expires_at,
            ),
        )

    async def _about(self, request: ServiceListRequest, seller: Seller) -> _About:
        about = request.about
        if isinstance(about, OrderReference):
            found = await find_own(self.store, self.world.airline.designator, about, seller)
            check_open(found.order, about.path)
            return _About(_travelling(found.order), flown_of_order(found.order),
                          found.order.currency)  # fmt: skip
        if isinstance(about, Selection):
            with pointing(about.path, request.path):
                offer = await self.recall(about.offer_id, seller, request.party)
            return _About(offer.party, flown_of_offer(offer), offer.currency)
        if not request.party:
            raise Invalid(
                "The request names no passengers.",
                code="143",
                path=request.path,
                remedy="Name each passenger with a type: ADT, YTH, CHD, INS or INF.",
            )
        return _About(request.party, tuple(map(self._flown, about)), seller.currency)

    def _flown(self, asked: FlightAsked) -> Flown:
        found = self.world.timetable.find(*asked.flight)
        if found is None:
            named = asked.flight
            raise Invalid(
                f"{named.carrier}{named.number} does not fly from {named.origin} to "
                f"{named.destination} on {named.day}.",
                code="100",
                path=asked.path,
                remedy="Name flights of AirShopping's answer.",
            )
        return Flown(asked.ref, found, asked.cabin, None, 0)


def _narrowed(about: _About, request: ServiceListRequest) -> _About:
    """To those passengers and flights that are asked about. Raises Invalid (914)."""
    ids = request.passenger_ids
    unknown = sorted(set(ids) - {each.id for each in about.party})
    if unknown:
        raise Invalid(
            f"Passenger {unknown[0]} is not among those of the request's offer or order.",
            code="914",
            path=request.path,
            remedy="Refer to passengers of the offer, the order, or the request.",
        )
    refs = request.segment_refs
    flown = tuple(each for each in about.flown if not refs or each.ref in refs)
    party = tuple(each for each in about.party if not ids or each.id in ids)
    return replace(about, party=party, flown=flown)


def _travelling(order: Order) -> tuple[Passenger, ...]:
    staying = {item.passenger_id for item in order.live_items}
    return tuple(each for each in order.passengers if each.id in staying)


def flown_of_offer(offer: Offer) -> tuple[Flown, ...]:
    """refs: SEG1 and on, as an order of the offer will call them."""
    flown: list[Flown] = []
    for index, bound in enumerate(offer.bounds):
        share = bound.share
        for place, flight in enumerate(bound.journey.segments):
            family = share.theirs.family if share and place in share.places else bound.family
            flown.append(Flown(f"SEG{len(flown) + 1}", flight, family.cabin, family.code, index))
    return tuple(flown)


def flown_of_order(order: Order) -> tuple[Flown, ...]:
    """Flights that somebody still takes."""
    families = {
        service.segment_id: item.family.code
        for item in order.items
        if item.status is ItemStatus.ACTIVE
        for service in item.services
    }
    return tuple(
        Flown(each.id, each.flight, each.cabin, families[each.id], each.bound_index)
        for each in order.segments
        if each.id in families and order.ticketed_here(each.id)
    )


async def taken_on(store: Store, flown: Sequence[Flown]) -> Taken:
    return {each.flight.key: await store.stock_taken(each.flight.key) for each in flown}

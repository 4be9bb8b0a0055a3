"""What a ServiceList or a SeatAvailability is about: an offer, an order, or flights that are named;
who flies, and on what.
"""

from dataclasses import dataclass, replace
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.item_states import USED
from ndc_oms.model.offer import Offer
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.product import Cabin
from ndc_oms.model.status import DeliveryStatus, ItemStatus
from ndc_oms.offers.recall import RecallOffer, pointing
from ndc_oms.offers.request import NamedFlight, Notice, Selection
from ndc_oms.offers.services import Flown
from ndc_oms.orders.own import check_open, find_own
from ndc_oms.orders.request import OrderReference
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import Store
from ndc_oms.world.world import World

_NOTHING_MORE: Final = USED | {DeliveryStatus.UNABLE_TO_DELIVER}


@dataclass(frozen=True, slots=True)
class FlightAsked:
    """A flight that the sender names itself. ref: its PaxSegmentID."""

    ref: str
    flight: NamedFlight
    cabin: Cabin
    path: str = ""


@dataclass(frozen=True, slots=True)
class AboutRequest:
    """about: an offer, an order, or flights. party: as the sender names it; () for the offer's or
    the order's own. passenger_ids, segment_refs: of which alone it asks; () for all. languages:
    ISO 639-1 in capitals, the best first.
    """

    about: Selection | OrderReference | tuple[FlightAsked, ...]
    party: tuple[Passenger, ...] = ()
    passenger_ids: tuple[str, ...] = ()
    segment_refs: tuple[str, ...] = ()
    path: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """order: None where it is about none. language: of texts; None for the airline's own. notices:
    of what was asked and cannot be done.
    """

    party: tuple[Passenger, ...]
    flown: tuple[Flown, ...]
    currency: str
    order: Order | None = None
    language: str | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class FindAbout:
    world: World
    recall: RecallOffer
    store: Store

    async def __call__(self, request: AboutRequest, seller: Seller) -> About:
        """Raises Expired 913, NotFound 129, NotAllowed 182, Invalid 100, 143, 914."""
        about = _narrowed(await self._whole(request, seller), request)
        phrases = self.world.phrases
        language = phrases.first_of(request.languages, about.language)
        if not request.languages or set(request.languages) & set(phrases.languages):
            return replace(about, language=language)
        spoken = ", ".join(phrases.languages)
        told = Notice(f"There are no texts in {request.languages[0]}, only in {spoken}.")
        return replace(about, language=language, notices=(told,))

    async def _whole(self, request: AboutRequest, seller: Seller) -> About:
        about = request.about
        if isinstance(about, OrderReference):
            found = await find_own(self.store, self.world.airline.designator, about, seller)
            order = found.order
            check_open(order, about.path)
            return About(_travelling(order), flown_of_order(order), order.currency, order,
                         order.conditions.language)  # fmt: skip
        if isinstance(about, Selection):
            with pointing(about.path, request.path):
                offer = await self.recall(about.offer_id, seller, request.party)
            language = offer.conditions.language
            return About(offer.party, flown_of_offer(offer), offer.currency, language=language)
        if not request.party:
            raise Invalid(
                "The request names no passengers.",
                code="143",
                path=request.path,
                remedy="Name each passenger with a type: ADT, YTH, CHD, INS or INF.",
            )
        return About(request.party, tuple(map(self._flown, about)), seller.currency)

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


def _narrowed(about: About, request: AboutRequest) -> About:
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
    """Flights that somebody takes or took. who: those who still do: who has boarded one, or cannot
    fly it, buys nothing for it any more.
    """
    families: dict[str, str] = {}
    who: dict[str, set[str]] = {}
    for item in order.items:
        if item.status is ItemStatus.ACTIVE:
            for service in item.services:
                families[service.segment_id] = item.family.code
                coming = who.setdefault(service.segment_id, set())
                if service.delivery not in _NOTHING_MORE:
                    coming.add(item.passenger_id)
    return tuple(
        Flown(
            each.id,
            each.flight,
            each.cabin,
            families[each.id],
            each.bound_index,
            frozenset(who[each.id]),
        )
        for each in order.segments
        if each.id in families
    )

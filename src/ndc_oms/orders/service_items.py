"""From picked service items to what is bought, checked against the flights that they go with."""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from ndc_oms.errors import Expired, Invalid, NotAllowed, Refusal, Unavailable
from ndc_oms.model.ancillary import Product
from ndc_oms.model.items import AncillaryItem, Service
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.offer import Fare, Tax
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.seat import Seat
from ndc_oms.offers.request import SelectedItem
from ndc_oms.offers.service_token import ServiceClaim, ServiceTokens, mark
from ndc_oms.offers.services import Flown, Seen, obstacle
from ndc_oms.orders.chosen_seats import MapOf, check_one_each, seat_of
from ndc_oms.world.seat_maps import MapSeat
from ndc_oms.world.services import Catalogue, CatalogueProduct

_LIST = "Send a ServiceList for the offer or order, and pick from its answer."


def _no_map(_: Flown) -> None:
    """Where no seats are sold."""


def _as_it_stands(product: CatalogueProduct) -> CatalogueProduct:
    return product


@dataclass(frozen=True, slots=True)
class Chosen:
    """One product for one passenger at one place. places: of the flights, from 0, in the order of
    the offer's or the order's. fare: of all of it; unit: of one.
    """

    offer_item_id: str
    product: CatalogueProduct
    passenger_id: str
    places: tuple[int, ...]
    quantity: int
    fare: Fare
    unit: Fare
    seat: MapSeat | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """What picked items are checked against. owned: how many of a product a passenger has already
    on which flights. say: a product in the words in which it is sold.
    """

    catalogue: Catalogue
    tokens: ServiceTokens
    seller: str
    currency: str
    flown: Sequence[Flown]
    party: Sequence[Passenger]
    seen: Seen
    owned: tuple[tuple[str, str, int, int], ...] = ()  # passenger, product, place, count
    map_of: MapOf = _no_map
    sitting: tuple[tuple[str, FlightKey, Seat], ...] = ()  # passenger, flight, seat
    say: Callable[[CatalogueProduct], CatalogueProduct] = _as_it_stands


def choose(selected: Sequence[SelectedItem], shelf: Shelf) -> tuple[list[Chosen], list[Refusal]]:
    """What is bought, and every refusal: 913 not known or past, 914 passengers, 182 and 185 not
    to be had, 493 sold out, 727 another currency, 912 quantities.
    """
    found: list[Chosen] = []
    refused: list[Refusal] = []
    for each in selected:
        try:
            found += _chosen(each, shelf, found)
        except Refusal as refusal:
            refusal.path = refusal.path or each.path
            refused.append(refusal)
    return found, refused


def _chosen(selected: SelectedItem, shelf: Shelf, before: Sequence[Chosen]) -> list[Chosen]:
    claim = shelf.tokens.read(shelf.seller, selected.claim or selected.item_id, shelf.seen.now)
    product = shelf.catalogue.find(claim.code)
    if product is None:
        raise Unavailable("The service is not sold any more.", code="182", remedy=_LIST)
    if claim.fare.base.currency != shelf.currency:
        raise Invalid(
            f"The service is in {claim.fare.base.currency}, the flights are in {shelf.currency}.",
            code="727",
            remedy=_LIST,
        )
    product = shelf.say(product)
    made = [
        _for_one(selected, shelf, product, claim, passenger_id)
        for passenger_id in selected.passenger_ids
    ]
    for each in made:
        _check_most(each, shelf, before)
        _check_seat(each, shelf, before)
    places = dict.fromkeys(place for each in made for place in each.places)
    flown = [shelf.flown[place] for place in places]
    flights = {each.flight.key for each in flown}
    for part in (product, *product.parts):
        alike = (each for each in [*before, *made] if _takes(each, part, flights, shelf))
        why = obstacle(part, flown, shelf.seen, sum(each.quantity for each in alike))
        if why is not None:
            kind: type[Refusal] = Unavailable if why[0] == "493" else NotAllowed
            raise kind(why[1], code=why[0], remedy=_LIST)
    return made


def _takes(each: Chosen, product: CatalogueProduct, flights: Set[FlightKey], shelf: Shelf) -> bool:
    """Whether it is one of these on some of the flights, or a bundle with it."""
    on = {shelf.flown[place].flight.key for place in each.places}
    return product.product.code in codes_of(each.product.product) and not on.isdisjoint(flights)


def codes_of(product: Product) -> Iterator[str]:
    """Its own, and those of what is in the bundle."""
    yield product.code
    yield from (part.code for part in product.parts)


def _places(claim: ServiceClaim, shelf: Shelf, passenger_id: str) -> tuple[int, ...]:
    """Where the flights of the item are. Raises Expired (913) where they are not there, NotAllowed
    (185) where the passenger does not take them.
    """
    marks = [mark(each.flight, each.cabin) for each in shelf.flown]
    if any(each not in marks for each in claim.marks):
        raise Expired("The service was offered for other flights than these.", remedy=_LIST)
    own = {
        marks[place]: place for place, each in enumerate(shelf.flown) if each.carries(passenger_id)
    }
    if any(each not in own for each in claim.marks):
        raise NotAllowed(
            f"Passenger {passenger_id} does not take the flights of the service.",
            code="185",
            remedy=_LIST,
        )
    return tuple(own[each] for each in claim.marks)


def _for_one(
    selected: SelectedItem,
    shelf: Shelf,
    product: CatalogueProduct,
    claim: ServiceClaim,
    passenger_id: str,
) -> Chosen:
    passenger = next((each for each in shelf.party if each.id == passenger_id), None)
    if passenger is None:
        raise Invalid(
            f"Passenger {passenger_id} is not among those who fly.", code="914", remedy=_LIST
        )
    if passenger.type not in product.passengers:
        raise NotAllowed(
            f"{product.product.name} is not sold to passengers of type {passenger.type}.",
            code="185",
            remedy=_LIST,
        )
    _check_parts(selected, product.product)
    places = _places(claim, shelf, passenger_id)
    if selected.places and selected.places != len(places):
        raise Invalid(
            f"The item is for {len(places)} flights; {selected.places} are named for it.",
            remedy="Name the flights that the item was offered for, or none.",
        )
    whole = times(claim.fare, selected.quantity)
    seat = seat_of(selected, product, shelf.flown[places[0]], shelf.map_of, shelf.party)
    return Chosen(
        selected.item_id, product, passenger_id, places, selected.quantity, whole, claim.fare, seat
    )


def _check_parts(selected: SelectedItem, product: Product) -> None:
    """A bundle is taken whole. Raises Invalid (12)."""
    if selected.parts is None:
        return
    known = {part.code for part in product.parts}
    if not known or (selected.parts and set(selected.parts) != known):
        named = f"is the bundle of {', '.join(sorted(known))}" if known else "is no bundle"
        raise Invalid(
            f"{product.name} {named}, and is sold as a whole.",
            code="12",
            remedy="Leave SelectedBundleServices out, or name all of its services.",
        )


def _check_seat(wanted: Chosen, shelf: Shelf, before: Sequence[Chosen]) -> None:
    """Nobody has two seats on a flight, and no seat has two of them."""
    if wanted.seat is None:
        return
    chosen = (
        (each.passenger_id, shelf.flown[each.places[0]].flight.key, each.seat.seat)
        for each in before
        if each.seat is not None
    )
    flight = shelf.flown[wanted.places[0]].flight.key
    others = [*shelf.sitting, *chosen]
    check_one_each(wanted.seat.seat, wanted.passenger_id, flight, others)


def _check_most(wanted: Chosen, shelf: Shelf, before: Sequence[Chosen]) -> None:
    for part in (wanted.product, *wanted.product.parts):
        _check_most_of(part, wanted, shelf, before)


def _check_most_of(
    product: CatalogueProduct, wanted: Chosen, shelf: Shelf, before: Sequence[Chosen]
) -> None:
    code, most = product.product.code, product.most
    for place in wanted.places:
        flight = {shelf.flown[place].flight.key}
        has = sum(n for who, what, at, n in shelf.owned
                  if (who, what, at) == (wanted.passenger_id, code, place))  # fmt: skip
        has += sum(
            each.quantity
            for each in before
            if each.passenger_id == wanted.passenger_id and _takes(each, product, flight, shelf)
        )
        if not 1 <= wanted.quantity <= most - has:
            raise NotAllowed(
                f"A passenger may have {most} of {product.product.name} on a flight.",
                code="185",
                remedy=f"Take {max(most - has, 0)} at most.",
            )


def times(fare: Fare, count: int) -> Fare:
    taxes = tuple(Tax(t.code, t.name, t.amount * count, t.refundable) for t in fare.taxes)
    return Fare(fare.basis, fare.base * count, taxes)


def ancillary_items(
    chosen: Sequence[Chosen],
    order_id: str,
    segment_ids: Sequence[str],
    known: int = 0,
    at: datetime | None = None,
) -> tuple[AncillaryItem, ...]:
    """segment_ids: of the order, by place. known: how many ancillary items it has had. at: of
    those that are added later.
    """
    return tuple(
        AncillaryItem(
            id=f"{order_id}-A{number}",
            offer_item_id=each.offer_item_id,
            passenger_id=each.passenger_id,
            product=each.product.product,
            fare=each.fare,
            services=tuple(_services(each, f"{order_id}-A{number}S", segment_ids)),
            quantity=each.quantity,
            added_at=at,
            seat=each.seat.seat if each.seat else None,
            traits=each.seat.traits if each.seat else (),
        )
        for number, each in enumerate(chosen, known + 1)
    )


def _services(chosen: Chosen, stem: str, segment_ids: Sequence[str]) -> Iterator[Service]:
    """One a flight; of a bundle, one a part and flight."""
    parts = tuple(part.code for part in chosen.product.product.parts) or (None,)
    delivered = [(part, place) for part in parts for place in chosen.places]
    for number, (part, place) in enumerate(delivered, 1):
        yield Service(f"{stem}{number}", segment_ids[place], product=part)


def owned_by(order: Order, flown: Sequence[Flown]) -> Iterator[tuple[str, str, int, int]]:
    """Of each live ancillary: passenger, product, place among `flown`, and how many."""
    places = {each.ref: place for place, each in enumerate(flown)}
    for item in order.live_ancillaries:
        for segment_id in dict.fromkeys(each.segment_id for each in item.services):
            for code in codes_of(item.product) if segment_id in places else ():
                yield item.passenger_id, code, places[segment_id], item.quantity

"""Which services can be had on which flights, by whom, at what price. Pure.

A product is offered once for each place: each flight, each journey, or the trip, as the catalogue
says. It is offered where every flight of the place is ours, or a partner's that can be asked for
it, in a cabin and family that it is for, does not have it included, leaves late enough, and has
some of it left.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ndc_oms.model.ancillary import Product
from ndc_oms.model.journey import FlightKey, Segment
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.product import Cabin
from ndc_oms.world.phrases import Phrases
from ndc_oms.world.services import FLIGHT, JOURNEY, CatalogueProduct, Rates

Taken = Mapping[FlightKey, Mapping[str, int]]  # how many of what is taken on each flight


@dataclass(frozen=True, slots=True)
class Flown:
    """A flight of an offer or an order. ref: how the answer refers to it. family: None where
    nobody said in which it is flown. who: ids of the passengers on it; None: everybody. After a
    change of some passengers an order may have the same flight twice, for different ones.
    """

    ref: str
    flight: Segment
    cabin: Cabin
    family: str | None
    bound: int
    who: frozenset[str] | None = None

    def carries(self, passenger_id: str) -> bool:
        return self.who is None or passenger_id in self.who


_Group = tuple[tuple[Flown, ...], list[Passenger]]


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """One product at one place. fare: of one of it, for each of the passengers."""

    item_id: str
    product: CatalogueProduct
    fare: Fare
    passenger_ids: tuple[str, ...]
    flown: tuple[Flown, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """By what is decided what can be had. owner: our designator."""

    owner: str
    now: datetime
    taken: Taken


def offered(
    products: Sequence[CatalogueProduct],
    rates: Rates,
    *,
    flown: Sequence[Flown],
    party: Sequence[Passenger],
    currency: str,
    seen: Seen,
    mint: Callable[[CatalogueProduct, tuple[Flown, ...], Fare], str],
) -> tuple[ServiceItem, ...]:
    """Every item, in the order of the catalogue, place by place."""
    found = []
    groups = _travelling_alike(flown, party)
    for product in products:
        for place, able in _able(product, groups):
            fare = fare_at(product, place, rates, currency)
            whole = (product, *product.parts)
            if fare is not None and not any(obstacle(each, place, seen) for each in whole):
                found.append(ServiceItem(mint(product, place, fare), product, fare, able, place))
    return tuple(found)


def _travelling_alike(flown: Sequence[Flown], party: Sequence[Passenger]) -> list[_Group]:
    """Passengers who take the same flights, and these flights."""
    groups: dict[tuple[str, ...], _Group] = {}
    for passenger in party:
        own = tuple(each for each in flown if each.carries(passenger.id))
        group = groups.setdefault(tuple(each.ref for each in own), (own, []))
        group[1].append(passenger)
    return list(groups.values())


def _able(
    product: CatalogueProduct, groups: Sequence[_Group]
) -> Iterator[tuple[tuple[Flown, ...], tuple[str, ...]]]:
    """Each place, and who may have the product there."""
    found: dict[tuple[str, ...], tuple[tuple[Flown, ...], tuple[str, ...]]] = {}
    for own, passengers in groups:
        able = tuple(each.id for each in passengers if each.type in product.passengers)
        for place in places(product, own) if able else ():
            refs = tuple(each.ref for each in place)
            _, others = found.get(refs, (place, ()))
            found[refs] = (place, (*others, *able))
    yield from found.values()


def spoken(product: CatalogueProduct, phrases: Phrases, language: str | None) -> CatalogueProduct:
    """With its texts in a language, where they are written down in it."""
    if language is None:
        return product
    return replace(product, product=_spoken(product.product, phrases, language))


def _spoken(product: Product, phrases: Phrases, language: str) -> Product:
    return replace(
        product,
        name=phrases.say_if_known(product.name, language),
        description=tuple(phrases.say_if_known(each, language) for each in product.description),
        parts=tuple(_spoken(part, phrases, language) for part in product.parts),
    )


def fare_at(
    product: CatalogueProduct, place: Sequence[Flown], rates: Rates, currency: str
) -> Fare | None:
    """What one of it costs there; None where it is not sold. A seat that the family includes is
    chosen for nothing.
    """
    first, last = place[0], place[-1]
    if product.seat is not None and first.family in product.included_in:
        return Fare("", Money.zero(currency), ())
    return rates.fare(product, first.flight, last.flight, first.cabin, currency)


def places(product: CatalogueProduct, flown: Sequence[Flown]) -> Iterator[tuple[Flown, ...]]:
    if product.per == FLIGHT:
        yield from ((each,) for each in flown)
    elif product.per == JOURNEY:
        for bound in dict.fromkeys(each.bound for each in flown):
            yield tuple(each for each in flown if each.bound == bound)
    elif flown:
        yield tuple(flown)


def obstacle(
    product: CatalogueProduct, place: Sequence[Flown], seen: Seen, count: int = 1
) -> tuple[str, str] | None:
    """Why it cannot be had there: PADIS 9321 code and a sentence; None where it can. Of a bundle,
    whatever its parts say.
    """
    name = product.product.name
    for each in place:
        wrong = _not_there(product, each, seen)
        if wrong:
            return wrong[0], f"{name} {wrong[1]}"
    first = min(each.flight.departure for each in place)
    if seen.now > first - timedelta(hours=product.notice_h):
        return "182", f"{name} is sold until {product.notice_h} hours before departure."
    for each in place:
        left = stock_left(product, each.flight.key, seen.taken)
        if left is not None and left < count:
            return "493", f"{name} is sold out on {each.flight.carrier}{each.flight.number}."
    return None


def _not_there(product: CatalogueProduct, flown: Flown, seen: Seen) -> tuple[str, str] | None:
    flight, family = f"{flown.flight.carrier}{flown.flight.number}", flown.family
    if flown.flight.operator != seen.owner and not product.goes_along:
        return "182", f"is not sold on {flight}, which {flown.flight.operator} flies."
    if flown.cabin not in product.cabins:
        return "185", f"is not sold in the cabin of {flight}."
    if product.seat is None and family is not None and family in product.included_in:
        return "185", f"is part of the fare on {flight} already."
    if family is not None and product.families and family not in product.families:
        return "185", f"is not sold with the fare on {flight}."
    return None


def stock_left(product: CatalogueProduct, flight: FlightKey, taken: Taken) -> int | None:
    """None: it does not run out."""
    if product.product.stock is None:
        return None
    return product.product.stock - taken.get(flight, {}).get(product.product.code, 0)

"""Affinity: where can one go, for how much? Places and days are not fixed; the answer has the
cheapest trip to each place.

To look at every place on every day would cost seconds. So places are ranked by the lowest fare
that is filed for them, which costs nothing, and for the best MAX_PLACES of them MAX_DAYS days are
really priced, spread over the days whose filed fare is lowest.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from ndc_oms.model.offer import PricedBound
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.quotes import Quote, Quotes, Terms
from ndc_oms.offers.rank import deal
from ndc_oms.offers.request import Affinity, BoundRequest, Place
from ndc_oms.offers.search import Search
from ndc_oms.offers.sieve import Sieve
from ndc_oms.offers.wishes import Wish
from ndc_oms.world.airports import miles
from ndc_oms.world.currencies import convert
from ndc_oms.world.world import World

MAX_PLACES: Final = 20
MAX_DAYS: Final = 3
MAX_SPAN: Final = 100  # days of departure
_MONTH: Final = 30  # days that are looked at where none are given


@dataclass(frozen=True, slots=True)
class Trip:
    """The best of one place: a quote for each bound."""

    quotes: tuple[Quote, ...]

    @property
    def minor(self) -> int:
        return sum(quote.minor for quote in self.quotes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """trips: the cheapest first. looked_at: places that were priced. over: trips that the budget
    does not allow.
    """

    trips: tuple[Trip, ...]
    looked_at: int
    over: int


class Anywhere:
    """Over one search and its quotes."""

    def __init__(
        self, world: World, search: Search, availability: Availability, quotes: Quotes
    ) -> None:
        self._world = world
        self._search = search
        self._availability = availability
        self._quotes = quotes

    async def trips(
        self,
        affinity: Affinity,
        fares: Sequence[Wish[PricedBound]],
        terms: Terms,
        *,
        closing: datetime,
        booked_at: datetime,
    ) -> Outcome:
        """Raises Unavailable 493 where the PSS does not say what it has."""
        trips, over = [], 0
        affinity = dated(affinity, booked_at.date())
        pairs = self._pairs(affinity, booked_at)[:MAX_PLACES]
        for origin, destination in pairs:
            best: Trip | None = None
            for out, back in self._days(affinity, origin, destination, booked_at):
                bounds = _bounds(affinity, origin, destination, out, back)
                trip = await self._cheapest(bounds, fares, terms, closing, booked_at)
                over += trip is not None and _beyond(trip, affinity)
                if trip and _affordable(trip, affinity) and (not best or trip.minor < best.minor):
                    best = trip
            trips += [best] if best else []
            await asyncio.sleep(0)  # others are waiting
        trips.sort(key=lambda each: each.minor)
        return Outcome(tuple(trips), len(pairs), over)

    def _pairs(self, affinity: Affinity, booked_at: datetime) -> list[tuple[str, str]]:
        """Origins and destinations, the lowest filed fare first; each destination once."""
        lowest: dict[str, tuple[Decimal, str]] = {}
        anywhere = affinity.destination == Place()
        places = airports_of(self._world, affinity.destination)
        for origin in airports_of(self._world, affinity.origin):
            direct = self._world.timetable.destinations(origin)
            for place in sorted(direct) if anywhere else places:
                fare = self._floor(origin, place, _days_of(affinity)[0], booked_at)
                if place == origin or fare is None or not self._search.connected(origin, place):
                    continue
                lowest[place] = min(lowest.get(place, (fare, origin)), (fare, origin))
        return [
            (origin, place)
            for place, (_, origin) in sorted(lowest.items(), key=lambda each: (each[1], each[0]))
        ]

    def _floor(
        self, origin: str, destination: str, day: date, booked_at: datetime
    ) -> Decimal | None:
        """The lowest filed fare of a day, one way, in the home currency."""
        world = self._world
        ends = world.airports.get(origin), world.airports.get(destination)
        if ends[0] is None or ends[1] is None:
            return None
        market = world.fares.market(ends[0], ends[1])
        if market is None:
            return None
        season = world.fares.season(ends[0], ends[1], (day.month, day.day))
        ahead = (day - booked_at.date()).days - 1
        filed = world.fares.lowest(market, season, world.fares.step(max(ahead, 0)))
        home = world.airline.currency
        if filed is None:
            return None
        return convert(filed.amount, filed.currency, home, world.currencies)

    def _days(
        self, affinity: Affinity, origin: str, destination: str, booked_at: datetime
    ) -> Iterator[tuple[date, date | None]]:
        """Days out and back that are worth a look: among those of the lowest fares, spread."""
        span = _days_of(affinity)
        floors = {day: self._floor(origin, destination, day, booked_at) for day in span}
        best = min((fare for fare in floors.values() if fare is not None), default=None)
        for out in _spread([day for day in span if floors[day] == best], MAX_DAYS):
            if affinity.stay is None:
                yield out, None
                continue
            least, most = (out + timedelta(days=nights) for nights in affinity.stay)
            first = max(least, affinity.home_from or least)
            last = min(most, affinity.home_by or most)
            if first <= last:
                yield from ((out, back) for back in sorted({first, last}))

    async def _cheapest(
        self,
        bounds: Sequence[BoundRequest],
        fares: Sequence[Wish[PricedBound]],
        terms: Terms,
        closing: datetime,
        booked_at: datetime,
    ) -> Trip | None:
        quotes: list[list[Quote]] = []
        for bound in bounds:
            sieve, closes = Sieve(bound, fares), closing.timestamp()
            found = self._search.journeys(
                bound.origin, bound.destination, bound.day, bound.least_connection
            )
            await self._availability.ensure({day for each in found for day in each.days})
            pages = [self._quotes.of(each, terms, booked_at) for each in found]
            fit = [q for page in pages for q in page if q.departs >= closes and sieve.admits(q)]
            if not fit:
                return None
            quotes.append(fit)
        dealt = deal(quotes, len(self._world.families), frozenset())
        return min((Trip(each) for each in dealt), key=lambda each: each.minor, default=None)


def dated(affinity: Affinity, today: date) -> Affinity:
    """With days of departure: from tomorrow for a month, where none are given."""
    first = affinity.first or today + timedelta(days=1)
    last = affinity.last or first + timedelta(days=_MONTH)
    return replace(affinity, first=first, last=last)


def _days_of(affinity: Affinity) -> list[date]:
    first, last = affinity.first, affinity.last
    if first is None or last is None:
        raise AssertionError("days of departure are settled before the search")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def airports_of(world: World, place: Place) -> tuple[str, ...]:
    """Airports of the network that a place means; none for a place that is not known."""
    if place.station is not None and not place.miles:
        return world.locate(place.station)
    around = [world.airports[code] for code in world.locate(place.station or "")]
    return tuple(
        code
        for code, airport in world.airports.items()
        if world.timetable.destinations(code)
        and (place.country is None or airport.country == place.country)
        and (not place.regions or world.fares.zone(airport.country) in place.regions)
        and (place.station is None or any(miles(a, airport) <= place.miles for a in around))
    )


def _bounds(
    affinity: Affinity, origin: str, destination: str, out: date, back: date | None
) -> list[BoundRequest]:
    there = BoundRequest(
        origin,
        destination,
        out,
        cabins=affinity.cabins,
        cabin_required=affinity.cabin_required,
        max_connections=affinity.max_connections,
        wishes=affinity.wishes,
        path=affinity.path,
    )
    if back is None:
        return [there]
    return [there, replace(there, origin=destination, destination=origin, day=back)]


def _beyond(trip: Trip, affinity: Affinity) -> bool:
    return affinity.most is not None and trip.minor > affinity.most.minor


def _affordable(trip: Trip, affinity: Affinity) -> bool:
    enough = affinity.least is None or trip.minor >= affinity.least.minor
    return enough and not _beyond(trip, affinity)


def _spread(days: Sequence[date], most: int) -> list[date]:
    """`most` of them, evenly, the first among them."""
    if len(days) <= most:
        return list(days)
    return [days[at * (len(days) - 1) // (most - 1)] for at in range(most)]

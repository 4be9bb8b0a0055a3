"""What the journeys of a pair of airports cost a party now: for each family the lowest booking
class that has seats for everybody on every flight.

Shopping asks the same pages again and again, so a page is kept and only what changed is done
anew: a journey whose seats changed, or that came a day nearer. Whoever keeps things by a
PricedBound (the composer keeps its XML) finds the same object again while nothing changed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ndc_oms.model.journey import FlightKey, Journey, Segment
from ndc_oms.model.offer import FOR_EVERYBODY, Conditions, PricedBound
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import Cabin, FareFamily
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.party import TYPES, Counts
from ndc_oms.offers.pricing import Trip, priced, trip_of
from ndc_oms.offers.search import Found
from ndc_oms.offers.token import pack
from ndc_oms.world.world import World

_KEPT: Final = 256  # pages; one of 40 journeys in 5 families takes about 100 kB


@dataclass(slots=True, eq=False)
class Quote:
    """A bound at its price. minor: of the whole party, minor units. family: its place in the
    world's families. departs, arrives: seconds since 1970. slow_s: what it counts as slower than
    it is, seconds (see rank.py).
    """

    bound: PricedBound
    minor: int
    family: int
    departs: int
    arrives: int
    _packed: bytes = b""
    slow_s: int = 0

    @property
    def flown_s(self) -> int:
        return self.arrives - self.departs + self.slow_s

    @property
    def packed(self) -> bytes:
        """See token.pack. Made when first asked for: most quotes are never shown."""
        if not self._packed:
            self._packed = pack(self.bound, self.family)
        return self._packed


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom and how a page is priced. channel: the name that controls know the seller by.
    conditions: FOR_EVERYBODY itself where there are none.
    """

    counts: Counts
    currency: str
    channel: str = ""
    conditions: Conditions = FOR_EVERYBODY

    seats: int = field(init=False, compare=False)
    types: frozenset[PassengerType] = field(init=False, compare=False)
    _payers: tuple[tuple[int, PassengerType], ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        payers = tuple((n, kind) for n, kind in zip(self.counts, TYPES, strict=True) if n)
        object.__setattr__(self, "seats", sum(n for n, kind in payers if kind.seated))
        object.__setattr__(self, "types", frozenset(kind for _, kind in payers))
        object.__setattr__(self, "_payers", payers)

    def total(self, bound: PricedBound) -> int:
        """Minor units, of the whole party."""
        fares = bound.fares
        return sum([n * fares[kind].total.minor for n, kind in self._payers])


@dataclass(slots=True, eq=False)
class _Line:
    """One journey of a page. seen: the very counts that its quotes were made from."""

    journey: Journey
    keys: tuple[FlightKey, ...]
    cap: int
    seen: tuple[bytes, ...] = ()
    until: datetime | None = None
    quotes: tuple[Quote, ...] = ()


@dataclass(slots=True, eq=False)
class _Page:
    """stamps: of the days that it was made from. made_at, until: within which no price moves."""

    lines: list[_Line]
    stamps: tuple[int, ...]
    made_at: datetime
    until: datetime
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class _CabinPlan:
    """columns: places of the cabin's classes in the counts, the lowest class first."""

    columns: tuple[int, ...]
    families: tuple[tuple[int, FareFamily], ...]


class Quotes:
    """Over one world and its availability."""

    def __init__(self, world: World, availability: Availability) -> None:
        self._world = world
        self._availability = availability
        self._pages: dict[tuple[Found, Terms], _Page] = {}
        self._cabins = tuple(self._plans())

    def of(self, found: Found, terms: Terms, booked_at: datetime) -> tuple[Quote, ...]:
        """Every quote of every journey; the same object as before when nothing changed.

        booked_at: to the whole second. The days of `found` must have been ensured.
        """
        key = (found, terms)
        page = self._pages.pop(key, None)
        stamps = tuple(map(self._availability.stamp, found.days))
        if page is None or page.stamps != stamps or not page.made_at <= booked_at <= page.until:
            lines = page.lines if page else [self._line(each, terms) for each in found.journeys]
            page = self._page(lines, stamps, terms, booked_at, page)
        self._pages[key] = page
        if len(self._pages) > _KEPT:
            del self._pages[next(iter(self._pages))]
        return page.quotes

    @property
    def cabins(self) -> tuple[Cabin, ...]:
        """Cabins that can be sold."""
        return tuple(plan.families[0][1].cabin for plan in self._cabins)

    def open_classes(self, counts: tuple[bytes, ...], cabin: Cabin, seats: int) -> Iterator[str]:
        """Classes of a cabin with seats on every flight of a journey, the lowest first."""
        for plan in self._cabins:
            if plan.families[0][1].cabin is cabin:
                yield from map(self._availability.rbds.__getitem__, _open(plan, counts, seats))

    def lowest(
        self,
        journey: Journey,
        family: FareFamily,
        counts: tuple[bytes, ...],
        terms: Terms,
        booked_at: datetime,
    ) -> PricedBound | None:
        """A journey in the lowest class that has seats for everybody and a fare; None: none has."""
        if terms.seats > self.cap(journey, terms.channel):
            return None
        rbds = self._availability.rbds
        columns = tuple(map(rbds.index, self.open_classes(counts, family.cabin, terms.seats)))
        return self._lowest(self._trip(journey, terms, booked_at), family, columns, terms)

    def counts(self, journey: Journey) -> tuple[bytes, ...]:
        """What is left on each flight of a journey, by class."""
        keys = (segment.key for segment in journey.segments)
        return tuple(self._availability.day(key.day).get(key, b"") for key in keys)

    def cap(self, journey: Journey, channel: str) -> int:
        """The most that the controls let be sold of a journey: of the market that it serves as a
        whole, and of each of its flights.
        """
        spans: list[Journey | Segment] = [journey, *journey.segments]
        return min(
            self._availability.cap(each.origin, each.destination, each.departure.date(), channel)
            for each in spans
        )

    def _plans(self) -> Iterator[_CabinPlan]:
        rbds = self._availability.rbds
        for cabin in Cabin:
            families = [(n, f) for n, f in enumerate(self._world.families) if f.cabin is cabin]
            classes = [each.rbd for each in self._world.classes if each.cabin is cabin]
            columns = tuple(rbds.index(rbd) for rbd in reversed(classes) if rbd in rbds)
            if families and columns:
                yield _CabinPlan(columns, tuple(families))

    def _line(self, journey: Journey, terms: Terms) -> _Line:
        keys = tuple(segment.key for segment in journey.segments)
        return _Line(journey, keys, self.cap(journey, terms.channel))

    def _page(
        self,
        lines: list[_Line],
        stamps: tuple[int, ...],
        terms: Terms,
        booked_at: datetime,
        before: _Page | None,
    ) -> _Page:
        went_back = before is not None and booked_at < before.made_at
        changed = False
        for line in lines:
            seen = tuple(self._availability.day(key.day).get(key, b"") for key in line.keys)
            same = len(seen) == len(line.seen) and all(map(_is, seen, line.seen))
            if not same or line.until is None or booked_at > line.until or went_back:
                line.seen = seen
                line.until = _until(line.journey, booked_at)
                quotes = tuple(self._quotes(line, terms, booked_at))
                # one seat less most often changes nothing that is shown
                if [q.bound for q in quotes] != [q.bound for q in line.quotes]:
                    line.quotes = quotes
                    changed = True
        until = min((line.until for line in lines if line.until), default=booked_at)
        if before is not None and not changed:
            return _Page(lines, stamps, booked_at, until, before.quotes)
        quotes = tuple(quote for line in lines for quote in line.quotes)
        return _Page(lines, stamps, booked_at, until, quotes)

    def _trip(self, journey: Journey, terms: Terms, booked_at: datetime) -> Trip:
        return trip_of(self._world, journey, booked_at, terms.types, terms.currency)

    def _quotes(self, line: _Line, terms: Terms, booked_at: datetime) -> Iterator[Quote]:
        if terms.seats > line.cap:
            return
        departs = int(line.journey.departure.timestamp())
        arrives = int(line.journey.arrival.timestamp())
        trip = self._trip(line.journey, terms, booked_at)
        for plan in self._cabins:
            open_now = _open(plan, line.seen, terms.seats)
            for at, family in plan.families if open_now else ():
                bound = self._lowest(trip, family, open_now, terms)
                if bound is not None:
                    yield Quote(bound, terms.total(bound), at, departs, arrives)

    def _lowest(
        self, trip: Trip, family: FareFamily, columns: Sequence[int], terms: Terms
    ) -> PricedBound | None:
        """In the lowest open class that a fare is filed for."""
        rbds = self._availability.rbds
        for column in columns:
            bound = priced(self._world, trip, family, rbds[column], terms.conditions)
            if bound is not None:
                return bound
        return None


def _open(plan: _CabinPlan, counts: tuple[bytes, ...], seats: int) -> Sequence[int]:
    """Columns with seats for the party on every flight: a connection has the least of its legs."""
    if not all(counts):
        return ()
    columns: Sequence[int] = plan.columns
    for each in counts:
        columns = [column for column in columns if each[column] >= seats]
    return columns


def _is(one: object, other: object) -> bool:
    return one is other


def _until(journey: Journey, booked_at: datetime) -> datetime:
    """The last moment at which whole days before departure, and so the price, are the same."""
    days = (journey.departure - booked_at).days
    return journey.departure - timedelta(days=days)

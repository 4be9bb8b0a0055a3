"""The timetable: which flights leave an airport for another on a day.

A dict by airport pair holds patterns (a flight number's times on its days of operation); the
segments of a day are made when first asked for and kept.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from ndc_oms.model.airline_change import FlightChange
from ndc_oms.model.journey import FlightKey, Leg, Segment
from ndc_oms.world.flight_changes import Changes

# Bounds memory: a pair's day takes about 1 kB, so these take some 16 MB when full.
_KEPT_PAIR_DAYS: Final = 16384
_KEPT_DAYS: Final = 2048
_OPEN: Final = date.max.toordinal()


@lru_cache(maxsize=512)
def fixed_offset(offset: timedelta) -> timezone:
    """A zone of one offset. Datetimes must not share a ZoneInfo: Python subtracts two of the same
    zone by their wall clocks, which is an hour off across a DST change.
    """
    return timezone(offset)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days of operation, of the itinerary's first leg, as proleptic ordinals.

    days: bit 0 is Monday; weeks: 1 every week, 2 every other one from the first.
    """

    first: int
    last: int
    days: int
    weeks: int = 1

    @classmethod
    def of(cls, first: date, last: date | None, days: int, weeks: int) -> "Calendar":
        return cls(first.toordinal(), last.toordinal() if last else _OPEN, days, weeks)

    def runs(self, day: int) -> bool:
        if not self.first <= day <= self.last or not self.days >> ((day - 1) % 7) & 1:
            return False
        return self.weeks == 1 or (day - self.first) // 7 % self.weeks == 0

    def meets(self, other: "Calendar") -> bool:
        """Whether there is a day on which both run. Any pattern here repeats within 14 days."""
        if not self.days & other.days:
            return False
        first, last = max(self.first, other.first), min(self.last, other.last)
        return any(
            self.runs(day) and other.runs(day) for day in range(first, min(last, first + 13) + 1)
        )


@dataclass(frozen=True, slots=True)
class LegTimes:
    """A leg on any day. departs, arrives: minutes after midnight of the itinerary's first day."""

    origin: str
    destination: str
    departs: int
    arrives: int
    origin_zone: tzinfo
    destination_zone: tzinfo
    aircraft: str
    departure_terminal: str | None
    arrival_terminal: str | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A board-to-off pair of one itinerary of a flight, on the days that it operates.

    in_utc: the times of the legs are UTC, not local.
    """

    carrier: str
    number: str
    operator: str
    operator_number: str
    calendar: Calendar
    legs: tuple[LegTimes, ...]
    in_utc: bool
    share: int  # how many board-to-off pairs of the flight compete for its seats, at most

    @property
    def origin(self) -> str:
        return self.legs[0].origin

    @property
    def destination(self) -> str:
        return self.legs[-1].destination

    @property
    def own(self) -> bool:
        """Operated under this very number, not a code share's second number."""
        return (self.carrier, self.number) == (self.operator, self.operator_number)

    def on(self, day: date) -> Segment | None:
        """The segment that departs on this local day; None where it does not operate."""
        base = day.toordinal() - self.legs[0].departs // 1440
        if not self.in_utc:
            return self._segment(base) if self.calendar.runs(base) else None
        for candidate in (base - 1, base, base + 1):
            if self.calendar.runs(candidate):
                segment = self._segment(candidate)
                if segment.departure.date() == day:
                    return segment
        return None

    def runs(self, day: date) -> bool:
        if self.in_utc:
            return self.on(day) is not None
        return self.calendar.runs(day.toordinal() - self.legs[0].departs // 1440)

    def _segment(self, base: int) -> Segment:
        midnight = datetime.fromordinal(base)
        legs = tuple(
            Leg(
                leg.origin,
                leg.destination,
                self._at(midnight, leg.departs, leg.origin_zone),
                self._at(midnight, leg.arrives, leg.destination_zone),
                leg.aircraft,
                leg.departure_terminal,
                leg.arrival_terminal,
            )
            for leg in self.legs
        )
        return Segment(self.carrier, self.number, self.operator, self.operator_number, legs)

    def _at(self, midnight: datetime, minutes: int, zone: tzinfo) -> datetime:
        clock = midnight + timedelta(minutes=minutes)
        if self.in_utc:
            local = clock.replace(tzinfo=fixed_offset(timedelta())).astimezone(zone)
            return local.replace(tzinfo=fixed_offset(local.utcoffset() or timedelta()))
        return clock.replace(tzinfo=fixed_offset(zone.utcoffset(clock) or timedelta()))


def zone_of(name: str) -> tzinfo:
    """The zone by IANA name; ZoneInfo keeps one object a name."""
    return ZoneInfo(name)


class Timetable:
    """Every flight, by pair and day. Days are local dates at the origin. Safe to share among those
    for whom the same flights change; `apart` gives others one of their own.
    """

    def __init__(self, patterns: Iterable[Pattern], sell_days: int) -> None:
        self.sell_days = sell_days
        self._pairs: dict[tuple[str, str], list[Pattern]] = {}
        self._numbers: dict[tuple[str, str], list[Pattern]] = {}
        self._operated: dict[tuple[str, str, str, str], list[Pattern]] = {}
        for each in patterns:
            self._pairs.setdefault((each.origin, each.destination), []).append(each)
            self._numbers.setdefault((each.carrier, each.number), []).append(each)
            if each.own:
                key = (each.operator, each.operator_number, each.origin, each.destination)
                self._operated.setdefault(key, []).append(each)
        self._destinations = _grouped(self._pairs)
        self._origins = _grouped((destination, origin) for origin, destination in self._pairs)
        self._begin()

    def _begin(self) -> None:
        self.changes = Changes()
        self._flights = lru_cache(_KEPT_PAIR_DAYS)(self._make)
        self._departures = lru_cache(_KEPT_DAYS)(self._make_departures)

    def apart(self) -> "Timetable":
        """Another one as this was loaded, whose flights change by themselves."""
        other = copy(self)
        other._begin()
        return other

    def change(self, told: FlightChange) -> None:
        """What the PSS told of a flight. The same again changes nothing."""
        if self.changes.take(told):
            self._flights.cache_clear()
            self._departures.cache_clear()

    def itinerary(self, carrier: str, number: str, day: date) -> tuple[FlightKey, ...]:
        """Every board-to-off pair, as loaded, of a flight that begins on a day."""
        found: dict[FlightKey, None] = {}
        for each in self._numbers.get((carrier, number), ()):
            if not each.own:
                continue
            later = each.legs[0].departs // 1440
            segment = each.on(day + timedelta(days=later))
            if segment is not None:
                found[segment.key] = None
        return tuple(found)

    def first_day(self, today: date) -> date:
        """The first day on sale."""
        return today

    def last_day(self, today: date) -> date:
        """The last day on sale."""
        return today + timedelta(days=self.sell_days)

    def flights(self, origin: str, destination: str, day: date) -> tuple[Segment, ...]:
        """Flights without a connection, by departure; empty where none operates."""
        return self._flights(origin, destination, day)

    def departures(self, origin: str, day: date) -> tuple[Segment, ...]:
        """Every flight from an airport to anywhere, by departure."""
        return self._departures(origin, day)

    def destinations(self, origin: str) -> frozenset[str]:
        """Where flights without a connection go, on any day."""
        loaded = self._destinations.get(origin, frozenset())
        new = self.changes.destinations.get(origin)
        return loaded | new if new else loaded

    def origins(self, destination: str) -> frozenset[str]:
        """Where flights without a connection come from, on any day."""
        loaded = self._origins.get(destination, frozenset())
        new = self.changes.origins.get(destination)
        return loaded | new if new else loaded

    def on(self, day: date) -> tuple[FlightKey, ...]:
        """Every flight that this airline operates on a day, each board-to-off pair once."""
        loaded = [
            FlightKey(operator, number, day, origin, destination)
            for (operator, number, origin, destination), patterns in self._operated.items()
            if any(each.runs(day) for each in patterns)
        ]
        return self.changes.on(day, loaded)

    def find(
        self,
        carrier: str,
        number: str,
        day: date,
        origin: str | None = None,
        destination: str | None = None,
    ) -> Segment | None:
        """A flight by its marketing designator and number, and its local day at `origin`.

        Of a flight with stops, without `origin` or `destination`, the longest part that fits.
        """
        best: Segment | None = None
        for each in self._numbers.get((carrier, number), ()):
            if origin in {None, each.origin} and destination in {None, each.destination}:
                found = self.changes.now(each.on(day))
                if found and (best is None or len(found.legs) > len(best.legs)):
                    best = found
        for added in self.changes.added(day):
            ends = origin in {None, added.origin} and destination in {None, added.destination}
            if (added.carrier, added.number) == (carrier, number) and ends:
                best = added if best is None or len(added.legs) > len(best.legs) else best
        return best

    def segment(self, key: FlightKey) -> Segment:
        """The operated flight of a key; raises KeyError where it does not operate."""
        changed = key in self.changes
        found = self.changes.get(key) if changed else self.pattern(key).on(key.day)
        if found is None:
            raise KeyError(key)
        return found

    def pattern(self, key: FlightKey) -> Pattern:
        """What operates a key, as loaded; raises KeyError where nothing does."""
        for each in self._operated.get((key.carrier, key.number, key.origin, key.destination), ()):
            if each.runs(key.day):
                return each
        raise KeyError(key)

    def _make(self, origin: str, destination: str, day: date) -> tuple[Segment, ...]:
        made = [each.on(day) for each in self._pairs.get((origin, destination), ())]
        if self.changes:
            made = [self.changes.now(each) for each in made]
            ends = (origin, destination)
            made += [s for s in self.changes.added(day) if (s.origin, s.destination) == ends]
        return tuple(sorted(filter(None, made), key=lambda each: each.departure))

    def _make_departures(self, origin: str, day: date) -> tuple[Segment, ...]:
        found = [
            segment
            for destination in self.destinations(origin)
            for segment in self.flights(origin, destination, day)
        ]
        return tuple(sorted(found, key=lambda each: (each.departure, each.carrier, each.number)))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return {key: frozenset(values) for key, values in found.items()}

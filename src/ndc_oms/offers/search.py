"""Which journeys fly a pair of airports on a day: flights without a connection, and through any
airport that both ends have flights with.

Rules, with their reasons:
- A connection keeps the airport's minimum connecting time, domestic or international by where
  the two flights come from and go to, and lasts at most MAX_CONNECTION, overnight included.
- After one flight the next CONNECTIONS_KEPT that fit are kept: enough for when the first is full.
- No airport is seen twice.
- Two connections only where the pair has nothing shorter on that day.
- What takes longer than LONGEST_FACTOR times the fastest, plus LONGEST_EXTRA, is left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from ndc_oms.model.journey import Journey, Segment
from ndc_oms.offers.request import NamedFlight
from ndc_oms.offers.token import MAX_SEGMENTS
from ndc_oms.world.world import World

MAX_CONNECTION: Final = timedelta(hours=24)
CONNECTIONS_KEPT: Final = 3
LONGEST_FACTOR: Final = 2.5
LONGEST_EXTRA: Final = timedelta(hours=2)
MAX_JOURNEYS: Final = 80  # for a pair and day: more than any answer shows
_KEPT: Final = 1024  # pairs and days; about 20 kB each when they have 40 journeys


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The journeys of a pair of airports on a day, by departure.

    days: local days on which their flights depart: those whose availability is needed. The same
    pair and day give the same object while it is kept, so others may keep things by it.
    """

    journeys: tuple[Journey, ...]
    days: frozenset[date]


class Search:
    """Over one world's timetable."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._timetable = world.timetable
        self._pair = lru_cache(_KEPT)(self._find)
        self._named = lru_cache(_KEPT)(self._as_named)
        self.connected = lru_cache(_KEPT)(self._connected)

    def journeys(
        self, origin: str, destination: str, day: date, least: timedelta = timedelta()
    ) -> tuple[Found, ...]:
        """For each pair of airports of two codes (airports or cities) that has journeys.

        day: of departure, local date at the origin. least: of each connection, beyond the
        airport's own minimum.
        """
        found = (
            self._pair(start, end, day, least) for start, end in self.pairs(origin, destination)
        )
        return tuple(each for each in found if each.journeys)

    def named(self, journeys: tuple[tuple[NamedFlight, ...], ...]) -> tuple[Found, ...]:
        """The very journeys that are named, those of them that can be flown: each flight operates
        on its day, and the connections can be reached.
        """
        found = self._named(journeys)
        return (found,) if found.journeys else ()

    def _as_named(self, journeys: tuple[tuple[NamedFlight, ...], ...]) -> Found:
        kept = tuple(filter(None, map(self._flown, dict.fromkeys(journeys))))
        days = frozenset(s.departure.date() for each in kept for s in each.segments)
        return Found(tuple(sorted(kept, key=lambda each: (each.departure, each.arrival))), days)

    def _flown(self, flights: tuple[NamedFlight, ...]) -> Journey | None:
        segments: list[Segment] = []
        for each in flights:
            segment = self._timetable.find(*each)
            if segment is None or (segments and not self._reached(segments[-1], segment)):
                return None
            segments.append(segment)
        return Journey(tuple(segments)) if 0 < len(segments) <= MAX_SEGMENTS else None

    def _reached(self, arriving: Segment, leaving: Segment) -> bool:
        if arriving.destination != leaving.origin:
            return False
        least = self._minimum(arriving.origin, leaving.origin, leaving.destination)
        return least <= leaving.departure - arriving.arrival <= MAX_CONNECTION

    def pairs(self, origin: str, destination: str) -> list[tuple[str, str]]:
        """The pairs of airports that two codes may mean."""
        return [
            (start, end)
            for start in self._world.locate(origin)
            for end in self._world.locate(destination)
            if start != end
        ]

    def _connected(self, origin: str, destination: str) -> bool:
        """Whether the network joins two airports at all, by two connections at most."""
        reach, back = self._timetable.destinations(origin), self._timetable.origins(destination)
        if destination in reach or reach & back:
            return True
        return any(self._timetable.destinations(via) & back for via in reach)

    def _find(self, origin: str, destination: str, day: date, least: timedelta) -> Found:
        direct = [Journey((each,)) for each in self._flights(origin, destination, day)]
        found = direct + list(self._one_connection(origin, destination, day, least))
        if not found:
            found = list(self._two_connections(origin, destination, day, least))
        kept = _sane(found)
        days = frozenset(s.departure.date() for each in kept for s in each.segments)
        return Found(kept, days)

    def _flights(self, origin: str, destination: str, day: date) -> tuple[Segment, ...]:
        return self._timetable.flights(origin, destination, day)

    def _one_connection(
        self, origin: str, destination: str, day: date, least: timedelta
    ) -> Iterator[Journey]:
        vias = self._timetable.destinations(origin) & self._timetable.origins(destination)
        for via in sorted(vias - {origin, destination}):
            for first in self._flights(origin, via, day):
                for second in self._onward(first, destination, least):
                    yield Journey((first, second))

    def _two_connections(
        self, origin: str, destination: str, day: date, least: timedelta
    ) -> Iterator[Journey]:
        ends = self._timetable.origins(destination) - {origin}
        for via in sorted(self._timetable.destinations(origin) - {destination}):
            onward = sorted((self._timetable.destinations(via) & ends) - {origin, via})
            for first in self._flights(origin, via, day) if onward else ():
                for then in onward:
                    for second in self._onward(first, then, least):
                        for third in self._onward(second, destination, least, (first,)):
                            yield Journey((first, second, third))

    def _onward(
        self,
        arriving: Segment,
        destination: str,
        at_least: timedelta,
        before: tuple[Segment, ...] = (),
    ) -> list[Segment]:
        """The next flights to a destination that can be reached, soonest first."""
        here = arriving.destination
        own = self._minimum(arriving.origin, here, destination)
        least = arriving.arrival + max(own, at_least)
        latest = arriving.arrival + MAX_CONNECTION
        seen = {each for one in (*before, arriving) for each in _airports(one)} - {here}
        kept: list[Segment] = []
        for day in _days(least, latest):
            for each in self._flights(here, destination, day):
                same = (each.operator, each.operator_number) == (
                    arriving.operator,
                    arriving.operator_number,
                )
                if least <= each.departure <= latest and not same and not seen & _airports(each):
                    kept.append(each)
                    if len(kept) == CONNECTIONS_KEPT:
                        return kept
        return kept

    def _minimum(self, origin: str, via: str, destination: str) -> timedelta:
        airports = self._world.airports
        return self._world.minimum_connection(
            via, airports[origin].country, airports[destination].country
        )


def _airports(segment: Segment) -> set[str]:
    return {segment.origin, *(leg.destination for leg in segment.legs)}


def _days(least: datetime, latest: datetime) -> Iterator[date]:
    """Local days of a window. A day more on either side: the zone's offset may change in it."""
    day = least.date() - timedelta(days=1)
    while day <= latest.date() + timedelta(days=1):
        yield day
        day += timedelta(days=1)


def _sane(found: Iterable[Journey]) -> tuple[Journey, ...]:
    """Without what takes absurdly long, the fastest MAX_JOURNEYS of them, by departure."""
    by_time = sorted(((each.duration, each) for each in found), key=lambda pair: pair[0])
    if not by_time:
        return ()
    longest = by_time[0][0] * LONGEST_FACTOR + LONGEST_EXTRA
    kept = [each for duration, each in by_time[:MAX_JOURNEYS] if duration <= longest]
    return tuple(sorted(kept, key=lambda each: (each.departure, each.arrival)))

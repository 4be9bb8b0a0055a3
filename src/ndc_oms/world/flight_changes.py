"""What schedule messages made of the flights that were loaded: a layer over the timetable."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from ndc_oms.model.airline_change import FlightChange
from ndc_oms.model.journey import FlightKey, Segment


class Changes:
    """By operated flight: as it is now, or None where it does not operate any more.

    count: grows with every change. destinations, origins: of pairs that flights were added to.
    """

    def __init__(self) -> None:
        self.count = 0
        self.destinations: dict[str, frozenset[str]] = {}
        self.origins: dict[str, frozenset[str]] = {}
        self._flights: dict[FlightKey, Segment | None] = {}
        self._added: dict[date, dict[FlightKey, Segment]] = {}  # that were not there before
        self._strange: set[FlightKey] = set()  # that were not loaded

    def __len__(self) -> int:
        return len(self._flights)

    def __contains__(self, key: FlightKey) -> bool:
        return key in self._flights

    def get(self, key: FlightKey) -> Segment | None:
        """Raises KeyError where nothing changed."""
        return self._flights[key]

    def take(self, told: FlightChange) -> bool:
        """Whether it changes anything."""
        wanted: dict[FlightKey, Segment | None] = {told.key: None}
        if told.new is not None:
            wanted[told.new.key] = told.new
        new = {k: v for k, v in wanted.items() if k not in self or self._flights[k] != v}
        if not new:
            return False
        for key, segment in new.items():
            self._put(key, segment, added=told.old is None or told.old.key != key)
        self.count += 1
        return True

    def _put(self, key: FlightKey, segment: Segment | None, *, added: bool) -> None:
        there = self._added.setdefault(key.day, {})
        if added and key not in self._flights:
            self._strange.add(key)
        if segment is None:
            there.pop(key, None)
        elif key in self._strange:
            there[key] = segment
            old = self.destinations.get(key.origin, frozenset())
            self.destinations[key.origin] = old | {key.destination}
            old = self.origins.get(key.destination, frozenset())
            self.origins[key.destination] = old | {key.origin}
        self._flights[key] = segment

    def added(self, day: date) -> tuple[Segment, ...]:
        """Flights of a day that were not loaded."""
        return tuple(self._added.get(day, {}).values())

    def on(self, day: date, loaded: Iterable[FlightKey]) -> tuple[FlightKey, ...]:
        """Of those that were loaded the ones that operate still, and those that came."""
        kept = tuple(key for key in loaded if self._flights.get(key, _LOADED) is not None)
        return kept + tuple(self._added.get(day, {}))

    def now(self, loaded: Segment | None) -> Segment | None:
        """A loaded flight as it is now; one of a code share goes with the flight that operates."""
        if loaded is None or not self._flights or loaded.key not in self._flights:
            return loaded
        changed = self._flights[loaded.key]
        return None if changed is None else replace(loaded, legs=changed.legs)


_LOADED = object()

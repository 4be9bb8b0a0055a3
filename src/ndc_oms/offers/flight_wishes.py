"""What flights may be wished to be like: connections, times, airlines, aircraft."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from ndc_oms.model.journey import Journey, Segment
from ndc_oms.offers.wishes import listed

_DAY: Final = 24 * 60  # minutes
_NIGHT_FROM: Final = 21  # local hour from which a departure is late
_NIGHT_UNTIL: Final = 3
_MORNING: Final = 11  # local hour before which an arrival ends the night


@dataclass(frozen=True, slots=True)
class Connections:
    """At most so many connections; a flight with stops under one number has none."""

    most: int

    def meets(self, journey: Journey) -> bool:
        return len(journey.segments) <= self.most + 1

    touches = meets

    @property
    def label(self) -> str:
        return f"with {self.most} connection{'s' if self.most != 1 else ''} or less"


@dataclass(frozen=True, slots=True)
class Via:
    """Connects at one of the airports, and nowhere else; a flight without connection does not."""

    airports: frozenset[str]

    def meets(self, journey: Journey) -> bool:
        points = _points(journey)
        return bool(points) and points <= self.airports

    def touches(self, journey: Journey) -> bool:
        return not self.airports.isdisjoint(_points(journey))

    @property
    def label(self) -> str:
        return f"connecting at {listed(self.airports)}"


def _points(journey: Journey) -> frozenset[str]:
    return frozenset(segment.destination for segment in journey.segments[:-1])


@dataclass(frozen=True, slots=True)
class ConnectionTime:
    """Every connection lasts so long; None for no bound."""

    least: timedelta | None
    most: timedelta | None

    def meets(self, journey: Journey) -> bool:
        return all(
            (self.least is None or wait >= self.least) and (self.most is None or wait <= self.most)
            for wait in _waits(journey)
        )

    touches = meets

    @property
    def label(self) -> str:
        parts = [f"at least {worded(self.least)}"] if self.least is not None else []
        parts += [f"at most {worded(self.most)}"] if self.most is not None else []
        return f"with connections of {' and '.join(parts)}"


def _waits(journey: Journey) -> Iterator[timedelta]:
    return (after.departure - before.arrival for before, after in pairwise(journey.segments))


@dataclass(frozen=True, slots=True)
class JourneyTime:
    most: timedelta

    def meets(self, journey: Journey) -> bool:
        return journey.duration <= self.most

    touches = meets

    @property
    def label(self) -> str:
        return f"of {worded(self.most)} or less"


@dataclass(frozen=True, slots=True)
class FlightTime:
    """Of each flight."""

    most: timedelta

    def meets(self, journey: Journey) -> bool:
        return all(segment.duration <= self.most for segment in journey.segments)

    def touches(self, journey: Journey) -> bool:
        return any(segment.duration <= self.most for segment in journey.segments)

    @property
    def label(self) -> str:
        return f"with flights of {worded(self.most)} or less"


@dataclass(frozen=True, slots=True)
class Carriers:
    """Every flight is sold or flown by one of them. name: of an alliance."""

    designators: frozenset[str]
    name: str = ""

    def meets(self, journey: Journey) -> bool:
        return all(map(self._of_them, journey.segments))

    def touches(self, journey: Journey) -> bool:
        return any(map(self._of_them, journey.segments))

    def _of_them(self, segment: Segment) -> bool:
        return segment.carrier in self.designators or segment.operator in self.designators

    @property
    def label(self) -> str:
        return f"of {self.name or listed(self.designators)}"


@dataclass(frozen=True, slots=True)
class OneCarrier:
    """All flights are sold by the same airline."""

    def meets(self, journey: Journey) -> bool:
        return len({segment.carrier for segment in journey.segments}) == 1

    touches = meets

    @property
    def label(self) -> str:
        return "with one airline"


@dataclass(frozen=True, slots=True)
class Departure:
    """Leaves within minutes after midnight of its day, both included."""

    first: int
    last: int

    def meets(self, journey: Journey) -> bool:
        return self.first <= _minutes(journey.departure) <= self.last

    touches = meets

    @property
    def label(self) -> str:
        return f"departing from {_clock(self.first)} to {_clock(self.last)}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Arrives within minutes after midnight of the day that is `days` after the departure's, both
    included; days None: of any day.
    """

    first: int
    last: int
    days: int | None = None

    def meets(self, journey: Journey) -> bool:
        arrives = _minutes(journey.arrival)
        if self.days is None:
            return (arrives - self.first) % _DAY <= self.last - self.first
        arrives += _DAY * (_days(journey) - self.days)
        return self.first <= arrives <= self.last

    touches = meets

    @property
    def label(self) -> str:
        on = "" if self.days is None else f" {self.days} days after departure"
        return f"arriving from {_clock(self.first)} to {_clock(self.last)}{on}"


@dataclass(frozen=True, slots=True)
class ArrivalDay:
    """Arrives on the local date that is `days` after the departure's."""

    days: int

    def meets(self, journey: Journey) -> bool:
        return _days(journey) == self.days

    touches = meets

    @property
    def label(self) -> str:
        return f"arriving {self.days} days after departure" if self.days else "arriving that day"


def _minutes(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _days(journey: Journey) -> int:
    return (journey.arrival.date() - journey.departure.date()).days


class Character(StrEnum):
    """Source: FlightCharacteristicsCode of 21.3."""

    DIRECT = "Direct"
    NON_STOP = "NonStop"
    OVERNIGHT_STOP = "OvernightStop"
    RED_EYE = "RedEye"
    AIRPORT_CHANGE = "AirportChange"


@dataclass(frozen=True, slots=True)
class Characteristic:
    """Direct: one flight number. Non-stop: one landing. Overnight stop: a connection goes on
    another local date than it began. Red-eye: a flight leaves from 21:00 to 3:00 and lands before
    11:00 on local clocks. Airport change: a connection goes on from another airport.
    """

    character: Character

    def meets(self, journey: Journey) -> bool:
        segments = journey.segments
        match self.character:
            case Character.DIRECT:
                return len(segments) == 1
            case Character.NON_STOP:
                return len(segments) == 1 and len(segments[0].legs) == 1
            case Character.OVERNIGHT_STOP:
                return any(a.arrival.date() != b.departure.date() for a, b in pairwise(segments))
            case Character.RED_EYE:
                return any(map(_through_the_night, segments))
            case Character.AIRPORT_CHANGE:
                return any(a.destination != b.origin for a, b in pairwise(segments))

    touches = meets

    @property
    def label(self) -> str:
        return _CHARACTERS[self.character]


_CHARACTERS: Final = {
    Character.DIRECT: "direct",
    Character.NON_STOP: "non-stop",
    Character.OVERNIGHT_STOP: "with an overnight stop",
    Character.RED_EYE: "with a flight through the night",
    Character.AIRPORT_CHANGE: "with a change of airport",
}


def _through_the_night(segment: Segment) -> bool:
    late = segment.departure.hour >= _NIGHT_FROM or segment.departure.hour < _NIGHT_UNTIL
    return late and segment.arrival.hour < _MORNING


@dataclass(frozen=True, slots=True)
class Aircraft:
    """Every leg is flown by one of the types."""

    types: frozenset[str]

    def meets(self, journey: Journey) -> bool:
        return all(leg.aircraft in self.types for s in journey.segments for leg in s.legs)

    def touches(self, journey: Journey) -> bool:
        return any(leg.aircraft in self.types for s in journey.segments for leg in s.legs)

    @property
    def label(self) -> str:
        return f"by aircraft {listed(self.types)}"


def worded(span: timedelta) -> str:
    """`1:30 h`"""
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60}:{minutes % 60:02} h"


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"

"""Journeys: flights on their days, as sold to passengers.

Every time is an aware datetime that keeps the airport's own offset: the local time that people
read and the instant that clocks compare are one value.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple


class FlightKey(NamedTuple):
    """One board-to-off pair of one flight on one day: what inventory counts.

    carrier: the operating designator; number with its suffix as text (`123`, `123A`);
    day: local date of departure at `origin`.
    """

    carrier: str
    number: str
    day: date
    origin: str
    destination: str

    def __str__(self) -> str:
        return f"{self.carrier}{self.number}/{self.day:%d%b%y}/{self.origin}{self.destination}"


@dataclass(frozen=True, slots=True)
class Leg:
    """One take-off and landing."""

    origin: str
    destination: str
    departure: datetime
    arrival: datetime
    aircraft: str  # IATA type code, as 7M8
    departure_terminal: str | None = None
    arrival_terminal: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One flight on one day between where a passenger boards and leaves it."""

    carrier: str  # marketing designator
    number: str  # marketing flight number with suffix
    operator: str  # operating designator
    operator_number: str
    legs: tuple[Leg, ...]

    @property
    def origin(self) -> str:
        return self.legs[0].origin

    @property
    def destination(self) -> str:
        return self.legs[-1].destination

    @property
    def departure(self) -> datetime:
        return self.legs[0].departure

    @property
    def arrival(self) -> datetime:
        return self.legs[-1].arrival

    @property
    def duration(self) -> timedelta:
        return self.arrival - self.departure

    @property
    def key(self) -> FlightKey:
        return FlightKey(
            self.operator,
            self.operator_number,
            self.departure.date(),
            self.origin,
            self.destination,
        )


@dataclass(frozen=True, slots=True)
class Journey:
    """How one bound is flown: one segment, or several with connections."""

    segments: tuple[Segment, ...]

    @property
    def origin(self) -> str:
        return self.segments[0].origin

    @property
    def destination(self) -> str:
        return self.segments[-1].destination

    @property
    def departure(self) -> datetime:
        return self.segments[0].departure

    @property
    def arrival(self) -> datetime:
        return self.segments[-1].arrival

    @property
    def duration(self) -> timedelta:
        return self.arrival - self.departure

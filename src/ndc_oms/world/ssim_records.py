"""The records of an SSIM chapter 7 data set: what they hold and at which bytes.

A data set is lines of 200 bytes, the first of which is the record type: 1 header, 2 carrier,
3 flight leg, 4 segment data, 5 trailer. Bytes are counted from 1, as the manual counts them.
Source: IATA Standard Schedules Information Manual, chapter 7.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

WIDTH: Final = 200
TITLE: Final = "AIRLINE STANDARD SCHEDULE DATA SET"
MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
OPEN_END: Final = "00XXX00"  # a period without a last day


class Bytes(NamedTuple):
    """Where a field stands: first and last byte, both included."""

    first: int
    last: int

    def of(self, line: str) -> str:
        return line[self.first - 1 : self.last]

    @property
    def width(self) -> int:
        return self.last - self.first + 1


SERIAL: Final = Bytes(195, 200)  # of every record

HEADER: Final = {"title": Bytes(2, 35), "seasons": Bytes(41, 41), "data_set": Bytes(192, 194)}

CARRIER: Final = {
    "time_mode": Bytes(2, 2),
    "carrier": Bytes(3, 5),
    "season": Bytes(11, 13),
    "first": Bytes(15, 21),
    "last": Bytes(22, 28),
    "created": Bytes(29, 35),
    "title": Bytes(36, 64),
    "released": Bytes(65, 71),
    "status": Bytes(72, 72),
    "creator": Bytes(73, 107),
}

LEG: Final = {
    "suffix": Bytes(2, 2),
    "carrier": Bytes(3, 5),
    "number": Bytes(6, 9),
    "variation": Bytes(10, 11),
    "sequence": Bytes(12, 13),
    "service": Bytes(14, 14),
    "first": Bytes(15, 21),
    "last": Bytes(22, 28),
    "days": Bytes(29, 35),
    "weeks": Bytes(36, 36),
    "origin": Bytes(37, 39),
    "departure": Bytes(40, 43),
    "aircraft_departure": Bytes(44, 47),
    "departure_offset": Bytes(48, 52),
    "departure_terminal": Bytes(53, 54),
    "destination": Bytes(55, 57),
    "aircraft_arrival": Bytes(58, 61),
    "arrival": Bytes(62, 65),
    "arrival_offset": Bytes(66, 70),
    "arrival_terminal": Bytes(71, 72),
    "aircraft": Bytes(73, 75),
    "overflow": Bytes(128, 128),
    "restrictions": Bytes(150, 160),
    "configuration": Bytes(173, 192),
    "date_variation": Bytes(193, 194),
}

SEGMENT: Final = {
    "suffix": Bytes(2, 2),
    "carrier": Bytes(3, 5),
    "number": Bytes(6, 9),
    "variation": Bytes(10, 11),
    "sequence": Bytes(12, 13),
    "service": Bytes(14, 14),
    "overflow": Bytes(28, 28),
    "board": Bytes(29, 29),
    "off": Bytes(30, 30),
    "element": Bytes(31, 33),
    "origin": Bytes(34, 36),
    "destination": Bytes(37, 39),
    "data": Bytes(40, 194),
}

TRAILER: Final = {
    "carrier": Bytes(3, 5),
    "released": Bytes(6, 12),
    "check": Bytes(188, 193),
    "end": Bytes(194, 194),
}


class Flight(NamedTuple):
    """One itinerary of a flight number: what legs and their segment data have in common."""

    carrier: str
    number: str  # without leading zeros, with the operational suffix
    variation: int


@dataclass(frozen=True, slots=True)
class LegRecord:
    """Record type 3. Times are minutes after midnight in the data set's time mode.

    days: bit 0 is Monday; first, last: of the leg's own departures, last None where open;
    offsets: minutes east of UTC; departure_day, arrival_day: days after the departure of the
    itinerary's first leg, None where the record leaves it open.
    """

    flight: Flight
    sequence: int
    service: str
    first: date
    last: date | None
    days: int
    weeks: int
    origin: str
    departure: int
    departure_offset: int
    destination: str
    arrival: int
    arrival_offset: int
    aircraft: str
    departure_terminal: str = ""
    arrival_terminal: str = ""
    restrictions: str = ""
    configuration: str = ""
    departure_day: int | None = None
    arrival_day: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """Record type 4: one data element of one board-to-off pair. element: its DEI, as 050."""

    flight: Flight
    sequence: int
    service: str
    board: str
    off: str
    element: str
    origin: str
    destination: str
    data: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """A data set of one carrier. time_mode: L local, U UTC. records: legs with their segment
    data after them, in the order of the file.
    """

    carrier: str
    time_mode: str
    first: date
    last: date | None
    created: date
    title: str
    records: tuple[LegRecord | SegmentRecord, ...]
    season: str = ""
    creator: str = ""
    status: str = "C"

    @property
    def legs(self) -> tuple[LegRecord, ...]:
        return tuple(record for record in self.records if isinstance(record, LegRecord))

    @property
    def segments(self) -> tuple[SegmentRecord, ...]:
        return tuple(record for record in self.records if isinstance(record, SegmentRecord))

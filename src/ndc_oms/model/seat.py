"""Seats: what a passenger sits on, by row and column."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ndc_oms.model.journey import FlightKey

_NAME: Final = re.compile(r"0*([1-9][0-9]{0,2})([A-Z])")


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """One seat of an aircraft. row: 1 to 999. column: one capital letter."""

    row: int
    column: str

    @classmethod
    def parse(cls, name: str) -> "Seat":
        """Of `12A`; raises ValueError."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise ValueError(f"{name[:8]!r} is no seat: a row and a column, such as 12A")
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.row}{self.column}"


@dataclass(frozen=True, slots=True)
class SeatChoice:
    """Where one passenger sits on one flight."""

    flight: FlightKey
    passenger_id: str
    seat: Seat


class Trait(StrEnum):
    """What a seat is like. Source: PADIS 9825."""

    AISLE = "A"
    WINDOW = "W"
    CENTRE = "9"
    EXIT = "E"
    BULKHEAD = "K"
    BASSINET = "B"
    LEG_SPACE = "L"
    NEAR_GALLEY = "AG"
    NEAR_LAVATORY = "AL"
    NO_INFANT = "IE"  # not for somebody who holds an infant
    CHARGEABLE = "CH"

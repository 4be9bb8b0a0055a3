"""What operates: the flights that were loaded, with what schedule messages made of them."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

import msgspec

from ndc_oms.model.airline_change import FlightChange
from ndc_oms.model.journey import FlightKey, Segment
from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import Seat
from ndc_oms.ports.pss import CabinInventory, InventorySource


def flight_text(flight: FlightKey) -> str:
    """A flight as the tables have it; the day first, so that a day is a range of the key."""
    return (
        f"{flight.day.isoformat()} {flight.carrier} {flight.number}"
        f" {flight.origin} {flight.destination}"
    )


def flight_of(text: str) -> FlightKey:
    day, carrier, number, origin, destination = text.split(" ")
    return FlightKey(carrier, number, date.fromisoformat(day), origin, destination)


@dataclass(frozen=True, slots=True)
class Operated:
    """A board-to-off pair as it operates now. cabins: None for those that were loaded."""

    segment: Segment
    cabins: tuple[CabinInventory, ...] | None = None


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Operated)


class Flights:
    """Its methods run inside a transaction of the caller's connection."""

    def __init__(self, source: InventorySource) -> None:
        self._source = source

    def zone(self, airport: str) -> tzinfo:
        """Raises KeyError."""
        return self._source.zone(airport)

    def equipped(
        self, aircraft: Sequence[str], share: int, seats: Mapping[Cabin, int] | None
    ) -> tuple[CabinInventory, ...]:
        """Raises KeyError."""
        return self._source.equipped(aircraft, share, seats)

    def on(self, connection: sqlite3.Connection, day: date) -> list[FlightKey]:
        low, high = f"{day.isoformat()} ", f"{day.isoformat()}!"  # "!" follows the space
        rows = connection.execute(
            "SELECT flight, body IS NOT NULL FROM schedule WHERE flight >= ? AND flight < ?",
            (low, high),
        ).fetchall()
        changed = {flight_of(text): bool(there) for text, there in rows}
        loaded = [flight for flight in self._source.on(day) if flight not in changed]
        return loaded + [flight for flight, there in changed.items() if there]

    def operates(self, connection: sqlite3.Connection, flight: FlightKey) -> bool:
        """False where a message took it away; whether it was ever loaded is not looked at."""
        changed, operated = self._changed(connection, flight)
        return not changed or operated is not None

    def segment(self, connection: sqlite3.Connection, flight: FlightKey) -> Segment:
        """Raises KeyError for a flight that does not operate."""
        changed, operated = self._changed(connection, flight)
        if not changed:
            return self._source.segment(flight)
        if operated is None:
            raise KeyError(flight)
        return operated.segment

    def cabins(
        self, connection: sqlite3.Connection, flight: FlightKey
    ) -> tuple[CabinInventory, ...]:
        """Raises KeyError for a flight that does not operate."""
        changed, operated = self._changed(connection, flight)
        if not changed:
            return self._source.cabins(flight)
        if operated is None:
            raise KeyError(flight)
        if operated.cabins is None:
            return self._source.cabins(flight)
        return operated.cabins

    def seats(
        self, connection: sqlite3.Connection, flight: FlightKey
    ) -> Mapping[Cabin, tuple[Seat, ...]]:
        """See `ports.pss.InventorySource.seats`: of the aircraft that flies it by now."""
        changed, operated = self._changed(connection, flight)
        if not changed:
            return self._source.seats(flight)
        if operated is None:
            raise KeyError(flight)
        legs = operated.segment.legs
        pairs = self.itinerary(connection, flight.carrier, flight.number, flight.day)
        return self._source.fitted(legs[0].aircraft) if len(legs) == len(pairs) == 1 else {}

    def itinerary(
        self, connection: sqlite3.Connection, carrier: str, number: str, day: date
    ) -> list[FlightKey]:
        """Every board-to-off pair that operates, of the flight that begins on this day."""
        rows = connection.execute(
            "SELECT flight, body IS NOT NULL FROM schedule WHERE itinerary = ? ORDER BY flight",
            (_itinerary(carrier, number, day),),
        ).fetchall()
        changed = {flight_of(text): bool(there) for text, there in rows}
        loaded = self._source.itinerary(carrier, number, day)
        return [each for each in loaded if each not in changed] + [
            flight for flight, there in changed.items() if there
        ]

    def was_loaded(self, carrier: str, number: str, day: date) -> tuple[FlightKey, ...]:
        """As it was before any message."""
        return tuple(self._source.itinerary(carrier, number, day))

    def put(
        self,
        connection: sqlite3.Connection,
        flight: FlightKey,
        began: date,
        operated: Operated | None,
    ) -> None:
        """From now on; None: it does not operate. began: the itinerary's first day."""
        body = None if operated is None else _ENCODER.encode(operated)
        connection.execute(
            "INSERT OR REPLACE INTO schedule (flight, itinerary, body) VALUES (?, ?, ?)",
            (flight_text(flight), _itinerary(flight.carrier, flight.number, began), body),
        )

    def restore(self, connection: sqlite3.Connection, flight: FlightKey) -> None:
        """As it was loaded."""
        connection.execute("DELETE FROM schedule WHERE flight = ?", (flight_text(flight),))

    def changed(self, connection: sqlite3.Connection) -> tuple[FlightChange, ...]:
        """Every pair that does not operate as it was loaded."""
        rows = connection.execute("SELECT flight, body FROM schedule ORDER BY flight").fetchall()
        made = []
        for text, body in rows:
            key = flight_of(text)
            try:
                loaded = self._source.segment(key)
            except KeyError:
                loaded = None
            now = None if body is None else _DECODER.decode(body).segment
            made.append(FlightChange("RPL", key, loaded, now))
        return tuple(made)

    def _changed(
        self, connection: sqlite3.Connection, flight: FlightKey
    ) -> tuple[bool, Operated | None]:
        row = connection.execute(
            "SELECT body FROM schedule WHERE flight = ?", (flight_text(flight),)
        ).fetchone()
        if row is None:
            return False, None
        return True, None if row[0] is None else _DECODER.decode(row[0])


def _itinerary(carrier: str, number: str, day: date) -> str:
    return f"{day.isoformat()} {carrier} {number}"

"""Seats: what is left by class, and taking and giving them back by guarded updates.

Nested booking limits: a class may be sold while every class at or above it in the cabin keeps
`sold and held in it and below ≤ its limit`. Rows are made when a flight is first sold; until then
its numbers are the inventory source's own.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate

from ndc_oms.model.journey import FlightKey
from ndc_oms.ports.pss import CabinInventory, InventorySource, Seats, SegmentSale
from ndc_oms.ports.simulation.side import Refused


def flight_text(flight: FlightKey) -> str:
    """A flight as the tables have it; the day first, so that a day is a range of the key."""
    return (
        f"{flight.day.isoformat()} {flight.carrier} {flight.number}"
        f" {flight.origin} {flight.destination}"
    )


def flight_of(text: str) -> FlightKey:
    day, carrier, number, origin, destination = text.split(" ")
    return FlightKey(carrier, number, date.fromisoformat(day), origin, destination)


def merged(sales: Iterable[SegmentSale]) -> dict[tuple[FlightKey, str], int]:
    """Seats by flight and class, in one fixed order."""
    seats: dict[tuple[FlightKey, str], int] = {}
    for sale in sales:
        key = (sale.flight, sale.rbd)
        seats[key] = seats.get(key, 0) + sale.seats
    return dict(sorted(seats.items()))


def opening_rows(cabin: CabinInventory) -> list[tuple[str, int, int, int, int]]:
    """(rbd, place, authorised, used, seeded), highest class first. A flight that was loaded
    oversold is closed, not negative: its limit is what is used.
    """
    sold = dict(cabin.sold)
    counts = [sold.get(rbd, 0) for rbd, _ in cabin.limits]
    used = list(accumulate(reversed(counts)))[::-1]
    return [
        (rbd, place, max(limit, used[place]), used[place], counts[place])
        for place, (rbd, limit) in enumerate(cabin.limits)
    ]


def nested(rows: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Seats for sale by RBD of one cabin. rows: (rbd, authorised, used), highest class first."""
    least = 1 << 30
    seats = {}
    for rbd, authorised, used in rows:
        least = min(least, authorised - used)
        seats[rbd] = max(least, 0)
    return seats


class Inventory:
    """One airline's seats. Its methods run inside a transaction of the caller's connection."""

    def __init__(self, source: InventorySource) -> None:
        self.source = source
        self._touched: set[FlightKey] = set()  # of the writer's transaction; one writer a process

    def day(self, connection: sqlite3.Connection, day: date) -> Mapping[FlightKey, Seats]:
        """Every flight of one day of departure."""
        low, high = f"{day.isoformat()} ", f"{day.isoformat()}!"  # "!" follows the space
        counted = self._counted(connection, "flight >= ? AND flight < ?", (low, high))
        return {
            flight: counted.get(flight) or self._as_loaded(flight) for flight in self.source.on(day)
        }

    def flights(
        self, connection: sqlite3.Connection, flights: Iterable[FlightKey]
    ) -> Mapping[FlightKey, Seats]:
        """Some flights; those that do not operate are absent."""
        found = {}
        for flight in flights:
            try:
                seats = self._as_loaded(flight)
            except KeyError:
                continue
            counted = self._counted(connection, "flight = ?", (flight_text(flight),))
            found[flight] = counted.get(flight) or seats
        return found

    def take(
        self, connection: sqlite3.Connection, sales: Iterable[SegmentSale], column: str
    ) -> None:
        """All seats into `column` (sold or held), or Refused; the caller's savepoint undoes."""
        for (flight, rbd), seats in merged(sales).items():
            if seats < 1:
                raise Refused("SEATS", f"{seats} seats on {flight}")
            cabin, place = self._place(connection, flight, rbd)
            changed = connection.execute(
                f"UPDATE classes SET used = used + :seats,"  # noqa: S608  # column: sold or held
                f" {column} = {column} + CASE WHEN rbd = :rbd THEN :seats ELSE 0 END"
                " WHERE flight = :flight AND cabin = :cabin AND place <= :place"
                " AND used + :seats <= authorised",
                _values(flight, rbd, seats, cabin, place),
            ).rowcount
            if changed != place + 1:
                raise Refused("SOLD OUT", f"{flight} class {rbd}: no {seats} seats")
            self._touched.add(flight)

    def give(
        self, connection: sqlite3.Connection, sales: Iterable[SegmentSale], column: str
    ) -> None:
        """Back from `column` (sold or held); the caller sees to it that it is done once."""
        for (flight, rbd), seats in merged(sales).items():
            cabin, place = self._place(connection, flight, rbd)
            connection.execute(
                f"UPDATE classes SET used = used - :seats,"  # noqa: S608  # column: sold or held
                f" {column} = {column} - CASE WHEN rbd = :rbd THEN :seats ELSE 0 END"
                " WHERE flight = :flight AND cabin = :cabin AND place <= :place",
                _values(flight, rbd, seats, cabin, place),
            )
            self._touched.add(flight)

    def sell_held(self, connection: sqlite3.Connection, sales: Iterable[SegmentSale]) -> None:
        """Held seats become sold ones: nothing changes for anybody else."""
        for (flight, rbd), seats in merged(sales).items():
            connection.execute(
                "UPDATE classes SET held = held - ?1, sold = sold + ?1"
                " WHERE flight = ?2 AND rbd = ?3",
                (seats, flight_text(flight), rbd),
            )

    def drain_touched(self, connection: sqlite3.Connection) -> Mapping[FlightKey, Seats]:
        """Seats of the flights that changed since the last drain."""
        touched, self._touched = self._touched, set()
        found: dict[FlightKey, Seats] = {}
        for flight in sorted(touched):
            found.update(self._counted(connection, "flight = ?", (flight_text(flight),)))
        return found

    def _as_loaded(self, flight: FlightKey) -> Seats:
        seats: dict[str, int] = {}
        for cabin in self.source.cabins(flight):
            seats.update(nested((rbd, top, used) for rbd, _, top, used, _ in opening_rows(cabin)))
        return seats

    def _counted(
        self, connection: sqlite3.Connection, where: str, values: Sequence[str]
    ) -> dict[FlightKey, Seats]:
        rows = connection.execute(
            "SELECT flight, cabin, rbd, authorised, used FROM classes"  # noqa: S608  # ours
            f" WHERE {where} ORDER BY flight, cabin, place",
            values,
        ).fetchall()
        cabins: dict[str, dict[str, list[tuple[str, int, int]]]] = {}
        for flight, cabin, rbd, authorised, used in rows:
            cabins.setdefault(flight, {}).setdefault(cabin, []).append((rbd, authorised, used))
        return {
            flight_of(flight): {
                rbd: seats for rows in by_cabin.values() for rbd, seats in nested(rows).items()
            }
            for flight, by_cabin in cabins.items()
        }

    def _place(
        self, connection: sqlite3.Connection, flight: FlightKey, rbd: str
    ) -> tuple[str, int]:
        """Cabin and place of a class; makes the flight's rows where it has none."""
        for _ in range(2):
            row = connection.execute(
                "SELECT cabin, place FROM classes WHERE flight = ? AND rbd = ?",
                (flight_text(flight), rbd),
            ).fetchone()
            if row is not None:
                return row[0], row[1]
            self._open(connection, flight)
        raise Refused("UNKNOWN CLASS", f"{flight} has no class {rbd}")

    def _open(self, connection: sqlite3.Connection, flight: FlightKey) -> None:
        try:
            cabins = self.source.cabins(flight)
        except KeyError:
            raise Refused("UNKNOWN FLIGHT", f"{flight} does not operate") from None
        connection.executemany(
            "INSERT OR IGNORE INTO classes (flight, rbd, cabin, place, authorised, used, sold,"
            " held, seeded) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
            [
                (flight_text(flight), rbd, cabin.cabin.value, place, top, used, seeded, seeded)
                for cabin in cabins
                for rbd, place, top, used, seeded in opening_rows(cabin)
            ],
        )


def _values(flight: FlightKey, rbd: str, seats: int, cabin: str, place: int) -> dict[str, object]:
    return {
        "flight": flight_text(flight),
        "rbd": rbd,
        "seats": seats,
        "cabin": cabin,
        "place": place,
    }

"""Chosen seats: one row a seat that somebody holds, and those that were gone before we count.

How many seats of a cabin were sold before this simulator began is the inventory source's word;
which ones they are follows from the flight, so that the same flight always looks the same.
"""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Final

from ndc_oms.model.journey import FlightKey
from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import Seat, SeatChoice
from ndc_oms.ports.simulation.side import Refused
from ndc_pss_simulator.flights import flight_of, flight_text
from ndc_pss_simulator.inventory import Inventory

_CHOSEN: Final = 60  # percent of those who bought before us have a seat; the rest get one later


def taken(
    connection: sqlite3.Connection, inventory: Inventory, flight: FlightKey
) -> frozenset[Seat]:
    """Raises Refused for a flight that does not operate, or has no seat map."""
    gone = set(_gone(connection, inventory, flight))
    rows = connection.execute("SELECT seat FROM seats WHERE flight = ?", (flight_text(flight),))
    return frozenset(gone | {Seat.parse(name) for (name,) in rows})


def hold(
    connection: sqlite3.Connection,
    inventory: Inventory,
    reference: str,
    choices: Sequence[SeatChoice],
    expires_us: int,
) -> None:
    """These and no others, under the reference."""
    had = of(connection, reference)
    free(connection, reference)
    _take(connection, inventory, reference, choices, had=had, expires_us=expires_us)


def assign(
    connection: sqlite3.Connection,
    inventory: Inventory,
    locator: str,
    hold_reference: str,
    choices: Sequence[SeatChoice],
    *,
    names: Collection[str] | None = None,
) -> None:
    """What the PNR has from now on. What the hold kept for its travellers is theirs or free. names:
    of them; None: the hold is for nobody else.
    """
    kept = of(connection, hold_reference)
    mine = {each for each in kept if names is None or each.passenger_id in names}
    had = frozenset(mine) | of(connection, locator)
    for each in mine:
        connection.execute(
            "DELETE FROM seats WHERE holder = ? AND flight = ? AND seat = ?",
            (hold_reference, flight_text(each.flight), str(each.seat)),
        )
    free(connection, locator)
    _take(connection, inventory, locator, choices, had=had, expires_us=None)


def move(
    connection: sqlite3.Connection, holder: str, to: str, passenger_ids: Iterable[str]
) -> None:
    """What some travellers have is another holder's."""
    connection.executemany(
        "UPDATE seats SET holder = ? WHERE holder = ? AND passenger_id = ?",
        [(to, holder, each) for each in passenger_ids],
    )


def free(connection: sqlite3.Connection, holder: str) -> None:
    connection.execute("DELETE FROM seats WHERE holder = ?", (holder,))


def free_lapsed(connection: sqlite3.Connection, now_us: int) -> None:
    connection.execute(
        "DELETE FROM seats WHERE expires_us IS NOT NULL AND expires_us <= ?", (now_us,)
    )


def any_lapsed(connection: sqlite3.Connection, now_us: int) -> bool:
    found = connection.execute(
        "SELECT 1 FROM seats WHERE expires_us IS NOT NULL AND expires_us <= ? LIMIT 1", (now_us,)
    )
    return found.fetchone() is not None


def of(connection: sqlite3.Connection, locator: str) -> frozenset[SeatChoice]:
    """What a PNR has."""
    rows = connection.execute(
        "SELECT flight, passenger_id, seat FROM seats WHERE holder = ?", (locator,)
    )
    return frozenset(SeatChoice(flight_of(f), who, Seat.parse(seat)) for f, who, seat in rows)


def holders(connection: sqlite3.Connection) -> set[str]:
    """Locators that have seats."""
    rows = connection.execute("SELECT DISTINCT holder FROM seats WHERE expires_us IS NULL")
    return {holder for (holder,) in rows}


def _take(
    connection: sqlite3.Connection,
    inventory: Inventory,
    holder: str,
    choices: Iterable[SeatChoice],
    *,
    had: frozenset[SeatChoice],
    expires_us: int | None,
) -> None:
    """All or Refused; the caller's savepoint undoes. had: what the holder gave up for these: a seat
    that stays is not asked for again, whatever became of its flight.
    """
    kept = {(each.flight, each.seat) for each in had}
    for flight, wanted in _by_flight(choices).items():
        if not had.issuperset(wanted):
            _check_free(connection, inventory, flight, wanted, kept)
        for each in wanted:
            _put(connection, holder, each, expires_us)


def _check_free(
    connection: sqlite3.Connection,
    inventory: Inventory,
    flight: FlightKey,
    wanted: Iterable[SeatChoice],
    kept: Collection[tuple[FlightKey, Seat]],
) -> None:
    gone = _gone(connection, inventory, flight)
    fitted = inventory.flights_of.seats(connection, flight).values()
    installed = {seat for seats in fitted for seat in seats}
    for each in wanted:
        if each.seat not in installed:
            raise Refused("NO SEAT", f"{flight} has no seat {each.seat}")
        if each.seat in gone and (flight, each.seat) not in kept:
            raise Refused("SEAT TAKEN", f"{each.seat} on {flight} is somebody else's")


def _put(
    connection: sqlite3.Connection, holder: str, choice: SeatChoice, expires_us: int | None
) -> None:
    flight, seat = flight_text(choice.flight), str(choice.seat)
    try:
        connection.execute(
            "INSERT INTO seats (flight, seat, passenger_id, holder, expires_us)"
            " VALUES (?, ?, ?, ?, ?)",
            (flight, seat, choice.passenger_id, holder, expires_us),
        )
    except sqlite3.IntegrityError:
        raise Refused("SEAT TAKEN", f"{seat} on {choice.flight} is taken") from None


def _gone(connection: sqlite3.Connection, inventory: Inventory, flight: FlightKey) -> set[Seat]:
    """Seats of those who bought before this simulator began to count."""
    try:
        installed = inventory.flights_of.seats(connection, flight)
        sold = _strangers(connection, inventory, flight)
    except KeyError:
        raise Refused("UNKNOWN FLIGHT", f"{flight} does not operate") from None
    if not installed:
        raise Refused("NO SEAT MAP", f"{flight}: seats are given at the airport")
    return {
        seat
        for cabin, seats in installed.items()
        for seat in _shuffled(flight, cabin, seats)[: sold.get(cabin, 0) * _CHOSEN // 100]
    }


def _strangers(
    connection: sqlite3.Connection, inventory: Inventory, flight: FlightKey
) -> dict[Cabin, int]:
    """Of a flight that is sold, those in its classes: on other equipment they may be fewer."""
    rows = connection.execute(
        "SELECT cabin, SUM(seeded) FROM classes WHERE flight = ? GROUP BY cabin",
        (flight_text(flight),),
    ).fetchall()
    if rows:
        return {Cabin(cabin): many for cabin, many in rows}
    cabins = inventory.flights_of.cabins(connection, flight)
    return {each.cabin: sum(many for _, many in each.sold) for each in cabins}


def refit(connection: sqlite3.Connection, inventory: Inventory, flight: FlightKey) -> set[str]:
    """Seats that other equipment does not have are nobody's any more; who had them."""
    fitted = inventory.flights_of.seats(connection, flight)
    there = {str(seat) for seats in fitted.values() for seat in seats}
    rows = connection.execute(
        "SELECT seat, holder FROM seats WHERE flight = ?", (flight_text(flight),)
    ).fetchall()
    for seat, _ in rows:
        if seat not in there:
            connection.execute(
                "DELETE FROM seats WHERE flight = ? AND seat = ?", (flight_text(flight), seat)
            )
    return {holder for seat, holder in rows if seat not in there}


def _shuffled(flight: FlightKey, cabin: Cabin, seats: Sequence[Seat]) -> list[Seat]:
    text = f"{flight_text(flight)} {cabin}"

    def place(seat: Seat) -> bytes:
        return blake2b(f"{text} {seat}".encode(), digest_size=8).digest()

    return sorted(seats, key=place)


def _by_flight(choices: Iterable[SeatChoice]) -> Mapping[FlightKey, list[SeatChoice]]:
    found: dict[FlightKey, list[SeatChoice]] = {}
    for each in choices:
        found.setdefault(each.flight, []).append(each)
    return found

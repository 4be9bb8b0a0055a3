"""What schedule messages do to bookings and seats of a flight.

cancelled             its segments become UN, and their seats are free; who had checked in has not
retimed               its segments become TK: they hold, at other times
smaller equipment     who finds no room any more has no seat: UN, as if it were cancelled; whoever
                      has boarded stays. Chosen seats that it does not have are nobody's
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from ndc_oms.model.journey import FlightKey
from ndc_oms.ports.pss import CabinInventory, Pnr, SegmentSale
from ndc_pss_simulator import bookings, documents, holds, seats
from ndc_pss_simulator.flights import flight_text
from ndc_pss_simulator.inventory import Inventory

_LIVE: Final = frozenset({bookings.CONFIRMED, bookings.RETIMED, "KK"})


def empty(connection: sqlite3.Connection, inventory: Inventory, key: FlightKey) -> None:
    """Everybody is taken off the flight; holds lapse by themselves."""
    for pnr in _booked(connection, key):
        _unseat(connection, inventory, pnr, key)


def mark(connection: sqlite3.Connection, key: FlightKey, code: str) -> None:
    """Its live segments bear this code."""
    for pnr in _booked(connection, key):
        bookings.put(connection, _coded(pnr, key, code))


def refit(
    connection: sqlite3.Connection,
    inventory: Inventory,
    key: FlightKey,
    cabins: Sequence[CabinInventory],
) -> None:
    """The seats of other equipment. Strangers (sold before the simulator began to count) make
    room first, then whoever does not fit, and has not boarded; holds keep theirs.
    """
    rows = connection.execute(
        "SELECT rbd, cabin, seeded FROM classes WHERE flight = ?", (flight_text(key),)
    ).fetchall()
    if not rows:
        return
    sizes = {each.cabin.value: each.capacity for each in cabins}
    for cabin in sorted({where for _, where, _ in rows}):
        classes = frozenset(rbd for rbd, where, _ in rows if where == cabin)
        _make_room(connection, inventory, key, classes, sizes.get(cabin, 0))
    taken = _Taken(
        _by_class(_sold_sales(connection, key)),
        _by_class(_held_sales(connection, key)),
        {rbd: seeded for rbd, _, seeded in rows},
    )
    connection.execute("DELETE FROM classes WHERE flight = ?", (flight_text(key),))
    for each in cabins:
        _insert(connection, key, each, taken)
    for holder in seats.refit(connection, inventory, key):
        _without_lost_seats(connection, holder)


def _without_lost_seats(connection: sqlite3.Connection, holder: str) -> None:
    """A PNR shows the seats that it has; a hold shows none."""
    for pnr in bookings.live(connection):
        if pnr.locator == holder:
            has = seats.of(connection, holder)
            left = tuple(each for each in pnr.choices if each in has)
            bookings.put(connection, replace(pnr, choices=left))


def _booked(connection: sqlite3.Connection, key: FlightKey) -> list[Pnr]:
    """Live PNRs with a seat on the flight, in the order of their locators."""
    return [
        pnr
        for pnr in bookings.live(connection)
        if any(each.flight == key and each.code in _LIVE for each in pnr.segments)
    ]


def _unseat(connection: sqlite3.Connection, inventory: Inventory, pnr: Pnr, key: FlightKey) -> None:
    gone = [sale for sale in bookings.sales_of(pnr) if sale.flight == key]
    inventory.give(connection, gone, "sold")
    bookings.put(connection, _coded(pnr, key, bookings.UNABLE))
    documents.offload(connection, pnr.locator, key)


def _coded(pnr: Pnr, key: FlightKey, code: str) -> Pnr:
    segments = tuple(
        replace(each, code=code) if each.flight == key and each.code in _LIVE else each
        for each in pnr.segments
    )
    return replace(pnr, segments=segments)


def _make_room(
    connection: sqlite3.Connection,
    inventory: Inventory,
    key: FlightKey,
    classes: frozenset[str],
    capacity: int,
) -> None:
    held = _held_sales(connection, key)
    room = capacity - sum(sale.seats for sale in held if sale.rbd in classes)
    booked = [(documents.aboard(connection, e.locator, key), e) for e in _booked(connection, key)]
    for aboard, pnr in sorted(booked, key=lambda each: not each[0]):
        sales = [s for s in bookings.sales_of(pnr) if s.flight == key and s.rbd in classes]
        mine = sum(sale.seats for sale in sales)
        if mine > max(room, 0) and not (aboard and capacity):
            _unseat(connection, inventory, pnr, key)
        else:
            room -= mine


@dataclass(frozen=True, slots=True)
class _Taken:
    """Seats by class: of live PNRs, of live holds, of strangers."""

    sold: Mapping[str, int]
    held: Mapping[str, int]
    seeded: Mapping[str, int]


def _sold_sales(connection: sqlite3.Connection, key: FlightKey) -> list[SegmentSale]:
    pnrs = _booked(connection, key)
    return [sale for pnr in pnrs for sale in bookings.sales_of(pnr) if sale.flight == key]


def _held_sales(connection: sqlite3.Connection, key: FlightKey) -> list[SegmentSale]:
    return [s for hold in holds.live(connection) for s in hold.sales if s.flight == key]


def _by_class(sales: Sequence[SegmentSale]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for sale in sales:
        counts[sale.rbd] = counts.get(sale.rbd, 0) + sale.seats
    return counts


def _insert(
    connection: sqlite3.Connection, key: FlightKey, cabin: CabinInventory, taken: _Taken
) -> None:
    """Highest class first. Strangers fill what is left of the cabin, the lowest classes first."""
    rbds = [rbd for rbd, _ in cabin.limits]
    ours = {rbd: taken.sold.get(rbd, 0) + taken.held.get(rbd, 0) for rbd in rbds}
    room = max(cabin.capacity - sum(ours.values()), 0)
    strangers = {}
    for rbd in reversed(rbds):
        strangers[rbd] = min(taken.seeded.get(rbd, 0), room)
        room -= strangers[rbd]
    counts = [ours[rbd] + strangers[rbd] for rbd in rbds]
    used = list(accumulate(reversed(counts)))[::-1]
    for place, (rbd, limit) in enumerate(cabin.limits):
        connection.execute(
            "INSERT INTO classes (flight, rbd, cabin, place, authorised, used, sold, held, seeded)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                flight_text(key),
                rbd,
                cabin.cabin.value,
                place,
                max(limit, used[place]),
                used[place],
                taken.sold.get(rbd, 0) + strangers[rbd],
                taken.held.get(rbd, 0),
                strangers[rbd],
            ),
        )

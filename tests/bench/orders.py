"""A database with many orders in it, filled faster than orders are made.

One order is a real one: its units, as the house made them for an OrderCreate that was paid and
ticketed, are written by the house's writer. Every order is its rows once more under names of its
own, written in bulk without syncing, so that the server can retrieve any of them.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.bench.tape import fresh

from ndc_oms.model.order import Order
from ndc_oms.ports.store import ClaimKey, RecordOrder, Unit
from ndc_oms.store.tables import metadata
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import Failed, run_batch

_DIGITS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

FAR: Final = 9_000_000_000  # document numbers that nobody issues meanwhile

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Filled:
    """many: orders, numbered from 0. rows: in all tables. surname: of the passenger of each.
    order, key: the one that they are copies of, and under which it was made.
    """

    many: int
    rows: int
    order: Order
    surname: str
    key: str

    def order_id(self, number: int) -> str:
        first = self.order.order_id
        return first[:2] + _text(number, len(first) - 2)

    def locator(self, number: int) -> str:
        return _text(number, len(self.order.bookings[0].locator))

    def renamed(self, row: tuple[Any, ...], number: int) -> tuple[Any, ...]:
        """Whatever has to be unique under a name of its own, in keys as in records."""
        names = [
            (self.order.order_id, self.order_id(number)),
            (self.order.bookings[0].locator, self.locator(number)),
            (self.order.offer_id, f"{self.order.offer_id}-{number}"),
            (self.key, f"{self.key}-{number}"),
            *((d.number, f"{d.number[:3]}{FAR + number}") for d in self.order.documents),
        ]
        return tuple(_replaced(value, names) if isinstance(value, str) else value for value in row)


def _text(number: int, length: int) -> str:
    letters = ""
    for _ in range(length):
        number, at = divmod(number, len(_DIGITS))
        letters = _DIGITS[at] + letters
    return letters


def _replaced(value: str, names: list[tuple[str, str]]) -> str:
    for old, new in names:
        value = value.replace(old, new)
    return value


async def filled(file: Path, life: list[Unit[Any]], rows: int) -> Filled:
    """life: the units of one order, ticketed for one passenger. rows: about so many."""
    (key,) = [unit.key for unit in life if isinstance(unit, ClaimKey)]
    records = [unit for unit in life if isinstance(unit, RecordOrder)]
    people, order = records[0].people, records[-1].order
    if people is None or len(people.persons) != 1 or len(order.documents) != 1:
        raise AssertionError("documents of several passengers would get the same numbers")
    surname = people.persons[0].surname
    database = await fresh(file)
    outcomes = run_batch(database, APPLY, life)
    database.close()
    if any(isinstance(each, Failed) for each in outcomes):
        raise AssertionError(outcomes)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # as if made long ago: the server drops its copies of replies by then
        connection.execute("UPDATE claims SET reply = NULL, request = NULL")
        tables = dict(_contents(connection))
        each = sum(map(len, tables.values()))
        made = Filled(max(1, rows // each), rows // each * each, order, surname, key)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        for table in reversed(tables):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 — a name of ours
        for table, found in tables.items():
            marks = ", ".join("?" * len(found[0]))
            for row in found:
                copies = (made.renamed(row, number) for number in range(made.many))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", copies)  # noqa: S608 — a name of ours
        connection.execute("COMMIT")
    return made


def _contents(connection: sqlite3.Connection) -> Iterator[tuple[str, Rows]]:
    """What each table has that has anything, parents first."""
    for table in metadata.sorted_tables:
        rows = connection.execute(f"SELECT * FROM {table.name}").fetchall()  # noqa: S608 — a name of ours
        if rows:
            yield table.name, rows

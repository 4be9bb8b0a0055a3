"""A database with many orders in it, filled faster than orders are made.

One order's whole life is written by the house itself, with a tape on the connection; every other
order is that tape once more under other names, written in bulk without syncing.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.bench.tape import Transaction, fresh, play_to_tape
from tests.store.samples import PEOPLE, creation, life, order, record

from ndc_oms.ports.store import RecordOrder
from ndc_oms.store import sqlite

_FIRST: Final = "ZZ0000000001"
_LOCATOR: Final = "ABC123"
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Filled:
    """orders: so many, numbered from 1. rows: in all tables."""

    orders: int
    rows: int

    @staticmethod
    def order_id(number: int) -> str:
        return f"ZZ{number:010d}"

    @staticmethod
    def locator(number: int) -> str:
        letters = ""
        for _ in range(6):
            number, at = divmod(number, 36)
            letters += _DIGITS[at]
        return letters

    def creation(self, number: int) -> RecordOrder:
        return creation(self.order_id(number))

    @contextmanager
    def writing(self, file: Path) -> Iterator[sqlite.SqliteDatabase]:
        database = sqlite.SqliteDatabase(str(file))
        try:
            yield database
        finally:
            database.close()


async def filled(file: Path, rows: int) -> Filled:
    """Complete orders, ticketed and captured, of about so many rows."""
    database = await fresh(file)
    units = [[record(None, life(order(_FIRST)), PEOPLE)]]
    (tape,) = play_to_tape(database, "sqlite", sqlite.CALLS, units)
    database.close()
    many = max(1, rows // tape.rows)
    _copy(file, tape, many)
    return Filled(many, many * tape.rows)


def _copy(file: Path, tape: Transaction, many: int) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    for sql, parameters in tape.statements:
        for row in parameters:
            connection.executemany(sql, (_renamed(row, at) for at in range(2, many + 1)))
    connection.execute("COMMIT")
    connection.close()


def _renamed(row: tuple[Any, ...], number: int) -> tuple[Any, ...]:
    """Order, locator and documents under names of their own, in keys as in records."""
    order_id, locator = Filled.order_id(number), Filled.locator(number)
    return tuple(
        value.replace(_FIRST, order_id)
        .replace(_LOCATOR, locator)
        .replace("9990000000001", f"999{2 * number:010d}")
        .replace("9990000000002", f"999{2 * number + 1:010d}")
        if isinstance(value, str)
        else value
        for value in row
    )

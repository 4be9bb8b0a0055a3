"""What a writer wrote, transaction by transaction, to be written again by the bare driver."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import sqlalchemy
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ColumnElement

from ndc_oms.ports.store import Unit
from ndc_oms.store import rows as store_rows
from ndc_oms.store import sqlite
from ndc_oms.store.compiling import Calls, Parameters, Values, as_values
from ndc_oms.store.hand import Database, Rows
from ndc_oms.store.order_text import encode
from ndc_oms.store.place import place_of
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import make, run_batch

Batches = list[list[Unit[Any]]]
Statement = tuple[str, list[tuple[Any, ...]]]
SHORT: Final = 64  # letters: ids, codes, keys
_INSERT: Final = {"sqlite": sqlite_dialect.insert, "postgresql": postgresql_dialect.insert}


@dataclass
class Transaction:
    """statements: with their rows. records: those whose JSON text is in the rows."""

    statements: list[Statement] = field(default_factory=list)
    records: list[object] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(len(rows) for _, rows in self.statements)


Tape = list[Transaction]


class Taped:
    """`hand.Database` that remembers what it wrote. kind, calls: its dialect."""

    def __init__(self, database: Database, kind: str, calls: Calls) -> None:
        self._database = database
        self._insert: Callable[..., Any] = _INSERT[kind]
        self._calls = calls
        self._known: dict[tuple[str, sqlalchemy.Table], Executable] = {}
        self.tape: Tape = []
        self.records: list[object] = []  # of the transaction that is to begin

    def begin(self, alone: Iterable[str]) -> None:
        self.tape.append(Transaction(records=self.records))
        self.records = []
        self._database.begin(alone)

    def rollback(self) -> None:
        raise AssertionError("a tape knows no failure")

    def rows(self, statement: Executable, parameters: Parameters) -> Rows:
        return self._database.rows(statement, parameters)

    def rows_each(self, statement: Executable, each: Sequence[Parameters]) -> list[Rows]:
        return self._database.rows_each(statement, each)

    def change(self, statement: Executable, each: Sequence[Parameters]) -> int:
        self._note(statement, each)
        return self._database.change(statement, each)

    def insert(self, table: sqlalchemy.Table, rows: Sequence[Parameters | Values]) -> None:
        self._note_insert(table, rows)
        self._database.insert(table, rows)

    def insert_new(self, table: sqlalchemy.Table, rows: Sequence[Parameters | Values]) -> None:
        made = self._known.setdefault(("new", table), self._insert(table).on_conflict_do_nothing())
        self.tape[-1].statements.append((self._calls(made)[0], as_values(table, rows)))
        self._database.insert_new(table, rows)

    def insert_where(
        self, table: sqlalchemy.Table, rows: Sequence[Parameters], free: ColumnElement[bool]
    ) -> list[bool]:
        """By hand they are inserted without a check."""
        added = self._database.insert_where(table, rows, free)
        self._note_insert(table, [row for row, new in zip(rows, added, strict=True) if new])
        return added

    def _note_insert(self, table: sqlalchemy.Table, rows: Sequence[Parameters | Values]) -> None:
        made = self._known.setdefault(("all", table), self._insert(table))
        self.tape[-1].statements.append((self._calls(made)[0], as_values(table, rows)))

    def _note(self, statement: Executable, each: Sequence[Parameters]) -> None:
        sql, bind = self._calls(statement)
        self.tape[-1].statements.append((sql, [bind(parameters) for parameters in each]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


def play_to_tape(database: Database, kind: str, calls: Calls, batches: Any) -> Tape:
    taped = Taped(database, kind, calls)
    for batch in batches:
        with _noting_records(taped):
            run_batch(taped, APPLY, batch)
    return taped.tape


@contextmanager
def _noting_records(taped: Taped) -> Iterator[None]:
    def noted(record: object) -> bytes:
        taped.records.append(record)
        return encode(record)

    both = {"encode": noted, "order_text": noted}
    with patch.multiple(store_rows, **both):
        yield


def at_hand(transaction: Transaction, units: Sequence[Unit[Any]]) -> list[Statement]:
    """As if its rows were just made: each is copied, its long texts too, while the house's rows are
    made of the same units. Rows of neither side are then older than those of the other, and both
    begin with processor caches that making has just been through.
    """
    rows = list(chain.from_iterable(rows for _, rows in transaction.statements))
    copies: list[Values] = []
    for number, unit in enumerate(units, 1):
        make(APPLY, unit)
        copies.extend(map(_copied, rows[len(copies) : len(rows) * number // len(units)]))
    copy = iter(copies)
    return [(sql, [*islice(copy, len(rows))]) for sql, rows in transaction.statements]


def _copied(row: Values) -> Values:
    return tuple([_fresh(value) if type(value) is str else value for value in row])


def _fresh(text: str) -> str:
    """What is short is shared with a record on the house's side as well."""
    return text.encode().decode() if len(text) > SHORT else text


def make_json(records: Sequence[object]) -> None:
    """As text, by the encoder that the house uses."""
    for record in records:
        encode(record).decode()


# -- SQLite --------------------------------------------------------------------------------------


async def fresh(path: Path) -> sqlite.SqliteDatabase:
    await place_of(f"sqlite:///{path}").migrate()
    return sqlite.SqliteDatabase(str(path))


async def taped_sqlite(folder: Path, batches: list[list[Unit[Any]]]) -> Tape:
    file = folder / f"taped-{len(list(folder.iterdir()))}.sqlite3"
    database = await fresh(file)
    tape = play_to_tape(database, "sqlite", sqlite.CALLS, batches)
    database.close()
    return tape


class SqlitePlayer:
    """sqlite3 alone. batches: what is taped. makes: also the JSON text that is in the rows."""

    def __init__(
        self, database: sqlite.SqliteDatabase, tape: Tape, batches: Batches, *, makes: bool = False
    ) -> None:
        self._connection: sqlite3.Connection = database._connection
        self._tape = tape
        self._batches = batches
        self._makes = makes
        self._statements: list[Statement] = []
        self.close = database.close

    def prepare(self, place: int) -> None:
        self._statements = at_hand(self._tape[place], self._batches[place])

    def play(self, place: int) -> None:
        connection = self._connection
        if self._makes:
            make_json(self._tape[place].records)
        connection.execute("BEGIN IMMEDIATE")
        for sql, rows in self._statements:
            if len(rows) == 1:
                connection.execute(sql, rows[0])
            else:
                connection.executemany(sql, rows)
        connection.execute("COMMIT")

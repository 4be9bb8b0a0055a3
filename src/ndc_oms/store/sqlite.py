"""SQLite: the only place that knows its driver, its pragmas and its dialect.

Measured reasons (README, "Storage"): the driver's own begin mode oversells and BEGIN DEFERRED
fails busy, so writers begin IMMEDIATE; WAL with synchronous=NORMAL can lose acknowledged commits
at a power loss, so it is FULL.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from functools import cache
from itertools import chain, compress, pairwise
from pathlib import Path
from typing import Final, NoReturn

from sqlalchemy import Integer, Table, literal_column, not_, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ColumnElement

from ndc_oms.store.compiling import Calls, Given, Parameters, Values, as_values, names_of, picking
from ndc_oms.store.hand import DuplicateError, Rows, StorageError

BUSY_TIMEOUT_MS: Final = 10_000  # another process may be in a transaction; none is long
CALLS: Final = Calls(sqlite.dialect())
ASKED: Final = 8  # rows in one question
_LOOK_S: Final = 0.01
_TAKEN: Final = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)


def connect(path: str) -> sqlite3.Connection:
    """A connection that may write, with nothing begun."""
    connection = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_MS / 1000,
        isolation_level=None,  # transactions begin where we say so
        check_same_thread=False,  # made in one thread, driven by another, never by two at once
    )
    _set_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _set_wal(connection: sqlite3.Connection) -> None:
    """Where several processes make one database at the same time, SQLite says that it is locked
    at once, and does not wait as it does elsewhere: so we wait. Raises sqlite3.OperationalError.
    """
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                connection.close()
                raise
            time.sleep(_LOOK_S)
        else:
            return


def copy(database: Path, into: Path) -> None:
    """One moment of a database that may be in use, as one file. Raises StorageError."""
    try:
        with (
            closing(sqlite3.connect(database, timeout=BUSY_TIMEOUT_MS / 1000)) as source,
            closing(sqlite3.connect(into)) as target,
        ):
            source.backup(target)  # in one step: a read, so writers go on
            target.execute("PRAGMA journal_mode=DELETE")
            found = target.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise StorageError(f"{database}: {error}", certain=True) from error
    if found != "ok":
        raise StorageError(f"{database}: {found}", certain=True)


class SqliteDatabase:
    """`hand.Database` on one connection of the standard library's driver. Where it is given none,
    it opens one.
    """

    def __init__(self, path: str, connection: sqlite3.Connection | None = None) -> None:
        try:
            self._connection = connection or connect(path)
        except sqlite3.Error as error:
            raise StorageError(str(error), certain=True) from error

    # -- statements ----------------------------------------------------------------------------

    def rows(self, statement: Executable, parameters: Parameters) -> Rows:
        sql, bind = CALLS(statement)
        try:
            return self._connection.execute(sql, bind(parameters)).fetchall()
        except sqlite3.Error as error:
            _refuse(error)

    def rows_each(self, statement: Executable, each: Sequence[Parameters]) -> list[Rows]:
        return [self.rows(statement, parameters) for parameters in each]

    def change(self, statement: Executable, each: Sequence[Given]) -> int:
        return self._change(*CALLS.for_each(statement, each))

    def _change(self, sql: str, each: Sequence[Values]) -> int:
        try:
            if len(each) == 1:
                changed = self._connection.execute(sql, each[0]).rowcount
            else:
                changed = self._connection.executemany(sql, each).rowcount
        except sqlite3.Error as error:
            _refuse(error)
        if changed < 0:  # the driver counts only what starts with INSERT, UPDATE or DELETE
            raise AssertionError(f"changes are not counted: {sql}")
        return changed

    def insert(self, table: Table, rows: Sequence[Values]) -> None:
        self._change(_inserting(table), rows)

    def insert_new(self, table: Table, rows: Sequence[Values]) -> None:
        self._change(_inserting_new(table), rows)

    def insert_where(
        self, table: Table, rows: Sequence[Given], free: ColumnElement[bool]
    ) -> list[bool]:
        """Rows are asked about, then those that are free are inserted: in one statement, SQLite
        puts every row into a table of its own first, which takes half as long again.
        """
        values = as_values(table, rows)
        try:
            wanted = self._are_free(table, values, free)
            added = iter(self._insert_each(table, [*compress(values, wanted)]))
        except sqlite3.Error as error:
            _refuse(error)
        return [each and next(added) for each in wanted]

    def _are_free(
        self, table: Table, rows: Sequence[Values], free: ColumnElement[bool]
    ) -> list[bool]:
        """Asked of several in one statement, in less than half the time. Mostly all are; else each
        is asked alone.
        """
        alone, several, pick = _asking(table, free)
        execute, given = self._connection.execute, [*map(pick, rows)]
        answers: list[bool] = []
        while len(answers) < len(given):
            some = given[len(answers) : len(answers) + ASKED]
            if len(some) == ASKED and execute(several, [*chain(*some)]).fetchone() is None:
                answers.extend([True] * ASKED)
            else:
                answers.extend([execute(alone, each).fetchone() is None for each in some])
        return answers

    def _insert_each(self, table: Table, rows: Sequence[Values]) -> list[bool]:
        """Which were inserted: between two rows the connection tells how many there were so far."""
        connection = self._connection
        reached = [connection.total_changes]

        def each() -> Iterator[Values]:
            for row in rows:
                yield row
                reached.append(connection.total_changes)

        connection.executemany(_inserting_new(table), each())
        return [after > before for before, after in pairwise(reached)]

    # -- transaction ---------------------------------------------------------------------------

    def begin(self, alone: Iterable[str]) -> None:  # noqa: ARG002 — every transaction is alone
        self._run("BEGIN IMMEDIATE")

    def commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise StorageError(str(error), certain=False) from error

    def rollback(self) -> None:
        self._run("ROLLBACK")

    def mark(self) -> None:
        self._run("SAVEPOINT unit")

    def keep(self) -> None:
        self._run("RELEASE unit")

    def undo(self) -> None:
        self._run("ROLLBACK TO unit")
        self._run("RELEASE unit")

    def _run(self, sql: str) -> None:
        try:
            self._connection.execute(sql)
        except sqlite3.Error as error:
            raise StorageError(str(error), certain=True) from error

    def close(self) -> None:
        with suppress(sqlite3.Error):  # it is given up; its transaction is undone all the same
            self._connection.close()


@cache
def _inserting(table: Table) -> str:
    return CALLS(sqlite.insert(table))[0]


@cache
def _inserting_new(table: Table) -> str:
    return CALLS(sqlite.insert(table).on_conflict_do_nothing())[0]


@cache
def _asking(table: Table, free: ColumnElement[bool]) -> tuple[str, str, Callable[[Values], Values]]:
    """A row where `free` does not hold of a row of the table; one where it does not hold of any of
    ASKED rows; and what of a row the driver is to be given for it.
    """
    statement = select(literal_column("1", Integer)).where(not_(free))
    names = names_of(table)
    sql, bind = CALLS(statement)
    several = " UNION ALL ".join([sql] * ASKED)
    return sql, several, picking([names.index(name) for name in bind(names_of(statement))])


def _refuse(error: sqlite3.Error) -> NoReturn:
    """A unique key that is taken is the unit's affair, and so is every other constraint (a bug);
    all else is the database's.
    """
    if not isinstance(error, sqlite3.IntegrityError):
        raise StorageError(str(error), certain=True) from error
    if error.sqlite_errorcode in _TAKEN:
        raise DuplicateError(str(error)) from error
    raise error

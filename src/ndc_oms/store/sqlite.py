"""SQLite: the only place that knows its driver, its pragmas and its dialect.

Measured reasons (README, "Storage"): the driver's own begin mode oversells and BEGIN DEFERRED
fails busy, so writers begin IMMEDIATE; WAL with synchronous=NORMAL can lose acknowledged commits
at a power loss, so it is FULL.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import Any, Final, NoReturn

from sqlalchemy import Table, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.sql.base import Executable

from ndc_oms.store.hand import DuplicateError, Parameters, StorageError

BUSY_TIMEOUT_MS: Final = 10_000  # another process may be in a transaction; none is long
_DIALECT: Final = sqlite.dialect()
_TAKEN: Final = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
Call = tuple[str, Callable[[Parameters], tuple[Any, ...]]]


def path_of(database_url: str) -> str:
    """The file that a URL names: `sqlite:///data/ndc-oms.sqlite3`.

    Raises ValueError for another database, and for one in memory, which connections cannot share.
    """
    url: URL = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        raise ValueError(f"{url.get_backend_name()} is not supported; use sqlite:///<path>")
    if not url.database or url.database == ":memory:":
        raise ValueError("a database in memory cannot be shared; use sqlite:///<path>")
    return url.database


def connect(path: str) -> sqlite3.Connection:
    """A connection that may write, with nothing begun."""
    connection = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_MS / 1000,
        isolation_level=None,  # transactions begin where we say so
        check_same_thread=False,  # made in one thread, driven by another, never by two at once
    )
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def snapshot_engine(path: str) -> AsyncEngine:
    """Connections that cannot write; each transaction sees one moment of the database."""
    engine = create_async_engine(_url(path))

    def driver_begins_nothing(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    event.listen(engine.sync_engine, "connect", _read_only)
    event.listen(engine.sync_engine, "connect", driver_begins_nothing)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def _url(path: str) -> URL:
    return URL.create("sqlite+aiosqlite", database=path)


def _read_only(connection: Any, _record: object) -> None:  # the driver's own type
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


class SqliteDatabase:
    """`hand.Database` on one connection of the standard library's driver."""

    def __init__(self, path: str) -> None:
        try:
            self._connection = connect(path)
        except sqlite3.Error as error:
            raise StorageError(str(error), certain=True) from error
        self._calls: dict[Executable, Call] = {}
        self._add_if_new: dict[Table, Executable] = {}

    # -- hand ----------------------------------------------------------------------------------

    def rows(self, statement: Executable, parameters: Parameters) -> list[tuple[Any, ...]]:
        sql, bind = self._call(statement)
        try:
            return self._connection.execute(sql, bind(parameters)).fetchall()
        except sqlite3.Error as error:
            _refuse(error)

    def change(self, statement: Executable, parameters: Parameters) -> int:
        sql, bind = self._call(statement)
        try:
            return self._connection.execute(sql, bind(parameters)).rowcount
        except sqlite3.Error as error:
            _refuse(error)

    def change_many(self, statement: Executable, parameters: Sequence[Parameters]) -> None:
        if not parameters:
            return
        sql, bind = self._call(statement)
        try:
            self._connection.executemany(sql, map(bind, parameters))
        except sqlite3.Error as error:
            _refuse(error)

    def add_if_new(self, table: Table, row: Parameters) -> bool:
        statement = self._add_if_new.get(table)
        if statement is None:
            statement = self._add_if_new[table] = sqlite.insert(table).on_conflict_do_nothing()
        return self.change(statement, row) == 1

    def _call(self, statement: Executable) -> Call:
        call = self._calls.get(statement)
        if call is None:
            call = self._calls[statement] = compile_statement(statement)
        return call

    # -- transaction ---------------------------------------------------------------------------

    def begin(self) -> None:
        self._run("BEGIN IMMEDIATE")

    def commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise StorageError(str(error), certain=False) from error

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


def compile_statement(statement: Executable) -> Call:
    """Its text for the driver, and what puts named parameters into the text's order."""
    compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
    fixed = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
    names = compiled.positiontup or []
    return str(compiled), _binder(names, fixed)


def _binder(names: Sequence[str], fixed: dict[str, Any]) -> Callable[[Parameters], tuple[Any, ...]]:
    if fixed:
        return lambda given: tuple(given[name] if name in given else fixed[name] for name in names)
    if len(names) > 1:
        return itemgetter(*names)
    return lambda given: tuple(given[name] for name in names)


def _refuse(error: sqlite3.Error) -> NoReturn:
    """A unique key that is taken is the unit's affair, and so is every other constraint (a bug);
    all else is the database's.
    """
    if not isinstance(error, sqlite3.IntegrityError):
        raise StorageError(str(error), certain=True) from error
    if error.sqlite_errorcode in _TAKEN:
        raise DuplicateError(str(error)) from error
    raise error

"""A database that is a file."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from ndc_oms.errors import Invalid
from ndc_oms.store.hand import StorageError
from ndc_oms.store.migrate import upgrade
from ndc_oms.store.migrations import HEAD
from ndc_oms.store.presence import FilePresence
from ndc_oms.store.sqlite import BUSY_TIMEOUT_MS, SqliteDatabase, connect, copy
from ndc_oms.store.sqlite_readers import SqliteReaders


class SqlitePlace:
    """`place.Place` of `sqlite:///data/ndc-oms.sqlite3`.

    Raises Invalid for one in memory, which connections cannot share.
    """

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise Invalid("A database in memory cannot be shared.", remedy="Use sqlite:///<path>.")
        self.kind = "sqlite"
        self.path = self.shown = url.database

    async def migrate(self, to: str = HEAD) -> None:
        await asyncio.to_thread(self._migrate, to)

    def _migrate(self, to: str) -> None:
        Path(self.path).resolve().parent.mkdir(parents=True, exist_ok=True)
        try:
            if _revision(self.path) != to:
                self._upgrade(to)
        except sqlite3.Error as error:
            raise StorageError(f"{self.path}: {error}", certain=True) from error

    def _upgrade(self, to: str) -> None:
        engine = create_engine(
            URL.create("sqlite", database=self.path),
            creator=lambda: connect(self.path),
            poolclass=NullPool,
        )

        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        event.listen(engine, "begin", begin)
        try:
            with engine.begin() as connection:
                upgrade(connection, self.path, to)
        finally:
            engine.dispose()

    async def is_there(self) -> bool:
        return Path(self.path).exists()  # noqa: ASYNC240  # one look

    async def revision(self) -> str | None:
        if not Path(self.path).exists():  # noqa: ASYNC240  # one look
            return None
        try:
            return await asyncio.to_thread(_revision, self.path)
        except sqlite3.Error as error:
            raise StorageError(f"{self.path}: {error}", certain=True) from error

    async def dump(self, file: Path) -> None:
        await asyncio.to_thread(copy, Path(self.path), file)

    async def load(self, file: Path) -> None:
        await asyncio.to_thread(copy, file, Path(self.path))

    def open_database(self) -> SqliteDatabase:
        return SqliteDatabase(self.path)

    def open_readers(self, connections: int) -> SqliteReaders:
        return SqliteReaders(self.path, connections)

    def snapshot_engine(self) -> AsyncEngine:
        engine = create_async_engine(URL.create("sqlite+aiosqlite", database=self.path))

        def driver_begins_nothing(connection: Any, _record: object) -> None:
            connection.isolation_level = None

        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

        event.listen(engine.sync_engine, "connect", _read_only)
        event.listen(engine.sync_engine, "connect", driver_begins_nothing)
        event.listen(engine.sync_engine, "begin", begin)
        return engine

    def presence(self) -> FilePresence:
        return FilePresence(f"{self.path}.present")


def _revision(path: str) -> str | None:
    connection = connect(path)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return None
    finally:
        connection.close()
    return None if row is None else str(row[0])


def _read_only(connection: Any, _record: object) -> None:  # the driver's own type
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()

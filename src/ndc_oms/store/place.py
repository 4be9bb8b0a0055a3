"""Where a database is, by its URL: the one place that knows which kinds there are."""

from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine

from ndc_oms.errors import Invalid
from ndc_oms.store.hand import Database, Readers
from ndc_oms.store.migrations import HEAD
from ndc_oms.store.presence import Presence

KINDS = "sqlite:///<path> or postgresql+asyncpg://<user>@<host>/<database>"


class Place(Protocol):
    """One database. kind: sqlite or postgresql. shown: its name for people, without a password:
    on SQLite the file.
    """

    kind: str
    shown: str

    async def migrate(self, to: str = HEAD) -> None:
        """Makes the database's tables, or brings them to revision `to`.

        Raises OSError where a folder cannot be made, StorageError where the database cannot be
        used, RuntimeError for a schema that is newer than this version.
        """
        ...

    async def is_there(self) -> bool:
        """Whether anything is stored in it, or it is a file already."""
        ...

    async def revision(self) -> str | None:
        """Of its schema; None where it has none, or there is no file. Raises StorageError."""
        ...

    async def dump(self, file: Path) -> None:
        """One moment of it, while it is in use. Raises StorageError, Unavailable."""
        ...

    async def load(self, file: Path) -> None:
        """From what `dump` wrote; into a database that is not there, or has no tables."""
        ...

    def open_database(self) -> Database:
        """For one thread. Raises StorageError."""
        ...

    def open_readers(self, connections: int) -> Readers: ...

    def snapshot_engine(self) -> AsyncEngine:
        """Connections that cannot write; each transaction sees one moment of the database."""
        ...

    def presence(self) -> Presence: ...


def place_of(database_url: str) -> Place:
    """Raises Invalid for a URL of another kind, or one that cannot be read."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise Invalid("That is no database URL.", remedy=f"Use {KINDS}.") from None
    if url.get_backend_name() == "sqlite":
        from ndc_oms.store.sqlite_place import SqlitePlace  # noqa: PLC0415  # only the one in use

        return SqlitePlace(url)
    if url.get_backend_name() == "postgresql":
        from ndc_oms.store.postgresql_place import PostgresqlPlace  # noqa: PLC0415

        return PostgresqlPlace(url)
    raise Invalid(f"A {url.get_backend_name()} database is not supported.", remedy=f"Use {KINDS}.")

"""The store: `ports/store.Store` on a database, one writer and several readers."""

import asyncio
from typing import Final, TypeVar

from ndc_oms.ports.clock import Clock, SystemClock
from ndc_oms.ports.store import Unit
from ndc_oms.store import sqlite
from ndc_oms.store.hand import Readers
from ndc_oms.store.migrate import migrate
from ndc_oms.store.reader import Reader
from ndc_oms.store.sellers import SqlSellers
from ndc_oms.store.sqlite_readers import SqliteReaders
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import Writer

T = TypeVar("T")

READERS: Final = 4  # connections; a read takes well below a millisecond


async def open_store(
    database_url: str, *, clock: Clock | None = None, readers: int = READERS
) -> "SqlStore":
    """Opens the database, makes it if it is not there, and brings its schema to the newest.

    database_url: `sqlite:///<path>`. clock: what leases are compared with. Raises ValueError for
    a URL that is not supported, OSError or StorageError where the file cannot be used.
    """
    path = sqlite.path_of(database_url)
    await asyncio.to_thread(migrate, path)
    return SqlStore(
        Writer(lambda: sqlite.SqliteDatabase(path), APPLY),
        SqliteReaders(path, readers),
        clock or SystemClock(),
    )


class SqlStore(Reader):
    """Reads by its readers, writes through the one writer; `sellers` beside them."""

    def __init__(self, writer: Writer, readers: Readers, clock: Clock) -> None:
        super().__init__(readers, clock)
        self._writer = writer
        self.sellers: Final = SqlSellers(writer, readers, clock)

    async def write(self, unit: Unit[T]) -> T:
        """See `Writer.write`."""
        return await self._writer.write(unit)

    async def close(self) -> None:
        """Writes what is queued, then closes every connection."""
        await self._writer.close()
        await super().close()

"""The store: `ports/store.Store` on a database, one writer and several readers."""

from typing import Final, TypeVar

from ndc_oms.errors import Unavailable
from ndc_oms.ports.clock import Clock, SystemClock
from ndc_oms.ports.store import Unit
from ndc_oms.store.hand import Readers, StorageError
from ndc_oms.store.place import place_of
from ndc_oms.store.presence import Presence
from ndc_oms.store.purge import Purger
from ndc_oms.store.reader import Reader
from ndc_oms.store.sellers import SqlSellers
from ndc_oms.store.units import APPLY
from ndc_oms.store.watch import Watch
from ndc_oms.store.writer import Writer

T = TypeVar("T")

READERS: Final = 4  # connections; a read takes well below a millisecond


async def open_store(
    database_url: str, *, clock: Clock | None = None, readers: int = READERS
) -> "SqlStore":
    """Opens the database, makes it if it is not there, and brings its schema to the newest.

    database_url: as `place.KINDS`. clock: what leases are compared with. Raises Invalid for a URL
    that is not supported, Unavailable where the database cannot be used, OSError where its folder
    cannot be made, RuntimeError for a schema that is newer than this version.
    """
    place = place_of(database_url)
    try:
        await place.migrate()
    except StorageError as error:
        raise Unavailable(f"The database cannot be used: {error}.", code="911") from error
    return SqlStore(
        Writer(place.open_database, APPLY),
        place.open_readers(readers),
        clock or SystemClock(),
        place.presence(),
    )


class SqlStore(Reader):
    """Reads by its readers, writes through the one writer; `sellers` beside them."""

    def __init__(self, writer: Writer, readers: Readers, clock: Clock, presence: Presence) -> None:
        super().__init__(readers, clock)
        self._writer = writer
        self._presence = presence
        self.sellers: Final = SqlSellers(writer, readers, clock)
        self.purger: Final = Purger(writer, clock)
        self.watch: Final = Watch(writer, readers, presence, clock)

    async def write(self, unit: Unit[T]) -> T:
        """See `Writer.write`."""
        return await self._writer.write(unit)

    async def begin_work(self, owner: str) -> None:
        """To be awaited by whoever serves or delivers, before the first lease is taken under this
        name: frees the leases of the dead where nobody else is at work. See `presence.py`; where
        others are, `watch` finds the dead among them.
        """
        await self.watch.enter(owner)

    async def close(self) -> None:
        """Writes what is queued, then closes every connection."""
        await self._writer.close()
        self._presence.leave()
        await super().close()

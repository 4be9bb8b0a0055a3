"""Looks after those who work on the same database: what one of them had when it died is free within
seconds, and not only when its leases run out.
"""

import asyncio
from typing import Final

import structlog
from sqlalchemy import select

from ndc_oms.errors import Unavailable
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.store import EnterWork, FreeLeases
from ndc_oms.store.hand import Readers, StorageError
from ndc_oms.store.presence import Presence
from ndc_oms.store.tables import workers
from ndc_oms.store.writer import Writer

EVERY_S: Final = 1.0
_OWNERS: Final = select(workers.c.owner).order_by(workers.c.owner)

log = structlog.get_logger(__name__)


class Watch:
    """Of one process, by the name under which it leases; it enters before its first lease."""

    def __init__(self, writer: Writer, readers: Readers, presence: Presence, clock: Clock) -> None:
        self._writer = writer
        self._readers = readers
        self._presence = presence
        self._clock = clock
        self._owner = ""

    async def enter(self, owner: str) -> None:
        """Raises as `Presence.enter`, and Unavailable where the database cannot write."""

        async def alone() -> None:
            await self._writer.write(FreeLeases())

        await self._presence.enter(owner, alone)
        self._owner = owner
        await self._writer.write(EnterWork(owner, self._clock.now()))

    async def look(self) -> tuple[str, ...]:
        """Whose leases were freed. Raises Unavailable, StorageError."""
        if await self._presence.renewed():
            log.warning("presence was lost and is marked again", owner=self._owner)
            await self._writer.write(EnterWork(self._owner, self._clock.now()))
        rows = await self._readers.rows(_OWNERS, {})
        others = [owner for (owner,) in rows if owner != self._owner]
        gone = [owner for owner in others if await self._presence.is_gone(owner)]
        for owner in gone:
            await self._writer.write(FreeLeases(owner))
            log.warning("a process is gone, its leases are free", owner=owner)
        return tuple(gone)

    async def run_forever(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. A database that fails is tried again the next time."""
        while not stop.is_set():
            try:
                await self.look()
            except (Unavailable, StorageError) as failed:
                log.warning("others were not looked for", error=str(failed.__cause__ or failed))
            try:
                await asyncio.wait_for(stop.wait(), EVERY_S)
            except TimeoutError:
                continue

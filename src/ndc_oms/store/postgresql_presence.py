"""Who is at work on a PostgreSQL database: a lock of the session, which ends with its process.

As `presence.py`, over machines. A process that loses this one connection and goes on working
counts as gone: what another then frees of its is asked about before it is sent again, and orders
are guarded by their sequence, so that two at one order cost a question, never an effect.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import asyncpg
from sqlalchemy.engine import URL

from ndc_oms.store.postgresql import connect, lock_key
from ndc_oms.store.presence import LOOK_S, WAIT_S

_KEY: Final = lock_key("present")
_TAKE_ALONE: Final = f"SELECT pg_try_advisory_lock({_KEY})"
_TAKE_SHARED: Final = f"SELECT pg_try_advisory_lock_shared({_KEY})"
_LEAVE_ALONE: Final = f"SELECT pg_advisory_unlock({_KEY})"


class PostgresqlPresence:
    """`presence.Presence` on a connection of its own, kept open until `leave`."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None

    async def enter(self, alone: Callable[[], Awaitable[None]]) -> None:
        """Also raises StorageError where the server cannot be reached."""
        connection = self._connection = await connect(self._url, writes=False)
        try:
            if await connection.fetchval(_TAKE_ALONE):
                await alone()
                # both kinds may be held by one session, so no other comes between
                await connection.fetchval(_TAKE_SHARED)
                await connection.fetchval(_LEAVE_ALONE)
                return
            async with asyncio.timeout(WAIT_S):
                while not await connection.fetchval(_TAKE_SHARED):  # noqa: ASYNC110  # no event
                    await asyncio.sleep(LOOK_S)
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

"""Who is at work on a PostgreSQL database: locks of the session, which ends with its process.

As `presence.py`, over machines. A process that loses this one connection and goes on working
counts as gone until it marks itself again: what another then frees of its is asked about before it
is sent again, and orders are guarded by their sequence, so that two at one order cost a question,
never an effect.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg
from sqlalchemy.engine import URL

from ndc_oms.store.hand import StorageError
from ndc_oms.store.postgresql import BROKEN, connect, lock_key
from ndc_oms.store.presence import LOOK_S, WAIT_S

_KEY: Final = lock_key("present")
_TAKE_ALONE: Final = f"SELECT pg_try_advisory_lock({_KEY})"
_TAKE_SHARED: Final = f"SELECT pg_try_advisory_lock_shared({_KEY})"
_LEAVE_ALONE: Final = f"SELECT pg_advisory_unlock({_KEY})"
# another that asks at the same moment sees it taken, and asks again a second later
_IS_FREE: Final = (
    "SELECT CASE WHEN pg_try_advisory_lock({0}) THEN pg_advisory_unlock({0}) ELSE false END"
)


class PostgresqlPresence:
    """`presence.Presence` on a connection of its own, kept open until `leave`."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._owner = ""

    async def enter(self, owner: str, alone: Callable[[], Awaitable[None]]) -> None:
        """Also raises StorageError where the server cannot be reached."""
        connection = self._connection = await connect(self._url, writes=False)
        self._owner = owner
        try:
            await connection.fetchval(f"SELECT pg_advisory_lock({_of(owner)})")
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

    async def renewed(self) -> bool:
        if self._connection is not None and not self._connection.is_closed():
            try:
                await self._connection.fetchval("SELECT 1")
            except (asyncpg.PostgresError, *BROKEN):
                self.leave()
            else:
                return False

        async def not_alone() -> None:
            """The others' leases are theirs, and so are ours."""

        try:
            await self.enter(self._owner, not_alone)
        except (asyncpg.PostgresError, *BROKEN) as error:
            raise StorageError(f"presence: {error}", certain=True) from error
        return True

    async def is_gone(self, owner: str) -> bool:
        if self._connection is None:
            raise AssertionError("not entered")
        key = _of(owner)
        try:
            found: Any = await self._connection.fetchval(_IS_FREE.format(key))
        except (asyncpg.PostgresError, *BROKEN) as error:
            raise StorageError(f"presence: {error}", certain=True) from error
        return bool(found)

    def leave(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def _of(owner: str) -> int:
    return lock_key(f"worker {owner}")

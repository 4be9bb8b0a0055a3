"""Who is at work on a database: a lock beside its file, which the kernel takes from the dead.

A lease keeps others away from what its owner is doing, and runs out by itself when the owner
died. But a process that starts and finds nobody else at work knows more: every lease belongs to
the dead, and waiting for them to run out only keeps travellers waiting. So it frees them before
it takes up work itself. Nothing is given up by that: what is freed is still asked about before it
is sent again (`taken_over`, `attempts`), as after any other loss of an answer.

The lock is `flock`'s: shared by all who work, exclusive for whoever frees. It stands on one
machine, as SQLite itself does.
"""

import asyncio
import fcntl
import os
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from sqlalchemy import bindparam, null, update

from ndc_oms.ports.store import FreeLeases
from ndc_oms.store.hand import Hand
from ndc_oms.store.tables import claims, feeds, notifications, outbox

WAIT_S: Final = 30.0  # for another process that is freeing: one small transaction
LOOK_S: Final = 0.01
_FREE_CLAIMS: Final = (
    update(claims)
    .where(claims.c.reply.is_(None), claims.c.lease_until > bindparam("never_"))
    .values(lease_until=bindparam("never_"))
)
_FREE_TASKS: Final = (
    update(outbox)
    .where(outbox.c.leased_until > bindparam("never_"))
    .values(leased_by=null(), leased_until=null())
)
_FREE_OTHERS: Final = tuple(
    update(table)
    .where(table.c.leased_until > bindparam("never_"))
    .values(leased_by=null(), leased_until=null())
    for table in (feeds, notifications)
)


def free_leases(hand: Hand, _unit: FreeLeases) -> None:
    """Attempts are kept: who takes a task next asks first what became of it."""
    for statement in (_FREE_CLAIMS, _FREE_TASKS, *_FREE_OTHERS):
        hand.change(statement, {"never_": 0})


class Presence(Protocol):
    """Enter once, leave once."""

    async def enter(self, alone: Callable[[], Awaitable[None]]) -> None:
        """Marks this process as at work; awaits `alone()` first where no other is.

        Raises what `alone` raised, TimeoutError where another process frees for longer than
        WAIT_S; then nothing was entered.
        """
        ...

    def leave(self) -> None:
        """Again, or without having entered: nothing."""
        ...


class FilePresence:
    """`Presence` on one machine. path: of the lock's file, made where it is not there."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor: int | None = None

    async def enter(self, alone: Callable[[], Awaitable[None]]) -> None:
        """Also raises OSError where the file cannot be made."""
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if self._locked(fcntl.LOCK_EX):
                await alone()
            async with asyncio.timeout(WAIT_S):
                # From exclusive to shared is not one step: another that starts may come between.
                # It finds nothing leased, since we work only after this.
                while not self._locked(fcntl.LOCK_SH):  # noqa: ASYNC110  # the kernel sets no event
                    await asyncio.sleep(LOOK_S)
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)  # and with it the lock
            self._descriptor = None

    def _locked(self, kind: int) -> bool:
        if self._descriptor is None:
            raise AssertionError("not entered")
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

"""Who is at work on a database: locks beside its file, which the kernel takes from the dead.

A lease keeps others away from what its owner is doing, and runs out by itself when the owner
died. But it is known sooner that an owner is dead, and waiting only keeps travellers waiting:

  - a process that starts and finds nobody else at work knows that every lease belongs to the dead;
  - each process holds a lock under the name that it leases by. Where its name is among `workers`
    and the lock is free, it is gone: `watch.py` looks.

What belonged to the dead is freed. Nothing is given up by that: what is freed is still asked about
before it is sent again (`taken_over`, `attempts`), as after any other loss of an answer; and who
is taken for dead wrongly loses nothing but the task, which is fenced by its attempt.

The first lock is `flock`'s on the whole file: shared by all who work, exclusive for whoever frees
everything. The second is one byte of it, far out, by the owner's name. They stand on one machine,
as SQLite itself does.
"""

import asyncio
import fcntl
import os
import struct
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import Final, Protocol

from sqlalchemy import bindparam, delete, null, update

from ndc_oms.ports.store import EnterWork, FreeLeases
from ndc_oms.store.hand import Hand
from ndc_oms.store.rows import micros
from ndc_oms.store.tables import claims, feeds, notifications, outbox, workers

WAIT_S: Final = 30.0  # for another process that is freeing: one small transaction
LOOK_S: Final = 0.01
_LEASED_CLAIMS: Final = (claims.c.reply.is_(None), claims.c.lease_until > bindparam("never_"))
_FREE_CLAIMS: Final = update(claims).where(*_LEASED_CLAIMS).values(lease_until=bindparam("never_"))
_LEASED: Final = (outbox, feeds, notifications)  # each with `leased_by` and `leased_until`
_FREE: Final = tuple(
    update(table)
    .where(table.c.leased_until > bindparam("never_"))
    .values(leased_by=null(), leased_until=null())
    for table in _LEASED
)
_OF_ALL: Final = (_FREE_CLAIMS, *_FREE)
_OF_ONE: Final = (
    _FREE_CLAIMS.where(claims.c.owner == bindparam("owner_")),
    *(
        statement.where(table.c.leased_by == bindparam("owner_"))
        for table, statement in zip(_LEASED, _FREE, strict=True)
    ),
)
_FORGET_ALL: Final = delete(workers)
_FORGET: Final = delete(workers).where(workers.c.owner == bindparam("owner_"))


def free_leases(hand: Hand, unit: FreeLeases) -> None:
    """Attempts are kept: who takes a task next asks first what became of it."""
    if not unit.owner:
        for statement in _OF_ALL:
            hand.change(statement, {"never_": 0})
        hand.change(_FORGET_ALL, {})
        return
    for statement in _OF_ONE:
        hand.change(statement, {"never_": 0, "owner_": unit.owner})
    hand.change(_FORGET, {"owner_": unit.owner})


def enter_work(hand: Hand, unit: EnterWork) -> None:
    hand.add_if_new(workers, [{"owner": unit.owner, "since": micros(unit.now)}])


class Presence(Protocol):
    """Enter once, leave once."""

    async def enter(self, owner: str, alone: Callable[[], Awaitable[None]]) -> None:
        """Marks this process as at work under this name, which no other may ever have had; awaits
        `alone()` first where no other is at work.

        Raises what `alone` raised, TimeoutError where another process frees for longer than
        WAIT_S; then nothing was entered.
        """
        ...

    async def renewed(self) -> bool:
        """Whether the mark was lost meanwhile, and is set again now. Raises StorageError where it
        cannot be set.
        """
        ...

    async def is_gone(self, owner: str) -> bool:
        """Whether somebody who entered under this name is at work no more. Raises StorageError."""
        ...

    def leave(self) -> None:
        """Again, or without having entered: nothing."""
        ...


class FilePresence:
    """`Presence` on one machine. path: of the lock's file, made where it is not there."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor: int | None = None

    async def enter(self, owner: str, alone: Callable[[], Awaitable[None]]) -> None:
        """Also raises OSError where the file cannot be made."""
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, _byte_of(owner))
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

    async def renewed(self) -> bool:
        return False  # the kernel takes it from nobody who lives

    async def is_gone(self, owner: str) -> bool:
        if self._descriptor is None:
            raise AssertionError("not entered")
        found = fcntl.fcntl(self._descriptor, fcntl.F_OFD_GETLK, _byte_of(owner))
        kind: int = struct.unpack(_FLOCK, found)[0]
        return kind == fcntl.F_UNLCK

    def leave(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)  # and with it the locks
            self._descriptor = None

    def _locked(self, kind: int) -> bool:
        if self._descriptor is None:
            raise AssertionError("not entered")
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


_FLOCK: Final = "hhqqi"  # struct flock: l_type, l_whence, l_start, l_len, l_pid


def _byte_of(owner: str) -> bytes:
    """A write lock on one of 2**62 bytes, none of which need be there."""
    digest = int.from_bytes(blake2b(owner.encode(), digest_size=8).digest(), "big")
    return struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, digest >> 2, 1, 0)

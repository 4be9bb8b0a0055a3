"""Leases of the dead are free at once; leases of the living stay theirs."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.store.samples import NOW, StoppedClock, claim, creation

from ndc_oms.ports.store import Busy, Fresh, LeaseTasks, Replay, Task
from ndc_oms.store.presence import FilePresence
from ndc_oms.store.sql_store import SqlStore, open_store


async def lease(store: SqlStore, owner: str) -> tuple[Task, ...]:
    return await store.write(LeaseTasks(owner, NOW, NOW + timedelta(seconds=30), 10))


@pytest.fixture
async def other(url: str, clock: StoppedClock) -> AsyncIterator[SqlStore]:
    """Another process's store on the same file."""
    opened = await open_store(url, clock=clock)
    yield opened
    await opened.close()


async def leased_by_the_dead(store: SqlStore) -> None:
    """A key without an order, a key with one, and a task, all leased by whoever is gone now."""
    await store.write(claim("k1"))
    await store.write(claim("k2", "ZZ0000000002"))
    await store.write(creation("ZZ0000000002"))
    assert len(await lease(store, "dead")) == 1


async def test_who_is_alone_frees_what_the_dead_had(store: SqlStore, other: SqlStore) -> None:
    await leased_by_the_dead(store)
    await other.begin_work()
    (task,) = await lease(other, "alive")
    assert task.attempts == 2  # so the other side is asked before anything is sent again
    taken = await other.write(claim("k1", "ZZ0000000009", offer_id="offer-ZZ0000000001"))
    assert taken == Fresh("ZZ0000000001", taken_over=True)
    assert await other.write(claim("k2", "ZZ0000000008")) == Replay("ZZ0000000002", None)


async def test_leases_of_the_living_stay_theirs(store: SqlStore, other: SqlStore) -> None:
    await store.begin_work()
    await leased_by_the_dead(store)
    await other.begin_work()
    assert await lease(other, "second") == ()
    assert await other.write(claim("k1", "ZZ0000000009")) == Busy()


async def test_who_leaves_is_not_at_work_any_more(
    url: str, clock: StoppedClock, other: SqlStore
) -> None:
    first = await open_store(url, clock=clock)
    await first.begin_work()
    await leased_by_the_dead(first)
    await first.close()
    await other.begin_work()
    assert len(await lease(other, "second")) == 1


async def test_while_one_frees_the_others_wait(tmp_path: Path) -> None:
    path = tmp_path / "db.present"
    first, second, order = FilePresence(str(path)), FilePresence(str(path)), []

    async def slowly() -> None:
        order.append("freeing")
        await asyncio.sleep(0.05)
        order.append("freed")

    async def not_alone() -> None:
        order.append("wrong")

    await asyncio.gather(first.enter(slowly), second.enter(not_alone))
    assert order == ["freeing", "freed"]
    third = os.open(path, os.O_RDWR)
    with pytest.raises(BlockingIOError):
        fcntl.flock(third, fcntl.LOCK_EX | fcntl.LOCK_NB)
    first.leave()
    second.leave()
    second.leave()
    fcntl.flock(third, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(third)


async def test_a_failure_to_free_leaves_nothing_entered(tmp_path: Path) -> None:
    async def failing() -> None:
        raise OSError("disk full")

    async def nothing() -> None:
        """Nobody's leases."""

    path = str(tmp_path / "db.present")
    with pytest.raises(OSError, match="disk full"):
        await FilePresence(path).enter(failing)
    again = FilePresence(path)
    await again.enter(nothing)
    again.leave()

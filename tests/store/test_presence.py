"""Leases of the dead are free at once; leases of the living stay theirs."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.patience import PATIENCE_S
from tests.store import raw
from tests.store.samples import NOW, StoppedClock, claim, creation, record

from ndc_oms.model.events import PaymentAuthorised
from ndc_oms.ports.store import (
    Busy,
    Fresh,
    LeaseLost,
    LeaseTasks,
    PostponeTask,
    Replay,
    Task,
)
from ndc_oms.store.postgresql_presence import PostgresqlPresence
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
    await other.begin_work("other")
    (task,) = await lease(other, "alive")
    assert task.attempts == 2  # so the other side is asked before anything is sent again
    taken = await other.write(claim("k1", "ZZ0000000009", offer_id="offer-ZZ0000000001"))
    assert taken == Fresh("ZZ0000000001", taken_over=True)
    assert await other.write(claim("k2", "ZZ0000000008")) == Replay("ZZ0000000002", None)


async def test_leases_of_the_living_stay_theirs(store: SqlStore, other: SqlStore) -> None:
    await store.begin_work("dead")
    await leased_by_the_dead(store)
    await other.begin_work("other")
    assert await lease(other, "second") == ()
    assert await other.write(claim("k1", "ZZ0000000009")) == Busy()


async def test_who_leaves_is_not_at_work_any_more(
    url: str, clock: StoppedClock, other: SqlStore
) -> None:
    first = await open_store(url, clock=clock)
    await first.begin_work("first")
    await leased_by_the_dead(first)
    await first.close()
    await other.begin_work("other")
    assert len(await lease(other, "second")) == 1


async def as_a_living_worker_has(store: SqlStore, owner: str) -> None:
    """Two keys and a task, all leased by this name."""
    await store.write(claim("k1", owner=owner))
    await store.write(claim("k2", "ZZ0000000002", owner=owner))
    await store.write(creation("ZZ0000000002"))
    assert len(await lease(store, owner)) == 1


async def seen_gone(store: SqlStore) -> tuple[str, ...]:
    """Whom the store's watch finds gone; a server hears a moment later that a connection ended."""
    async with asyncio.timeout(PATIENCE_S):
        while not (gone := await store.watch.look()):
            await asyncio.sleep(0.01)
    return gone


async def test_what_one_had_who_died_among_others_is_free(store: SqlStore, other: SqlStore) -> None:
    """The clock stands still: no lease has run out."""
    await store.begin_work("first")
    await other.begin_work("second")
    await as_a_living_worker_has(store, "first")
    assert await other.watch.look() == ()
    assert await lease(other, "second") == ()
    assert await other.write(claim("k1", "ZZ0000000009")) == Busy()

    store._presence.leave()  # as the kernel, or the server, does it for the dead
    assert await seen_gone(other) == ("first",)
    (task,) = await lease(other, "second")
    assert task.attempts == 2
    taken = await other.write(claim("k1", "ZZ0000000009", offer_id="offer-ZZ0000000001"))
    assert taken == Fresh("ZZ0000000001", taken_over=True)
    assert await other.write(claim("k2", "ZZ0000000008")) == Replay("ZZ0000000002", None)
    assert await other.watch.look() == ()  # it is buried once


async def test_only_the_dead_lose_anything(
    url: str, clock: StoppedClock, store: SqlStore, other: SqlStore
) -> None:
    third = await open_store(url, clock=clock)
    try:
        for at, each in enumerate((store, other, third)):
            await each.begin_work(f"w{at}")
        await as_a_living_worker_has(store, "w0")
        third._presence.leave()
        assert await seen_gone(other) == ("w2",)
        assert await lease(other, "w1") == ()
        assert await other.write(claim("k1", "ZZ0000000009")) == Busy()
    finally:
        await third.close()


async def test_who_was_taken_for_dead_and_lives_does_nothing_twice(
    store: SqlStore, other: SqlStore
) -> None:
    """Its task is fenced by the attempt that it was leased at."""
    await store.begin_work("first")
    await other.begin_work("second")
    await as_a_living_worker_has(store, "first")
    store._presence.leave()
    await seen_gone(other)
    (task,) = await lease(other, "second")
    later = NOW + timedelta(hours=1)
    await store.write(PostponeTask(task.key, later, "by the first", attempt=1))
    (kept,) = await store.list_tasks(None)
    assert (kept.due_at, kept.attempts, kept.last_error) == (task.due_at, 2, "")
    made = PaymentAuthorised(at=later, payment_id="M1", authorisation="A1")
    unit = record(creation("ZZ0000000002").order, [made], done_task=task.key, done_attempt=1)
    with pytest.raises(LeaseLost):
        await store.write(unit)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_who_lost_only_its_connection_marks_itself_again(
    url: str, store: SqlStore, other: SqlStore
) -> None:
    await store.begin_work("first")
    await other.begin_work("second")
    presence = store._presence
    assert isinstance(presence, PostgresqlPresence)
    assert presence._connection is not None
    await raw.rows(url, f"SELECT pg_terminate_backend({presence._connection.get_server_pid()})")
    while not presence._connection.is_closed():
        await asyncio.sleep(0.01)
    assert await seen_gone(other) == ("first",)
    assert await store.watch.look() == ()
    await as_a_living_worker_has(store, "first")
    assert await other.watch.look() == ()
    assert await lease(other, "second") == ()


async def test_while_one_frees_the_others_wait(tmp_path: Path) -> None:
    path = tmp_path / "db.present"
    first, second, order = FilePresence(str(path)), FilePresence(str(path)), []

    async def slowly() -> None:
        order.append("freeing")
        await asyncio.sleep(0.05)
        order.append("freed")

    async def not_alone() -> None:
        order.append("wrong")

    await asyncio.gather(first.enter("first", slowly), second.enter("second", not_alone))
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
        await FilePresence(path).enter("one", failing)
    again = FilePresence(path)
    await again.enter("one", nothing)
    again.leave()

"""Due tasks: one owner at a time, oldest first, never lost."""

import asyncio
from datetime import timedelta

from tests.store.samples import NOW, creation, task

from ndc_oms.ports.store import DropTask, LeaseTasks, PostponeTask
from ndc_oms.store.sql_store import SqlStore

LATER = NOW + timedelta(seconds=31)


def lease(owner: str = "w1", now: object = NOW, limit: int = 10) -> LeaseTasks:
    assert isinstance(now, type(NOW))
    return LeaseTasks(owner, now, now + timedelta(seconds=30), limit)


async def fill(store: SqlStore, count: int) -> list[str]:
    """Tasks, the last one due first."""
    keys = []
    for n in range(count):
        unit = creation(f"ZZ{n:010d}")
        due = task(unit.order.order_id, due_at=NOW - timedelta(seconds=n))
        await store.write(type(unit)(unit.order, 0, unit.events, unit.transactions, next_task=due))
        keys.insert(0, due.key)
    return keys


async def test_due_tasks_come_oldest_first_up_to_the_limit(store: SqlStore) -> None:
    keys = await fill(store, 4)
    leased = await store.write(lease(limit=3))
    assert [each.key for each in leased] == keys[:3]
    assert {each.attempts for each in leased} == {1}


async def test_a_leased_task_is_nobody_elses_until_the_lease_ends(store: SqlStore) -> None:
    await fill(store, 1)
    assert len(await store.write(lease("w1"))) == 1
    assert await store.write(lease("w2")) == ()
    (again,) = await store.write(lease("w2", LATER))
    assert again.attempts == 2


async def test_what_is_not_due_waits(store: SqlStore) -> None:
    (key,) = await fill(store, 1)
    await store.write(lease())
    await store.write(PostponeTask(key, LATER, "no answer", parked=True))
    assert await store.write(lease(now=LATER - timedelta(microseconds=1))) == ()
    (parked,) = await store.write(lease(now=LATER))
    assert (parked.attempts, parked.parked, parked.last_error) == (2, True, "no answer")


async def test_a_dropped_task_is_gone(store: SqlStore) -> None:
    (key,) = await fill(store, 1)
    await store.write(DropTask(key))
    await store.write(PostponeTask(key, LATER, "too late"))
    assert await store.write(lease()) == ()
    assert await store.list_tasks(None) == []


async def test_no_task_is_leased_twice_by_many_at_once(store: SqlStore) -> None:
    keys = await fill(store, 12)
    leases = [store.write(lease(f"w{n}", limit=2)) for n in range(8)]
    taken = [each.key for answer in await asyncio.gather(*leases) for each in answer]
    assert sorted(taken) == sorted(keys)

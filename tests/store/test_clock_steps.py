"""The machine's clock is set back or ahead: leases that seem to run on for an hour are over, what
waits for another try does not wait for as long again, and nothing is due before its time.
"""

from datetime import datetime, timedelta

import pytest
from tests.store.samples import NOW, StoppedClock, claim, creation, task

from ndc_oms.model.step import Step
from ndc_oms.ports.store import (
    LONGEST_LEASE,
    Busy,
    Fresh,
    HurryTasks,
    LeaseTasks,
    OfferUsed,
    PostponeTask,
    Task,
)
from ndc_oms.store.sql_store import SqlStore

LEASE = timedelta(seconds=30)
LONG_AGO = NOW - timedelta(days=1)
HOUR = timedelta(hours=1)


async def lease(store: SqlStore, owner: str, now: datetime) -> tuple[Task, ...]:
    return await store.write(LeaseTasks(owner, now, now + LEASE, 10))


async def one_task(store: SqlStore, order_id: str = "ZZ0000000001") -> Task:
    """Long due."""
    due = task(order_id, due_at=LONG_AGO)
    made = creation(order_id)
    await store.write(
        type(made)(made.order, 0, made.events, made.transactions, made.people, next_task=due)
    )
    return due


async def test_a_lease_of_before_a_step_back_is_over(store: SqlStore) -> None:
    await one_task(store)
    assert len(await lease(store, "lost", NOW)) == 1
    (again,) = await lease(store, "second", NOW - HOUR)
    assert again.attempts == 2  # so the other side is asked first


async def test_a_lease_stands_where_clocks_differ_a_little(store: SqlStore) -> None:
    """Machines that share a database need not agree to the second."""
    await one_task(store)
    assert len(await lease(store, "first", NOW)) == 1
    for behind in (timedelta(0), timedelta(seconds=2), LONGEST_LEASE - LEASE):
        assert await lease(store, "second", NOW - behind) == ()


async def test_a_step_ahead_ends_a_lease_and_the_task_is_fenced(store: SqlStore) -> None:
    due = await one_task(store)
    assert len(await lease(store, "first", NOW)) == 1
    (again,) = await lease(store, "second", NOW + HOUR)
    await store.write(PostponeTask(due.key, NOW + 9 * HOUR, "late", attempt=1))
    (kept,) = await store.list_tasks(None)
    assert (kept.due_at, kept.attempts) == (LONG_AGO, again.attempts)


async def test_a_key_that_was_claimed_before_a_step_back_can_be_taken_over(
    store: SqlStore, clock: StoppedClock
) -> None:
    mine = claim("k1")
    await store.write(mine)
    assert await store.write(claim("k1", now=NOW - LEASE)) == Busy()
    assert await store.find_claim(mine.seller, "k1") == Busy()
    clock.at = NOW - HOUR
    assert await store.find_claim(mine.seller, "k1") is None
    assert await store.write(claim("k1", now=clock.at)) == Fresh("ZZ0000000001", taken_over=True)


async def test_an_offer_that_was_claimed_before_a_step_back_is_free(store: SqlStore) -> None:
    offer = "offer-ZZ0000000001"
    await store.write(claim("k1"))
    assert await store.write(claim("k2", "ZZ0000000002", offer_id=offer)) == OfferUsed()
    other = claim("k2", "ZZ0000000002", NOW - HOUR, offer_id=offer)
    assert await store.write(other) == Fresh("ZZ0000000002")


@pytest.mark.parametrize("tried", [True, False])
async def test_what_was_tried_is_tried_at_once_and_promises_are_kept(
    store: SqlStore, tried: bool
) -> None:
    """A hold's limit is a promise to a traveller: no clock that was set back brings it forward."""
    made = creation("ZZ0000000001")
    limit = task(made.order.order_id, Step.EXPIRE, NOW + timedelta(seconds=1))
    await store.write(type(made)(made.order, 0, made.events, made.transactions, next_task=limit))
    if tried:
        await lease(store, "first", limit.due_at)
        await store.write(PostponeTask(limit.key, limit.due_at + LEASE, "no answer", attempt=1))
    await store.write(HurryTasks(NOW - HOUR))
    leased = await lease(store, "first", NOW - HOUR)
    assert [each.attempts for each in leased] == ([2] if tried else [])

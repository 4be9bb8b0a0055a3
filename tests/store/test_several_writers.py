"""Several processes' writers on one database: what one decides, the others respect."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.store.samples import NOW, StoppedClock, claim, creation, life, order, record

from ndc_oms.errors import Conflict
from ndc_oms.ports.store import Busy, Fresh, LeaseTasks, OfferUsed, RecordOrder
from ndc_oms.store.sql_store import SqlStore, open_store
from ndc_oms.store.verify import verify

IDS = [f"ZZ{n:010d}" for n in range(24)]


@pytest.fixture
async def stores(url: str, clock: StoppedClock) -> AsyncIterator[list[SqlStore]]:
    opened = [await open_store(url, clock=clock) for _ in range(3)]
    yield opened
    for store in opened:
        await store.close()


async def test_one_key_is_claimed_once(stores: list[SqlStore]) -> None:
    answers = await asyncio.gather(
        *(stores[n % 3].write(claim(order_id=f"ZZ{n:010d}", offer_id="o1")) for n in range(48))
    )
    assert sum(isinstance(answer, Fresh) for answer in answers) == 1
    assert answers.count(Busy()) == 47


async def test_one_offer_is_claimed_once(stores: list[SqlStore]) -> None:
    answers = await asyncio.gather(
        *(stores[n % 3].write(claim(f"k{n}", f"ZZ{n:010d}", offer_id="o1")) for n in range(48))
    )
    assert sum(isinstance(answer, Fresh) for answer in answers) == 1
    assert answers.count(OfferUsed()) == 47


async def test_one_task_is_leased_once(stores: list[SqlStore]) -> None:
    for order_id in IDS:
        await stores[0].write(creation(order_id))
    until = NOW + timedelta(seconds=30)
    leases = [stores[n % 3].write(LeaseTasks(f"w{n}", NOW, until, 3)) for n in range(30)]
    taken = [each.order_id for answer in await asyncio.gather(*leases) for each in answer]
    assert sorted(taken) == IDS


async def test_one_order_is_made_once(stores: list[SqlStore]) -> None:
    answers = await asyncio.gather(
        *(store.write(creation(each)) for store in stores for each in IDS), return_exceptions=True
    )
    assert answers.count(None) == len(IDS)
    assert all(isinstance(answer, Conflict) for answer in answers if answer is not None)


async def test_changes_in_opposite_orders_end(stores: list[SqlStore], url: str) -> None:
    """Each process changes every order, one forwards and one backwards: whoever gets into the
    other's way comes again, and each change is made by one of them.
    """
    lives = [life(order(each), serial=10 * n + 1) for n, each in enumerate(IDS)]
    made = [record(None, events[:1]) for events in lives]
    await asyncio.gather(*(stores[0].write(unit) for unit in made))
    changes: list[RecordOrder] = [
        record(unit.order, events[1:2]) for unit, events in zip(made, lives, strict=True)
    ]
    answers = await asyncio.gather(
        *(stores[0].write(change) for change in changes),
        *(stores[1].write(change) for change in reversed(changes)),
        *(stores[2].write(change) for change in changes[::2] + changes[1::2]),
        return_exceptions=True,
    )
    assert answers.count(None) == len(IDS)
    assert all(isinstance(answer, Conflict) for answer in answers if answer is not None)
    # I20 asks for tasks, which these orders were made without
    assert [each for each in await verify(url) if "I20" not in each] == []

"""The store of simulations: the house's own units and statements, and processes that die."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from tests.store.samples import SELLER, StoppedClock, claim, creation

from ndc_oms.errors import Conflict
from ndc_oms.kit.simulation.timeline import Timeline
from ndc_oms.ports.store import Busy, Fresh
from ndc_oms.store.in_memory import MemoryDatabase, MemoryStore
from ndc_oms.store.verify import verify_at_rest

ORDER = "ZZ0000000001"


@pytest.fixture
def database() -> Iterator[MemoryDatabase]:
    made = MemoryDatabase()
    yield made
    made.close()


def store_on(database: MemoryDatabase, pause_s: float = 0.001) -> MemoryStore:
    return MemoryStore(database, StoppedClock(), lambda: pause_s)


async def test_what_is_written_is_read_by_another_process(database: MemoryDatabase) -> None:
    await store_on(database).write(creation())
    record = await store_on(database).get_order(ORDER, SELLER)
    assert record.order.order_id == ORDER
    assert [order.order_id for order in database.orders()] == [ORDER]
    assert [task.order_id for task in database.tasks()] == [ORDER]


async def test_units_that_come_together_are_one_batch_and_fail_alone(
    database: MemoryDatabase,
) -> None:
    store = store_on(database)
    first, twin = await asyncio.gather(
        store.write(creation()), store.write(creation()), return_exceptions=True
    )
    assert first is None
    assert isinstance(twin, Conflict)
    claims = await asyncio.gather(store.write(claim()), store.write(claim(order_id="ZZ2")))
    assert claims == [Fresh(ORDER), Busy()]


def test_who_dies_before_the_commit_wrote_nothing(database: MemoryDatabase) -> None:
    async def die() -> None:
        store = store_on(database, pause_s=5.0)
        writing = asyncio.ensure_future(store.write(creation()))
        await asyncio.sleep(1.0)
        store.die()
        await asyncio.sleep(20.0)
        assert database.orders() == []
        assert not writing.done()
        writing.cancel()

    at_once(die())


def test_who_dies_after_the_commit_wrote_and_is_never_answered(database: MemoryDatabase) -> None:
    async def die() -> None:
        store = store_on(database, pause_s=5.0)
        writing = asyncio.ensure_future(store.write(creation()))
        await asyncio.sleep(6.0)
        assert len(database.orders()) == 1
        store.die()
        await asyncio.sleep(20.0)
        assert not writing.done()
        writing.cancel()

    at_once(die())


def at_once(work: Coroutine[Any, Any, None]) -> None:
    loop = Timeline()
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()


async def test_it_is_verified_at_rest(database: MemoryDatabase) -> None:
    await store_on(database).write(creation())
    assert await verify_at_rest(database.look) == []
    database.connection.execute("UPDATE orders SET version = 7")
    assert any("I6" in finding for finding in await verify_at_rest(database.look))


async def test_its_contents_are_every_byte(database: MemoryDatabase) -> None:
    await store_on(database).write(creation())
    assert ORDER.encode() in database.contents()

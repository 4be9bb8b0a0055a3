"""The loop of simulations: time that jumps, processes that die."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ndc_oms.kit.simulation.timeline import Process, Timeline, begin_alone


@pytest.fixture
def timeline() -> Iterator[Timeline]:
    loop = Timeline()
    yield loop
    loop.close()


def run(loop: Timeline, work: Coroutine[Any, Any, Any]) -> Any:
    return loop.run_until_complete(work)


def test_a_week_goes_by_at_once(timeline: Timeline) -> None:
    run(timeline, asyncio.sleep(7 * 86400.0))
    assert timeline.time() == pytest.approx(7 * 86400.0)


def test_things_happen_in_the_order_of_their_time(timeline: Timeline) -> None:
    seen: list[int] = []

    async def at(second: int) -> None:
        await asyncio.sleep(second)
        seen.append(second)

    async def all_of_them() -> None:
        await asyncio.gather(*(at(second) for second in (30, 10, 20)))

    run(timeline, all_of_them())
    assert seen == [10, 20, 30]


def test_who_waits_for_nothing_is_told(timeline: Timeline) -> None:
    with pytest.raises(RuntimeError, match="never comes"):
        run(timeline, asyncio.Event().wait())


def test_a_process_dies_with_all_that_it_began(timeline: Timeline) -> None:
    done: list[str] = []

    async def write(name: str) -> None:
        await asyncio.sleep(5.0)
        done.append(name)

    async def begin_more() -> None:
        begin_alone(write("on its way"))
        asyncio.get_running_loop().create_task(write("of the process"))
        await write("the process itself")

    async def live() -> None:
        process = Process()
        process.begin(begin_more())
        await asyncio.sleep(1.0)
        await process.kill()
        await asyncio.sleep(10.0)

    run(timeline, live())
    assert done == ["on its way"]


def test_a_patient_one_waits_for_the_world_outside() -> None:
    loop, outside = Timeline(patient=True), ThreadPoolExecutor(1)

    async def ask() -> str:
        with loop.outside():
            return await loop.run_in_executor(outside, lambda: "answered")

    async def hurried() -> str:
        async with asyncio.timeout(3000.0):  # far off, unless time jumps
            return await ask()

    try:
        assert loop.run_until_complete(hurried()) == "answered"
        assert loop.time() < 3000.0
    finally:
        outside.shutdown()
        loop.close()

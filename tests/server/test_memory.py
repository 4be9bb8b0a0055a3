"""When the collector looks."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest
from tests.patience import PATIENCE_S

from ndc_oms.server import memory
from ndc_oms.server.memory import collect_now_and_then


class _Node:
    """Refers to itself, so that only the collector finds that nobody else does."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def lost() -> Iterator[weakref.ref[_Node]]:
    """What nobody refers to, and nobody but the test lets the collector find."""
    gc.disable()
    yield weakref.ref(_Node())
    gc.enable()


async def test_it_looks_at_what_is_new(lost: weakref.ref[_Node]) -> None:
    assert lost() is not None
    looking = asyncio.create_task(collect_now_and_then(lambda: False, every_s=0.01))
    await _found(lost)
    looking.cancel()


async def test_it_waits_while_requests_are_at_work(
    lost: weakref.ref[_Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "PATIENCE_S", PATIENCE_S)
    busy, asked = [True], asyncio.Event()

    def is_busy() -> bool:
        asked.set()
        return busy[0]

    looking = asyncio.create_task(collect_now_and_then(is_busy, every_s=0.0))
    await asyncio.wait_for(asked.wait(), PATIENCE_S)
    assert lost() is not None
    busy[0] = False
    await _found(lost)
    looking.cancel()


async def test_but_not_for_ever(lost: weakref.ref[_Node], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "PATIENCE_S", 0.05)
    looking = asyncio.create_task(collect_now_and_then(lambda: True, every_s=0.0))
    await _found(lost)
    looking.cancel()


async def _found(lost: weakref.ref[_Node]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while lost() is not None:
            await asyncio.sleep(0.01)


async def test_what_outlived_a_look_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    monkeypatch.setattr(memory, "OLDER", 3)
    monkeypatch.setattr(gc, "collect", looks.append)
    looking = asyncio.create_task(collect_now_and_then(lambda: False, every_s=0.0))
    async with asyncio.timeout(PATIENCE_S):
        while len(looks) < 6:
            await asyncio.sleep(0.001)
    looking.cancel()
    assert looks[:6] == [0, 0, 1, 0, 0, 1]


def test_the_heap_is_kept_and_asked_for_in_large_pages() -> None:
    memory.keep_heap()
    (heap,) = memory._heaps()
    assert heap[1] >= memory._AHEAD

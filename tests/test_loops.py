"""The loop of the tests: a stall is no time, and a pause is one."""

import asyncio
import time

import pytest


async def test_a_stall_ends_no_limit() -> None:
    """What came meanwhile is looked at first, as on a machine that never stood still."""
    come = asyncio.Event()
    async with asyncio.timeout(0.5):
        asyncio.get_running_loop().call_later(0.01, come.set)
        time.sleep(0.6)  # the machine stands still, and all of us with it
        await come.wait()


async def test_work_in_a_thread_that_takes_long_ends_none_either() -> None:
    async with asyncio.timeout(0.5):
        for _ in range(30):
            await asyncio.to_thread(time.sleep, 0.02)  # 0.6 s in all


async def test_a_pause_is_as_long_as_it_is_meant_to_be() -> None:
    began = time.monotonic()
    await asyncio.sleep(0.2)
    assert time.monotonic() - began >= 0.19


async def test_who_waits_in_vain_is_told_so() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await asyncio.Event().wait()

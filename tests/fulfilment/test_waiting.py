"""Who waits for an order is told by its reply: nothing falls between reply and push."""

import asyncio

import pytest

from ndc_oms.fulfilment.waiting import Waiting

ORDER = "XX2222222222"


async def test_a_request_answers_for_what_is_recorded_while_it_waits() -> None:
    waiting = Waiting()
    async with waiting.recording(ORDER) as answered:
        assert not answered
    async with waiting.request(ORDER):
        async with waiting.recording(ORDER) as answered:
            assert answered
        async with waiting.recording("XX3333333333") as answered:
            assert not answered
    async with waiting.recording(ORDER) as answered:
        assert not answered


async def test_two_requests_answer_until_the_last_one_leaves() -> None:
    waiting = Waiting()
    async with waiting.request(ORDER):
        async with waiting.request(ORDER):
            pass
        async with waiting.recording(ORDER) as answered:
            assert answered


async def test_a_request_does_not_leave_before_what_it_answers_for_is_on_disk() -> None:
    waiting, written, left = Waiting(), asyncio.Event(), asyncio.Event()

    async def write() -> bool:
        async with waiting.recording(ORDER) as answered:
            await written.wait()
            return answered

    async def request() -> None:
        async with waiting.request(ORDER):
            recording.append(asyncio.create_task(write()))
            await asyncio.sleep(0)
        left.set()

    recording: list[asyncio.Task[bool]] = []
    leaving = asyncio.create_task(request())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not left.is_set()
    written.set()
    await leaving
    assert await recording[0]


async def test_what_is_recorded_while_a_request_leaves_is_pushed_or_seen() -> None:
    """Whoever comes while it waits for another recording is not answered by it."""
    waiting, first_done = Waiting(), asyncio.Event()
    answered: list[bool] = []

    async def write(done: asyncio.Event | None) -> None:
        async with waiting.recording(ORDER) as here:
            answered.append(here)
            if done is not None:
                await done.wait()

    async with waiting.request(ORDER):
        first = asyncio.create_task(write(first_done))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.01, first_done.set)
    await first
    await write(None)
    assert answered == [True, False]


async def test_a_request_that_fails_leaves_as_well() -> None:
    waiting = Waiting()
    try:
        async with waiting.request(ORDER):
            raise TimeoutError
    except TimeoutError:
        pass
    async with waiting.recording(ORDER) as answered:
        assert not answered


async def test_a_request_that_is_cancelled_while_it_leaves_is_gone() -> None:
    waiting = Waiting()

    async def ask() -> None:
        async with waiting.request(ORDER):
            await asyncio.sleep(0)

    async with waiting.request(ORDER), waiting.recording(ORDER):
        leaving = asyncio.create_task(ask())
        for _ in range(5):  # it came, and waits to leave until this is recorded
            await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
    async with waiting.recording(ORDER) as answered:
        assert not answered

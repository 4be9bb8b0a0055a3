"""What each fault does to a call: what the caller hears, what the other side did, and when."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from random import Random
from typing import Any

import pytest

from ndc_oms.kit.simulation.line import Line
from ndc_oms.kit.simulation.timeline import Process, Timeline
from ndc_oms.kit.simulation.trace import Trace
from ndc_oms.kit.simulation.weather import Fault, Weather
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown

Play = Callable[[], Awaitable[Any]]


class Side:
    """Counts what it is asked to do."""

    def __init__(self) -> None:
        self.done: list[float] = []

    async def act(self) -> Outcome[str]:
        self.done.append(asyncio.get_running_loop().time())
        return Confirmed("made")


class OneFault(Weather):
    """The first call meets it, the others none."""

    def __init__(self, fault: Fault | None) -> None:
        super().__init__(Random(1))
        self.fault = fault

    def draw(self, side: str, *, changes: bool) -> Fault | None:  # noqa: ARG002  # as Weather's
        fault, self.fault = self.fault, None
        return fault


@pytest.fixture
def loop() -> Iterator[Timeline]:
    timeline = Timeline()
    yield timeline
    timeline.close()


@pytest.mark.parametrize(
    ("fault", "heard", "times"),
    [
        (None, Confirmed("made"), 1),
        (Fault.REFUSED, Rejected, 0),
        (Fault.BUSY, Rejected, 0),
        (Fault.LOST, Unknown, 0),
        (Fault.REPLY_LOST, Unknown, 1),
        (Fault.GARBAGE, Unknown, 1),
        (Fault.TWICE, Confirmed("made"), 2),
        (Fault.SLOW, Confirmed("made"), 1),
        (Fault.LATE, Unknown, 1),
    ],
)
def test_what_is_heard_and_what_is_done(
    loop: Timeline, fault: Fault | None, heard: Any, times: int
) -> None:
    side = Side()

    async def call() -> Outcome[str]:
        line = Line("side", OneFault(fault), Trace(), sure=False)
        outcome = await line.change("act", "R1", side.act)
        await asyncio.sleep(200.0)
        return outcome

    outcome = loop.run_until_complete(call())
    assert outcome == heard if isinstance(heard, Confirmed) else isinstance(outcome, heard)
    assert len(side.done) == times


def test_refused_is_final_and_busy_is_not(loop: Timeline) -> None:
    async def call(fault: Fault) -> Outcome[str]:
        line = Line("side", OneFault(fault), Trace(), sure=False)
        return await line.change("act", "R1", Side().act)

    refused = loop.run_until_complete(call(Fault.REFUSED))
    busy = loop.run_until_complete(call(Fault.BUSY))
    assert isinstance(refused, Rejected)
    assert isinstance(busy, Rejected)
    assert (refused.final, busy.final) == (True, False)


def test_what_comes_late_comes_after_whoever_asked_gave_up(loop: Timeline) -> None:
    side = Side()

    async def call() -> None:
        line = Line("side", OneFault(Fault.LATE), Trace(), sure=False)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(12.0):
                await line.change("act", "R1", side.act)
        assert side.done == []
        await asyncio.sleep(200.0)

    loop.run_until_complete(call())
    assert len(side.done) == 1
    assert side.done[0] > 12.0


def test_what_is_on_its_way_arrives_though_its_sender_died(loop: Timeline) -> None:
    side = Side()

    async def call() -> None:
        line = Line("side", OneFault(None), Trace(), sure=False)
        process = Process()
        process.begin(line.change("act", "R1", side.act))
        await asyncio.sleep(0.0001)
        await process.kill()
        assert side.done == []
        await asyncio.sleep(1.0)

    loop.run_until_complete(call())
    assert len(side.done) == 1


@pytest.mark.parametrize(("sure", "heard"), [(True, Unknown), (False, Confirmed)])
def test_a_sure_side_does_not_deny_what_is_on_its_way(
    loop: Timeline, sure: bool, heard: type
) -> None:
    async def nothing() -> Outcome[str | None]:
        return Confirmed(None)

    async def call() -> tuple[Outcome[Any], Outcome[Any]]:
        line = Line("side", OneFault(Fault.LATE), Trace(), sure=sure)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5.0):
                await line.change("act", "R1", Side().act)
        meanwhile = await line.find("R1", nothing)
        await asyncio.sleep(200.0)
        return meanwhile, await line.find("R1", nothing)

    meanwhile, afterwards = loop.run_until_complete(call())
    assert isinstance(meanwhile, heard)
    assert afterwards == Confirmed(None)


@pytest.mark.parametrize(("sure", "heard"), [(True, Unknown), (False, Confirmed)])
def test_a_copy_is_on_its_way_too(loop: Timeline, sure: bool, heard: type) -> None:
    """What was refused once may be done by the copy that comes later (seed 221 met it)."""

    async def nothing() -> Outcome[str | None]:
        return Confirmed(None)

    async def call() -> tuple[Outcome[Any], Outcome[Any]]:
        side = Side()
        line = Line("side", OneFault(Fault.TWICE), Trace(), sure=sure)
        await line.change("act", "R1", side.act)
        assert len(side.done) == 1
        meanwhile = await line.find("R1", nothing)
        await asyncio.sleep(200.0)
        assert len(side.done) == 2
        return meanwhile, await line.find("R1", nothing)

    meanwhile, afterwards = loop.run_until_complete(call())
    assert isinstance(meanwhile, heard)
    assert afterwards == Confirmed(None)

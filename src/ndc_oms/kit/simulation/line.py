"""The line to another side: a call travels, arrives, is answered, and any of it may go wrong.

What is on its way goes on without whoever sent it: a caller that gave up, or died, hears nothing,
and the other side may do it all the same.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from ndc_oms.kit.simulation.timeline import Timeline, begin_alone
from ndc_oms.kit.simulation.trace import Trace
from ndc_oms.kit.simulation.weather import Fault, Weather
from ndc_oms.ports.outcome import Outcome, Rejected, Unknown

T = TypeVar("T")
Send = Callable[[], Awaitable[Outcome[T]]]

_QUICK_S: Final = (0.001, 0.04)
_SLOW_S: Final = (1.0, 11.0)
_LATE_S: Final = (13.0, 90.0)  # longer than any caller waits
_SILENCE_S: Final = 20.0  # until the adapter itself says that it heard nothing
_NO_REPLY: Final = Unknown("no reply")


class Line:
    """side: its name. sure: asked about a call that is still on its way, the other side says that
    it does not know, as one must of whom `find` is believed when it denies; without it, it denies.
    """

    def __init__(self, side: str, weather: Weather, trace: Trace, *, sure: bool) -> None:
        self._side = side
        self._weather = weather
        self._trace = trace
        self._sure = sure
        self._on_its_way: Counter[str] = Counter()

    async def change(self, verb: str, reference: str, send: Send[T]) -> Outcome[T]:
        fault = self._weather.draw(self._side, changes=True)
        return await self._through(f"{verb} {reference}", fault, reference, send)

    async def ask(self, verb: str, send: Send[T]) -> Outcome[T]:
        fault = self._weather.draw(self._side, changes=False)
        return await self._through(verb, fault, "", send)

    async def find(self, reference: str, send: Send[T]) -> Outcome[T]:
        if self._sure and self._on_its_way[reference]:
            return Unknown(f"{reference} is on its way")
        return await self.ask(f"find {reference}", send)

    async def _through(
        self, what: str, fault: Fault | None, reference: str, send: Send[T]
    ) -> Outcome[T]:
        if fault is not None:
            self._trace.add(self._side, f"{what}: {fault}")
        if fault in (Fault.REFUSED, Fault.BUSY):
            await asyncio.sleep(self._weather.between(*_QUICK_S))
            return Rejected("SIMULATED", f"the line says {fault}", final=fault is Fault.REFUSED)
        if fault is Fault.LOST:
            await self._silence()
            return _NO_REPLY
        self._on_its_way[reference] += 1
        travel = begin_alone(self._travel(what, fault, reference, send))
        outcome = await asyncio.shield(travel)
        if fault in (Fault.REPLY_LOST, Fault.LATE):
            await self._silence()
            return _NO_REPLY
        return Unknown("the reply cannot be read") if fault is Fault.GARBAGE else outcome

    async def _travel(
        self, what: str, fault: Fault | None, reference: str, send: Send[T]
    ) -> Outcome[T]:
        """There, done, and back, whatever becomes of whoever sent it."""
        try:
            there_s = _LATE_S if fault is Fault.LATE else _QUICK_S
            await asyncio.sleep(self._weather.between(*there_s))
            outcome = await self._done(what, send)
        finally:
            self._on_its_way[reference] -= 1
        if fault is Fault.TWICE:
            self._on_its_way[reference] += 1
            begin_alone(self._again(what, reference, send))
        back_s = _SLOW_S if fault is Fault.SLOW else _QUICK_S
        await asyncio.sleep(self._weather.between(*back_s))
        return outcome

    async def _again(self, what: str, reference: str, send: Send[T]) -> None:
        """A copy is on its way as the first one was."""
        try:
            await asyncio.sleep(self._weather.between(0.0, 30.0))
            await self._done(what, send)
        finally:
            self._on_its_way[reference] -= 1

    async def _done(self, what: str, send: Send[T]) -> Outcome[T]:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, Timeline):
            raise AssertionError("a simulation runs on a timeline")
        with loop.outside():
            outcome = await send()
        self._trace.add(self._side, f"{what} → {type(outcome).__name__}")
        return outcome

    async def _silence(self) -> None:
        """A connection that breaks is noticed at once, a message that is lost is not."""
        broken = self._weather.random.random() < 0.7
        await asyncio.sleep(self._weather.between(*_QUICK_S) if broken else _SILENCE_S)

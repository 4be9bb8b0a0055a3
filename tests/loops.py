"""The event loop of every test: time goes by on it while it waits, and hardly while it works.

A machine that is shared may stop a process for seconds at any place, or let it work at a tenth of
its pace; what waits with a limit (for a call of the PSS, for tickets, for the head of a request)
would find the limit over before it could look at what has come meanwhile. Here a stall is a moment,
and so is work that takes long, here or in a thread: only waiting in vain counts, in pieces of
`PIECE_S` at most. A pause takes as long as it is meant to or longer, never less.
"""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

PIECE_S: Final = 0.05
WORK_S: Final = 0.001  # counted between two looks at the clock, so that work, too, gets to an end


class _Waiting(selectors.DefaultSelector):
    """Knows how long it waited."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0
        self._looked = time.monotonic()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.look(WORK_S)
        ready = super().select(timeout if timeout is None else min(timeout, PIECE_S))
        in_vain = timeout is not None and not ready  # else something came, late or not
        self.look(min(timeout, PIECE_S) if timeout and in_vain else WORK_S)
        return ready

    def look(self, most_s: float) -> None:
        """So much has passed since the last look, at most."""
        now = time.monotonic()
        self.passed_s += min(now - self._looked, most_s)
        self._looked = now


class SteadyLoop(asyncio.SelectorEventLoop):
    """Its `time` begins at 0."""

    def __init__(self) -> None:
        self._waiting = _Waiting()
        super().__init__(self._waiting)

    def time(self) -> float:
        self._waiting.look(WORK_S)
        return self._waiting.passed_s


def run(work: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`."""
    with asyncio.Runner(loop_factory=SteadyLoop) as runner:
        return runner.run(work)

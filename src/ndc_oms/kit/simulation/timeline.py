"""An event loop whose time goes by only when nobody has anything to do, and then at once.

A patient one goes at the pace of the world outside while an adapter is being asked (`outside`), for
adapters that really wait for something. Tasks belong to the process that began them, so that a
process can die with all of them.
"""

import asyncio
import selectors
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

T = TypeVar("T")


class Process:
    """Its tasks, and those that they begin, end together when it dies."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[Any], None] = {}  # in the order in which they began

    def begin(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        before = _RUNNING.set(self)
        try:
            return asyncio.get_running_loop().create_task(work)
        finally:
            _RUNNING.reset(before)

    async def kill(self) -> None:
        """Ends every task where it stands."""
        while ending := list(self._tasks):
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    def own(self, task: "asyncio.Task[Any]") -> None:
        self._tasks[task] = None
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.pop(task, None)


_RUNNING: Final[ContextVar[Process | None]] = ContextVar("process", default=None)


def begin_alone(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """A task of no process: what is on its way, or done by somebody else."""
    before = _RUNNING.set(None)
    try:
        return asyncio.get_running_loop().create_task(work)
    finally:
        _RUNNING.reset(before)


class _Jumping(selectors.DefaultSelector):
    """Where nothing is ready, time jumps to the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.outside = 0  # calls of adapters that may really wait

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.outside:
            began = time.monotonic()
            ready = super().select(timeout)
            self.now_s += time.monotonic() - began
            return ready
        if timeout is None:
            raise RuntimeError("everybody waits for something that never comes")
        self.now_s += timeout
        return []


class Timeline(asyncio.SelectorEventLoop):
    """Its `time` begins at 0. patient: see above."""

    def __init__(self, *, patient: bool = False) -> None:
        self._patient = patient
        self._jumping = _Jumping()
        super().__init__(self._jumping)
        self.set_task_factory(_owned)

    def time(self) -> float:
        return self._jumping.now_s

    @contextmanager
    def outside(self) -> Iterator[None]:
        """An adapter is asked, and may wait for what this loop knows nothing of."""
        self._jumping.outside += self._patient
        try:
            yield
        finally:
            self._jumping.outside -= self._patient


def _owned(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> "asyncio.Task[Any]":
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
    process = _RUNNING.get()
    if process is not None:
        process.own(task)
    return task

"""The one writer: units of work queue up, a batch of them is one transaction and one sync.

A batch is written together, its rows gathered by table, as if no unit could fail. Where one does,
everything is taken back and the batch runs again with a savepoint for each unit: the one that
raises is undone alone, and only its caller hears of it. A caller is answered after the commit;
when the commit fails, every caller of the batch is refused and none was promised anything. The
batch runs in a thread of its own, so that the event loop never waits for the disk. Callers make
their rows beforehand: while a transaction is open, nothing happens that could happen outside it.
"""

import asyncio
import queue
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Generic, TypeVar

from ndc_oms.errors import NOTHING_DONE, Unavailable
from ndc_oms.ports.failpoint import armed, reached
from ndc_oms.ports.store import Unit
from ndc_oms.store.hand import ContendedError, Database, Hand, StorageError
from ndc_oms.store.hands import AtOnce, Gathering

T = TypeVar("T")

QUEUE_LIMIT: Final = 1024  # units that may wait; further callers wait before queueing
BATCH_LIMIT: Final = 128  # units in one transaction: bounds how long the first one waits
# Where callers come at the same time, the next of them are a moment away: waiting for them spares
# transactions and syncs. A single caller waits for nobody. With 32 clients, none at all cost a
# twentieth more CPU an order, and 2 ms a twentieth more time: then all of them wait for the writer.
LINGER_S: Final = 0.0005
TRIES: Final = 6  # of a batch that stands in another transaction's way
_UNCERTAIN: Final = "It is not certain whether it was kept; ask again with the same key."


@dataclass(frozen=True, slots=True)
class Writing:
    """How units of one kind are written.

    one: the unit's function. together: the same for several at once, where that is faster; their
    answers in order. alone: names of what no other transaction may hold while the unit is
    written, where its function decides on what it read. make: what the functions are given in
    place of the unit, made by the caller: its rows, where making them takes long.
    """

    one: Callable[[Hand, Any], Any]
    together: Callable[[Hand, Sequence[Any]], Sequence[Any]] | None = None
    alone: Callable[[Any], Iterable[str]] | None = None
    make: Callable[[Any], Any] | None = None


# Each kind of unit; batches are written in this order of kinds.
Apply = Mapping[type[Unit[Any]], Writing]


@dataclass(frozen=True, slots=True)
class Failed:
    """A unit that raised."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Made:
    """A unit as its functions take it. alone: as in Writing."""

    kind: type[Unit[Any]]
    given: Any
    alone: tuple[str, ...]


Group = Sequence[Made]  # of one kind, at least one


@dataclass(frozen=True, slots=True)
class _Job(Generic[T]):
    made: Made
    answer: "asyncio.Future[T]"
    loop: asyncio.AbstractEventLoop


class Writer:
    """Of one event loop. open_database runs in the writer's thread, at the first batch and after
    each failure.
    """

    def __init__(
        self,
        open_database: Callable[[], Database],
        apply: Apply,
        *,
        queue_limit: int = QUEUE_LIMIT,
        batch_limit: int = BATCH_LIMIT,
    ) -> None:
        self._open_database = open_database
        self._apply = apply
        self._batch_limit = batch_limit
        self._room = asyncio.Semaphore(queue_limit)
        self._coming: list[_Job[Any]] = []  # of this turn of the caller's loop
        self._queue: queue.SimpleQueue[list[_Job[Any]] | None] = queue.SimpleQueue()
        self._taken: list[_Job[Any]] = []  # from the queue, by the writer's thread
        self._ended = False  # nothing more comes
        self._closing = False
        self._is_busy = False  # the last batch had several units
        self._thread = threading.Thread(target=self._serve, name="ndc-oms-writer", daemon=True)
        self._thread.start()

    async def write(self, unit: Unit[T]) -> T:
        """The unit's answer, once it is on disk.

        Raises what the unit's function raised, or Unavailable when the database failed. A caller
        that is cancelled does not undo its unit. Its rows are made here, while the writer's thread
        waits for the disk; nobody else waits for that.
        """
        made = make(self._apply, unit)
        await self._room.acquire()
        if self._closing:
            self._room.release()
            raise Unavailable("The server is shutting down.", code="911", retry_after_s=5)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._coming.append(_Job(made, answer, loop))
        if len(self._coming) == 1:
            loop.call_soon(self._hand_over)
        return await answer

    def _hand_over(self) -> None:
        """Units of one turn of the loop go together: the thread that is woken for the first of them
        would only be in the way of whoever makes the next, and write it alone.
        """
        if self._coming:
            self._queue.put(self._coming)
            self._coming = []

    async def close(self) -> None:
        """Writes what is queued, then ends. Again: nothing."""
        if not self._closing:
            self._closing = True
            self._hand_over()
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    # -- in the writer's thread ----------------------------------------------------------------

    def _serve(self) -> None:
        database: Database | None = None
        last = False
        while not last:
            jobs, last = self._take()
            self._is_busy = len(jobs) > 1
            outcomes: Sequence[Any]
            try:
                if database is None:
                    database = self._open_database()
                outcomes = write_batch(database, self._apply, [job.made for job in jobs])
            except Exception as error:
                outcomes = [Failed(_refusal(error)) for _ in jobs]
                _abandon(database)
                database = None
            self._answer(jobs, outcomes)
        _abandon(database)

    def _take(self) -> tuple[list[_Job[Any]], bool]:
        """The next batch, and whether it is the last; waits for the first of it."""
        if not self._taken:
            self._receive(self._queue.get())
            if self._is_busy and not self._ended:
                time.sleep(LINGER_S)
        while len(self._taken) < self._batch_limit and not self._queue.empty():
            self._receive(self._queue.get())
        jobs = self._taken[: self._batch_limit]
        del self._taken[: self._batch_limit]
        return jobs, self._ended and not self._taken

    def _receive(self, jobs: list[_Job[Any]] | None) -> None:
        self._taken.extend(jobs or ())
        self._ended = self._ended or jobs is None

    def _answer(self, jobs: Sequence[_Job[Any]], outcomes: Sequence[Any]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Job[Any], Any]]] = {}
        for job, outcome in zip(jobs, outcomes, strict=True):
            by_loop.setdefault(job.loop, []).append((job, outcome))
        for loop, answers in by_loop.items():
            try:
                loop.call_soon_threadsafe(self._settle, answers)
            except RuntimeError:  # the loop is closed: nobody is left to hear it
                continue

    def _settle(self, answers: Sequence[tuple[_Job[Any], Any]]) -> None:
        for job, outcome in answers:
            self._room.release()
            if job.answer.done():  # cancelled
                continue
            if isinstance(outcome, Failed):
                job.answer.set_exception(outcome.error)
            else:
                job.answer.set_result(outcome)


def make(apply: Apply, unit: Unit[Any]) -> Made:
    """Raises what making its rows raises: a unit that contradicts itself is refused here."""
    writing = apply[type(unit)]
    alone = tuple(writing.alone(unit)) if writing.alone is not None else ()
    return Made(type(unit), unit if writing.make is None else writing.make(unit), alone)


def run_batch(database: Database, apply: Apply, units: Sequence[Unit[Any]]) -> list[Any]:
    """`write_batch` of units whose rows are not made yet."""
    return write_batch(database, apply, [make(apply, unit) for unit in units])


def write_batch(database: Database, apply: Apply, units: Sequence[Made]) -> list[Any]:
    """One transaction; each unit's answer, or Failed. Raises StorageError: nothing is promised.

    Units of a batch came at the same time, so any order of them is right: kind by kind.
    """
    if len({unit.kind for unit in units}) < 2:
        return _insist(lambda: _transact(database, apply, [units])) if units else []
    places: dict[type[Unit[Any]], list[int]] = {}
    for at, unit in enumerate(units):
        places.setdefault(unit.kind, []).append(at)
    kinds = [kind for kind in apply if kind in places]
    groups = [[units[at] for at in places[kind]] for kind in kinds]
    answers = _insist(lambda: _transact(database, apply, groups))
    outcomes: list[Any] = [None] * len(units)
    for at, answer in zip((at for kind in kinds for at in places[kind]), answers, strict=True):
        outcomes[at] = answer
    return outcomes


def _insist(batch: Callable[[], list[Any]]) -> list[Any]:
    """Again, after a moment, while another transaction is in the way."""
    for attempt in range(1, TRIES):
        try:
            return batch()
        except ContendedError:
            time.sleep(random.uniform(0, 0.002 * 2**attempt))
    return batch()


def _transact(database: Database, apply: Apply, groups: Sequence[Group]) -> list[Any]:
    try:
        database.begin(_names(groups))
        try:
            answers = _all_together(database, apply, groups)
        except StorageError:
            raise
        except Exception:  # of one unit; which one, and whether it was alone, the second run finds
            database.rollback()
            database.begin(_names(groups))
            answers = _one_by_one(database, apply, groups)
    except ContendedError:
        database.rollback()
        raise
    watched = armed()
    if watched:
        _pass(groups, "before-commit")
    database.commit()
    if watched:
        _pass(groups, "after-commit")
    return answers


def _names(groups: Sequence[Group]) -> Iterator[str]:
    """What the batch is to be alone with, for who asks."""
    return (name for group in groups for unit in group for name in unit.alone)


def _pass(groups: Sequence[Group], moment: str) -> None:
    reached(f"store.{moment}")
    for unit in chain(*groups):
        reached(f"store.{unit.kind.__name__}.{moment}")


def _all_together(database: Database, apply: Apply, groups: Sequence[Group]) -> list[Any]:
    hand = Gathering(database)
    answers: list[Any] = []
    for group in groups:
        writing, each = apply[group[0].kind], [unit.given for unit in group]
        if writing.together is not None:
            answers.extend(writing.together(hand, each))
        else:
            answers.extend([writing.one(hand, given) for given in each])
    hand.flush()
    return answers


def _one_by_one(database: Database, apply: Apply, groups: Sequence[Group]) -> list[Any]:
    hand = AtOnce(database)
    answers: list[Any] = []
    for unit in chain(*groups):
        database.mark()
        try:
            answers.append(apply[unit.kind].one(hand, unit.given))
        except StorageError:
            raise
        except Exception as error:
            database.undo()
            answers.append(Failed(error))
        else:
            database.keep()
    return answers


def _refusal(error: Exception) -> Exception:
    if not isinstance(error, StorageError):
        return error  # a bug: it shall be seen as one
    refusal = Unavailable(
        "The database cannot write now.",
        code="911",
        remedy="Try again later with the same key.",
        done=NOTHING_DONE if error.certain else _UNCERTAIN,
        retry_after_s=5,
    )
    refusal.__cause__ = error
    return refusal


def _abandon(database: Database | None) -> None:
    if database is not None:
        database.close()

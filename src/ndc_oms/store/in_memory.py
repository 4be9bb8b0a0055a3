"""A store that keeps nothing on disk and has no thread: for simulations.

Unit functions, statements, batches and the order in which a batch is written are the house's own;
only the driver's thread and the disk are left out, so that one seed goes the same way each time.
A `MemoryDatabase` outlives the stores on it, as a disk outlives processes.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import Select, create_engine, select
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql.base import Executable

from ndc_oms.model.order import Order
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.store import FreeLeases, Task, Unit
from ndc_oms.store.compiling import Parameters
from ndc_oms.store.hand import Rows
from ndc_oms.store.reader import Reader
from ndc_oms.store.rows import TASK_COLUMNS, read_order, read_task
from ndc_oms.store.sqlite import CALLS, SqliteDatabase
from ndc_oms.store.tables import claims, metadata, orders, outbox
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import BATCH_LIMIT, Failed, run_batch

T = TypeVar("T")
Pause = Callable[[], float]  # seconds until the database turns to something, or has answered it

_MEMORY: Final = ":memory:"
_SNAPSHOTS: Final = select(orders.c.snapshot).order_by(orders.c.created_at, orders.c.order_id)
_TASKS: Final = select(*(outbox.c[name] for name in TASK_COLUMNS)).order_by(
    outbox.c.due_at, outbox.c.key
)
_REPLIES: Final = select(claims.c.seller, claims.c.key, claims.c.reply)


class MemoryDatabase:
    """One database with the newest schema, empty."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(_MEMORY, isolation_level=None)
        self.connection.deserialize(_empty())
        self.connection.execute("PRAGMA foreign_keys=ON")

    async def look(
        self, statement: Select[Any], parameters: Mapping[str, Any]
    ) -> Sequence[Mapping[str, Any]]:
        """As `verify.Look`."""
        names = [str(column.key) for column in statement.selected_columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows(statement, parameters)]

    def rows(self, statement: Executable, parameters: Parameters) -> Rows:
        sql, bind = CALLS(statement)
        return self.connection.execute(sql, bind(parameters)).fetchall()

    def orders(self) -> list[Order]:
        """Every snapshot, oldest first."""
        return [read_order(snapshot) for (snapshot,) in self.rows(_SNAPSHOTS, {})]

    def tasks(self) -> list[Task]:
        """What stands in the outbox, by the time that it is due."""
        return [read_task(row) for row in self.rows(_TASKS, {})]

    def replies(self) -> dict[tuple[str, str], bytes | None]:
        """What was sent for each seller and key; None where nothing was kept."""
        return {(seller, key): reply for seller, key, reply in self.rows(_REPLIES, {})}

    def contents(self) -> bytes:
        """Every byte of it."""
        return self.connection.serialize()

    def close(self) -> None:
        self.connection.close()


@cache
def _empty() -> bytes:
    connection = sqlite3.connect(_MEMORY, check_same_thread=False)
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    metadata.create_all(engine)
    made = connection.serialize()
    engine.dispose()
    return made


class MemoryStore(Reader):
    """`ports.store.Store` of one process that may die (`die`): what was committed stays, whoever
    waits for an answer never gets it.
    """

    def __init__(self, database: MemoryDatabase, clock: Clock, pause: Pause) -> None:
        super().__init__(_Readers(database, pause), clock)
        self._database = SqliteDatabase(_MEMORY, database.connection)
        self._pause = pause
        self._waiting: list[tuple[Unit[Any], asyncio.Future[Any]]] = []
        self._due = False
        self._dead = False

    async def write(self, unit: Unit[T]) -> T:
        """See `Writer.write`."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._waiting.append((unit, answer))
        if not self._due:
            self._due = True
            loop.call_later(self._pause(), self._write_batch)
        return await answer

    async def begin_work(self) -> None:
        """Nobody else is at work: the leases of the dead are free."""
        await self.write(FreeLeases())

    def die(self) -> None:
        """The process is gone: nothing is written and nobody is answered any more."""
        self._dead = True

    async def close(self) -> None:
        """The database stays."""

    def _write_batch(self) -> None:
        self._due = False
        if self._dead:
            return
        batch, self._waiting = self._waiting[:BATCH_LIMIT], self._waiting[BATCH_LIMIT:]
        loop = asyncio.get_running_loop()
        if self._waiting:
            self._due = True
            loop.call_later(self._pause(), self._write_batch)
        outcomes = run_batch(self._database, APPLY, [unit for unit, _ in batch])
        answers = [answer for _, answer in batch]
        loop.call_later(self._pause(), self._answer, answers, outcomes)

    def _answer(self, answers: Sequence["asyncio.Future[Any]"], outcomes: Sequence[Any]) -> None:
        for answer, outcome in zip(answers, outcomes, strict=True):
            if self._dead or answer.done():  # cancelled
                continue
            if isinstance(outcome, Failed):
                answer.set_exception(outcome.error)
            else:
                answer.set_result(outcome)


class _Readers:
    """`hand.Readers` on the connection that writes: between two batches it reads one moment."""

    def __init__(self, database: MemoryDatabase, pause: Pause) -> None:
        self._database = database
        self._pause = pause

    async def rows(self, statement: Executable, parameters: Parameters) -> Rows:
        await asyncio.sleep(self._pause())
        return self._database.rows(statement, parameters)

    async def close(self) -> None:
        """There is nothing to close."""

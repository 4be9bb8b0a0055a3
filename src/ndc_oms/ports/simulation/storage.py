"""A durable SQLite file with one writer a process, shared by any number of processes.

Calls that arrive together are written in one transaction (group commit), each in a savepoint of
its own, and answered after the commit is on disk. Every transaction begins IMMEDIATE: what it
read cannot have changed when it writes, whichever process writes next.
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from ndc_oms.ports.failpoint import reached

T = TypeVar("T")
Unit = Callable[[sqlite3.Connection], T]

BUSY_TIMEOUT_S: Final = 20.0  # another process's transactions take milliseconds
BATCH_LIMIT: Final = 64


def connect(path: Path) -> sqlite3.Connection:
    """A connection that leaves transactions to us and syncs every commit."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    _set_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _set_wal(connection: sqlite3.Connection) -> None:
    """Setting the mode needs the file for itself and does not wait for it: processes that start
    together try again. Once set, it is only read.
    """
    until = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    unit: Unit[Any]
    answer: "Future[Any]"


class Storage:
    """name: prefix of the failpoints. opening, closing: run first and last in each transaction."""

    def __init__(
        self,
        path: Path,
        name: str,
        schema: str,
        *,
        opening: Unit[None] | None = None,
        closing: Unit[None] | None = None,
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._name = name
        self._opening = opening
        self._closing = closing
        self._writer = connect(path)
        self._writer.executescript(f"BEGIN IMMEDIATE; {schema}; COMMIT;")
        self._reader = connect(path)
        self._reader.execute("PRAGMA query_only = ON")
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"{name}-writer", daemon=True)
        self._thread.start()
        self._readers = ThreadPoolExecutor(1, thread_name_prefix=f"{name}-reader")
        self._closed = False

    async def write(self, name: str, unit: Unit[T]) -> T:
        """What `unit` answers, once it is on disk. Raises what it raised (its writes are undone),
        or sqlite3.Error where the transaction failed.
        """
        if self._closed:
            raise sqlite3.ProgrammingError("the storage is closed")
        answer: Future[T] = Future()
        self._calls.put(_Call(name, unit, answer))
        return await asyncio.wrap_future(answer)

    async def read(self, query: Unit[T]) -> T:
        """What `query` answers, from one snapshot of what is committed."""
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, self._read_snapshot, query
        )

    def _read_snapshot(self, query: Unit[T]) -> T:
        self._reader.execute("BEGIN")
        try:
            return query(self._reader)
        finally:
            self._reader.execute("ROLLBACK")

    async def close(self) -> None:
        """Writes what is waiting, then closes. Closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        self._calls.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._readers.shutdown)
        self._writer.close()
        self._reader.close()

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            batch = [call]
            ending = False
            while len(batch) < BATCH_LIMIT and not ending:
                try:
                    more = self._calls.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    ending = True
                else:
                    batch.append(more)
            # a caller that is gone already is not served; one that leaves later is not missed
            batch = [each for each in batch if each.answer.set_running_or_notify_cancel()]
            if batch:
                self._write_batch(batch)
            if ending:
                return

    def _write_batch(self, batch: list[_Call]) -> None:
        answers: list[tuple[Future[Any], Any, Exception | None]] = []
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            if self._opening is not None:
                self._opening(self._writer)
            answers = [(call.answer, *self._run_unit(call.unit)) for call in batch]
            if self._closing is not None:
                self._closing(self._writer)
            self._pass(batch, "before-commit")
            self._writer.execute("COMMIT")
        except Exception as error:  # whatever it is, every caller must hear of it
            with suppress(sqlite3.Error):  # some errors have rolled back already
                self._writer.execute("ROLLBACK")
            answers = [(call.answer, None, error) for call in batch]
        else:
            self._pass(batch, "after-commit")
        for future, value, error_or_none in answers:
            if error_or_none is not None:
                future.set_exception(error_or_none)
            else:
                future.set_result(value)

    def _run_unit(self, unit: Unit[Any]) -> tuple[Any, Exception | None]:
        self._writer.execute("SAVEPOINT unit")
        try:
            value = unit(self._writer)
        except Exception as error:
            self._writer.execute("ROLLBACK TO unit")
            self._writer.execute("RELEASE unit")
            return None, error
        self._writer.execute("RELEASE unit")
        return value, None

    def _pass(self, batch: list[_Call], moment: str) -> None:
        for call in batch:
            reached(f"{self._name}.{call.name}.{moment}")

"""A simulated other side: verbs that read or change its durable file, under planted faults."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.simulation import faults
from ndc_oms.ports.simulation.faults import Fault, FaultKind
from ndc_oms.ports.simulation.memory import MEMORY, MemoryStorage
from ndc_oms.ports.simulation.storage import Storage, Unit, connect

T = TypeVar("T")


class Refused(Exception):  # noqa: N818  # an outcome on its way out of a unit, not a fault
    """The other side's own no: what the unit wrote is undone, the caller sees `Rejected`."""

    def __init__(self, code: str, reason: str, *, final: bool = True) -> None:
        super().__init__(f"{code}: {reason}")
        self.rejected = Rejected(code, reason, final)


class SimulatedSide:
    """name: prefix of its failpoints (`pss.issue.before-commit`). planted: faults from options.

    path: of its file; in a folder named `:memory:` nothing is kept, and nothing runs beside.
    seed: of the faults' chances. opening, closing: run first and last in each transaction.
    stale: whether a reader must wait for the next transaction's opening.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        schema: str,
        *,
        seed: int = 0,
        planted: str = "",
        opening: Unit[None] | None = None,
        closing: Unit[None] | None = None,
        stale: Unit[bool] | None = None,
    ) -> None:
        faults.parse_faults(planted)  # a wrong option is told before any file is made
        self._seed = seed
        self._stale = stale
        tables = schema + faults.SCHEMA
        self._storage: Storage | MemoryStorage
        if MEMORY in path.parts:
            self._storage = MemoryStorage(tables, opening=opening, closing=closing)
            return
        self._storage = Storage(path, name, tables, opening=opening, closing=closing)
        _write_once(path, lambda connection: faults.plant_options(connection, planted))

    async def change(
        self, verb: str, unit: Unit[T | Unknown], *, late_s: float = 0.0
    ) -> Outcome[T]:
        """What a verb that writes comes to. A unit that answers Unknown keeps what it wrote.

        late_s: how long the answer takes beyond its doing.
        """

        def under_faults(connection: sqlite3.Connection) -> tuple[Outcome[T], float]:
            return _act(connection, faults.pick(connection, verb, self._seed), unit)

        return await _outcome(lambda: self._storage.write(verb, under_faults), late_s)

    async def ask(self, verb: str, query: Unit[T]) -> Outcome[T]:
        """What a verb that only reads comes to."""

        def look(connection: sqlite3.Connection) -> tuple[Outcome[T], float] | None:
            if faults.any_planted(connection, verb) or (self._stale and self._stale(connection)):
                return None
            return _act(connection, None, query)

        async def answer() -> tuple[Outcome[T], float]:
            found = await self._storage.read(look)
            if found is not None:
                return found
            fault = await self._storage.write(verb, lambda c: faults.pick(c, verb, self._seed))
            return await self._storage.read(lambda c: _act(c, fault, query))

        return await _outcome(answer)

    async def look(self, query: Unit[T]) -> T:
        """A read that no fault touches; raises sqlite3.Error."""
        return await self._storage.read(query)

    async def touch(self) -> None:
        """A transaction of nothing but its opening and closing."""
        await self._storage.write("touch", lambda _connection: None)

    async def plant(self, text: str) -> None:
        """Adds faults, as `book:fails:1x`; raises ValueError."""
        planted = faults.parse_faults(text)
        await self._storage.write("plant", lambda c: faults.plant(c, planted, "runtime"))

    async def clear_faults(self, verb: str | None = None) -> None:
        """Takes faults away, of one verb or all."""
        await self._storage.write("plant", lambda c: faults.clear(c, verb))

    async def close(self) -> None:
        await self._storage.close()


def plant_in_file(path: Path, text: str) -> None:
    """Plants faults in the file of a side that may be running in another process."""
    planted = faults.parse_faults(text)
    _write_once(path, lambda connection: faults.plant(connection, planted, "runtime"))


def _write_once(path: Path, unit: Unit[None]) -> None:
    connection = connect(path)
    try:
        connection.execute("BEGIN IMMEDIATE")
        unit(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()


async def _outcome(
    answer: Callable[[], Awaitable[tuple[Outcome[T], float]]], late_s: float = 0.0
) -> Outcome[T]:
    try:
        outcome, delay_s = await answer()
    except sqlite3.IntegrityError:
        raise  # its own tables say that the simulation is wrong: a bug, and not an outage
    except sqlite3.Error as error:  # written or not, who knows: a commit may fail after it is made
        return Unknown(f"the storage of the simulation failed: {error}")
    if delay_s + late_s > 0:
        await asyncio.sleep(delay_s + late_s)
    return outcome


def _act(
    connection: sqlite3.Connection, fault: Fault | None, unit: Unit[T | Unknown]
) -> tuple[Outcome[T], float]:
    """The outcome and how late it comes, in seconds."""
    kind = fault.kind if fault else None
    if kind is FaultKind.FAILS:
        return Rejected("SIMULATED", "planted fault: refused"), 0.0
    if kind is FaultKind.REJECTS_ONCE:
        return Rejected("SIMULATED", "planted fault: refused for now", final=False), 0.0
    if kind is FaultKind.TIMES_OUT_BEFORE:
        return Unknown("planted fault: no reply"), 0.0
    outcome = _undone_if_refused(connection, unit)
    if kind is FaultKind.DUPLICATE:
        outcome = _undone_if_refused(connection, unit)
    if kind is FaultKind.TIMES_OUT_AFTER:
        outcome = Unknown("planted fault: no reply")
    elif kind is FaultKind.RESET:
        outcome = Unknown("planted fault: the connection was reset")
    elif kind is FaultKind.GARBAGE:
        outcome = Unknown("planted fault: the reply cannot be read")
    return outcome, fault.delay_s if fault else 0.0


def _undone_if_refused(connection: sqlite3.Connection, unit: Unit[T | Unknown]) -> Outcome[T]:
    connection.execute("SAVEPOINT act")
    try:
        value = unit(connection)
    except Refused as refused:
        connection.execute("ROLLBACK TO act")
        connection.execute("RELEASE act")
        return refused.rejected
    connection.execute("RELEASE act")
    return value if isinstance(value, Unknown) else Confirmed(value)

"""The writer against the bare driver: the same rows, in as many transactions, as durable.

The units are those that real orders make, from the claimed key to the kept reply. They are run by
the house's writer in batches of 32, and once with a tape on its connection; then sqlite3 alone
plays the tape: the statements that write, with their parameters ready, no savepoints, no reads, no
records turned into JSON.
"""

import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from tests.bench.figures import Bench, Goal, Table, middle
from tests.bench.market import Market
from tests.bench.sales import Sales
from tests.houses import KEY, configured

from ndc_oms.boot import House, open_house
from ndc_oms.ports.sellers import Caller
from ndc_oms.ports.store import FreeLeases, LeaseTasks, Unit
from ndc_oms.server.auth import key_hash
from ndc_oms.store import sqlite
from ndc_oms.store.place import place_of
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import Failed, run_batch
from ndc_oms.world.load import load as load_world

BATCH: Final = 32
ROUNDS: Final = 5
_WRITES: Final = ("INSERT", "UPDATE", "DELETE")

Batches = list[list[Unit[Any]]]
Tape = list[list[tuple[str, list[tuple[Any, ...]]]]]  # of transactions, of statements


@dataclass
class Taped:
    """A connection that remembers what it wrote, transaction by transaction."""

    connection: sqlite3.Connection
    tape: Tape = field(default_factory=list)

    def execute(self, sql: str, parameters: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        if sql.startswith("BEGIN"):
            self.tape.append([])
        elif sql.startswith(_WRITES):
            self.tape[-1].append((sql, [parameters]))
        return self.connection.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        rows = list(parameters)
        self.tape[-1].append((sql, rows))
        return self.connection.executemany(sql, rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


@dataclass(frozen=True, slots=True)
class Pace:
    """Orders a second; units: of one order."""

    ours: float
    raw: float
    units: float


async def run(bench: Bench) -> AsyncIterator[Table]:
    pace = await measure(bench)
    yield Table(
        "Writer: units of work and orders a second, 32 units a transaction, synchronous=FULL",
        ("", "units/s", "orders/s"),
        [
            ("the house's writer", pace.ours * pace.units, pace.ours),
            ("sqlite3 alone, same rows", pace.raw * pace.units, pace.raw),
        ],
        f"An order takes {pace.units:.1f} units. Of wall time, rounds in turn, the median.",
        [Goal("writer / sqlite3", pace.ours / pace.raw, 0.9, at_most=False)],
    )


async def measure(bench: Bench) -> Pace:
    orders = bench.many(200, 16)
    units = await _units(bench, orders)
    batches = [units[at : at + BATCH] for at in range(0, len(units), BATCH)]
    tape = await _taped(bench.folder / "taped.sqlite3", batches)
    ours, raw = [], []
    for number in bench.progress.track(range(ROUNDS), description="writer and sqlite3"):
        ours.append(await _write(bench.folder / f"ours-{number}.sqlite3", batches))
        raw.append(await _play(bench.folder / f"raw-{number}.sqlite3", tape))
    timed = orders * (1 - BATCH / len(units))
    return Pace(timed / middle(ours), timed / middle(raw), len(units) / orders)


async def _units(bench: Bench, orders: int) -> list[Unit[Any]]:
    """What creating so many orders writes, in the order in which it was written."""
    seen: list[Unit[Any]] = []
    market = Market(load_world(bench.world), datetime.now(UTC).date(), bench.seed + 1)
    config = configured(bench.folder / "units", world=bench.world)
    async with open_house(config) as house:
        with _noting(seen):
            await _sell(house, Sales(market, "units"), orders)
    return seen


@contextmanager
def _noting(seen: list[Unit[Any]]) -> Iterator[None]:
    write = SqlStore.write

    async def noted(self: SqlStore, unit: Unit[Any]) -> Any:
        answer = await write(self, unit)
        if not isinstance(unit, LeaseTasks | FreeLeases):
            seen.append(unit)
        return answer

    with patch.object(SqlStore, "write", noted):
        yield


async def _sell(house: House, sales: Sales, orders: int) -> None:
    seller = await house.store.sellers.by_key_hash(key_hash(KEY))
    if seller is None:
        raise AssertionError("the world has no demo seller")
    caller = Caller(seller)

    async def send(body: bytes) -> bytes:
        return (await house.exchange.handle(body, caller)).body

    sold = 0
    while sold < orders:  # the last seat of a class may have gone to an order before
        for each in await sales.orders(orders - sold, send):
            sold += (await house.exchange.handle(each, caller)).outcome == "ok"


async def fresh(path: Path) -> sqlite.SqliteDatabase:
    place = place_of(f"sqlite:///{path}")
    await place.migrate()
    return sqlite.SqliteDatabase(str(path))


async def _taped(path: Path, batches: Batches) -> Tape:
    database = await fresh(path)
    taped = Taped(database._connection)
    database._connection = taped  # type: ignore[assignment]  # it does what a connection does
    _all(database, batches)
    database.close()
    return taped.tape


async def _write(path: Path, batches: Batches) -> float:
    """Seconds, without the first transaction, in which statements are compiled for good."""
    database = await fresh(path)
    _all(database, batches[:1])
    began = time.perf_counter()
    _all(database, batches[1:])
    took = time.perf_counter() - began
    database.close()
    return took


def _all(database: sqlite.SqliteDatabase, batches: Batches) -> None:
    for batch in batches:
        failed = [each for each in run_batch(database, APPLY, batch) if isinstance(each, Failed)]
        if failed:
            raise failed[0].error


async def _play(path: Path, tape: Tape) -> float:
    (await fresh(path)).close()
    connection = sqlite.connect(str(path))
    _play_all(connection, tape[:1])
    began = time.perf_counter()
    _play_all(connection, tape[1:])
    took = time.perf_counter() - began
    connection.close()
    return took


def _play_all(connection: sqlite3.Connection, tape: Tape) -> None:
    for transaction in tape:
        connection.execute("BEGIN IMMEDIATE")
        for sql, rows in transaction:
            if len(rows) == 1:
                connection.execute(sql, rows[0])
            else:
                connection.executemany(sql, rows)
        connection.execute("COMMIT")

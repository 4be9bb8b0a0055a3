"""The writer against the bare driver: the same rows, in as many transactions, as durable.

The units are those that real orders make, from the claimed key to the kept reply. 32 orders go
through their lives together: each step of all of them is a transaction, as 32 sellers at once
make it; and once more all that becomes of 32 orders in one transaction. The house's writer runs
them with a tape on its database; then the driver alone plays the tape: the statements that write,
row sets by executemany, no savepoints, no reads, no checks. Its rows are ready beforehand, or it
has to make the JSON text of the records in them itself, as the house has to. Both sides take turns
transaction by transaction, so that a neighbour disturbs both.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from tests.bench import postgresql_writing
from tests.bench.figures import Bench, Goal, Table, middle
from tests.bench.market import Market
from tests.bench.sales import Sales
from tests.bench.tape import SqlitePlayer, fresh, taped_sqlite
from tests.houses import KEY, configured

from ndc_oms.boot import House, open_house
from ndc_oms.ports.sellers import Caller
from ndc_oms.ports.store import ClaimKey, FreeLeases, KeepReply, LeaseTasks, RecordOrder, Unit
from ndc_oms.server.auth import key_hash
from ndc_oms.store.hand import Database
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import Failed, run_batch
from ndc_oms.world.load import load as load_world

TOGETHER: Final = 32  # orders
GROUPS: Final = 10

Batches = list[list[Unit[Any]]]
Life = list[Unit[Any]]
Play = Callable[[int], None]  # the transaction at that place


@dataclass(frozen=True, slots=True)
class Pace:
    """Orders a second, each the median of its groups of 32. ready, made: of the driver alone.
    cpu_ms: of the driver with its rows ready, an order.
    """

    ours: float
    ready: float
    made: float
    cpu_ms: float

    def row(self, name: str) -> tuple[object, ...]:
        ratios = (self.ours / self.ready, self.ours / self.made)
        return name, self.ours, self.ready, self.made, *ratios


async def run(bench: Bench) -> AsyncIterator[Table]:
    lives = await lives_of(bench)
    steps = await measure(bench, in_steps(lives))
    whole = await measure(bench, whole_lives(lives))
    yield Table(
        f"Writer on SQLite: {TOGETHER} orders a transaction, synchronous=FULL (orders/s)",
        ("", "the house", "sqlite3, rows ready", "sqlite3, JSON made", "ratio", "ratio, JSON made"),
        [
            steps.row(f"each step of {TOGETHER} orders"),
            whole.row(f"{TOGETHER} whole orders"),
        ],
        f"An order is {len(lives[0])} units. Wall time, sides in turn, medians.",
        [
            Goal("writer / sqlite3 with its rows ready", steps.ours / steps.ready, 0.9, False),
            Goal("writer / sqlite3 that makes its JSON", steps.ours / steps.made, 0.9, False),
        ],
    )
    async for table in postgresql_writing.run(bench, in_steps(lives)):
        yield table


def in_steps(lives: list[Life]) -> list[Batches]:
    """For each 32 orders a transaction for each step of theirs."""
    return [[list(step) for step in zip(*group, strict=True)] for group in _groups(lives)]


def whole_lives(lives: list[Life]) -> list[Batches]:
    """For each 32 orders one transaction."""
    return [[list(chain(*group))] for group in _groups(lives)]


def _groups(lives: list[Life]) -> Iterator[list[Life]]:
    for at in range(0, len(lives) - TOGETHER + 1, TOGETHER):
        yield lives[at : at + TOGETHER]


async def measure(bench: Bench, groups: list[Batches]) -> Pace:
    """Without the first group, in which statements are compiled for good."""
    batches = list(chain(*groups))
    tape = await taped_sqlite(bench.folder, batches)
    number = len(list(bench.folder.iterdir()))
    ours = await fresh(bench.folder / f"ours-{number}.sqlite3")
    ready = SqlitePlayer(await fresh(bench.folder / f"ready-{number}.sqlite3"), tape)
    made = SqlitePlayer(await fresh(bench.folder / f"made-{number}.sqlite3"), tape, makes=True)
    sides = (writes(ours, batches), ready, made)
    took = in_turn(bench, sides, [len(group) for group in groups])
    for each in (ours, ready, made):
        each.close()
    rates = (TOGETHER / each.wall_s for each in took)
    return Pace(*rates, cpu_ms=took[1].cpu_s / TOGETHER * 1e3)


@dataclass(slots=True)
class Cost:
    """cpu_s: of this thread, the kernel's part included."""

    wall_s: float = 0.0
    cpu_s: float = 0.0

    def add(self, play: Play, place: int) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        play(place)
        self.wall_s += time.perf_counter() - wall
        self.cpu_s += time.thread_time() - cpu


def in_turn(bench: Bench, sides: tuple[Play, ...], sizes: list[int]) -> list[Cost]:
    """What each side takes for a group, the median. sizes: transactions of each group."""
    costs: list[list[Cost]] = []
    at = 0
    for size in bench.progress.track(sizes, description="writer and driver"):
        spent = [Cost() for _ in sides]
        for place in range(at, at + size):
            for turn in range(len(sides)):
                side = (turn + place) % len(sides)
                spent[side].add(sides[side], place)
        at += size
        costs.append(spent)
    return [
        Cost(middle(c.wall_s for c in each), middle(c.cpu_s for c in each))
        for each in zip(*costs[1:], strict=True)
    ]


def writes(database: Database, batches: Batches) -> Play:
    def play(place: int) -> None:
        outcomes = run_batch(database, APPLY, batches[place])
        failed = [each for each in outcomes if isinstance(each, Failed)]
        if failed:
            raise AssertionError(f"a unit that went through before does not now: {failed[0]}")

    return play


_lives: dict[Path, list[Life]] = {}  # by the run's folder


# -- units ---------------------------------------------------------------------------------------


async def lives_of(bench: Bench) -> list[Life]:
    """The units of orders that took the usual way, in as many whole groups as are measured. Made
    once in a run.
    """
    if bench.folder not in _lives:
        _lives[bench.folder] = await _usual_lives(bench)
    return _lives[bench.folder]


async def _usual_lives(bench: Bench) -> list[Life]:
    wanted = TOGETHER * bench.many(GROUPS, 3)
    units = await _units(bench, wanted)
    by_order: dict[str, Life] = {}
    of_key: dict[str, str] = {}
    for unit in units:
        if isinstance(unit, ClaimKey):
            of_key[unit.key] = unit.order_id
            by_order.setdefault(unit.order_id, []).append(unit)
        elif isinstance(unit, RecordOrder):
            by_order.setdefault(unit.order.order_id, []).append(unit)
        elif isinstance(unit, KeepReply):
            by_order.setdefault(of_key[unit.key], []).append(unit)
    kinds = Counter(tuple(map(type, life)) for life in by_order.values())
    usual = kinds.most_common(1)[0][0]
    return [life for life in by_order.values() if tuple(map(type, life)) == usual]


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

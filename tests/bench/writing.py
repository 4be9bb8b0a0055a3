"""The writer against the bare driver: the same rows, in as many transactions, as durable.

The units are those that real orders make, from the claimed key to the kept reply. 32 orders go
through their lives together: each step of all of them is a transaction, as 32 sellers at once
make it; and once more all that becomes of 32 orders in one transaction. The house's writer runs
them with a tape on its database; then the driver alone plays the tape: the statements that write,
row sets by executemany, no reads, no checks. Either both have their rows ready, made a moment
before (the writer's callers make them, while its thread waits for the disk), or both make them: the
house all of the row, the driver only the JSON text of the records in it. Sides take turns
transaction by transaction, in every order, so that a neighbour disturbs all. Before either side's
transaction with ready rows, rows are made of its units: where only the house made them, it alone
began with caches full of something else, and was measured 0.02 too slow.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from tests.bench import cores, postgresql_writing
from tests.bench.figures import Bench, Goal, Table
from tests.bench.market import Market
from tests.bench.sales import Sales
from tests.bench.tape import Batches, SqlitePlayer, fresh, taped_sqlite
from tests.bench.turns import TOGETHER, Cost, House, Pace, in_turn
from tests.houses import KEY, configured

from ndc_oms.boot.house import House as OpenHouse
from ndc_oms.boot.house import open_house
from ndc_oms.ports.sellers import Caller
from ndc_oms.ports.store import ClaimKey, FreeLeases, KeepReply, LeaseTasks, RecordOrder, Unit
from ndc_oms.server.auth import key_hash
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.world.load import load as load_world

GROUPS: Final = 10
STEP_ROUNDS: Final = 3
ROUNDS: Final = 6  # of what has one transaction for each group

Life = list[Unit[Any]]


async def run(bench: Bench) -> AsyncIterator[Table]:
    lives = await lives_of(bench)
    steps = await measure(bench, in_steps(lives), rounds=bench.many(STEP_ROUNDS))
    whole = await measure(bench, whole_lives(lives), rounds=bench.many(ROUNDS))
    yield Table(
        f"Writer on SQLite: {TOGETHER} orders a transaction, synchronous=FULL (orders/s)",
        ("", "the house's writer", "sqlite3 alone", "ratio"),
        [
            *steps.rows(f"each step of {TOGETHER} orders", "sqlite3"),
            *whole.rows(f"{TOGETHER} whole orders", "sqlite3"),
        ],
        f"An order is {len(lives[0])} units. Wall time, sides in turn, means of the middle half.",
        [
            Goal("writer / sqlite3, rows ready", steps.ratio, 0.9, False),
            Goal("the same, making them", steps.ratio_making, 0.9, False),
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


async def measure(bench: Bench, groups: list[Batches], *, rounds: int = 1) -> Pace:
    """rounds: how often, each time into new databases."""
    batches = list(chain(*groups))
    tape = await taped_sqlite(bench.folder, batches)
    took: list[list[Cost]] = []
    for _ in range(rounds):
        number = len(list(bench.folder.iterdir()))
        databases = [await fresh(bench.folder / f"{number}-{side}.sqlite3") for side in range(4)]
        sides = (
            House(databases[0], batches, makes=False),
            SqlitePlayer(databases[1], tape, batches),
            House(databases[2], batches, makes=True),
            SqlitePlayer(databases[3], tape, batches, makes=True),
        )
        with cores.on(cores.MEASURED):
            took += in_turn(bench, sides, [len(group) for group in groups])
        for each in databases:
            each.close()
    return Pace.of(took)


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


async def _sell(house: OpenHouse, sales: Sales, orders: int) -> None:
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

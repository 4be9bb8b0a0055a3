"""What grows when the airline grows: flights a day, days on sale, orders in the database.

Searches are asked of the same routes whatever else there is, so their cost should stay where it
is; what an order costs to read or write should not hang on how many there are.
"""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.bench.cpu import resident_mb, used_s
from tests.bench.figures import Bench, Goal, Table, mean
from tests.bench.load import send_all
from tests.bench.market import Market
from tests.bench.orders import Filled, filled
from tests.bench.shopping import AT_ONCE, Seen
from tests.bench.worlds import multiplied
from tests.houses import KEY, configured
from tests.processes import running

from ndc_oms.boot import open_house
from ndc_oms.ports.sellers import Caller
from ndc_oms.ports.store import LeaseTasks
from ndc_oms.server.auth import key_hash
from ndc_oms.store.sql_store import open_store
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import run_batch
from ndc_oms.world.load import load as load_world
from ndc_oms.world.world import World

COPIES: Final = (1, 3, 6)
DAYS: Final = (10, 100, 300)
ROWS: Final = (1_000, 10_000, 100_000)
MORE_ROWS: Final = 1_000_000
READS: Final = 200
BATCH: Final = 32


async def run(bench: Bench) -> AsyncIterator[Table]:
    yield await _flights(bench)
    yield await _days(bench)
    yield await _orders(bench)


def _market(bench: Bench, world: World, seed: int) -> Market:
    return Market(world, datetime.now(UTC).date(), bench.seed + seed, last_day=24)


async def _flights(bench: Bench) -> Table:
    """Each world in a server of its own."""
    base = load_world(bench.world)
    rows, sizes = [], COPIES if bench.scale == 1 else COPIES[:2]
    for copies in bench.progress.track(sizes, description="flights a day"):
        folder = multiplied(bench.world, bench.folder / f"network-{copies}", copies)
        began = time.process_time()
        flights = load_world(folder).timetable.on(date.today() + timedelta(days=30))  # noqa: DTZ011
        load_s = time.process_time() - began
        market = _market(bench, base, 3)
        name = f"flights-{copies}"
        environment = {**bench.environment, "NDC_OMS_WORLD": str(folder)}
        async with running(bench.folder / name, bench.log(name), **environment) as server:
            pid = server.process.pid
            ready_mb = resident_mb(pid)
            await send_all(server.url, market.searches(50, bench.many(150, 30)), Seen(), at_once=1)
            bodies = market.searches(50, bench.many(150, 20))
            before = used_s(pid)
            await send_all(server.url, bodies, Seen(), at_once=AT_ONCE)
            search_ms = (used_s(pid) - before) / len(bodies) * 1e3
            rows.append((len(flights), load_s, ready_mb, resident_mb(pid), search_ms))
    grown = rows[-1][4] / rows[0][4]
    return Table(
        "Growth with flights a day",
        ("flights a day", "world load s", "MB when ready", "MB after searches", "search ms (CPU)"),
        list(rows),
        "The same routes in a network that is there 1, 3 and 6 times; 50 offers over HTTP.",
        [
            Goal("MB of the ready server, demo airline", rows[0][2], 200),
            Goal("seconds to load the demo airline", rows[0][1], 3),
            Goal(f"search with {sizes[-1]} × the flights / with 1 ×", grown, 1.5),
        ],
    )


async def _days(bench: Bench) -> Table:
    """In one house: days are fetched, then the same routes are asked within the first days."""
    rows = []
    world = load_world(bench.world)
    market = _market(bench, world, 4)
    async with open_house(configured(bench.folder / "days"), world=world) as house:
        seller = await house.store.sellers.by_key_hash(key_hash(KEY))
        if seller is None:
            raise AssertionError("the world has no demo seller")
        await house.availability.ensure(market.days)
        for warm in market.searches(50, bench.many(100, 20)):
            await house.exchange.handle(warm, Caller(seller))
        for days in bench.progress.track(DAYS, description="days on sale"):
            await house.availability.ensure(market.today + timedelta(days=d) for d in range(days))
            bodies = market.searches(50, bench.many(100, 20))
            began = time.process_time()
            for body in bodies:
                await house.exchange.handle(body, Caller(seller))
            took = (time.process_time() - began) / len(bodies)
            rows.append((days, took * 1e3, resident_mb(os.getpid())))
    grown = rows[-1][1] / rows[0][1]
    return Table(
        "Growth with days whose availability is in memory (in process)",
        ("days", "search ms (CPU)", "MB of this process"),
        list(rows),
        goals=[Goal(f"search with {DAYS[-1]} days / with {DAYS[0]}", grown, 1.5)],
    )


async def _orders(bench: Bench) -> Table:
    sizes = (*ROWS, MORE_ROWS) if bench.large else ROWS
    rows = []
    for size in bench.progress.track(sizes, description="orders"):
        file = bench.folder / f"rows-{size}.sqlite3"
        rows.append(await _measured(file, await filled(file, size)))
        file.unlink()
    grown = [max(row[at] for row in rows) / rows[0][at] for at in range(2, 6)]
    return Table(
        "Growth with orders in the database (CPU µs each)",
        ("rows", "orders", "by OrderID", "by reference", "create", "lease tasks"),
        list(rows),
        f"create: the unit that records an order, {BATCH} a transaction.",
        [Goal("the dearest / with the fewest rows, worst verb", max(grown), 3)],
    )


async def _measured(file: Path, database: Filled) -> tuple[Any, ...]:
    store = await open_store(f"sqlite:///{file}")
    places = [1 + at * database.orders // READS for at in range(READS)]
    try:
        by_id = await _each(places, lambda at: store.get_order(database.order_id(at), None))
        by_locator = await _each(
            places, lambda at: store.find_by_booking(database.locator(at), None)
        )
        now = datetime.now(UTC)
        lease = LeaseTasks("bench", now, now + timedelta(seconds=30), 16)
        leased = await _each(places[:50], lambda _: store.write(lease))
    finally:
        await store.close()
    return database.rows, database.orders, by_id, by_locator, _created(file, database), leased


async def _each(places: list[int], act: Callable[[int], Awaitable[Any]]) -> float:
    """Microseconds of CPU for one, all threads of this process together."""
    for at in places[:20]:
        await act(at)
    began = time.process_time()
    for at in places:
        await act(at)
    return (time.process_time() - began) / len(places) * 1e6


def _created(file: Path, database: Filled) -> float:
    took = []
    with database.writing(file) as hand:
        for number in range(5):
            first = database.orders + 1 + number * BATCH
            units = [database.creation(at) for at in range(first, first + BATCH)]
            began = time.process_time()
            run_batch(hand, APPLY, units)
            took.append((time.process_time() - began) / BATCH * 1e6)
    return mean(took[1:])  # in the first the statements are compiled

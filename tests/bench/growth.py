"""What grows when the airline grows: flights a day, days on sale, orders in the database.

Searches are asked of the same routes whatever else there is, so their cost should stay where it
is; what an order costs to read or write should not hang on how many there are.
"""

import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.bench.cpu import resident_mb, used_s
from tests.bench.figures import Bench, Goal, Table, middle
from tests.bench.load import send_all
from tests.bench.market import Market
from tests.bench.orders import Filled, filled
from tests.bench.sales import Sales
from tests.bench.shopping import AT_ONCE, Seen
from tests.bench.worlds import multiplied
from tests.bench.writing import lives_of
from tests.houses import KEY, configured
from tests.processes import running

from ndc_oms.boot.house import House, open_house
from ndc_oms.kit.requests import order_retrieve
from ndc_oms.ports.sellers import Caller
from ndc_oms.ports.store import Unit
from ndc_oms.server.auth import key_hash
from ndc_oms.store.place import place_of
from ndc_oms.world.load import load as load_world
from ndc_oms.world.world import World

COPIES: Final = (1, 3, 6)
DAYS: Final = (10, 100, 300)
ROWS: Final = (1_000, 10_000, 100_000)
MORE_ROWS: Final = 1_000_000
READS: Final = 100
KINDS: Final = ("AirShopping", "OrderCreate", "OrderRetrieve by id", "by reference")


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
            await send_all(server.url, market.searches(50, bench.many(100, 30)), Seen(), at_once=1)
            bodies = market.searches(50, bench.many(100, 20))
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
        caller = await _caller(house)
        await house.availability.ensure(market.days)
        for warm in market.searches(50, bench.many(100, 20)):
            await house.exchange.handle(warm, caller)
        for days in bench.progress.track(DAYS, description="days on sale"):
            await house.availability.ensure(market.today + timedelta(days=d) for d in range(days))
            bodies = market.searches(50, bench.many(100, 20))
            began = time.process_time()
            for body in bodies:
                await house.exchange.handle(body, caller)
            took = (time.process_time() - began) / len(bodies)
            rows.append((days, took * 1e3, resident_mb(os.getpid())))
    grown = rows[-1][1] / rows[0][1]
    return Table(
        "Growth with days whose availability is in memory (in process)",
        ("days", "search ms (CPU)", "MB of this process"),
        list(rows),
        goals=[Goal(f"search with {DAYS[-1]} days / with {DAYS[0]}", grown, 1.5)],
    )


@dataclass(frozen=True, slots=True)
class Among:
    """A house on a database of many orders, and what it is to be asked: messages of each KINDS."""

    house: House
    database: Filled
    megabytes: float
    asked: tuple[list[bytes], ...]


async def _orders(bench: Bench) -> Table:
    """Houses are asked in turn, so that a neighbour disturbs all of them."""
    sizes = (*ROWS, MORE_ROWS) if bench.large else ROWS
    life = (await lives_of(bench))[0]
    async with AsyncExitStack() as stack:
        shown = bench.progress.track(sizes, description="orders")
        each = [await _among(bench, size, life, stack) for size in shown]
        took = [await _in_turn([(a.house, a.asked[kind]) for a in each]) for kind in range(4)]
    rows = [
        (a.database.rows, a.database.many, a.megabytes, *(ms[at] for ms in took))
        for at, a in enumerate(each)
    ]
    return Table(
        "Growth with orders in the database (messages in process, CPU ms each)",
        ("rows", "orders", "MB on disk", *KINDS),
        list(rows),
        "Houses in turn, means of the middle half. Orders are one that was made, under other "
        "names.",
        [
            Goal(f"{kind}: with the most rows / with the fewest", ms[-1] / ms[0], 1.5)
            for kind, ms in zip(KINDS, took, strict=True)
        ],
    )


async def _among(bench: Bench, size: int, life: list[Unit[Any]], stack: AsyncExitStack) -> Among:
    config = configured(bench.folder / f"rows-{size}", world=bench.world)
    file = Path(place_of(config.database_url).shown)
    file.parent.mkdir(parents=True)
    database = await filled(file, life, size)
    megabytes = file.stat().st_size / 1e6
    stack.callback(shutil.rmtree, config.data)
    house = await stack.enter_async_context(open_house(config))
    market = _market(bench, house.world, 5)
    await house.availability.ensure(market.days)
    return Among(house, database, megabytes, await _asked(bench, house, market, database))


async def _asked(
    bench: Bench, house: House, market: Market, database: Filled
) -> tuple[list[bytes], ...]:
    """Messages of each of KINDS."""
    number = bench.many(READS, 10)
    spread = [at * database.many // number for at in range(number)]
    seller = await _caller(house)

    async def send(body: bytes) -> bytes:
        return (await house.exchange.handle(body, seller)).body

    for warm in market.searches(50, bench.many(60, 10)):
        await send(warm)
    return (
        market.searches(50, bench.many(60, 10)),
        await Sales(market, "among").orders(number, send),
        [order_retrieve(database.order_id(at)) for at in spread],
        [order_retrieve(locator=database.locator(at), surname=database.surname) for at in spread],
    )


async def _caller(house: House) -> Caller:
    seller = await house.store.sellers.by_key_hash(key_hash(KEY))
    if seller is None:
        raise AssertionError("the world has no demo seller")
    return Caller(seller)


async def _in_turn(asked: list[tuple[House, list[bytes]]]) -> list[float]:
    """Milliseconds of CPU for one message, all threads of this process together; by house."""
    took: list[list[float]] = [[] for _ in asked]
    callers = [await _caller(house) for house, _ in asked]
    for bodies in zip(*(bodies for _, bodies in asked), strict=True):
        for at, body in enumerate(bodies):
            began = time.process_time()
            reply = await asked[at][0].exchange.handle(body, callers[at])
            took[at].append((time.process_time() - began) * 1e3)
            if reply.outcome != "ok" and b"493" not in reply.body:  # the last seat of a class
                raise AssertionError(reply.body[:600])
    return [middle(each) for each in took]

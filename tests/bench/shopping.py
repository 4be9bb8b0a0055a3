"""AirShopping's server CPU a request, over HTTP, against its floor in the same run."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final

from tests.bench.cpu import timed_us, used_s
from tests.bench.figures import Bench, Goal, Table, mean, middle
from tests.bench.floor import Costs, Floor, mean_of
from tests.bench.load import Answer, send_all, together
from tests.bench.market import Market
from tests.houses import KEY, configured
from tests.processes import Server, running

from ndc_oms.boot import open_house
from ndc_oms.ports.sellers import Caller
from ndc_oms.server.auth import key_hash
from ndc_oms.server.endpoint import pack
from ndc_oms.world.load import load as load_world

SIZES: Final = (50, 100, 200)
AT_ONCE: Final = 8  # so that the server never waits for us
BLOCKS: Final = 5
BLOCK: Final = 32  # requests
WARM: Final = 300


@dataclass
class Seen:
    """What came back of one block."""

    offers: int = 0
    size: int = 0
    texts: list[bytes] = field(default_factory=list)

    def __call__(self, _at: int, answer: Answer) -> None:
        text = answer.text
        if answer.status != 200 or b"<m:Error>" in text:
            raise AssertionError(text[:2000].decode(errors="replace"))
        self.offers += text.count(b"<Offer>")
        self.size += len(text)
        if len(self.texts) < 5:
            self.texts.append(text)


@dataclass(frozen=True, slots=True)
class Block:
    """Means of one block of requests. server_us: CPU a request. pack_us: of its reply."""

    server_us: float
    costs: Costs
    offers: float
    kilobytes: float
    pack_us: float

    @property
    def ratio(self) -> float:
        return self.server_us / self.costs.floor


async def block(server: Server, floor: Floor, bodies: Sequence[bytes], *, packed: bool) -> Block:
    seen, many = Seen(), len(bodies)
    before = used_s(server.process.pid)
    await send_all(server.url, bodies, seen, at_once=AT_ONCE, packed=packed)
    used = used_s(server.process.pid) - before
    costs = mean_of([await floor.costs(each) for each in bodies])
    packing = mean(timed_us(partial(pack, text))[1] for text in seen.texts)
    return Block(used / many * 1e6, costs, seen.offers / many, seen.size / many / 1e3, packing)


async def run(bench: Bench) -> AsyncIterator[Table]:
    """Every size, plain and packed; then what is asked often; then two processes."""
    market = Market(load_world(bench.world), datetime.now(UTC).date(), bench.seed)
    async with _both(bench, market) as (server, floor):
        job = bench.progress.add_task("AirShopping", total=(2 * len(SIZES) + 1) * BLOCKS)
        number = bench.many(BLOCK, 10)

        async def measured(draws: Sequence[Sequence[bytes]], *, packed: bool) -> list[Block]:
            blocks = []
            for bodies in draws:
                blocks.append(await block(server, floor, bodies, packed=packed))
                bench.progress.advance(job)
            return blocks

        rows = []
        for packed in (False, True):
            for size in SIZES:
                draws = [market.searches(size, number) for _ in range(BLOCKS)]
                rows.append((size, packed, await measured(draws, packed=packed)))
        yield _table(rows)
        shelf = market.popular(SIZES[0], 100, number * (BLOCKS + 5))
        await send_all(server.url, shelf[: number * 5], Seen(), at_once=AT_ONCE)
        for each in shelf[: number * 5]:
            await floor.costs(each)
        asked = [shelf[at : at + number] for at in range(number * 5, len(shelf), number)]
        yield _popular(await measured(asked, packed=True))
    yield await _two(bench, market)


@asynccontextmanager
async def _both(bench: Bench, market: Market) -> AsyncIterator[tuple[Server, Floor]]:
    """A server process and the floor's house, warmed by the same requests."""
    config = configured(bench.folder / "floor", world=bench.world)
    async with (
        running(bench.folder / "shop", bench.log("shop"), **bench.environment) as server,
        open_house(config) as house,
    ):
        seller = await house.store.sellers.by_key_hash(key_hash(KEY))
        if seller is None:
            raise AssertionError("the world has no demo seller")
        floor = Floor(house, Caller(seller))
        warm = market.searches(SIZES[0], bench.many(WARM, 50))
        await send_all(server.url, warm, Seen(), at_once=AT_ONCE)
        await house.availability.ensure(market.days)
        for each in bench.progress.track(warm, description="warming"):
            await floor.costs(each)
        yield server, floor


def _table(rows: Sequence[tuple[int, bool, list[Block]]]) -> Table:
    shown, goals = [], []
    for size, packed, blocks in rows:
        costs = mean_of(each.costs for each in blocks)
        server, ratio = middle(b.server_us for b in blocks), middle(b.ratio for b in blocks)
        over = middle(b.server_us / b.costs.core for b in blocks)
        shown.append(
            (
                f"{size}{' gzip' if packed else ''}",
                mean(b.offers for b in blocks),
                mean(b.kilobytes for b in blocks),
                *(getattr(costs, part) / 1e3 for part in Costs.__dataclass_fields__),
                costs.floor / 1e3,
                costs.core / 1e3,
                server / 1e3,
                ratio,
                over,
            )
        )
        goals.append(Goal(f"{shown[-1][0]} offers, server / floor", ratio, 1.5))
        goals.append(Goal(f"{shown[-1][0]} offers, server / core", over, 1.5))
        if packed:
            pack_us = middle(b.pack_us for b in blocks)
            goals.append(
                Goal(f"{size} offers, validation / request", costs.validate / server, 0.05)
            )
            goals.append(Goal(f"{size} offers, gzip / composing", pack_us / costs.write, 0.3))
    return Table(
        "AirShopping: server CPU a request over HTTP, and its floor (ms)",
        ("offers", "found", "kB", *Costs.__dataclass_fields__, "floor", "core", "server",
         "server/floor", "server/core"),
        shown,
        "Every request is another one (route, days, party). floor = parse + validate + search + "
        "join; core = parse + validate + act + again: see tests/bench/floor.py.",
        goals,
    )  # fmt: skip


def _popular(blocks: list[Block]) -> Table:
    costs = mean_of(each.costs for each in blocks)
    server = middle(b.server_us for b in blocks)
    us = (costs.search, costs.act, costs.again, costs.floor, costs.core, server)
    row = (SIZES[0], *(each / 1e3 for each in us), server / costs.floor, server / costs.core)
    return Table(
        "AirShopping: searches that are asked again and again, gzip (ms)",
        ("offers", "search", "act", "again", "floor", "core", "server", "server/floor",
         "server/core"),
        [row],
        "100 searches drawn by Zipf's law after each was warmed: pages and choices are kept, so "
        "the floor is little more than parsing and joining.",
    )  # fmt: skip


async def _two(bench: Bench, market: Market) -> Table:
    """One process, then two on the same data, each kept busy; the clients need CPU too."""
    data, number = bench.folder / "shop", bench.many(200, 40)
    async with (
        running(data, bench.log("one"), **bench.environment) as one,
        running(data, bench.log("two"), **bench.environment) as two,
    ):
        warm = market.searches(SIZES[0], bench.many(WARM, 50))
        for each in (one, two):
            await send_all(each.url, warm, Seen(), at_once=AT_ONCE)
        rates, costs = [], []
        for servers in ((one,), (one, two), (two,), (one, two)):
            before = sum(used_s(each.process.pid) for each in servers)
            loads = [market.searches(SIZES[0], number) for _ in servers]
            took = await together(
                *(
                    send_all(each.url, load, _nothing, at_once=AT_ONCE, packed=True)
                    for each, load in zip(servers, loads, strict=True)
                )
            )
            used = sum(used_s(each.process.pid) for each in servers) - before
            rates.append(number * len(servers) / max(took))
            costs.append(used / (number * len(servers)) * 1e3)
            await asyncio.sleep(0)
    one_rate, two_rate = mean((rates[0], rates[2])), mean((rates[1], rates[3]))
    one_ms, two_ms = mean((costs[0], costs[2])), mean((costs[1], costs[3]))
    return Table(
        "AirShopping: one process and two on the same data (50 offers, gzip)",
        ("processes", "requests/s", "CPU ms a request", "by wall clock", "by CPU"),
        [(1, one_rate, one_ms, 1.0, 1.0),
         (2, two_rate, two_ms, two_rate / one_rate, 2 * one_ms / two_ms)],
        "By wall clock the clients, and whoever else runs on the machine, take their part of its "
        "cores; by CPU: two cores of their own would give so much.",
        [Goal("two processes / one, by CPU", 2 * one_ms / two_ms, 1.9, at_most=False)],
    )  # fmt: skip


def _nothing(_at: int, _answer: Answer) -> None:
    """Counting bodies would cost the clients more than sending them."""

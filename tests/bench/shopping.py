"""AirShopping's server CPU a request, over HTTP, against its floor in the same run; and where it
goes.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tests.bench import cores
from tests.bench.cpu import kernel_s, used_s
from tests.bench.figures import Bench, Goal, Table, mean, mean_of, middle
from tests.bench.floor import Costs, Floor
from tests.bench.load import Answer, Links, send_all, together
from tests.bench.market import Market
from tests.houses import KEY, configured
from tests.processes import Server, running

from ndc_oms.boot.house import House, open_house
from ndc_oms.ports.sellers import Caller
from ndc_oms.server.auth import key_hash
from ndc_oms.world.load import load as load_world

SIZES: Final = (50, 100, 200)
AT_ONCE: Final = 8  # so that the server never waits for us
BLOCKS: Final = 24  # one differs from the next by a tenth: a figure is good to 0.02
BLOCK: Final = 16  # requests: see Floor.costs
WARM: Final = 320
EMPTY: Final = b"<a/>"  # a document that is no message: read, refused, logged and counted
REST_S: Final = 2.0
TURNS: Final = 6


@dataclass
class Seen:
    """What came back of one block."""

    offers: int = 0
    size: int = 0

    def __call__(self, _at: int, answer: Answer) -> None:
        text = answer.text
        if answer.status != 200 or b"<m:Error>" in text:
            raise AssertionError(text[:2000].decode(errors="replace"))
        self.offers += text.count(b"<Offer>")
        self.size += len(text)


@dataclass(frozen=True, slots=True)
class Block:
    """Means of one block of requests. server_us, kernel_us: CPU a request, in all and in the
    kernel. each_s: by the wall clock, of the block's time.
    """

    server_us: float
    kernel_us: float
    each_s: float
    costs: Costs
    offers: float
    kilobytes: float

    @property
    def ratio(self) -> float:
        return self.server_us / self.costs.floor


@dataclass(frozen=True, slots=True)
class Shell:
    """What the server does around any request, µs: HTTP, caller, rates, log, metrics. beside: of
    a second, µs, when nobody asks anything.
    """

    http: float
    beside: float


@dataclass(frozen=True, slots=True)
class Asked:
    """The server, and connections to it that are kept all the time."""

    pid: int
    links: Links


async def block(asked: Asked, floor: Floor, bodies: Sequence[bytes], *, packed: bool) -> Block:
    seen, many, pid = Seen(), len(bodies), asked.pid
    answers: dict[int, Answer] = {}  # looked at afterwards: that would slow the other core down
    used, kernel = used_s(pid), kernel_s(pid)
    with cores.on(cores.ASKING):
        wall_s = await asked.links.send_all(bodies, answers.__setitem__, packed=packed)
    used, kernel = used_s(pid) - used, kernel_s(pid) - kernel
    for at, answer in answers.items():
        seen(at, answer)
    with cores.on(cores.MEASURED):
        costs = await floor.costs(bodies)
    return Block(
        used / many * 1e6,
        kernel / many * 1e6,
        wall_s / many,
        costs,
        seen.offers / many,
        seen.size / many / 1e3,
    )


async def shell(asked: Asked, house: House, caller: Caller, number: int) -> Shell:
    pid = asked.pid
    before = used_s(pid)
    await asyncio.sleep(REST_S)
    beside = (used_s(pid) - before) / REST_S * 1e6
    bodies = [EMPTY] * number
    with cores.on(cores.ASKING):
        await asked.links.send_all(bodies, _nothing)
        before = used_s(pid)
        await asked.links.send_all(bodies, _nothing)
    whole = (used_s(pid) - before) / number * 1e6
    began = time.thread_time_ns()
    with cores.on(cores.MEASURED):
        for body in bodies:
            await house.exchange.handle(body, caller)
    inside = (time.thread_time_ns() - began) / number / 1e3
    return Shell(whole - inside, beside)


async def run(bench: Bench) -> AsyncIterator[Table]:
    """Every size, plain and packed; then what is asked often; then two processes."""
    market = Market(load_world(bench.world), datetime.now(UTC).date(), bench.seed)
    async with _both(bench, market) as (asked, floor, house, caller):
        job = bench.progress.add_task("AirShopping", total=2 * len(SIZES) * BLOCKS)
        number = bench.many(BLOCK, 8)

        async def measured(draws: Sequence[Sequence[bytes]], *, packed: bool) -> list[Block]:
            blocks = []
            for bodies in draws:
                blocks.append(await block(asked, floor, bodies, packed=packed))
                bench.progress.advance(job)
            return blocks

        rows = []
        for packed in (False, True):
            for size in SIZES:
                draws = [market.searches(size, number) for _ in range(BLOCKS)]
                rows.append((size, packed, await measured(draws, packed=packed)))
        yield _table(rows)
        yield _account(rows, await shell(asked, house, caller, bench.many(500, 50)))
        shelf = market.popular(SIZES[0], 100, number * 2 * BLOCKS)
        warm, drawn = shelf[: number * BLOCKS], shelf[number * BLOCKS :]
        await asked.links.send_all(warm, Seen())
        await _warmed(floor, warm)
        draws = [drawn[at : at + number] for at in range(0, len(drawn), number)]
        yield _popular(await measured(draws, packed=True))
    yield await _two(bench, market)


async def _warmed(floor: Floor, bodies: Sequence[bytes]) -> None:
    for at in range(0, len(bodies), BLOCK):
        await floor.costs(bodies[at : at + BLOCK])


@asynccontextmanager
async def _both(bench: Bench, market: Market) -> AsyncIterator[tuple[Asked, Floor, House, Caller]]:
    """A server process and the floor's houses, warmed by the same requests."""
    config = configured(bench.folder / "floor", world=bench.world)
    other = configured(bench.folder / "look", world=bench.world)
    async with (
        running(bench.folder / "shop", bench.log("shop"), **bench.environment) as server,
        open_house(config) as house,
        open_house(other) as looked_at,
    ):
        seller = await house.store.sellers.by_key_hash(key_hash(KEY))
        if seller is None:
            raise AssertionError("the world has no demo seller")
        caller = Caller(seller)
        cores.keep(server.process.pid)
        floor = Floor(house, looked_at, caller)
        warm = market.searches(SIZES[0], bench.many(WARM, 48))
        links = Links(server.url, AT_ONCE)
        await links.send_all(warm, Seen())
        await house.availability.ensure(market.days)
        await looked_at.availability.ensure(market.days)
        await _warmed(floor, warm)
        yield Asked(server.process.pid, links), floor, house, caller
        links.close()


def _named(size: int, *, packed: bool) -> str:
    return f"{size}{' gzip' if packed else ''}"


def _table(rows: Sequence[tuple[int, bool, list[Block]]]) -> Table:
    shown, goals = [], []
    for size, packed, blocks in rows:
        costs, name = mean_of(each.costs for each in blocks), _named(size, packed=packed)
        server, ratio = middle(b.server_us for b in blocks), middle(b.ratio for b in blocks)
        parts = (costs.parse, costs.validate, costs.search, costs.ready, costs.floor, server)
        shown.append(
            (
                name,
                mean(b.offers for b in blocks),
                mean(b.kilobytes for b in blocks),
                *(each / 1e3 for each in parts),
                ratio,
                costs.bare / 1e3,
                middle(b.server_us / b.costs.bare for b in blocks),
            )
        )
        goals.append(Goal(f"{name} offers, server / floor", ratio, 1.5))
        if packed:
            goals.append(
                Goal(f"{size} offers, validation / request", costs.validate / server, 0.05)
            )
            goals.append(Goal(f"{size} offers, gzip / composing", costs.gzip / costs.write, 0.3))
    return Table(
        "AirShopping: server CPU a request over HTTP, and its floor (ms)",
        ("offers", "found", "kB", "parse", "validate", "search", "ready", "floor", "server",
         "server/floor", "bare", "server/bare"),
        shown,
        f"Every request is another one (route, days, party). Means of the middle half of {BLOCKS} "
        "blocks. floor = parse + validate + search + composing once more with its fragments ready. "
        "bare: without choosing, ranking and signing, and joining only. See tests/bench/floor.py.",
        goals,
    )  # fmt: skip


def _account(rows: Sequence[tuple[int, bool, list[Block]]], around: Shell) -> Table:
    """Where the server's CPU goes: what was measured here, part by part, and what is left."""
    shown = []
    for size, packed, blocks in rows:
        costs = mean_of(each.costs for each in blocks)
        beside = around.beside * mean(each.each_s for each in blocks)
        server = mean(each.server_us for each in blocks)
        parts = (
            costs.parse, costs.validate, costs.read, costs.search, costs.ready, costs.fragments,
            costs.gzip if packed else 0.0, around.http, beside,
        )  # fmt: skip
        kernel = mean(each.kernel_us for each in blocks)
        figures = (*parts, server - sum(parts), server, kernel)
        shown.append((_named(size, packed=packed), *(each / 1e3 for each in figures)))
    return Table(
        "AirShopping: where the server's CPU goes (ms a request, means)",
        ("offers", "parse", "validate", "read", "search", "ready", "fragments", "gzip", "http",
         "beside", "rest", "server", "of it kernel"),
        shown,
        "fragments: making those that nobody asked for before. http: all around a request that is "
        "refused at the door, its log line and metrics too. beside: what the server does when "
        "nobody asks. rest: sending a large reply, collecting garbage, and what the other "
        "process's load takes from the caches.",
    )  # fmt: skip


def _popular(blocks: list[Block]) -> Table:
    costs = mean_of(each.costs for each in blocks)
    server = middle(b.server_us for b in blocks)
    us = (costs.search, costs.ready, costs.floor, server, costs.bare)
    row = (SIZES[0], *(each / 1e3 for each in us), server / costs.floor, server / costs.bare)
    return Table(
        "AirShopping: searches that are asked again and again, gzip (ms)",
        ("offers", "search", "ready", "floor", "server", "bare", "server/floor", "server/bare"),
        [row],
        "100 searches drawn by Zipf's law after each was warmed: pages, choices and fragments are "
        "kept, so the floor is little more than parsing and joining.",
    )


async def _two(bench: Bench, market: Market) -> Table:
    """A process beside another on the same data, and beside a stranger with data of its own: two
    cores are busy each time, so what a busy neighbour costs either is in both.
    """
    number = bench.many(100, 40)
    async with (
        running(bench.folder / "shop", bench.log("one"), **bench.environment) as one,
        running(bench.folder / "shop", bench.log("two"), **bench.environment) as two,
        running(bench.folder / "apart", bench.log("apart"), **bench.environment) as stranger,
    ):
        warm = market.searches(SIZES[0], bench.many(WARM, 50))
        for each in (one, two, stranger):
            await send_all(each.url, warm, Seen(), at_once=AT_ONCE)
        rates: dict[int, list[float]] = {1: [], 2: []}
        costs, shares = [], []
        for _ in range(bench.many(TURNS, 2)):
            alone, _ = await _busy((one,), market, number)
            rates[1].append(alone)
            _, apart = await _busy((one, stranger), market, number)
            both, together_ms = await _busy((one, two), market, number)
            rates[2].append(both)
            costs.append((apart, together_ms))
            shares.append(2 * apart / together_ms)
    one_rate, two_rate = (middle(each) for each in rates.values())
    share = middle(shares)
    return Table(
        "AirShopping: two processes on the same data (50 offers, gzip)",
        ("processes", "requests/s", "by wall clock", "CPU ms a request", "by CPU"),
        [
            (1, one_rate, 1.0, middle(apart for apart, _ in costs), 1.0),
            (2, two_rate, two_rate / one_rate, middle(two for _, two in costs), share),
        ],
        "By wall clock the clients, and whoever else runs on the machine, take their part of its "
        "cores. By CPU: what two processes on the same data do at the price of one beside a "
        "stranger that is as busy with data of its own; the middle half of turns.",
        [Goal("two processes / one, by CPU", share, 1.9, at_most=False)],
    )


async def _busy(servers: Sequence[Server], market: Market, number: int) -> tuple[float, float]:
    """Requests a second, and the CPU of one (ms), of servers that are all kept busy."""
    before = [used_s(each.process.pid) for each in servers]
    loads = [market.searches(SIZES[0], number) for _ in servers]
    took = await together(
        *(
            send_all(each.url, load, _nothing, at_once=AT_ONCE, packed=True)
            for each, load in zip(servers, loads, strict=True)
        )
    )
    used = [used_s(each.process.pid) - u for each, u in zip(servers, before, strict=True)]
    return number * len(servers) / max(took), mean(used) / number * 1e3


def _nothing(_at: int, _answer: Answer) -> None:
    """Counting bodies would cost the clients more than sending them."""

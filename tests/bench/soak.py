"""Look-to-book, for as long as wanted: a thousand searches to an order at 70 % of what the server
can do, arriving when they please and not when the last reply has come.

So a slow reply makes others wait, and their waiting counts: times are from when a request was due.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from tests.bench.cpu import resident_mb, used_s
from tests.bench.figures import Bench, Goal, Table, written
from tests.bench.load import Link, send_all
from tests.bench.market import Market
from tests.bench.sales import Sales
from tests.bench.shopping import AT_ONCE, Seen
from tests.houses import configured
from tests.processes import Server, running

from ndc_oms.cli.checking import planned_step
from ndc_oms.store.verify import verify
from ndc_oms.world.load import load as load_world

LOAD: Final = 0.7
LOOKS_A_BOOK: Final = 1000
LINKS: Final = 64
BLOCKS: Final = 5  # of searches, to find the pace; the first warms the caches
LIMIT: Final = 50  # offers a search
PERCENTILES: Final = (50.0, 90.0, 99.0, 99.9, 100.0)


@dataclass
class Times:
    """A histogram whose buckets are 3 % wide, whatever the scale."""

    _buckets: Counter[int] = field(default_factory=Counter)
    many: int = 0
    _FINE: Final = 64  # buckets for each doubling

    def add(self, seconds: float) -> None:
        us = max(1, int(seconds * 1e6))
        scale = max(0, us.bit_length() - 6)
        self._buckets[scale * self._FINE + (us >> scale)] += 1
        self.many += 1

    def ms(self, percent: float) -> float:
        """That `percent` of the times do not exceed."""
        left = self.many * percent / 100
        for bucket in sorted(self._buckets):
            left -= self._buckets[bucket]
            if left <= 0:
                return self._top_ms(bucket)
        return 0.0

    def rows(self) -> Iterator[tuple[str, int]]:
        """(up to ms, how many), by doublings."""
        by_scale: Counter[int] = Counter()
        for bucket, many in self._buckets.items():
            by_scale[int(self._top_ms(bucket) * 1e3).bit_length()] += many
        for scale in sorted(by_scale):
            yield f"up to {written(2**scale / 1e3)}", by_scale[scale]

    def _top_ms(self, bucket: int) -> float:
        scale, fine = divmod(bucket, self._FINE)
        return ((fine + 1) << scale) / 1e3


@dataclass
class Watch:
    """What happened. memory: MB by the second since the start. took_s: until the last reply."""

    looks: Times = field(default_factory=Times)
    books: Times = field(default_factory=Times)
    outcomes: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """rate: requests a second."""

    rate: float
    seconds: float


async def run(bench: Bench, seconds: float) -> AsyncIterator[Table]:
    market = Market(load_world(bench.world), datetime.now(UTC).date(), bench.seed + 5)
    data = bench.folder / "soak"
    async with running(data, bench.log("soak"), **bench.environment) as server:
        pace = Pace(LOAD * await _capacity(bench, server, market), seconds)
        orders = await _orders(server, market, int(pace.rate * seconds / LOOKS_A_BOOK) + 1)
        before = used_s(server.process.pid)
        watch = await _arrive(bench, server, market, orders, pace)
        busy = (used_s(server.process.pid) - before) / watch.took_s
        await server.stop()
    found = await verify(configured(data).database_url, next_step=planned_step)
    for table in _tables(watch, pace, busy, found):
        yield table


async def _capacity(bench: Bench, server: Server, market: Market) -> float:
    """Searches a second, with the caches as warm as they get: the least of several blocks, which
    is what the server can do whatever else the machine has to do.
    """
    job = bench.progress.add_task("soak: finding the pace", total=None)
    rates = []
    for _ in range(BLOCKS):
        bodies = market.searches(LIMIT, 300)
        took = await send_all(server.url, bodies, Seen(), at_once=AT_ONCE, packed=True)
        rates.append(len(bodies) / took)
    bench.progress.remove_task(job)
    return min(rates[1:])


async def _orders(server: Server, market: Market, number: int) -> list[bytes]:
    link = Link(server.url)

    async def send(body: bytes) -> bytes:
        return (await link.post(body)).body

    try:
        return await Sales(market, "soak").orders(number, send)
    finally:
        link.close()


async def _arrive(
    bench: Bench, server: Server, market: Market, orders: list[bytes], pace: Pace
) -> Watch:
    """Requests at random moments, at the pace on the average."""
    links: asyncio.Queue[Link] = asyncio.Queue()
    for _ in range(LINKS):
        links.put_nowait(Link(server.url, packed=True))
    watch, gaps, began = Watch(), random.Random(bench.seed), time.monotonic()
    waiting: set[asyncio.Task[None]] = set()
    job = bench.progress.add_task("soak", total=pace.seconds)
    due, number = 0.0, 0
    while due < pace.seconds:
        number += 1
        is_book = number % LOOKS_A_BOOK == LOOKS_A_BOOK // 2 and bool(orders)
        body = orders.pop() if is_book else market.search(LIMIT)
        due += gaps.expovariate(pace.rate)
        await asyncio.sleep(max(0.0, began + due - time.monotonic()))
        times = watch.books if is_book else watch.looks
        task = asyncio.create_task(_one(links, body, began + due, times, watch))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
        while len(watch.memory) < time.monotonic() - began:
            watch.memory.append(resident_mb(server.process.pid))
            bench.progress.update(job, completed=due)
    await asyncio.gather(*waiting)
    while not links.empty():
        links.get_nowait().close()
    watch.took_s = time.monotonic() - began
    return watch


async def _one(
    links: "asyncio.Queue[Link]", body: bytes, due: float, times: Times, watch: Watch
) -> None:
    link = await links.get()
    try:
        answer = await link.post(body)
    finally:
        links.put_nowait(link)
    times.add(time.monotonic() - due)
    refused = b"<m:Error>" in answer.text[:400]
    kind = "order" if times is watch.books else "search"
    watch.outcomes[f"{kind} refused" if refused else f"{kind} {answer.status}"] += 1


def _tables(watch: Watch, pace: Pace, busy: float, found: list[str]) -> Iterator[Table]:
    memory = watch.memory[len(watch.memory) // 10 :] or [0.0]
    grown = memory[-1] - memory[len(memory) // 3]
    outcomes = ", ".join(f"{n:,} × {name}" for name, n in sorted(watch.outcomes.items()))
    kinds = (("search", watch.looks), ("order", watch.books))
    yield Table(
        "Look-to-book: time from when a request was due to its last byte (ms)",
        ("", "requests", *(f"p{written(p)}" for p in PERCENTILES)),
        [(name, t.many, *(t.ms(p) for p in PERCENTILES)) for name, t in kinds],
        f"{pace.rate:.0f} requests/s for {watch.took_s:.0f} s, {100 * busy:.0f} % of a core; "
        f"{outcomes}.",
        [
            Goal("MB grown in the last two thirds", grown, 10),
            Goal("findings of verify", len(found), 0),
        ],
    )
    yield Table(
        "Look-to-book: searches by their time (ms)", ("", "searches"), [*watch.looks.rows()]
    )
    steps = range(0, len(watch.memory), max(1, len(watch.memory) // 10))
    yield Table(
        "Look-to-book: memory of the server",
        ("second", "MB"),
        [(str(at), watch.memory[at]) for at in steps],
    )

"""OrderCreate over HTTP at 32 clients, against what its two halves allow in series.

no-database: the same server with orders in dictionaries (no_database.py). raw writer: sqlite3
alone writing the same rows (writing.py). One after the other they would give
1 / (1 / no-database + 1 / raw writer) orders a second. The simulated PSS and card gateway keep
their own files, on disk, in every case. The two servers take turns, a block of orders each, so
that a neighbour disturbs both, and the middle half of what pairs of blocks showed counts. Beside
the wall clock, which waits for whoever else has the disk and the cores, the same bound in CPU:
what both halves take, an order, against what the server takes.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from tests.bench import cores, writing
from tests.bench.cpu import used_s
from tests.bench.figures import Bench, Goal, Table, middle, percentile
from tests.bench.load import Answer, Link, send_all
from tests.bench.market import Market
from tests.bench.sales import Sales
from tests.processes import Server

from ndc_oms.world.load import load as load_world

CLIENTS: Final = 32
BLOCK: Final = 64  # orders
BLOCKS: Final = 32  # one differs from the next by a fifth: a figure is good to 0.04
SERVE: Final = ("-m", "ndc_oms.cli.main", "serve")
NO_DATABASE: Final = ("-m", "tests.bench.no_database")
_CODE: Final = re.compile(rb"<m:Error><Code>(\w+)")


@dataclass
class Orders:
    """What became of the orders. refused: by their codes; seats do run out."""

    done: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)

    def __call__(self, _at: int, answer: Answer) -> None:
        if answer.status == 200 and b"<OrderID>" in answer.body:
            self.done += 1
            self.took_s.append(answer.took_s)
            return
        code = _CODE.search(answer.body)
        name = code[1].decode() if code else str(answer.status)
        self.refused[name] = self.refused.get(name, 0) + 1


@dataclass
class Seller:
    """A server and the orders it is to be sent. rates: orders a second; cpu_ms: an order."""

    server: Server
    blocks: list[list[bytes]]
    seen: Orders = field(default_factory=Orders)
    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    async def warm(self) -> None:
        await send_all(self.server.url, self.blocks.pop(), Orders(), at_once=CLIENTS)

    async def sell(self) -> None:
        """The next block."""
        done, before = self.seen.done, used_s(self.server.process.pid)
        took = await send_all(self.server.url, self.blocks.pop(), self.seen, at_once=CLIENTS)
        many = self.seen.done - done
        self.rates.append(many / took)
        self.cpu_ms.append((used_s(self.server.process.pid) - before) / many * 1e3)

    def row(self, name: str) -> tuple[object, ...]:
        times = [1000 * each for each in sorted(self.seen.took_s)]
        refused = ", ".join(f"{n} × {code}" for code, n in self.seen.refused.items()) or "none"
        halves = (percentile(times, 50), percentile(times, 99))
        return name, middle(self.rates), middle(self.cpu_ms), *halves, refused


async def run(bench: Bench) -> AsyncIterator[Table]:
    raw = await writing.measure(bench, writing.in_steps(await writing.lives_of(bench)))
    async with AsyncExitStack() as stack:
        real = await _seller(bench, "ordering", SERVE, stack)
        nothing = await _seller(bench, "no-database", NO_DATABASE, stack)
        for each in (real, nothing):
            await each.warm()
            cores.keep(each.server.process.pid)
        with cores.on(cores.ASKING):
            for at in bench.progress.track(range(len(real.blocks)), description="OrderCreate"):
                for each in (real, nothing) if at % 2 else (nothing, real):
                    await each.sell()
    bounds = [1 / (1 / rate + 1 / raw.driver) for rate in nothing.rates]
    both_ms = [each + raw.cpu_ms for each in nothing.cpu_ms]
    by_wall = middle(rate / bound for rate, bound in zip(real.rates, bounds, strict=True))
    by_cpu = middle(both / each for both, each in zip(both_ms, real.cpu_ms, strict=True))
    yield Table(
        f"OrderCreate over HTTP, {CLIENTS} clients, paid, ticketed",
        ("", "orders/s", "CPU ms an order", "p50 ms", "p99 ms", "refused"),
        [
            real.row("as served"),
            nothing.row("orders in dictionaries"),
            ("sqlite3 alone, same rows", raw.driver, raw.cpu_ms, "", "", ""),
            ("the two in series", middle(bounds), middle(both_ms), "", "", ""),
        ],
        f"Blocks of {BLOCK} orders in turn, means of the middle half. Refused: 493, where "
        "an order before took the last seat of a class.",
        [
            Goal("as served / in series, wall time", by_wall, 0.8, at_most=False),
            Goal("in series / as served, CPU", by_cpu, 0.8, at_most=False),
        ],
    )


async def _seller(
    bench: Bench, name: str, command: tuple[str, ...], stack: AsyncExitStack
) -> Seller:
    """The same orders for each name. Started, its offers shopped for."""
    market = Market(load_world(bench.world), datetime.now(UTC).date(), bench.seed + 2)
    server = Server(bench.folder / name, bench.log(name), bench.environment, command=command)
    stack.callback(server.bury)
    await server.start()
    link = Link(server.url)

    async def send(body: bytes) -> bytes:
        return (await link.post(body)).body

    job = bench.progress.add_task(f"shopping for {name}", total=None)
    bodies = await Sales(market, name).orders(BLOCK * (bench.many(BLOCKS, 2) + 1), send)
    link.close()
    bench.progress.remove_task(job)
    return Seller(server, [bodies[at : at + BLOCK] for at in range(0, len(bodies), BLOCK)])

"""OrderCreate over HTTP at 32 clients, against what its two halves allow in series.

no-database: the same server with orders in dictionaries (no_database.py). raw writer: sqlite3
alone writing the same rows (writing.py). One after the other they would give
1 / (1 / no-database + 1 / raw writer) orders a second. The simulated PSS and card gateway keep
their own files, on disk, in every case.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from tests.bench import writing
from tests.bench.cpu import used_s
from tests.bench.figures import Bench, Goal, Table, percentile
from tests.bench.load import Answer, Link, send_all
from tests.bench.market import Market
from tests.bench.sales import Sales
from tests.processes import Server

from ndc_oms.world.load import load as load_world

CLIENTS: Final = 32
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


@dataclass(frozen=True, slots=True)
class Run:
    rate: float  # orders a second
    cpu_ms: float  # of the server, an order
    orders: Orders

    def row(self, name: str) -> tuple[object, ...]:
        times = [1000 * each for each in sorted(self.orders.took_s)]
        refused = ", ".join(f"{n} × {code}" for code, n in self.orders.refused.items()) or "none"
        halves = (percentile(times, 50), percentile(times, 99))
        return name, self.rate, self.cpu_ms, *halves, refused


async def run(bench: Bench) -> AsyncIterator[Table]:
    raw = (await writing.measure(bench)).raw
    nothing = await _create(bench, "no-database", NO_DATABASE)
    real = await _create(bench, "orders", SERVE)
    bound = 1 / (1 / nothing.rate + 1 / raw)
    yield Table(
        f"OrderCreate over HTTP, {CLIENTS} clients, paid, ticketed (wall time)",
        ("", "orders/s", "CPU ms an order", "p50 ms", "p99 ms", "refused"),
        [
            real.row("as served"),
            nothing.row("orders in dictionaries"),
            ("sqlite3 alone, same rows", raw, "", "", "", ""),
            ("the two in series", bound, "", "", "", ""),
        ],
        "Refused: 493, where an order before took the last seat of a class.",
        [Goal("as served / in series", real.rate / bound, 0.8, at_most=False)],
    )


async def _create(bench: Bench, name: str, command: tuple[str, ...]) -> Run:
    market = Market(load_world(bench.world), datetime.now(UTC).date(), bench.seed + 2)
    async with _serving(bench, name, command) as server:
        link = Link(server.url)

        async def send(body: bytes) -> bytes:
            return (await link.post(body)).body

        sales, number = Sales(market, name), bench.many(400, 64)
        job = bench.progress.add_task(name, total=None)
        warm = await sales.orders(CLIENTS * 2, send)
        bodies = await sales.orders(number, send)
        link.close()
        await send_all(server.url, warm, Orders(), at_once=CLIENTS)
        seen, before = Orders(), used_s(server.process.pid)
        took = await send_all(server.url, bodies, seen, at_once=CLIENTS)
        used = used_s(server.process.pid) - before
        bench.progress.remove_task(job)
        return Run(seen.done / took, used / seen.done * 1e3, seen)


@asynccontextmanager
async def _serving(bench: Bench, name: str, command: tuple[str, ...]) -> AsyncIterator[Server]:
    server = Server(bench.folder / name, bench.log(name), bench.environment, command=command)
    try:
        yield await server.start()
    finally:
        server.bury()

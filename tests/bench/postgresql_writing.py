"""The writer on PostgreSQL against batches written by hand on its driver.

By hand: asyncpg, a transaction for each step of 32 orders, an executemany for each set of rows
(which the driver sends in one go); no reads, no locks, no checks. Rows are ready on both sides or
made by both, as in writing.py. The server syncs each commit to disk.
"""

import asyncio
from collections.abc import AsyncIterator
from itertools import chain
from typing import Any

import asyncpg
import uvloop
from tests import postgresql
from tests.bench.figures import Bench, Goal, Table
from tests.bench.tape import Batches, Statement, Tape, at_hand, make_json, play_to_tape
from tests.bench.turns import House, Pace, in_turn

from ndc_oms.ports.store import Unit
from ndc_oms.store.place import place_of
from ndc_oms.store.postgresql import CALLS, connect
from ndc_oms.store.postgresql_place import PostgresqlPlace

SIDES = ("ours", "ours_making", "alone", "alone_making")


async def run(bench: Bench, groups: list[list[list[Unit[Any]]]]) -> AsyncIterator[Table]:
    title = "Writer on PostgreSQL: each step of 32 orders a transaction (orders/s)"
    try:
        server = await asyncio.to_thread(postgresql.Server, durable=True)
    except postgresql.NoServerError as missing:
        yield Table(title, ("", "orders/s"), [(f"not measured: {missing}", "")])
        return
    try:
        pace = await _measured(bench, server, groups)
    finally:
        await asyncio.to_thread(server.stop)
    yield Table(
        title,
        ("", "the house's writer", "asyncpg by hand", "ratio"),
        [*pace.rows("each step of 32 orders", "asyncpg")],
        "fsync=on, synchronous_commit=on. Wall time, sides in turn, means of the middle half.",
        [Goal("writer / asyncpg by hand, rows ready", pace.ratio, 0.6, False)],
    )


async def _measured(
    bench: Bench, server: postgresql.Server, groups: list[list[list[Unit[Any]]]]
) -> Pace:
    for name in ("taped", *SIDES):
        server.run("createdb", name)
        await place_of(server.url(name)).migrate()
    batches = list(chain(*groups))
    return await asyncio.to_thread(_in_turn, bench, server, batches, [len(g) for g in groups])


def _in_turn(
    bench: Bench, server: postgresql.Server, batches: list[list[Unit[Any]]], sizes: list[int]
) -> Pace:
    """In a thread: each side has an event loop of its own, and drives it."""
    taped = place_of(server.url("taped")).open_database()
    tape = play_to_tape(taped, "postgresql", CALLS, batches)
    taped.close()
    ours, ours_making = (place_of(server.url(name)).open_database() for name in SIDES[:2])
    alone = Player(server.url("alone"), tape, batches)
    alone_making = Player(server.url("alone_making"), tape, batches, makes=True)
    sides = (
        House(ours, batches, makes=False),
        alone,
        House(ours_making, batches, makes=True),
        alone_making,
    )
    took = in_turn(bench, sides, sizes)
    for each in (ours, alone, ours_making, alone_making):
        each.close()
    return Pace.of(took)


class Player:
    """asyncpg alone. batches: what is taped. makes: also the JSON text that is in the rows."""

    def __init__(self, url: str, tape: Tape, batches: Batches, *, makes: bool = False) -> None:
        place = place_of(url)
        if not isinstance(place, PostgresqlPlace):
            raise TypeError(url)
        self._loop = uvloop.new_event_loop()
        self._connection: asyncpg.Connection = self._loop.run_until_complete(
            connect(place.url, writes=True)
        )
        self._tape = tape
        self._batches = batches
        self._makes = makes
        self._statements: list[Statement] = []

    def prepare(self, place: int) -> None:
        self._statements = at_hand(self._tape[place], self._batches[place])

    def play(self, place: int) -> None:
        self._loop.run_until_complete(self._play(place))

    async def _play(self, place: int) -> None:
        if self._makes:
            make_json(self._tape[place].records)
        async with self._connection.transaction():
            for sql, rows in self._statements:
                await self._connection.executemany(sql, rows)

    def close(self) -> None:
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()

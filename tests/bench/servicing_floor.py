"""What a message about an order must cost at least: what it says, read and found to be right; the
act itself; and its answer put together.

As of AirShopping (floor.py), the floor is four parts, each the house's own function:
- parse: the guard and libxml2; validate: libxml2 against the wire profile
- act: everything that the answer depends on, in a house in one hand (in_hand.py). An order is read
  from SQLite and decoded, the simulated PSS is asked, prices are worked out, flights are searched
  for, quotes and events become rows; but nobody waits for a thread, a task or a socket, nothing
  is handed from one to another, and what is written is one transaction with one commit, where the
  server needs one before and one after each call of another side
- ready: the writer once more over the same result, with every fragment that it keeps there; after
  all requests of the block, as in floor.py

Above the floor, so counted against the server: HTTP, who is calling, rates, the envelope, reading
the tree into a record, the hash of the body, fragments that nobody asked for before, gzip, the
copy of request and reply that is kept for a repetition, every commit but one, the files and
threads of the simulated sides, hops, logs, metrics, the garbage collector, the worker.

Both houses have orders of their own, sold in the same way on the same flights.
"""

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.bench.cpu import timed_us
from tests.bench.figures import mean_of
from tests.bench.in_hand import HandHouse

from ndc_oms.ndc.door import guard
from ndc_oms.ndc.envelope import Envelope, open_envelope
from ndc_oms.ndc.exchange import Row
from ndc_oms.ports.sellers import Caller


@dataclass(frozen=True, slots=True)
class Costs:
    """Microseconds of CPU, of one request or the mean of many. read: envelope and reader, write:
    the writer as the server runs it; neither is the floor's.
    """

    parse: float
    validate: float
    read: float
    act: float
    write: float
    ready: float

    @property
    def floor(self) -> float:
        return self.parse + self.validate + self.act + self.ready


@dataclass(frozen=True, slots=True)
class _Answered:
    row: Row
    result: Any
    envelope: Envelope
    costs: dict[str, float]


class Floor:
    def __init__(self, house: HandHouse, caller: Caller) -> None:
        self._house = house
        self._caller = caller

    async def costs(self, message: str, bodies: Sequence[bytes]) -> Costs:
        """The mean of a block of requests of one message. Without the collector."""
        row = self._house.rows[message]
        gc.disable()
        try:
            answered = [await self._answered(row, body) for body in bodies]
            for each in answered:
                write = each.result, each.envelope
                _, each.costs["ready"] = timed_us(lambda: row.write(*write))  # noqa: B023
        finally:
            gc.enable()
        return mean_of(Costs(**each.costs) for each in answered)

    async def _answered(self, row: Row, body: bytes) -> _Answered:
        house, caller = self._house, self._caller
        root, parse = timed_us(lambda: guard(body))
        violations, validate = timed_us(lambda: house.schema.check(root))
        if violations:
            raise AssertionError(f"{row.message} is not valid: {violations}")
        envelope, opening = timed_us(lambda: open_envelope(root, caller, house.clock.now()))
        request, reading = timed_us(lambda: row.read(root, envelope))
        if row.writes:
            envelope = replace(envelope, key=f"trx:{envelope.trx_id}", body_hash=envelope.trx_id)
        asked = (request, caller, envelope.attempt) if row.writes else (request, caller)
        began = time.thread_time_ns()
        result = await row.act(*asked)
        house.database.end()
        act = (time.thread_time_ns() - began) / 1e3
        _, write = timed_us(lambda: row.write(result, envelope))
        costs = {"parse": parse, "validate": validate, "read": opening + reading}
        return _Answered(row, result, envelope, costs | {"act": act, "write": write})

"""What a shopping request must cost at least, in this process, with the bytes the server is sent.

The floor is four parts, each the house's own function, each met as the server meets it:
- parse: the guard and libxml2; validate: libxml2 against the wire profile
- search: the act. An offer is not found before it has flights, seats, a price for this party, a
  place in the answer and a token that can be honoured, so all of that is the search's. It runs in
  a house that has not seen this request, on timetable, availability and prices that are as warm
  as the server's: both were warmed by the same requests in the same order
- ready: the writer once more over the same result, now that every fragment that it keeps is
  there. It is run after the other requests of the block, not right after the first time: else
  its fragments would be ready in the processor's caches too, where the server's never are. Its
  code is there, since nothing else runs between: the server's is not, so this is the stricter way

Above the floor, so counted against the server: HTTP, who is calling, rates, the envelope, reading
the tree into a record, fragments that nobody asked for before, gzip, logs, metrics, the garbage
collector, and what the server does beside.

Beside it the bare floor, without a goal: journeys, availability and prices only (in a second house
with a world of its own, so that these look-ups are cold too), and joining the reply's parts, all
of them made beforehand, those of one offer too. What separates the two is choosing and ranking
offers, signing their tokens, and putting each one's ids and totals between fragments: a server
that skipped these would have no offers to send.
"""

import gc
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from tests.bench.cpu import timed_us
from tests.bench.figures import mean_of

from ndc_oms.boot.house import House
from ndc_oms.ndc import air_shopping
from ndc_oms.ndc.compose import reply
from ndc_oms.ndc.door import guard
from ndc_oms.ndc.envelope import Envelope, open_envelope
from ndc_oms.ndc.schema import Schema
from ndc_oms.offers import party as parties
from ndc_oms.offers.quotes import Quotes, Terms
from ndc_oms.offers.request import ShopRequest, ShopResult
from ndc_oms.offers.search import Search
from ndc_oms.ports.sellers import Caller
from ndc_oms.resources import schemas
from ndc_oms.server.endpoint import pack


@dataclass(frozen=True, slots=True)
class Costs:
    """Microseconds of CPU, of one request or the mean of many. read: envelope and reader; search:
    the act; write: the writer as the server runs it, ready: with every fragment there; gzip: of
    the reply. look: journeys and prices alone; join: of the reply's parts.
    """

    parse: float
    validate: float
    read: float
    search: float
    write: float
    gzip: float
    ready: float
    look: float
    join: float

    @property
    def floor(self) -> float:
        return self.parse + self.validate + self.search + self.ready

    @property
    def bare(self) -> float:
        return self.parse + self.validate + self.look + self.join

    @property
    def fragments(self) -> float:
        """Making those that were not there."""
        return self.write - self.ready


@dataclass(frozen=True, slots=True)
class _Answered:
    """One request's way through the house, and what it cost."""

    request: ShopRequest
    result: ShopResult
    envelope: Envelope
    costs: dict[str, float]


class Floor:
    """house: does what the server does. other: has a world of its own; only looks are asked of
    it. caller: whose requests they are.
    """

    def __init__(self, house: House, other: House, caller: Caller) -> None:
        self._house = house
        self._other = other
        self._caller = caller
        self._schema = Schema(schemas() / "ndc" / "21.3" / "ndc.xsd")
        self._search = Search(other.world)
        self._quotes = Quotes(other.world, other.availability)

    async def costs(self, bodies: Sequence[bytes]) -> Costs:
        """The mean of a block of requests. Without the collector: a floor has no garbage to look
        for. No more than a few thousand bounds, or the first fragments are not kept any more.
        """
        gc.disable()
        try:
            answered = [await self._answered(body) for body in bodies]
            for each in answered:
                write = each.result, each.envelope
                _, each.costs["ready"] = timed_us(lambda: air_shopping.write(*write))  # noqa: B023
            for each in answered:
                parts = _parts(each.result, each.envelope)
                _, each.costs["join"] = timed_us(lambda: reply(*parts))  # noqa: B023
                each.costs["look"] = await self._looked(each.request)
        finally:
            gc.enable()
        return mean_of(Costs(**each.costs) for each in answered)

    async def _answered(self, body: bytes) -> _Answered:
        now = self._house.clock.now()
        root, parse = timed_us(lambda: guard(body))
        _, validate = timed_us(lambda: self._schema.check(root))
        envelope, opening = timed_us(lambda: open_envelope(root, self._caller, now))
        _held, holding = timed_us(lambda: tuple(root.iter()))  # as the exchange does
        request, reading = timed_us(lambda: air_shopping.read(root, envelope))
        began = time.thread_time_ns()  # nothing is waited for: the days are here
        result = await self._house.acts.shop(request, self._caller.seller)
        search = (time.thread_time_ns() - began) / 1e3
        text, write = timed_us(lambda: air_shopping.write(result, envelope))
        _, gzip = timed_us(lambda: pack(text))
        costs = {"parse": parse, "validate": validate, "read": opening + holding + reading}
        costs |= {"search": search, "write": write, "gzip": gzip}
        return _Answered(request, result, envelope, costs)

    async def _looked(self, request: ShopRequest) -> float:
        now = self._other.clock.now().replace(microsecond=0)
        found, journeys = timed_us(
            lambda: [self._search.journeys(b.origin, b.destination, b.day) for b in request.bounds]
        )
        days = {day for each in found for one in each for day in one.days}
        await self._other.availability.ensure(days)
        currency = self._caller.seller.currency
        terms = Terms(parties.count(request.party), currency, "agency")
        _, quotes = timed_us(
            lambda: [self._quotes.of(one, terms, now) for each in found for one in each]
        )
        return journeys + quotes


def _parts(result: ShopResult, envelope: Envelope) -> tuple[str, Envelope, list[bytes]]:
    """What the writer gives to be joined, encoded. It keeps its parts to itself; here they are
    seen on their way.
    """
    taken: list[Any] = []

    def take(name: str, echo: Envelope, response: Iterable[str | bytes]) -> bytes:
        parts = [each if isinstance(each, bytes) else each.encode() for each in response]
        taken.extend((name, echo, parts))
        return b""

    with patch.object(air_shopping, "reply", take):
        air_shopping.write(result, envelope)
    return taken[0], taken[1], taken[2]

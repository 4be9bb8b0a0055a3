"""What a shopping request must cost at least, in this process, with the bytes the server is sent.

The floor, of the house's own functions:
- parse: the guard and libxml2; validate: libxml2 against the wire profile
- search: the journeys of each pair and day, their days' availability, and what every journey
  costs in every family (Search, Availability, Quotes), with the caches that the server has, warmed
  by the same requests in the same order
- join: the reply's fragments joined, as many and as long as the server joins, all made beforehand,
  and the whole encoded

Not in it, so counted against the server: HTTP, who is calling, reading the tree into a record,
choosing and ranking offers, signing their tokens, making fragments of flights and prices that were
not asked for before, what is written for one offer alone, logs, metrics, garbage collection.

Beside it the core: parse, validate, the whole act (search, choice, tokens), and the writer over
the same result once more, so that every fragment that can be kept is ready. What is above the
core is the shell: HTTP, callers, logs, metrics, reading, fragments that were not ready.
"""

import gc
import time
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any
from unittest.mock import patch

from tests.bench.cpu import timed_us
from tests.bench.figures import mean

from ndc_oms.boot import House
from ndc_oms.ndc import air_shopping
from ndc_oms.ndc.compose import reply
from ndc_oms.ndc.door import guard
from ndc_oms.ndc.envelope import Envelope, open_envelope
from ndc_oms.ndc.schema import Schema
from ndc_oms.offers import party as parties
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.quotes import Quotes, Terms
from ndc_oms.offers.request import ShopRequest, ShopResult
from ndc_oms.offers.search import Search
from ndc_oms.ports.sellers import Caller
from ndc_oms.resources import schemas


@dataclass(frozen=True, slots=True)
class Costs:
    """Microseconds of CPU, of one request or the mean of many. act: the act of shopping whole;
    write: the writer, as the server runs it; again: once more, with every fragment ready.
    """

    parse: float
    validate: float
    search: float
    join: float
    act: float
    write: float
    again: float

    @property
    def floor(self) -> float:
        return self.parse + self.validate + self.search + self.join

    @property
    def core(self) -> float:
        return self.parse + self.validate + self.act + self.again


def mean_of(many: Iterable[Costs]) -> Costs:
    costs = list(many)
    return Costs(*(mean(getattr(each, f.name) for each in costs) for f in fields(Costs)))


class Floor:
    """Over one house in this process. caller: whose requests they are."""

    def __init__(self, house: House, caller: Caller) -> None:
        self._house = house
        self._caller = caller
        self._schema = Schema(schemas() / "ndc" / "21.3" / "ndc.xsd")
        self._search = Search(house.world)
        self._quotes = Quotes(house.world, self._availability)

    @property
    def _availability(self) -> Availability:
        return self._house.availability

    async def costs(self, body: bytes) -> Costs:
        """One request's. Without the collector: a floor has no garbage to look for."""
        gc.disable()
        try:
            root, parse = timed_us(lambda: guard(body))
            _, validate = timed_us(lambda: self._schema.check(root))
            envelope = open_envelope(root, self._caller, self._house.clock.now())
            request = air_shopping.read(root, envelope)
            search = await self._searched(request)
            began = time.thread_time_ns()  # nothing is waited for: the days are here
            result = await self._house.acts.shop(request, self._caller.seller)
            act = (time.thread_time_ns() - began) / 1e3
            _, write = timed_us(lambda: air_shopping.write(result, envelope))
            _, again = timed_us(lambda: air_shopping.write(result, envelope))
            joined = _joined(result, envelope)
            _, join = timed_us(lambda: reply(*joined))
        finally:
            gc.enable()
        return Costs(parse, validate, search, join, act, write, again)

    async def _searched(self, request: ShopRequest) -> float:
        now = self._house.clock.now().replace(microsecond=0)
        currency = self._caller.seller.currency
        found, journeys = timed_us(
            lambda: [self._search.journeys(b.origin, b.destination, b.day) for b in request.bounds]
        )
        days = {day for each in found for one in each for day in one.days}
        await self._availability.ensure(days)
        terms = Terms(parties.count(request.party), currency, "agency")
        _, quotes = timed_us(
            lambda: [self._quotes.of(one, terms, now) for each in found for one in each]
        )
        return journeys + quotes


def _joined(result: ShopResult, envelope: Envelope) -> tuple[str, Envelope, list[str]]:
    """What the writer gives to be joined. It keeps its parts to itself; here they are seen on
    their way.
    """
    taken: list[Any] = []

    def take(name: str, echo: Envelope, response: Iterable[str]) -> bytes:
        taken.extend((name, echo, list(response)))
        return b""

    with patch.object(air_shopping, "reply", take):
        air_shopping.write(result, envelope)
    return taken[0], taken[1], taken[2]

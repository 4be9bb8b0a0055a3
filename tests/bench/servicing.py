"""What servicing costs: server CPU a request over HTTP, against its floor in the same run.

Two houses sell the same: a server process, and one in this process and one hand, which is the
floor's. Every order is asked about, and changed, once for each kind of request, so no two requests
of a kind are about the same order.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from lxml import etree
from tests.bench.cpu import used_s
from tests.bench.figures import Bench, Goal, Table, mean, mean_of, middle
from tests.bench.in_hand import HandHouse, house_in_hand
from tests.bench.load import Answer, Link, send_all
from tests.bench.market import Market
from tests.bench.servicing_floor import Costs, Floor
from tests.processes import Server, running

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OfferSummary, OrderSummary, offers_of, order_of
from ndc_oms.kit.requests import Pax, air_shopping, card, order_create
from ndc_oms.kit.seats import seats_for_order
from ndc_oms.kit.services import Picked, added, list_for_order, services_of
from ndc_oms.kit.servicing import (
    contact,
    order_change,
    order_rebook,
    order_reshop,
    reached_by,
    update_pax,
)
from ndc_oms.ports.sellers import Caller, Seller
from ndc_oms.world.load import load as load_world

CARD: Final = "4111111111111111"
FAMILIES: Final = frozenset({"Economy Standard", "Economy Flex", "Business Flex"})  # may change
OF_A_SEARCH: Final = 4  # orders
SOLD_OUT: Final = "493"
STAY: Final = timedelta(days=6)
PARTY: Final = (
    Pax("P1", surname="Hansen", given="Maren"),
    Pax("P2", surname="Hansen", given="Odd"),
)
AT_ONCE: Final = 8
BLOCKS: Final = 5
BLOCK: Final = 12  # orders
WARM: Final = 2  # blocks
GOAL: Final = 2.0

Ask = Callable[[bytes], Awaitable[Reply]]
Bounds = tuple[tuple[str, str, date], ...]


@dataclass(frozen=True, slots=True)
class Sold:
    """An order of one of the houses. bag: what it will buy beside its flights."""

    name: str
    order: OrderSummary
    bounds: Bounds
    bag: Picked | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request. packed: asked for with gzip, as most clients do."""

    name: str
    message: str
    compose: Callable[[Sold], bytes]


def _rebook(sold: Sold) -> bytes:
    later = [(a, b, day + timedelta(days=1)) for a, b, day in sold.bounds]
    return order_rebook(sold.order.order_id, sold.order.items, later)


def _reach(sold: Sold) -> bytes:
    lists = (
        f"<ContactInfoList>{contact('C9', email=f'{sold.name}@example.com')}</ContactInfoList>"
        f"<PaxList>{reached_by('T1', 'C9')}</PaxList>"
    )
    order, key = sold.order, f"{sold.name}-contact"
    return order_change(order.order_id, update_pax("P1", "T1"), lists=lists, trx_id=key)


def _buy(sold: Sold) -> bytes:
    if sold.bag is None:
        raise AssertionError(f"{sold.order.order_id} was not asked what it can buy")
    paid = card(CARD, str(sold.bag.price), sold.order.currency)
    key = f"{sold.name}-bag"
    return order_change(sold.order.order_id, added([sold.bag]), payments=paid, trx_id=key)


KINDS: Final = (
    Kind("ServiceList", "IATA_ServiceListRQ", lambda sold: list_for_order(sold.order.order_id)),
    Kind("SeatAvailability", "IATA_SeatAvailabilityRQ",
         lambda sold: seats_for_order(sold.order.order_id)),
    Kind("OrderReshop, to give back", "IATA_OrderReshopRQ",
         lambda sold: order_reshop(sold.order.order_id)),
    Kind("OrderReshop, another day", "IATA_OrderReshopRQ", _rebook),
    Kind("OrderChange, a contact", "IATA_OrderChangeRQ", _reach),
    Kind("OrderChange, a bag by card", "IATA_OrderChangeRQ", _buy),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """Means of one block. server_us: CPU a request."""

    server_us: float
    costs: Costs
    kilobytes: float

    @property
    def ratio(self) -> float:
        return self.server_us / self.costs.floor


class Counter:
    """Size of the answers, none of which may be a refusal."""

    def __init__(self) -> None:
        self.size = 0

    def __call__(self, _at: int, answer: Answer) -> None:
        text = answer.text
        if answer.status != 200 or b"<m:Error>" in text:
            raise AssertionError(text[:2000].decode(errors="replace"))
        self.size += len(text)


class Orders:
    """Paid and ticketed orders of one house: two adults, there and back. name: of the house."""

    def __init__(self, name: str, market: Market, ask: Ask) -> None:
        self._name = name
        self._market = market
        self._ask = ask
        self._made = 0

    async def some(self, number: int) -> list[Sold]:
        made: list[Sold] = []
        while len(made) < number:
            made += await self._of_a_search()
        return made[:number]

    async def _of_a_search(self) -> list[Sold]:
        day, (origin, destination) = self._market.day_and_route()
        bounds = ((origin, destination, day), (destination, origin, day + STAY))
        offers = offers_of(await self._ask(air_shopping(bounds, PARTY, limit=50)))
        fitting = [each for each in offers if set(each.families) <= FAMILIES]
        made = [await self._order(each, bounds) for each in fitting[:OF_A_SEARCH]]
        return [each for each in made if each is not None]

    async def _order(self, offer: OfferSummary, bounds: Bounds) -> Sold | None:
        """None where orders before it took the last seats of its class, in both houses alike."""
        self._made += 1
        name = f"{self._name}-{self._made}"
        paid = card(CARD, offer.amount, offer.currency)
        body = order_create(offer.offer_id, offer.items, PARTY, paid, trx_id=name)
        reply = await self._ask(body)
        if [code for code, _ in reply.errors] == [SOLD_OUT]:
            return None
        sold = Sold(name, order_of(reply), bounds)
        listed = services_of(await self._ask(list_for_order(sold.order.order_id)))
        bag = next(each for each in listed if each.code == "BAG23")
        return replace(sold, bag=Picked(bag, bag.passengers[:1]))


async def run(bench: Bench) -> AsyncIterator[Table]:
    many, blocks = bench.many(BLOCK, 4), bench.many(BLOCKS, 2)
    async with _both(bench) as (server, served, floor, in_hand):
        rows: dict[str, list[Block]] = {each.name: [] for each in KINDS}
        job = bench.progress.add_task("servicing", total=(WARM + blocks) * len(KINDS))
        for at in range(WARM + blocks):
            ours, theirs = await served.some(many), await in_hand.some(many)
            for kind in KINDS:
                block = await _block(kind, server, floor, ours, theirs)
                bench.progress.advance(job)
                if at >= WARM:
                    rows[kind.name].append(block)
    yield _table(rows)


async def _block(
    kind: Kind, server: Server, floor: Floor, ours: Sequence[Sold], theirs: Sequence[Sold]
) -> Block:
    """ours: orders of the server; theirs: of the house in hand."""
    bodies, pid, seen = [kind.compose(each) for each in ours], server.process.pid, Counter()
    before = used_s(pid)
    await send_all(server.url, bodies, seen, at_once=AT_ONCE, packed=True)
    used = (used_s(pid) - before) / len(bodies) * 1e6
    costs = await floor.costs(kind.message, [kind.compose(each) for each in theirs])
    return Block(used, costs, seen.size / len(bodies) / 1e3)


@asynccontextmanager
async def _both(bench: Bench) -> AsyncIterator[tuple[Server, Orders, Floor, Orders]]:
    world, today = load_world(bench.world), datetime.now(UTC).date()
    demo = world.sellers[0]
    caller = Caller(Seller(demo.org_id, demo.name, demo.currency))
    log, data = bench.log("servicing"), bench.folder / "servicing"
    async with (
        running(data, log, **bench.environment) as server,
        house_in_hand(bench.world, bench.folder / "servicing-in-hand.sqlite3") as house,
    ):
        link = Link(server.url)

        async def over_http(body: bytes) -> Reply:
            return _read((await link.post(body)).body)

        async def at_once(body: bytes) -> Reply:
            return _read(await _said(house, body, caller))

        markets = [Market(world, today, bench.seed + 5) for _ in range(2)]
        served = Orders("served", markets[0], over_http)
        yield server, served, Floor(house, caller), Orders("in-hand", markets[1], at_once)
        link.close()


async def _said(house: HandHouse, body: bytes, caller: Caller) -> bytes:
    reply = await house.rooms.exchange.handle(body, caller)
    house.database.end()
    return reply.body


def _read(body: bytes) -> Reply:
    return Reply(200, body, {}, etree.fromstring(body))


def _table(rows: dict[str, list[Block]]) -> Table:
    shown, goals = [], []
    for name, blocks in rows.items():
        costs, ratio = mean_of(each.costs for each in blocks), middle(b.ratio for b in blocks)
        server = middle(b.server_us for b in blocks)
        parts = (costs.parse, costs.validate, costs.act, costs.ready, costs.floor, server)
        figures = (*(each / 1e3 for each in parts), ratio)
        beside = ((costs.read) / 1e3, (costs.write - costs.ready) / 1e3)
        shown.append((name, mean(b.kilobytes for b in blocks), *figures, *beside))
        goals.append(Goal(f"{name}, server / floor", ratio, GOAL))
    return Table(
        "Servicing: server CPU a request over HTTP with gzip, and its floor (ms)",
        ("request", "kB", "parse", "validate", "act", "ready", "floor", "server", "server/floor",
         "read", "fragments"),
        shown,
        f"Paid orders of two adults there and back, another one for each request of a kind; "
        f"means of the middle half of {len(next(iter(rows.values())))} blocks of them. See "
        "tests/bench/servicing_floor.py.",
        goals,
    )  # fmt: skip

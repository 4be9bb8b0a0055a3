"""A whole house in one thread, where nothing fails by itself: messages go through every room from
the door to the store, the PSS and the gateways are the simulated ones in memory, and time stands
still until it is moved.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import select
from tests.houses import MovingClock

from ndc_oms.boot.adapters import open_sides
from ndc_oms.boot.rooms import furnish
from ndc_oms.fulfilment.feed import Feed
from ndc_oms.kit.simulation.ground import Ground
from ndc_oms.model.order import Order
from ndc_oms.ndc.exchange import Reply
from ndc_oms.orders.callback import PaymentCallback
from ndc_oms.payments.gateways.pages import PaymentPages
from ndc_oms.ports.sellers import Caller
from ndc_oms.store.in_memory import MemoryDatabase, MemoryStore
from ndc_oms.store.rows import read_order
from ndc_oms.store.tables import orders
from ndc_pss_simulator.simulator import Simulator

START: Final = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
_SNAPSHOTS: Final = select(orders.c.snapshot).order_by(orders.c.order_id)
ROUNDS: Final = 50  # of what is due; who needs more never comes to rest


class _Entropy:
    def __init__(self, random: Random) -> None:
        self._random = random

    def token(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))


class CalmHouse:
    """sides, database, clock: what `kit.simulation.audit` looks at."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self.ground = ground
        self.clock = MovingClock(START)
        self.database = MemoryDatabase()
        entropy = _Entropy(Random(f"entropy {seed}"))
        # its own timetable: flights are changed in it
        self.world = replace(ground.world, timetable=ground.world.timetable.apart())
        config, secret = ground.config, ground.secret
        self.sides, partners = open_sides(config, self.world, self.clock, entropy, secret)
        self.store = MemoryStore(self.database, self.clock, lambda: 0.0)
        rooms = furnish(
            config, self.world, self.clock, entropy, secret,
            store=self.store, sides=self.sides, partners=partners, owner="calm",
            schema=ground.schema,
        )  # fmt: skip
        self._rooms = rooms
        self._decoded: tuple[tuple[str, ...], list[Order]] = ((), [])
        self._feed = Feed(self.store, self.pss, self.clock, "calm", rooms.deliverer.wake)
        self._callback = PaymentCallback(
            self.store, self.sides.gateways, rooms.deliverer, self.clock
        )

    @property
    def pss(self) -> Simulator:
        pss = self.sides.pss
        assert isinstance(pss, Simulator)
        return pss

    @property
    def orders(self) -> list[Order]:
        """Decoded once, as long as they stay what they are."""
        texts = tuple(text for (text,) in self.database.rows(_SNAPSHOTS, {}))
        if self._decoded[0] != texts:
            self._decoded = texts, [read_order(text) for text in texts]
        return self._decoded[1]

    async def send(self, body: bytes, caller: Caller) -> Reply:
        return await self._rooms.exchange.handle(body, caller)

    async def settle(self) -> None:
        """What the PSS told is heard, and all that is due now is done."""
        for _ in range(ROUNDS):
            await self._rooms.availability.catch_up()
            lines = await self._feed.run_due()
            tasks = await self._rooms.deliverer.run_due()
            if not lines and not tasks:
                return
        raise AssertionError(f"it never comes to rest: {self.database.tasks()}")

    async def wait(self, how_long: timedelta) -> None:
        self.clock.advance(how_long)
        await self.settle()

    async def payer_ends(self, session: str, *, pays: bool) -> None:
        """A payer pays on the page, or gives up, and its provider calls back."""
        pages = self.sides.gateways["payment-page"]
        assert isinstance(pages, PaymentPages)
        callback = await (pages.pay(session) if pays else pages.refuse(session))
        if callback is not None:
            await self._callback(pages.name, *callback)

    async def close(self) -> None:
        await self._rooms.deliverer.finish()
        await self._rooms.availability.close()
        await self._rooms.board.close()
        await self.sides.pss.close()
        for gateway in self.sides.gateways.values():
            await gateway.close()
        for partner in self.sides.partners.values():
            await partner.close()
        self.database.close()
        await asyncio.sleep(0)

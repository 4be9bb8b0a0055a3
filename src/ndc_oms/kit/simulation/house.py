"""The house of a simulation: processes that share one database, start, die and start again, and
the other sides, which outlive them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from ndc_oms.boot.adapters import open_sides
from ndc_oms.boot.rooms import Rooms, furnish
from ndc_oms.errors import Refusal
from ndc_oms.fulfilment.deed import Sides
from ndc_oms.kit.simulation.faulty_gateways import faulty
from ndc_oms.kit.simulation.faulty_partner import FaultyPartner
from ndc_oms.kit.simulation.faulty_pss import FaultyPss
from ndc_oms.kit.simulation.ground import Ground
from ndc_oms.kit.simulation.line import Line
from ndc_oms.kit.simulation.timeline import Process, begin_alone
from ndc_oms.kit.simulation.trace import Trace
from ndc_oms.kit.simulation.weather import Weather
from ndc_oms.ndc.exchange import Reply
from ndc_oms.orders.callback import PaymentCallback
from ndc_oms.payments.gateways.pages import Callback, PaymentPages
from ndc_oms.ports.sellers import Caller
from ndc_oms.store.in_memory import MemoryDatabase, MemoryStore

_STORE_S: Final = 0.004  # the longest that the database takes to turn to something
_WORKER_S: Final = 8.0  # about so often a worker looks for what is due


class SimulatedClock:
    """The loop's time, and whatever it was set forward or back by."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._stepped = timedelta()

    def now(self) -> datetime:
        passed = timedelta(seconds=asyncio.get_running_loop().time())
        return self._start + self._stepped + passed

    def step(self, by: timedelta) -> None:
        self._stepped += by


class SimulatedEntropy:
    """As the seed says."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def token(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))


@dataclass(frozen=True, slots=True)
class Running:
    """One process of the house."""

    process: Process
    store: MemoryStore
    rooms: Rooms
    callback: PaymentCallback


class House:
    """sides: as they are. Everybody in the house speaks to them over lines that fail."""

    def __init__(self, ground: Ground, random: Random, clock: SimulatedClock, trace: Trace) -> None:
        self.ground = ground
        self.clock = clock
        self.trace = trace
        self.weather = Weather(random)
        self.database = MemoryDatabase()
        self._random = random
        self._entropy = SimulatedEntropy(random)
        self.sides, self._partners = open_sides(
            ground.config, ground.world, clock, self._entropy, ground.secret
        )
        self._lines = self._with_lines()
        self.running: list[Running] = []
        self.deaths = 0
        self._begun = 0

    def _with_lines(self) -> Sides:
        weather, trace, sides = self.weather, self.trace, self.sides
        gateways = {
            name: faulty(far, Line(name, weather, trace, sure=True))
            for name, far in sides.gateways.items()
        }
        partners = {
            name: FaultyPartner(far, Line(name, weather, trace, sure=True))
            for name, far in sides.partners.items()
        }
        # its references are such that what comes late finds its place taken, or its hold released
        pss = FaultyPss(sides.pss, Line("pss", weather, trace, sure=False))
        return Sides(pss, gateways, partners, sides.rerouting)

    # -- processes -----------------------------------------------------------------------------

    async def start(self) -> None:
        """One process more."""
        self._begun += 1
        store = MemoryStore(self.database, self.clock, self._pause)
        sides = self._lines
        rooms = furnish(
            self.ground.config,
            self.ground.world,
            self.clock,
            self._entropy,
            self.ground.secret,
            store=store,
            sides=sides,
            partners=tuple((terms, sides.partners[terms.name]) for terms, _ in self._partners),
            owner=f"process {self._begun}",
            schema=self.ground.schema,
        )
        callback = PaymentCallback(store, sides.gateways, rooms.deliverer, self.clock)
        if not self.running:
            await store.begin_work()
        one = Running(Process(), store, rooms, callback)
        self.running.append(one)
        one.process.begin(self._deliver(one))
        self.trace.add("house", f"process {self._begun} starts")

    def _pause(self) -> float:
        return self._random.random() * _STORE_S

    async def _deliver(self, one: Running) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(0.0, 2 * _WORKER_S))
            await one.rooms.deliverer.run_due()

    async def die(self) -> None:
        """One of the processes, at whatever it is doing; its leases stay behind."""
        one = self._random.choice(self.running)
        self.running.remove(one)
        self.deaths += 1
        self.trace.add("house", f"{one.rooms.deliverer.owner} dies")
        one.store.die()
        await one.process.kill()

    async def stop(self) -> None:
        """All of them, each having finished what it was doing."""
        while self.running:
            one = self.running.pop()
            await one.rooms.deliverer.finish()
            one.store.die()
            await one.process.kill()

    async def deliver_all(self) -> int:
        """What is due now, done by one process to its end; how many tasks were taken."""
        return await self.running[0].rooms.deliverer.run_due()

    def set_clock(self, by: timedelta) -> None:
        """Forward or back."""
        self.clock.step(by)
        self.trace.add("clock", f"is set by {by}, now {self.clock.now():%Y-%m-%dT%H:%M:%S}")

    # -- what is sent to it ----------------------------------------------------------------------

    async def send(self, body: bytes, caller: Caller) -> Reply | None:
        """What one of the processes answers; None where it died meanwhile, or none is there."""
        if not self.running:
            return None
        one = self._random.choice(self.running)
        task = one.process.begin(one.rooms.exchange.handle(body, caller, {}))
        await asyncio.wait({task})
        return None if task.cancelled() else task.result()

    async def split(self, order_id: str, passenger_ids: Sequence[str]) -> str | None:
        """Staff give these passengers an order of their own; its id, as far as it was heard. Raises
        what the house refuses it with.
        """
        if not self.running:
            return None
        one = self._random.choice(self.running)
        task = one.process.begin(one.rooms.split(order_id, passenger_ids))
        await asyncio.wait({task})
        return None if task.cancelled() else task.result().going.order.order_id

    async def call_back(self, gateway: str, body: bytes, headers: Mapping[str, str]) -> None:
        """A provider's callback. Raises what the house refuses it with."""
        if not self.running:
            return
        one = self._random.choice(self.running)
        task = one.process.begin(one.callback(gateway, body, headers))
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()

    async def payer_ends(self, session: str, *, pays: bool, calls: int) -> None:
        """A payer pays on the provider's page, or gives up; the callback comes so many times."""
        pages = self.sides.gateways.get("payment-page")
        if not isinstance(pages, PaymentPages):
            return
        callback = await (pages.pay(session) if pays else pages.refuse(session))
        self.trace.add("payer", f"{'pays' if pays else 'gives up'}: {callback is not None}")
        for _ in range(calls if callback is not None else 0):
            begin_alone(self._called_back(pages.name, callback))

    async def _called_back(self, gateway: str, callback: Callback | None) -> None:
        await asyncio.sleep(self._random.uniform(0.0, 40.0))
        if callback is None:
            return
        try:
            await self.call_back(gateway, *callback)
        except Refusal as refused:
            self.trace.add("payer", f"the callback is refused: {refused.text}")

    async def close(self) -> None:
        await self.sides.pss.close()
        for gateway in self.sides.gateways.values():
            await gateway.close()
        for partner in self.sides.partners.values():
            await partner.close()
        self.database.close()

"""A house in this process as the stage of scenarios: its clock stands still until a story moves
it, and its simulated sides take the faults that a story plants.
"""

import random
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable

from ndc_oms.boot.house import House, open_house
from ndc_oms.boot.web import parts
from ndc_oms.config import load
from ndc_oms.errors import NotAllowed
from ndc_oms.kit.client import NdcClient, Reply
from ndc_oms.kit.scenario import BEGIN, Story
from ndc_oms.model.status import CouponStatus
from ndc_oms.orders.callback import PaymentCallback
from ndc_oms.payments.gateways.pages import PaymentPages
from ndc_oms.ports.outcome import Confirmed, Outcome
from ndc_oms.ports.pss import Rehearsed
from ndc_oms.server.app import build_app
from ndc_oms.server.listener import listen


class StoryClock:
    """Stands still until it is moved."""

    def __init__(self, start: datetime = BEGIN) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class StoryEntropy:
    """The same ids each time; never for a house that real sellers use."""

    def __init__(self) -> None:
        self._random = random.Random(1)

    def token(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choice(alphabet) for _ in range(length))


@runtime_checkable
class Faulty(Protocol):
    """A simulated side that shows faults on purpose (ports/simulation/faults.py)."""

    async def plant(self, text: str) -> None: ...


class Movable(Protocol):
    """A clock that can be moved."""

    def now(self) -> datetime: ...

    def advance(self, by: timedelta) -> None: ...


@dataclass(frozen=True, slots=True)
class HouseStage:
    """house: opened with this clock, and without a worker of its own, so that what is due is done
    when the clock moves and not meanwhile.
    """

    house: House
    clock: Movable
    client: NdcClient
    run: str = "1"

    @property
    def today(self) -> date:
        return self.clock.now().date()

    async def send(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Availability is what the PSS has now, not what it had half a second ago."""
        await self.house.availability.catch_up()
        return await self.client.send(body, headers)

    async def advance(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))
        while await self.house.deliverer.run_due():
            pass

    async def fault(self, side: str, text: str) -> None:
        sides = self.house.sides
        for each in [sides.pss] if side == "pss" else sides.gateways.values():
            if isinstance(each, Faulty):
                await each.plant(text)
                return
        raise NotAllowed(f"No simulated {side} is there to show {text}.")

    async def happen(self, what: str, text: str) -> None:
        await _happen(self.house, what, text)
        await self.house.availability.catch_up()
        await self.house.feed.run_due()
        while await self.house.deliverer.run_due():
            pass

    async def pay(self, page: str) -> None:
        """And the provider calls back at once."""
        sides = self.house.sides
        pages = sides.gateways.get("payment-page")
        if not isinstance(pages, PaymentPages):
            raise NotAllowed(f"No simulated provider shows the page {page}.")
        callback = await pages.pay(page.rpartition("/")[2])
        if callback is None:
            raise NotAllowed(f"The page {page} is not open.")
        heard = PaymentCallback(
            self.house.store, sides.gateways, self.house.deliverer, self.house.clock
        )
        await heard(pages.name, *callback)
        await self.advance(0)


async def _happen(house: House, what: str, text: str) -> None:
    pss = house.sides.pss
    if what == "airport":
        number, coupon, status = text.split()
        moved = CouponStatus[status.upper().replace("-", "_")]
        done: Outcome[object] = await pss.set_coupon(text, number, int(coupon), moved)
    elif isinstance(pss, Rehearsed):
        done = await pss.schedule(text)
    else:
        raise NotAllowed(f"The schedule of {pss.name} is not changed from here.")
    if not isinstance(done, Confirmed):
        raise NotAllowed(f"The reservation system does not do it: {done.reason}")


@asynccontextmanager
async def own_stage(story: Story, key: str) -> AsyncIterator[HouseStage]:
    """A house on a temporary folder, at the time of the stories, for one of them. key: of who sends
    by default.
    """
    clock = StoryClock()
    with tempfile.TemporaryDirectory(prefix="ndc-oms-story-") as folder:
        config = load(
            None,
            data=Path(folder),
            port=0,
            deliver=False,
            log_level="error",
            reply_deadline_s=story.reply_s,
        )
        async with open_house(config, clock=clock, entropy=StoryEntropy()) as house:
            listener = await listen(build_app(parts(house)), config)
            try:
                async with NdcClient(f"http://127.0.0.1:{listener.port}/ndc", key) as client:
                    yield HouseStage(house, clock, client)
            finally:
                await listener.close()

"""A whole house in this process, on a real socket, with a clock that tests move."""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests import databases
from tests.ndc.profile import PROFILE, SHARED
from tests.ndc.references import dangling

from ndc_oms import resources
from ndc_oms.boot.house import House, open_house
from ndc_oms.boot.web import parts
from ndc_oms.cli.checking import partner_findings, planned_step
from ndc_oms.config import Config, load
from ndc_oms.kit.client import NdcClient, Reply
from ndc_oms.kit.conversation import Conversation
from ndc_oms.ndc.schema import Schema
from ndc_oms.payments.gateways.simulated import SimulatedGateway
from ndc_oms.server.app import build_app
from ndc_oms.server.listener import listen
from ndc_oms.store.verify import verify
from ndc_oms.world.load import load as load_world
from ndc_oms.world.world import World
from ndc_pss_simulator.simulator import Simulator

START = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)  # a Tuesday, far from a change of DST
KEY = "ndc_test_demo"


class MovingClock:
    """Stands still until it is moved."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class SeededEntropy:
    """The same ids in every run."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def token(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choice(alphabet) for _ in range(length))


@cache
def demo_world() -> World:
    return load_world(resources.fixtures() / "airline")


@cache
def schemas() -> tuple[Schema, ...]:
    theirs = SHARED / "iata-ndc-21.3.5"
    return (Schema(PROFILE), Schema(theirs)) if theirs.is_dir() else (Schema(PROFILE),)


def assert_sound(reply: Reply) -> None:
    """Valid by our profile, by IATA's schemas where they are there, and no reference dangles."""
    assert reply.root is not None, reply.body
    for schema in schemas():
        assert schema.check(reply.root) == []
    assert dangling(reply.root) == []


class CheckedClient(NdcClient):
    """A client that looks at every reply it gets: I26 in every test that sees one."""

    async def send(self, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        reply = await super().send(body, headers)
        if reply.root is not None:
            assert_sound(reply)
        return reply


@dataclass(repr=False)  # asyncio makes a text of what a fixture gave, and throws it away
class Served:
    """A house behind a socket, and a seller that talks to it."""

    house: House
    clock: MovingClock
    url: str
    client: NdcClient
    talk: Conversation
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.clock.now().date()

    @property
    def pss(self) -> Simulator:
        found = self.house.sides.pss
        assert isinstance(found, Simulator)
        return found

    @property
    def gateway(self) -> SimulatedGateway:
        found = self.house.sides.gateways["simulated"]
        assert isinstance(found, SimulatedGateway)
        return found

    async def findings(self) -> list[str]:
        """What does not hold of the invariants, in the store, in the PSS, at partners."""
        found = await verify(self.house.config.database_url, next_step=planned_step)
        found += [f"PSS: {each}" for each in await self.pss.audit()]
        return found + await partner_findings(self.house)


def configured(data: Path, **settings: Any) -> Config:
    settings.setdefault("database", databases.of_folder(data))
    return load(None, data=data, port=0, secret="a secret of tests, long enough", **settings)


@asynccontextmanager
async def serving(
    data: Path, *, clock: MovingClock | None = None, world: World | None = None, **settings: Any
) -> AsyncIterator[Served]:
    """A served house on a folder; opened again on the same folder it finds what was there."""
    clock = clock or MovingClock()
    config = configured(data, **settings)
    async with open_house(
        config, clock=clock, entropy=SeededEntropy(), world=world or demo_world()
    ) as house:
        listener = await listen(build_app(parts(house)), config)
        url = f"http://127.0.0.1:{listener.port}/ndc"
        try:
            async with CheckedClient(url, KEY) as client:
                yield Served(house, clock, url, client, Conversation(client))
        finally:
            await listener.close()

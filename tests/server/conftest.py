"""A server on a real socket, with one row that answers and a few ways to make it behave."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from lxml import etree
from tests.patience import PATIENCE_S

from ndc_oms.config import Config
from ndc_oms.ndc.envelope import COMMON, MESSAGE, Envelope
from ndc_oms.ndc.exchange import Exchange, Row
from ndc_oms.ndc.schema import Schema
from ndc_oms.ports.sellers import Caller, Seller, Spent
from ndc_oms.server.app import Parts, build_app
from ndc_oms.server.auth import key_hash
from ndc_oms.server.listener import listen
from ndc_oms.server.pages import Welcome

KEY = "ndc_test_demo"
SCHEMA = Schema(Path(__file__).resolve().parents[1] / "ndc" / "small")
MESSAGE_TEXT = (
    f'<m:IATA_AirShoppingRQ xmlns:m="{MESSAGE}" xmlns="{COMMON}"><m:DistributionChain>'
    "<DistributionChainLink><OrgRole>Seller</OrgRole><ParticipatingOrg><OrgID>91000000</OrgID>"
    "</ParticipatingOrg></DistributionChainLink></m:DistributionChain><m:PayloadAttributes>"
    "<TrxID>T1</TrxID></m:PayloadAttributes><m:Request><Place>YYZ</Place></m:Request>"
    "</m:IATA_AirShoppingRQ>"
)


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class FakeSellers:
    """by_hash: what there is; asked: what was asked; fails: whether asking raises."""

    by_hash: dict[str, Seller] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fails: bool = False

    async def by_key_hash(self, sha256_hex: str) -> Seller | None:
        self.asked.append(sha256_hex)
        if self.fails:
            raise OSError("database away")
        return self.by_hash.get(sha256_hex)

    async def spend(self, spent: Sequence[Spent], now: datetime) -> Mapping[str, float]:
        """One process alone."""
        del now
        return {each.org_id: each.full - each.tokens for each in spent}


@dataclass
class World:
    """What a test may set before and look at after."""

    sellers: FakeSellers = field(default_factory=FakeSellers)
    answer: str = "done"
    gate: asyncio.Event | None = None  # the act waits for it
    acted: int = 0
    unwell: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    async def act(self, _request: Any, _caller: Caller) -> str:
        self.acted += 1
        if self.gate is not None:
            await self.gate.wait()
        return self.answer

    async def ready(self) -> Mapping[str, str]:
        return {"store": "", **self.unwell}


def write(result: str, envelope: Envelope) -> bytes:
    return f"<done xmlns:m='m' xmlns='c'>{result}{envelope.echo}</done>".encode()


def read(root: etree._Element, _envelope: Envelope) -> str:
    return root.tag


@dataclass
class Running:
    """A server, and a client that knows its key."""

    port: int
    session: aiohttp.ClientSession
    stop: Callable[[], Awaitable[None]]

    def url(self, path: str = "/ndc") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def post(
        self, body: bytes | str = MESSAGE_TEXT, path: str = "/ndc", **headers: str
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        given = {"X-API-Key": KEY, "Content-Type": "application/xml"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in given.items() if value}
        async with self.session.post(self.url(path), data=body, headers=sent) as reply:
            return reply, await reply.read()

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        async with self.session.get(self.url(path), headers=headers) as reply:
            return reply, await reply.text()


def make_parts(world: World, config: Config) -> Parts:
    row = Row("IATA_AirShoppingRQ", "IATA_AirShoppingRS", read, world.act, write)
    return Parts(
        Exchange([row], SCHEMA, clock=FixedClock(), secret=b"s" * 32),
        world.sellers,
        config,
        FixedClock(),
        world.ready,
        Welcome("Demo <Air>", "T8", key=KEY),
        on_start=[noting(world, "start 1"), noting(world, "start 2")],
        on_stop=[noting(world, "stop 1"), noting(world, "stop 2")],
    )


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
def world() -> World:
    seller = Seller("91000000", "Demo Travel", "CAD", rate_per_s=1000.0)
    return World(FakeSellers({key_hash(KEY): seller}))


@pytest.fixture
async def start(world: World, tmp_path: Path) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def run(**options: Any) -> Running:
            config = Config(**{"port": 0, "data": tmp_path, "shutdown_s": PATIENCE_S} | options)
            listener = await listen(build_app(make_parts(world, config)), config)
            session = await stack.enter_async_context(
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S))
            )
            stopped = False

            async def stop() -> None:
                nonlocal stopped
                if not stopped:
                    stopped = True
                    await listener.close()

            stack.push_async_callback(stop)
            return Running(listener.port, session, stop)

        yield run


def noting(world: World, what: str) -> Callable[[], Awaitable[None]]:
    async def note() -> None:
        world.log.append(what)

    return note

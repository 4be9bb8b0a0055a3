"""Puts the parts together: the only place that knows which they are. Adapters are found by their
entry points, so that a house is extended by installing a package and naming it.
"""

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Final

import structlog
import uvloop

from ndc_oms import resources
from ndc_oms.config import Config
from ndc_oms.errors import Invalid, Unavailable
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.fulfilment.steps import Sides
from ndc_oms.model.order import PaymentForm
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.exchange import Exchange
from ndc_oms.ndc.rows import Acts, rows
from ndc_oms.ndc.schema import Schema
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.price import Price
from ndc_oms.offers.recall import Recall
from ndc_oms.offers.shop import Shop
from ndc_oms.offers.token import Tokens
from ndc_oms.orders.create import CreateOrder
from ndc_oms.orders.prepare import Rules
from ndc_oms.orders.retrieve import RetrieveOrder
from ndc_oms.payments.gateways.magic import MAGIC
from ndc_oms.payments.gateways.settlement_plan import SettlementPlan
from ndc_oms.ports.clock import Clock, Entropy, SystemClock, SystemEntropy
from ndc_oms.ports.payment import PaymentGateway
from ndc_oms.ports.pss import Pss, PssSettings
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import KeepReply
from ndc_oms.server.app import Parts, build_app
from ndc_oms.server.listener import serve
from ndc_oms.server.logs import configure
from ndc_oms.server.pages import Welcome, curl
from ndc_oms.store.sql_store import SqlStore, open_store
from ndc_oms.world.load import load
from ndc_oms.world.world import World

PSS_GROUP: Final = "ndc_oms.pss"
PAYMENT_GROUP: Final = "ndc_oms.payment"
PLAN: Final = SettlementPlan()

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs, for the server, the worker, the command line and tests."""

    config: Config
    world: World
    clock: Clock
    store: SqlStore
    sides: Sides
    availability: Availability
    deliverer: Deliverer
    acts: Acts
    exchange: Exchange


@asynccontextmanager
async def open_house(
    config: Config,
    *,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    world: World | None = None,
) -> AsyncIterator[House]:
    """A house, closed again on leaving. clock, entropy, world: for tests; by default the
    machine's, and the folder that the config names.
    """
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    config.data.mkdir(parents=True, exist_ok=True)
    secret = config.secret_bytes()
    world = world or load(config.world or resources.fixtures() / "airline")
    async with AsyncExitStack() as opened:
        store = await open_store(config.database_url, clock=clock)
        opened.push_async_callback(store.close)
        card = _card_gateway(config, clock)
        sides = Sides(_pss(config, world, clock), {each.name: each for each in (card, PLAN)})
        opened.push_async_callback(sides.pss.close)
        for gateway in sides.gateways.values():
            opened.push_async_callback(gateway.close)
        await _welcome_sellers(config, world, store)
        owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        deliverer = Deliverer(store, sides, clock, entropy, owner)
        availability = Availability(
            sides.pss, world.controls, clock, tuple(each.rbd for each in world.classes)
        )
        opened.push_async_callback(availability.close)
        ground = _Ground(config, world, clock, entropy, secret, store, sides, card)
        acts = _acts(ground, availability, deliverer)
        schema = config.schemas or resources.schemas() / "ndc" / "21.3" / "ndc.xsd"
        exchange = Exchange(
            rows(acts),
            Schema(schema),
            clock=clock,
            secret=secret,
            max_bytes=config.max_body_bytes,
        )
        yield House(config, world, clock, store, sides, availability, deliverer, acts, exchange)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every act stands on."""

    config: Config
    world: World
    clock: Clock
    entropy: Entropy
    secret: bytes
    store: SqlStore
    sides: Sides
    card: PaymentGateway


def _acts(ground: _Ground, availability: Availability, deliverer: Deliverer) -> Acts:
    world, store, clock, entropy = ground.world, ground.store, ground.clock, ground.entropy
    pss, owner = ground.sides.pss, ground.world.airline.designator
    tokens = Tokens(ground.secret, owner)
    recall = Recall(world, tokens, store, clock)
    by_form = {
        PaymentForm.CARD: ground.card,
        PaymentForm.SETTLEMENT_PLAN: PLAN,
    }

    async def keep(envelope: Envelope, _result: object, reply: bytes) -> None:
        if envelope.caller is None:
            raise AssertionError("a reply to nobody")
        await store.write(
            KeepReply(
                envelope.caller.seller.org_id, envelope.key, reply, envelope.copy, clock.now()
            )
        )

    return Acts(
        shop=Shop(world, availability, tokens, clock, entropy),
        price=Price(
            world=world,
            recall=recall,
            availability=availability,
            pss=pss,
            store=store,
            clock=clock,
            entropy=entropy,
        ),
        create=CreateOrder(
            store,
            pss,
            recall,
            Rules(owner, by_form, world.passenger_types),
            deliverer,
            clock,
            entropy,
            reply_within_s=ground.config.reply_deadline_s,
        ),
        retrieve=RetrieveOrder(store, owner),
        keep=keep,
    )


def _pss(config: Config, world: World, clock: Clock) -> Pss:
    settings = PssSettings(
        folder=str(config.data / "pss"),
        carrier=world.airline.designator,
        accounting_prefix=world.airline.accounting_prefix,
        inventory=world.inventory,
        now=clock.now,
        options={},
    )
    opened: Pss = _adapter(PSS_GROUP, config.pss)(settings)
    return opened


def _card_gateway(config: Config, clock: Clock) -> PaymentGateway:
    opened: PaymentGateway = _adapter(PAYMENT_GROUP, config.payment)(
        config.data / "payment", clock, {}
    )
    return opened


def _adapter(group: str, name: str) -> Any:
    """What the entry point names; raises Invalid with those that there are."""
    found = {each.name: each for each in entry_points(group=group)}
    if name not in found:
        raise Invalid(
            f"There is no {group.removeprefix('ndc_oms.')} adapter {name!r}.",
            remedy=f"Installed are: {', '.join(sorted(found)) or 'none'}.",
        )
    return found[name].load()


async def _welcome_sellers(config: Config, world: World, store: SqlStore) -> None:
    """The world's own sellers may sell where their key is meant to: test keys in test mode."""
    for each in world.sellers:
        if each.test and not config.test_mode:
            continue
        seller = Seller(
            each.org_id, each.name, each.currency, each.lenient, each.test, each.rate_limit_per_s
        )
        await store.sellers.ensure(seller, each.key, "the world's own")


# -- running -----------------------------------------------------------------------------------


def parts(house: House) -> Parts:
    """The web application's parts, with the work that runs beside it."""
    beside: list[asyncio.Task[None]] = []
    stop = asyncio.Event()

    async def start() -> None:
        await house.store.begin_work()
        beside.append(asyncio.create_task(house.availability.follow(), name="availability"))
        if house.config.deliver:
            beside.append(asyncio.create_task(house.deliverer.run_forever(stop), name="deliver"))

    async def end() -> None:
        stop.set()
        beside[0].cancel()
        for task in beside:
            with suppress(asyncio.CancelledError):
                await task
        await house.deliverer.finish()

    demo = next((each for each in house.world.sellers if each.test), None)
    return Parts(
        exchange=house.exchange,
        sellers=house.store.sellers,
        config=house.config,
        clock=house.clock,
        ready=_readiness(house),
        welcome=Welcome(
            airline=house.world.airline.name,
            designator=house.world.airline.designator,
            key=demo.key if demo and house.config.test_mode else "",
            org_id=demo.org_id if demo else "",
            origin=house.world.airline.hub,
            currency=house.world.airline.currency,
            cards=tuple((each.number, each.shows) for each in MAGIC),
        ),
        on_start=(start,),
        on_stop=(end,),
    )


def _readiness(house: House) -> Callable[[], Coroutine[Any, Any, Mapping[str, str]]]:
    async def ready() -> Mapping[str, str]:
        """What is wrong with each part; nothing where it is well."""
        said = {"store": "", "pss": ""}
        try:
            await house.store.list_tasks("")
        except Exception as failed:  # a probe tells what it met
            said["store"] = type(failed).__name__
        today = house.clock.now().date()
        try:
            await house.availability.ensure((today,))
        except Unavailable as silent:
            said["pss"] = silent.text
        return said

    return ready


def run_server(config: Config) -> None:
    """Until SIGTERM or SIGINT."""
    configure(config.log_format, config.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(config))


async def _serve(config: Config) -> None:
    async with open_house(config) as house:
        made = parts(house)
        try:
            await serve(
                build_app(made), config, lambda port: _announce(config.host, port, made.welcome)
            )
        except OSError as taken:
            raise Invalid(
                f"Nothing can listen on {config.host}:{config.port}: {taken.strerror}.",
                remedy="Name another port with --port; 0 takes any free one.",
            ) from taken


def _announce(host: str, port: int, welcome: Welcome) -> None:
    """What a newcomer needs next, on standard output."""
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 — only compared
    base = f"http://{shown}:{port}"
    lines = [
        f"{welcome.airline} ({welcome.designator}) answers NDC 21.3 at {base}/ndc",
        f"Start page: {base}/",
    ]
    if welcome.key:
        lines += [
            f"Demo seller: key {welcome.key}, OrgID {welcome.org_id}",
            "Try:",
            curl(base, welcome.key),
        ]
    sys.stdout.write("\n".join([*lines, ""]) + "\n")
    sys.stdout.flush()


def run_worker(config: Config) -> None:
    """The fulfilment worker alone, until SIGTERM or SIGINT."""
    configure(config.log_format, config.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(config))


async def _work(config: Config) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_house(config) as house:
        sys.stdout.write(f"Delivering as {house.deliverer.owner}\n")
        sys.stdout.flush()
        await house.store.begin_work()
        await house.deliverer.run_forever(stop)

"""Puts the parts together: the only place that knows which they are. Adapters are found by their
entry points, so that a house is extended by installing a package and naming it.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

import structlog

from ndc_oms import resources
from ndc_oms.config import Config
from ndc_oms.errors import Invalid, Unavailable
from ndc_oms.fulfilment.deed import Sides
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.fulfilment.feed import Feed
from ndc_oms.fulfilment.notify import Notifier, Words
from ndc_oms.fulfilment.outbound import Outbound
from ndc_oms.model.event import Event
from ndc_oms.model.fold import fold
from ndc_oms.model.payment import PaymentForm
from ndc_oms.ndc import order_change_notif, service_delivery_notif
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.exchange import Exchange
from ndc_oms.ndc.pushed import read_acknowledgement
from ndc_oms.ndc.rows import Acts, rows
from ndc_oms.ndc.schema import Schema
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.fare_rules import FareRules
from ndc_oms.offers.partner_recall import PartnerRecall
from ndc_oms.offers.price import Price
from ndc_oms.offers.pricing import home_fee
from ndc_oms.offers.profile import ShowProfile
from ndc_oms.offers.recall import Recall
from ndc_oms.offers.service_token import ServiceTokens
from ndc_oms.offers.shop import Shop
from ndc_oms.offers.token import Tokens
from ndc_oms.offers.trials import Trials
from ndc_oms.orders.about import FindAbout
from ndc_oms.orders.callback import PaymentCallback
from ndc_oms.orders.change import ChangeOrder
from ndc_oms.orders.create import CreateOrder
from ndc_oms.orders.followers import Followers
from ndc_oms.orders.history import ShowHistory
from ndc_oms.orders.list_services import ListServices
from ndc_oms.orders.listing import ListOrders
from ndc_oms.orders.name_desk import NameDesk
from ndc_oms.orders.prepare import Rules
from ndc_oms.orders.promise import PromiseServices
from ndc_oms.orders.quote import QuoteOrder
from ndc_oms.orders.quote_services import QuoteServices
from ndc_oms.orders.rebook import Rebook
from ndc_oms.orders.report_delivery import ReportDelivery
from ndc_oms.orders.request import CreateRequest, OrderView
from ndc_oms.orders.reroutes import Reroutes
from ndc_oms.orders.reshop import ReshopOrder
from ndc_oms.orders.retrieve import RetrieveOrder
from ndc_oms.orders.rules import ShowRules
from ndc_oms.orders.service_desk import ServiceDesk
from ndc_oms.orders.service_offer import OfferServices
from ndc_oms.orders.show_seats import ShowSeats, map_of
from ndc_oms.orders.split import SplitOrder
from ndc_oms.orders.tender import Tills
from ndc_oms.partners.board import Board
from ndc_oms.partners.opening import open_partners
from ndc_oms.partners.seats import SharedSeats
from ndc_oms.payments.gateways.magic import MAGIC
from ndc_oms.payments.gateways.others import open_others
from ndc_oms.payments.gateways.pages import PaymentPages
from ndc_oms.payments.gateways.settlement_plan import SettlementPlan
from ndc_oms.ports.clock import Clock, Entropy, SystemClock, SystemEntropy
from ndc_oms.ports.partner import Partner
from ndc_oms.ports.payment import PaymentGateway
from ndc_oms.ports.pss import Pss, PssSettings, Rescheduling
from ndc_oms.ports.sellers import DELIVER, Attempt, Seller
from ndc_oms.ports.store import KeepReply, Store
from ndc_oms.server.app import Parts
from ndc_oms.server.pages import Welcome
from ndc_oms.store.sql_store import SqlStore, open_store
from ndc_oms.world.load import load
from ndc_oms.world.partners import PartnerTerms
from ndc_oms.world.payments import Route
from ndc_oms.world.world import World

PSS_GROUP: Final = "ndc_oms.pss"
PAYMENT_GROUP: Final = "ndc_oms.payment"
PARTNERS_GROUP: Final = "ndc_oms.partners"
SIMULATOR: Final = "simulator"

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
    feed: Feed
    notifier: Notifier
    acts: Acts
    exchange: Exchange
    trials: Trials
    board: Board
    split: SplitOrder


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms above the ground, put together."""

    availability: Availability
    deliverer: Deliverer
    acts: Acts
    exchange: Exchange
    trials: Trials
    board: Board
    split: SplitOrder


Partners = tuple[tuple[PartnerTerms, Partner], ...]


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
    world = world or open_world(config)
    world = replace(world, timetable=world.timetable.apart())  # its flights change in this house
    async with AsyncExitStack() as opened:
        store = await open_store(config.database_url, clock=clock)
        opened.push_async_callback(store.close)
        await _welcome_sellers(config, world, store)
        sides, partners = open_sides(config, world, clock, entropy, secret)
        opened.push_async_callback(sides.pss.close)
        for gateway in sides.gateways.values():
            opened.push_async_callback(gateway.close)
        owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        rooms = furnish(
            config, world, clock, entropy, secret, store=store, sides=sides, partners=partners,
            owner=owner,
        )  # fmt: skip
        opened.push_async_callback(rooms.board.close)
        opened.push_async_callback(rooms.availability.close)
        feed = Feed(store, sides.pss, clock, owner, rooms.deliverer.wake)
        notifier = _notifier(config, world, store, clock, entropy, owner=owner)
        opened.push_async_callback(notifier.close)
        yield House(
            config, world, clock, store, sides, rooms.availability, rooms.deliverer, feed, notifier,
            rooms.acts, rooms.exchange, rooms.trials, rooms.board, rooms.split,
        )  # fmt: skip


def open_sides(
    config: Config, world: World, clock: Clock, entropy: Entropy, secret: bytes
) -> tuple[Sides, Partners]:
    """PSS, gateways and partners that the config and the world name, each by its adapter."""
    gateways = _gateways(config, clock, entropy, secret)
    partners = open_partners(world, config.data, clock, lambda kind: _adapter(PARTNERS_GROUP, kind))
    sides = Sides(
        open_pss(config, world, clock),
        {each.name: each for each in gateways},
        {terms.name: each for terms, each in partners},
        Reroutes(world, clock),
    )
    return sides, partners


def _notifier(
    config: Config, world: World, store: SqlStore, clock: Clock, entropy: Entropy, *, owner: str
) -> Notifier:
    """What tells sellers and providers, in the words of our messages."""

    def compose(receiver: str, events: Sequence[Event], again: bool) -> bytes:
        if receiver == fold(events).seller:
            return order_change_notif.compose(events, again=again)
        known = world.providers.get(receiver)
        name = known.name if known else receiver
        return service_delivery_notif.compose(events, receiver, name, again=again)

    return Notifier(
        store,
        Outbound(everywhere=config.test_mode),
        Words(compose, lambda body: str(read_acknowledgement(body))),
        clock,
        entropy,
        owner=owner,
        secret=config.secret_bytes(),
    )


def furnish(
    config: Config,
    world: World,
    clock: Clock,
    entropy: Entropy,
    secret: bytes,
    *,
    store: Store,
    sides: Sides,
    partners: Partners,
    owner: str,
    schema: Schema | None = None,
) -> Rooms:
    """Everything that stands on a store and other sides; nothing of it runs yet. owner: names
    the process in leases. schema: compiled before; by default the one of the config is compiled.
    """
    board = Board(partners, clock)
    deliverer = Deliverer(store, sides, clock, entropy, owner)
    seats = SharedSeats(sides.pss, partners, clock)
    availability = Availability(
        seats,
        world.controls,
        clock,
        tuple(each.rbd for each in world.classes),
        change=world.timetable.change,
        changed=sides.pss.changed_flights if isinstance(sides.pss, Rescheduling) else None,
    )
    trials = Trials()
    ground = _Ground(config, world, clock, entropy, secret, store, sides, trials, board, seats)
    acts = _acts(ground, availability, deliverer)
    exchange = Exchange(
        rows(acts),
        schema or open_schema(config),
        clock=clock,
        secret=secret,
        max_bytes=config.max_body_bytes,
    )
    split = SplitOrder(store, deliverer, clock, entropy, world.airline.designator)
    return Rooms(availability, deliverer, acts, exchange, trials, board, split)


def open_schema(config: Config) -> Schema:
    """The one that the config names, else our own profile."""
    return Schema(config.schemas or resources.schemas() / "ndc" / "21.3" / "ndc.xsd")


def open_world(config: Config) -> World:
    """The one that the config names, else the demo's. Raises WorldError."""
    return load(config.world or resources.fixtures() / "airline")


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every act stands on."""

    config: Config
    world: World
    clock: Clock
    entropy: Entropy
    secret: bytes
    store: Store
    sides: Sides
    trials: Trials
    board: Board
    seats: SharedSeats


def _acts(ground: _Ground, availability: Availability, deliverer: Deliverer) -> Acts:
    world, store, clock, entropy = ground.world, ground.store, ground.clock, ground.entropy
    pss, owner = ground.sides.pss, ground.world.airline.designator
    tokens = Tokens(ground.secret, owner)
    partners = PartnerRecall(world, ground.board)
    recall = Recall(world, tokens, store, clock, partners)
    find = FindAbout(world, recall, store)
    shop = Shop(
        world, availability, tokens, clock, entropy, trials=ground.trials, board=ground.board
    )
    gateways = ground.sides.gateways
    tills = Tills(gateways, world.routes or _routes(gateways))
    code_shares = {each.carrier: each.name for each in world.partners if each.code_share}
    service_tokens = ServiceTokens(ground.secret, owner)
    offer_services = OfferServices(world, service_tokens, clock, entropy)
    desk = ServiceDesk(owner, world.services, service_tokens, store, partial(map_of, world),
                       world.phrases)  # fmt: skip
    promise = PromiseServices(desk, pss, clock)
    names = NameDesk(world.servicing, partial(home_fee, world))
    rules = Rules(owner, tills, world.passenger_types, world.servicing, code_shares, desk, names)

    async def keep(envelope: Envelope, _result: object, reply: bytes) -> None:
        if envelope.caller is None:
            raise AssertionError("a reply to nobody")
        await store.write(
            KeepReply(
                envelope.caller.seller.org_id, envelope.key, reply, envelope.copy, clock.now()
            )
        )

    reshop = ReshopOrder(
        store,
        pss,
        owner,
        world.servicing,
        clock,
        entropy,
        Rebook(
            store,
            shop.alternatives,
            Followers(owner, world.services, store, pss, partial(map_of, world)),
            world.servicing,
            world.passenger_types,
            clock,
            entropy,
        ),
        names,
    )
    return Acts(
        shop=shop,
        price=Price(
            world=world,
            recall=recall,
            availability=availability,
            pss=ground.seats,
            partners=partners,
            store=store,
            clock=clock,
            entropy=entropy,
            tokens=tokens,
            services=promise,
        ),
        create=_counted(
            ground.trials,
            CreateOrder(
                store,
                pss,
                recall,
                rules,
                deliverer,
                clock,
                entropy,
                reply_within_s=ground.config.reply_deadline_s,
            ),
        ),
        retrieve=RetrieveOrder(store, owner),
        change=ChangeOrder(
            store, pss, rules, deliverer, clock, reply_within_s=ground.config.reply_deadline_s
        ),
        reshop=reshop,
        quote=QuoteOrder(store, world, clock, entropy, QuoteServices(promise, reshop)),
        list_orders=ListOrders(store),
        history=ShowHistory(store, owner),
        rules=ShowRules(store, FareRules(world), owner),
        profile=ShowProfile(world),
        services=ListServices(world, find, store, offer_services),
        seats=ShowSeats(world, find, pss, store, offer_services, clock),
        delivered=ReportDelivery(
            store, owner, world.providers, deliverer, clock, ground.config.reply_deadline_s
        ),
        keep=keep,
    )


def _counted(
    trials: Trials, create: CreateOrder
) -> Callable[[CreateRequest, Seller, Attempt | None], Awaitable[OrderView]]:
    """Orders by the arm of the experiment that their offer was part of; a reply that is sent
    again is no other order.
    """

    async def counted(request: CreateRequest, seller: Seller, attempt: Attempt | None) -> OrderView:
        view = await create(request, seller, attempt)
        if view.record is not None:
            trials.ordered(view.record.order.trial)
        return view

    return counted


def open_pss(config: Config, world: World, clock: Clock) -> Pss:
    """The one that the config names. Raises Invalid where there is no such adapter."""
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


def _gateways(
    config: Config, clock: Clock, entropy: Entropy, secret: bytes
) -> tuple[PaymentGateway, ...]:
    """The one that the configuration names takes cards, and is the first."""
    folder = config.data / "payment"
    open_card = _adapter(PAYMENT_GROUP, config.payment)
    if config.payment != SIMULATOR:
        return (open_card(folder, clock, {}), SettlementPlan())
    card: PaymentGateway = open_card(folder, clock, {}, entropy)
    base = f"{config.base_url}/payment/page"
    return (card, SettlementPlan(), *open_others(folder, clock, secret, base))


def _routes(gateways: Mapping[str, PaymentGateway]) -> tuple[Route, ...]:
    """Of a world that leaves the choice of gateways to the house."""
    card, plan = tuple(gateways)[:2]
    return (Route(PaymentForm.CARD, (card,)), Route(PaymentForm.SETTLEMENT_PLAN, (plan,)))


@cache
def _adapter(group: str, name: str) -> Any:
    """What the entry point names; raises Invalid with those that there are. Looked up once: it
    takes milliseconds, and what is installed does not change under a running process.
    """
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
    for provider in world.providers.values() if config.test_mode else ():
        if provider.key:
            can = frozenset({DELIVER})
            seller = Seller(provider.org_id, provider.name, "XXX", test=True, can=can)
            await store.sellers.ensure(seller, provider.key, "the world's own")


# -- running -----------------------------------------------------------------------------------


def parts(house: House, siblings: Path | None = None) -> Parts:
    """The web application's parts, with the work that runs beside it. siblings: see Parts."""
    beside: list[asyncio.Task[None]] = []
    stop = asyncio.Event()

    async def start() -> None:
        await house.store.begin_work(house.deliverer.owner)
        beside.append(asyncio.create_task(house.availability.follow(), name="availability"))
        beside.append(asyncio.create_task(house.store.watch.run_forever(stop), name="watch"))
        if house.config.deliver:
            beside.append(asyncio.create_task(house.deliverer.run_forever(stop), name="deliver"))
            beside.append(asyncio.create_task(house.feed.run_forever(stop), name="feed"))
            beside.append(asyncio.create_task(house.notifier.run_forever(stop), name="notify"))
            beside.append(asyncio.create_task(house.store.purger.run_forever(stop), name="purge"))

    async def end() -> None:
        stop.set()
        beside[0].cancel()
        for task in beside:
            with suppress(asyncio.CancelledError):
                await task
        await house.deliverer.finish()

    return Parts(
        exchange=house.exchange,
        sellers=house.store.sellers,
        config=house.config,
        clock=house.clock,
        ready=_readiness(house),
        welcome=welcome(house.config, house.world),
        trials=house.trials,
        partners=house.board,
        siblings=siblings,
        callback=PaymentCallback(house.store, house.sides.gateways, house.deliverer, house.clock),
        payer_pages=_payer_pages(house) if house.config.test_mode else None,
        on_start=(start,),
        on_stop=(end,),
    )


def welcome(config: Config, world: World) -> Welcome:
    """What the start page tells a newcomer."""
    demo = next((each for each in world.sellers if each.test), None)
    return Welcome(
        airline=world.airline.name,
        designator=world.airline.designator,
        key=demo.key if demo and config.test_mode else "",
        org_id=demo.org_id if demo else "",
        origin=world.airline.hub,
        currency=world.airline.currency,
        cards=tuple((each.number, each.shows) for each in MAGIC),
        public_url=config.public_url,
    )


def _payer_pages(house: House) -> PaymentPages | None:
    pages = house.sides.gateways.get("payment-page")
    return pages if isinstance(pages, PaymentPages) else None


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

"""A house: everything that runs, for the server, the worker, the command line and tests."""

import os
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from ndc_oms.boot.adapters import open_sides
from ndc_oms.boot.rooms import furnish, open_world
from ndc_oms.config import Config
from ndc_oms.fulfilment.deed import Sides
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.fulfilment.feed import Feed
from ndc_oms.fulfilment.notify import Notifier, Words
from ndc_oms.fulfilment.outbound import Outbound
from ndc_oms.model.event import Event
from ndc_oms.model.fold import fold
from ndc_oms.ndc import order_change_notif, service_delivery_notif
from ndc_oms.ndc.exchange import Exchange
from ndc_oms.ndc.pushed import read_acknowledgement
from ndc_oms.ndc.rows import Acts
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.trials import Trials
from ndc_oms.orders.split import SplitOrder
from ndc_oms.partners.board import Board
from ndc_oms.ports.clock import Clock, Entropy, SystemClock, SystemEntropy
from ndc_oms.ports.sellers import DELIVER, Seller
from ndc_oms.store.sql_store import SqlStore, open_store
from ndc_oms.world.world import World


@dataclass(frozen=True, slots=True, repr=False)
class House:
    """Everything that runs, for the server, the worker, the command line and tests. Shown by its
    class alone, as it holds all that there is.
    """

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

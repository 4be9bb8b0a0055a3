"""Everything that stands on a store and other sides."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ndc_oms import resources
from ndc_oms.boot.acts import Ground, open_acts
from ndc_oms.boot.adapters import Partners
from ndc_oms.config import Config
from ndc_oms.fulfilment.deed import Sides
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.ndc.exchange import Exchange
from ndc_oms.ndc.rows import Acts, rows
from ndc_oms.ndc.schema import Schema
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.trials import Trials
from ndc_oms.orders.split import SplitOrder
from ndc_oms.partners.board import Board
from ndc_oms.partners.seats import SharedSeats
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.pss import Rescheduling
from ndc_oms.ports.store import Store
from ndc_oms.world.load import load
from ndc_oms.world.world import World


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
    ground = Ground(config, world, clock, entropy, secret, store, sides, trials, board, seats)
    acts = open_acts(ground, availability, deliverer)
    exchange = Exchange(
        rows(acts),
        schema or open_schema(config),
        clock=clock,
        secret=secret,
        max_bytes=config.max_body_bytes,
    )
    dividing = frozenset(name for name, each in sides.partners.items() if each.divides)
    split = SplitOrder(store, deliverer, clock, entropy, world.airline.designator, dividing)
    return Rooms(availability, deliverer, acts, exchange, trials, board, split)


def open_schema(config: Config) -> Schema:
    """The one that the config names, else our own profile."""
    return _schema(config.schemas or resources.schemas() / "ndc" / "21.3" / "ndc.xsd")


@cache
def _schema(source: Path) -> Schema:
    """Compiled once a process: it takes as long as opening all the rest of a house."""
    return Schema(source)


def open_world(config: Config) -> World:
    """The one that the config names, else the demo's. Raises WorldError."""
    return load(config.world or resources.fixtures() / "airline")

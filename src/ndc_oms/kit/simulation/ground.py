"""What all seeds stand on, loaded once: the world, with few flights and few seats on them, so that
sellers meet at the last ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from pathlib import Path
from typing import Final

from ndc_oms.boot.adapters import SIMULATOR
from ndc_oms.boot.rooms import open_schema, open_world
from ndc_oms.config import Config, load
from ndc_oms.model.journey import FlightKey, Segment
from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import Seat
from ndc_oms.ndc.schema import Schema
from ndc_oms.ports.pss import CabinInventory, InventorySource
from ndc_oms.ports.simulation.memory import MEMORY
from ndc_oms.world.world import World

SEATS: Final = 12  # of a cabin at most
_SECRET: Final = "of a simulation; it guards nothing"  # noqa: S105  # as it says
# Flights of the demo’s world: across an ocean, the date line, a border without DST, a partner’s.
_FLIGHTS: Final = frozenset({("YYZ", "LHR"), ("YVR", "SYD"), ("YYZ", "PHX"), ("LHR", "NCL")})
# The last one goes on from our flight with the partner's, or with its flight under our number.
_PAIRS: Final = (*sorted(_FLIGHTS), ("YYZ", "NCL"))


class FewSeats:
    """An `InventorySource` of the flights between some airports, in small cabins."""

    def __init__(self, source: InventorySource) -> None:
        self._source = source
        self._cabins: dict[FlightKey, tuple[CabinInventory, ...]] = {}
        self._days: dict[date, tuple[FlightKey, ...]] = {}

    def cabins(self, flight: FlightKey) -> tuple[CabinInventory, ...]:
        found = self._cabins.get(flight)
        if found is None:
            found = tuple(_small(each) for each in self._source.cabins(flight))
            self._cabins[flight] = found
        return found

    def on(self, day: date) -> Sequence[FlightKey]:
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = tuple(filter(_flown, self._source.on(day)))
        return found

    def seats(self, flight: FlightKey) -> Mapping[Cabin, tuple[Seat, ...]]:
        return self._source.seats(flight)

    def fitted(self, aircraft: str) -> Mapping[Cabin, tuple[Seat, ...]]:
        return self._source.fitted(aircraft)

    def segment(self, flight: FlightKey) -> Segment:
        return self._source.segment(flight)

    def itinerary(self, carrier: str, number: str, day: date) -> Sequence[FlightKey]:
        return tuple(filter(_flown, self._source.itinerary(carrier, number, day)))

    def equipped(
        self, aircraft: Sequence[str], share: int, seats: Mapping[Cabin, int] | None
    ) -> tuple[CabinInventory, ...]:
        return tuple(_small(each) for each in self._source.equipped(aircraft, share, seats))

    def zone(self, airport: str) -> tzinfo:
        return self._source.zone(airport)


def _flown(flight: FlightKey) -> bool:
    ends = (flight.origin, flight.destination)
    return ends in _FLIGHTS or ends[::-1] in _FLIGHTS


def _small(cabin: CabinInventory) -> CabinInventory:
    """A third of what is left is sold, from the highest class down."""
    capacity = min(cabin.capacity, SEATS)
    limits = tuple((rbd, min(limit, capacity)) for rbd, limit in cabin.limits)
    sold = tuple((rbd, capacity // 3 if at == 0 else 0) for at, (rbd, _) in enumerate(limits))
    return CabinInventory(cabin.cabin, capacity, limits, sold)


@dataclass(frozen=True)
class Ground:
    """pairs: airports between which sellers look for flights. foreign: some adapter is not one of
    the simulators in this process.
    """

    config: Config
    world: World
    schema: Schema
    pairs: tuple[tuple[str, str], ...]
    foreign: bool = False

    @property
    def secret(self) -> bytes:
        return self.config.secret_bytes()


def lay_ground(*, pss: str = "", payment: str = "") -> Ground:
    """pss, payment: adapters to be tried in the place of the simulated ones, by entry point."""
    named = {"pss": pss or None, "payment": payment or None}
    config = load(None, data=Path(MEMORY), secret=_SECRET, log_level="error", **named)
    world = open_world(config)
    foreign = {pss, payment} - {"", SIMULATOR} != set()
    few = replace(world, inventory=FewSeats(world.inventory))
    return Ground(config, few, open_schema(config), _PAIRS, foreign)

"""Seats by flight, cabin and class as a simulated PSS first loads them: seeded, uneven.

Everything follows from the flight's key and the world's seed, so that any process that asks gets
the same seats. With `as_of`, flights far ahead are emptier, as they are in life; without it the
answer never changes with the calendar. Whoever stores counters stores the whole answer once.
"""

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from hashlib import blake2b
from math import exp
from types import MappingProxyType
from typing import Final

from ndc_oms.model.journey import FlightKey, Segment
from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import Seat
from ndc_oms.ports.pss import CabinInventory
from ndc_oms.world.products import BookingClass
from ndc_oms.world.seat_maps import SeatMap
from ndc_oms.world.timetable import Pattern, Timetable, zone_of

# Added to a flight's load by weekday, Monday first: business days, the weekend rush, the lull.
_WEEKDAY: Final = (0.04, -0.07, -0.06, 0.03, 0.12, -0.05, 0.10)
_PEAK_MONTHS: Final = frozenset({7, 8, 12})
_PEAK: Final = 0.08
_SOLD_OUT: Final = 8  # of 256 flights
_CLASS_CLOSED: Final = 20  # of 256 classes, beyond those that the load closes
_UNDATED_PACE: Final = 0.72  # part of the final load that is sold already, without `as_of`
_CABIN_LOAD: Final = {Cabin.FIRST: 0.75, Cabin.BUSINESS: 0.85}

Limits = tuple[tuple[str, int], ...]


class SeededInventory:
    """An InventorySource over the timetable's own flights.

    zones: by airport, IANA names. A flight with stops keeps a fixed part of its seats for each
    board-to-off pair, so that no leg can be oversold by pairs that are counted apart.
    """

    def __init__(
        self,
        timetable: Timetable,
        equipment: Mapping[str, Mapping[Cabin, int]],
        classes: Sequence[BookingClass],
        seed: str,
        as_of: date | None = None,
        *,
        zones: Mapping[str, str] = MappingProxyType({}),
        seat_maps: Mapping[str, SeatMap] | None = None,
    ) -> None:
        self._timetable = timetable
        self._equipment = equipment
        self._seed = seed
        self._as_of = as_of
        self._zones = zones
        self._seat_maps = seat_maps or {}
        self._classes: dict[Cabin, tuple[BookingClass, ...]] = {
            cabin: tuple(each for each in classes if each.cabin is cabin) for cabin in Cabin
        }
        self._nests: dict[tuple[Cabin, int], tuple[Limits, tuple[float, ...]]] = {}
        self._capacities: dict[tuple[tuple[str, ...], int], dict[Cabin, int]] = {}

    def on(self, day: date) -> tuple[FlightKey, ...]:
        return self._timetable.on(day)

    def segment(self, flight: FlightKey) -> Segment:
        """Raises KeyError for a flight that does not operate."""
        return self._timetable.segment(flight)

    def itinerary(self, carrier: str, number: str, day: date) -> tuple[FlightKey, ...]:
        return self._timetable.itinerary(carrier, number, day)

    def zone(self, airport: str) -> tzinfo:
        """Raises KeyError."""
        return zone_of(self._zones[airport])

    def equipped(
        self, aircraft: Sequence[str], share: int, seats: Mapping[Cabin, int] | None
    ) -> tuple[CabinInventory, ...]:
        """Unsold. Raises KeyError for a type that is not known."""
        fleet = [self._equipment[each] for each in aircraft] if seats is None else [seats]
        return tuple(
            CabinInventory(
                cabin,
                capacity,
                tuple((each.rbd, -(-capacity * each.share // 100)) for each in classes),
                tuple((each.rbd, 0) for each in classes),
            )
            for cabin, classes in self._classes.items()
            if classes and all(cabin in each for each in fleet)
            for capacity in (min(each[cabin] for each in fleet) // share,)
        )

    def cabins(self, flight: FlightKey) -> tuple[CabinInventory, ...]:
        """Raises KeyError for a flight that does not operate."""
        pattern = self._timetable.pattern(flight)
        text = f"{self._seed}:{flight[0]}{flight[1]}/{flight[2].toordinal()}/{flight[3]}{flight[4]}"
        luck = blake2b(text.encode(), digest_size=32).digest()
        load = self._load(flight.day, luck)
        return tuple(
            self._cabin(cabin, capacity, load, luck)
            for cabin, capacity in self._capacity(pattern).items()
        )

    def seats(self, flight: FlightKey) -> Mapping[Cabin, tuple[Seat, ...]]:
        """Of the aircraft that flies it. None of a flight with stops, whose seats change hands on
        the way. Raises KeyError for a flight that does not operate.
        """
        pattern = self._timetable.pattern(flight)
        if len(pattern.legs) > 1 or pattern.share > 1:
            return {}
        return self.fitted(pattern.legs[0].aircraft)

    def fitted(self, aircraft: str) -> Mapping[Cabin, tuple[Seat, ...]]:
        """Nothing of a type without a map."""
        cabins = self._seat_maps.get(aircraft, {})
        return {cabin: tuple(each.seat for each in made.seats) for cabin, made in cabins.items()}

    def _capacity(self, pattern: Pattern) -> dict[Cabin, int]:
        aircraft = tuple(leg.aircraft for leg in pattern.legs)
        found = self._capacities.get((aircraft, pattern.share))
        if found is None:
            fleet = [self._equipment[each] for each in aircraft]
            found = {
                cabin: min(seats[cabin] for seats in fleet) // pattern.share
                for cabin in Cabin
                if self._classes[cabin] and all(cabin in seats for seats in fleet)
            }
            self._capacities[aircraft, pattern.share] = found
        return found

    def _load(self, day: date, luck: bytes) -> float:
        """Part of the seats that is sold, 0 to 1."""
        if luck[0] < _SOLD_OUT:
            return 1.0
        final = 0.5 + luck[1] / 255 * 0.5 + _WEEKDAY[day.weekday()]
        if day.month in _PEAK_MONTHS:
            final += _PEAK
        return min(final, 1.0) * self._pace(day)

    def _pace(self, day: date) -> float:
        """Part of the final load that is sold so many days before departure."""
        if self._as_of is None:
            return _UNDATED_PACE
        ahead = max((day - self._as_of).days, 0)
        return 0.08 + 0.92 * exp(-ahead / 55)

    def _cabin(self, cabin: Cabin, capacity: int, load: float, luck: bytes) -> CabinInventory:
        nest = self._nests.get((cabin, capacity))
        if nest is None:
            classes = self._classes[cabin]
            limits = tuple((each.rbd, -(-capacity * each.share // 100)) for each in classes)
            nest = self._nests[cabin, capacity] = (limits, _closing(limits))
        limits, weights = nest
        if load < 1.0:
            load *= _CABIN_LOAD.get(cabin, 1.0)
        total = min(int(capacity * load + 0.5), capacity)
        return CabinInventory(cabin, capacity, limits, _sold(limits, weights, total, luck))


def _closing(limits: Limits) -> tuple[float, ...]:
    """Part of the seats sold that a class and those below it hold: so that the lowest class
    closes when the cabin is about 60 % full, the next ones later, the highest at the end.
    """
    capacity = limits[0][1] or 1
    shares = [limit / capacity for _, limit in limits]
    return tuple(float(share / (0.5 + 0.5 * share**0.8)) for share in shares)


def _sold(limits: Limits, weights: tuple[float, ...], total: int, luck: bytes) -> Limits:
    """`total` seats over the classes, the lowest first; nested limits hold at every class."""
    sold: list[tuple[str, int]] = []
    below = 0
    for at in range(len(limits) - 1, -1, -1):
        rbd, limit = limits[at]
        chance = luck[2 + at % 30]
        if at == 0 or chance < _CLASS_CLOSED:
            upto = total
        else:
            upto = int(total * weights[at] * (0.8 + chance / 640))
        upto = max(min(upto, limit, total), below)
        sold.append((rbd, upto - below))
        below = upto
    sold.reverse()
    return tuple(sold)

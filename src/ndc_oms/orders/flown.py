"""Whether the flights of an order can be flown as it has them: by its booking, and by the schedule
as the PSS told of it last.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ndc_oms.fulfilment.deed import Booked
from ndc_oms.model.airline_change import Reason
from ndc_oms.model.item_states import USED
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.journey import FlightKey, Segment
from ndc_oms.model.order import Order
from ndc_oms.world.world import World

HOLDS: Final = frozenset({"HK", "KK", "TK"})  # codes of segments that have seats


@dataclass(frozen=True, slots=True)
class Way:
    """Flights of a bound, and who flies just these and has come as far. begun: those of them on
    which they are, or were: these stay as they are.
    """

    index: int
    segments: tuple[OrderSegment, ...]
    begun: frozenset[str]
    passenger_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A way as a booking has it. broken: place of the first flight that cannot be flown so, and
    reason, why.
    """

    way: Way
    broken: int | None
    reason: Reason

    @property
    def index(self) -> int:
        return self.way.index

    @property
    def segments(self) -> tuple[OrderSegment, ...]:
        return self.way.segments


def ways(order: Order) -> tuple[Way, ...]:
    """Bound by bound. An infant on a lap is where its adult is."""
    begun = {
        (item.passenger_id, service.segment_id)
        for item in order.live_items
        for service in item.services
        if service.delivery in USED
    }
    holders = {each.id: each.guardian or each.id for each in order.passengers}
    found: dict[tuple[int, tuple[str, ...], frozenset[str]], list[str]] = {}
    for item in sorted(order.live_items, key=lambda each: each.bound_index):
        who = {item.passenger_id, holders[item.passenger_id]}
        path = tuple(service.segment_id for service in item.services)
        behind = frozenset(each for each in path if any((one, each) in begun for one in who))
        found.setdefault((item.bound_index, path, behind), []).append(item.passenger_id)
    return tuple(
        Way(index, tuple(map(order.segment, path)), behind, tuple(passenger_ids))
        for (index, path, behind), passenger_ids in found.items()
    )


@dataclass(frozen=True, slots=True)
class Flying:
    """An order before one of its bookings. alive: flights on which this holds seats, and in which
    class.
    """

    world: World
    order: Order
    alive: dict[FlightKey, str]
    passenger_ids: tuple[str, ...]

    @classmethod
    def of(cls, world: World, order: Order, booked: Booked) -> "Flying":
        held = {each.flight: each.rbd for each in booked.pnr.segments if each.code in HOLDS}
        return cls(world, order, held, booked.passenger_ids)

    def bounds(self) -> Iterator[Bound]:
        for way in self.ways():
            broken, reason = self._broken(way)
            yield Bound(way, broken, reason)

    def ways(self) -> Iterator[Way]:
        """Those of the people in the booking; others may fly the same."""
        for way in ways(self.order):
            mine = tuple(each for each in way.passenger_ids if each in self.passenger_ids)
            if mine:
                yield replace(way, passenger_ids=mine)

    def moves(self, bound: Bound) -> bool:
        """Whether the booking can be put on other flights for it: whoever is in it flies the same
        there and has come as far.
        """
        return [way for way in self.ways() if way.index == bound.index] == [bound.way]

    def flown(self) -> frozenset[str]:
        """Segments of those in the booking."""
        return frozenset(segment.id for way in self.ways() for segment in way.segments)

    def latest(self, segment: OrderSegment) -> Segment:
        """As the PSS told of it last, else as the timetable has it; under the number sold."""
        key, sold = segment.flight.key, segment.flight
        told = [each.change.new for each in self.order.heard if each.change.key == key]
        now = told[-1] if told else None
        if now is None:
            try:
                now = self.world.timetable.segment(key)
            except KeyError:
                return sold
        return sold if sold.legs == now.legs else replace(sold, legs=now.legs)

    def is_lost(self, way: Way, segment: OrderSegment) -> bool:
        """Our own flight, still to be flown, without a seat."""
        own = self.order.part_of(segment.id) is None
        return own and segment.flight.key not in self.alive and segment.id not in way.begun

    def why_lost(self, segment: OrderSegment) -> Reason:
        """What was told of the flight; nothing: it could not be reached any more."""
        told = [e.change for e in self.order.heard if e.change.key == segment.flight.key]
        if not told:
            return Reason.CONNECTION
        return Reason.CANCELLED if told[-1].new is None else Reason.EQUIPMENT

    def is_reached(self, arriving: Segment, leaving: Segment) -> bool:
        airports = self.world.airports
        ends = (arriving.origin, leaving.origin, leaving.destination)
        if any(code not in airports for code in ends):
            return arriving.arrival <= leaving.departure
        least = self.world.minimum_connection(
            leaving.origin, airports[arriving.origin].country, airports[leaving.destination].country
        )
        return arriving.arrival + least <= leaving.departure

    def _broken(self, way: Way) -> tuple[int | None, Reason]:
        before: OrderSegment | None = None
        for place, each in enumerate(way.segments):
            if self.is_lost(way, each):
                return place, self.why_lost(each)
            if before is not None and each.id not in way.begun and self._is_missed(before, each):
                return place, Reason.CONNECTION
            before = each
        return None, Reason.TIME

    def _is_missed(self, before: OrderSegment, after: OrderSegment) -> bool:
        """A connection that was sold stands, however short, while neither flight has changed."""
        arriving, leaving = self.latest(before), self.latest(after)
        as_sold = arriving == before.flight and leaving == after.flight
        return not as_sold and not self.is_reached(arriving, leaving)

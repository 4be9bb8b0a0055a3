"""Whether the flights of an order can be flown as it has them: by its booking, and by the schedule
as the PSS told of it last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ndc_oms.fulfilment.deed import Booked
from ndc_oms.model.airline_change import Reason
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.journey import FlightKey, Segment
from ndc_oms.model.order import Order
from ndc_oms.model.status import DeliveryStatus
from ndc_oms.world.world import World

HOLDS: Final = frozenset({"HK", "KK", "TK"})  # codes of segments that have seats
_BEGUN: Final = frozenset({DeliveryStatus.IN_PROGRESS, DeliveryStatus.DELIVERED})


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound as the order has it. broken: place of the first flight that cannot be flown so, and
    reason, why.
    """

    index: int
    segments: tuple[OrderSegment, ...]
    broken: int | None
    reason: Reason


def _as_far_as(order: Order, passenger_ids: Sequence[str]) -> Order:
    """The order without what only others fly; itself where everybody is in one booking."""
    if all(
        each.id in passenger_ids
        for each in order.passengers
        if each.id not in order.passengers_released
    ):
        return order
    items = tuple(item for item in order.items if item.passenger_id in passenger_ids)
    mine = replace(
        order,
        items=items,
        passengers=tuple(each for each in order.passengers if each.id in passenger_ids),
    )
    flown = {service.segment_id for item in mine.live_items for service in item.services}
    return replace(mine, segments=tuple(each for each in order.segments if each.id in flown))


@dataclass(frozen=True, slots=True)
class Flying:
    """An order before its booking. alive: flights on which this holds seats, and in which class."""

    world: World
    order: Order
    alive: dict[FlightKey, str]

    @classmethod
    def of(cls, world: World, order: Order, booked: Booked) -> "Flying":
        """As far as those go who are in the booking."""
        held = {each.flight: each.rbd for each in booked.pnr.segments if each.code in HOLDS}
        return cls(world, _as_far_as(order, booked.passenger_ids), held)

    def bounds(self) -> Iterator[Bound]:
        """Those that somebody still flies."""
        order = self.order
        for index in sorted({item.bound_index for item in order.live_items}):
            segments = tuple(
                each
                for each in order.segments
                if each.bound_index == index and each.id not in order.segments_released
            )
            broken, reason = self._broken(segments)
            yield Bound(index, segments, broken, reason)

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

    def is_lost(self, segment: OrderSegment) -> bool:
        """Our own flight, still to be flown, without a seat."""
        own = self.order.part_of(segment.id) is None
        return own and segment.flight.key not in self.alive and not self.has_begun(segment)

    def has_begun(self, segment: OrderSegment) -> bool:
        """Somebody is on board, or was."""
        return any(
            service.delivery in _BEGUN
            for item in self.order.live_items
            for service in item.services
            if service.segment_id == segment.id
        )

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

    def _broken(self, segments: Sequence[OrderSegment]) -> tuple[int | None, Reason]:
        before: OrderSegment | None = None
        for place, each in enumerate(segments):
            if self.is_lost(each):
                return place, self.why_lost(each)
            if before is not None and not self.has_begun(each) and self._is_missed(before, each):
                return place, Reason.CONNECTION
            before = each
        return None, Reason.TIME

    def _is_missed(self, before: OrderSegment, after: OrderSegment) -> bool:
        """A connection that was sold stands, however short, while neither flight has changed."""
        arriving, leaving = self.latest(before), self.latest(after)
        as_sold = arriving == before.flight and leaving == after.flight
        return not as_sold and not self.is_reached(arriving, leaving)

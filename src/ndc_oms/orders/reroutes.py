"""What changes of flights by the airline make of an order, and what the seller is asked: by the
world's rules. `fulfilment.deed.Rerouting`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from ndc_oms.fulfilment.deed import Booked, BoundReview, Need
from ndc_oms.model.airline_change import (
    AirlineChange,
    Answer,
    Flown,
    Inaction,
    Reason,
    Rerouted,
)
from ndc_oms.model.events import NewSeat
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.journey import FlightKey, Segment
from ndc_oms.model.order import Order
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import Seat
from ndc_oms.orders.alternatives import Alternatives
from ndc_oms.orders.flown import HOLDS, Bound, Flying, Way
from ndc_oms.orders.protections import Protections, with_partners
from ndc_oms.orders.reseat import Reseats
from ndc_oms.orders.segment_ids import NewSegmentIds
from ndc_oms.orders.show_seats import map_of
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.partner import PartnerOffer
from ndc_oms.ports.pss import Pnr
from ndc_oms.world.servicing import AirlineChangeRule
from ndc_oms.world.world import World

_LEAST_ANSWER: Final = timedelta(hours=1)


@dataclass
class Reroutes:
    world: World
    clock: Clock
    _alternatives: Alternatives = field(init=False)
    _protections: Protections = field(init=False)

    def __post_init__(self) -> None:
        self._protections = Protections(self.world, self.clock)
        self._alternatives = Alternatives(self.world, self.clock)

    @property
    def _rule(self) -> AirlineChangeRule:
        return self.world.servicing.airline_change

    def review(self, order: Order, booked: Booked) -> tuple[BoundReview, ...]:
        if not self._rule.reaccommodate:
            return ()
        flying = Flying.of(self.world, order, booked)
        return tuple(
            BoundReview(bound.index, tuple(self._alternatives.of(flying, bound, bound.broken)))
            for bound in flying.bounds()
            if bound.broken is not None and flying.moves(bound)
        )

    def change(
        self, order: Order, booked: Sequence[Booked], change_id: str, now: datetime
    ) -> AirlineChange | None:
        bounds = tuple(with_partners(order, self._all_rerouted(order, booked)))
        if not bounds:
            return None
        change = AirlineChange(change_id, bounds, _concerned(order, bounds))
        if all(self._is_small(each) for each in bounds):
            return replace(change, answer=Answer.NOT_ASKED, answered_at=now)
        return replace(
            change,
            limit_at=self._limit(change, now),
            inaction=Inaction.CANCEL if change.stranded else Inaction.ACCEPT,
            refundable=True,
        )

    def needs(self, order: Order, booked: Sequence[Booked]) -> tuple[Need, ...]:
        return self._protections.needs(order, self.change(order, booked, "", self.clock.now()))

    def fitting(self, need: Need, offers: Sequence[PartnerOffer]) -> tuple[PartnerOffer, ...]:
        return self._protections.fitting(need, offers)

    def part(self, order: Order, need: Need, partner: str, offer: PartnerOffer) -> PartnerPart:
        return self._protections.part(order, need, partner, offer)

    def reseat(
        self, order: Order, item_ids: Sequence[str], taken: Mapping[FlightKey, frozenset[Seat]]
    ) -> tuple[NewSeat, ...]:
        items = [each for each in order.live_ancillaries if each.id in item_ids]
        return Reseats(self.world.services, partial(map_of, self.world)).of(order, items, taken)

    def _all_rerouted(self, order: Order, booked: Sequence[Booked]) -> Iterator[Rerouted]:
        """What two bookings share changes once."""
        ids, told = NewSegmentIds(order), set[Way]()
        for each in booked:
            flying = Flying.of(self.world, order, each)
            for bound in flying.bounds():
                if bound.way not in told:
                    yield from self._rerouted(flying, each.pnr, bound, ids)
                told.add(bound.way)

    def _rerouted(
        self, flying: Flying, pnr: Pnr, bound: Bound, ids: NewSegmentIds
    ) -> Iterator[Rerouted]:
        """What is replaced, or flown otherwise; and what cannot be flown."""
        lost = [segment for segment in bound.segments if flying.is_lost(bound.way, segment)]
        chain = self._chain(flying, pnr, lost)
        standing = bound.segments
        if bound.broken is not None and not chain:
            standing = bound.segments[: bound.broken]
        moved = self._moved(flying, bound.way, standing, lost, chain=chain, ids=ids)
        if moved[0]:
            reason = flying.why_lost(lost[0]) if lost and chain else _reason(*moved)
            yield _of(flying.order, bound.way, reason, *moved)
        rest = bound.segments[len(standing) :]
        if rest and rest[0].id not in _stranded(flying.order, bound.way):
            yield _of(flying.order, bound.way, bound.reason, rest, ())

    def _moved(
        self,
        flying: Flying,
        way: Way,
        standing: Sequence[OrderSegment],
        lost: Sequence[OrderSegment],
        *,
        chain: Sequence[tuple[Segment, str, Cabin]],
        ids: NewSegmentIds,
    ) -> tuple[list[OrderSegment], list[Flown]]:
        """Old segments and new ones, place by place."""
        old: list[OrderSegment] = []
        new: list[Flown] = []
        stranded = _stranded(flying.order, way)
        for segment in standing:
            if segment in lost:
                if segment is lost[0]:
                    new.extend(Flown(ids.next(), *each) for each in chain)
                old.append(segment)
                continue
            latest = flying.latest(segment)
            rbd = flying.alive.get(segment.flight.key, segment.rbd)
            differs = latest != segment.flight or rbd != segment.rbd or segment.id in stranded
            if differs and segment.id not in way.begun:
                old.append(segment)
                new.append(Flown(ids.next(), latest, rbd, self._cabin(rbd, segment)))
        return old, new

    def _cabin(self, rbd: str, segment: OrderSegment) -> Cabin:
        return segment.cabin if rbd == segment.rbd else self.world.booking_class(rbd).cabin

    def _chain(
        self, flying: Flying, pnr: Pnr, lost: Sequence[OrderSegment]
    ) -> list[tuple[Segment, str, Cabin]]:
        """Flights of the booking that those in it do not have in the order, from where the lost
        ones began to where they ended.
        """
        if not lost:
            return []
        flown = flying.flown()
        known = {each.flight.key for each in flying.order.segments if each.id in flown}
        at, end = lost[0].flight.origin, lost[-1].flight.destination
        chain = []
        for each in pnr.segments:
            if each.code not in HOLDS or each.flight in known or each.flight.origin != at:
                continue
            flight = self.world.timetable.segment(each.flight)
            chain.append((flight, each.rbd, self.world.booking_class(each.rbd).cabin))
            at = each.flight.destination
            if at == end:
                return chain
        return []

    def _is_small(self, bound: Rerouted) -> bool:
        if [each.flight.key for each in bound.old] != [each.flight.key for each in bound.new]:
            return False
        most = timedelta(minutes=self._rule.small_min)
        return all(
            abs(new.flight.departure - old.flight.departure) <= most
            and abs(new.flight.arrival - old.flight.arrival) <= most
            for old, new in zip(bound.old, bound.new, strict=True)
        )

    def _limit(self, change: AirlineChange, now: datetime) -> datetime:
        """Always some time to answer, and none after departure."""
        departure = min(
            each.flight.departure for bound in change.bounds for each in bound.new or bound.old
        )
        limit = min(
            now + timedelta(hours=self._rule.answer_h),
            departure - timedelta(hours=self._rule.before_departure_h),
        )
        return max(limit, min(now + _LEAST_ANSWER, departure)).astimezone(now.tzinfo)


def _concerned(order: Order, bounds: Sequence[Rerouted]) -> tuple[str, ...]:
    """Items and services on the flights that change, of those for whom they do."""
    gone = {
        (passenger.id, flown.segment_id)
        for passenger in order.passengers
        for bound in bounds
        for flown in (bound.old if bound.concerns(passenger.id) else ())
    }
    return tuple(
        item.id
        for item in order.live
        if any((item.passenger_id, service.segment_id) in gone for service in item.services)
    )


def _of(
    order: Order, way: Way, reason: Reason, old: Sequence[OrderSegment], new: Sequence[Flown]
) -> Rerouted:
    """Of everybody, where nobody else flies any of the old flights."""
    there = order.items_on({each.id for each in old})
    others = any(item.passenger_id not in way.passenger_ids for item in there)
    passenger_ids = way.passenger_ids if others else ()
    return Rerouted(way.index, reason, tuple(map(_flown, old)), tuple(new), passenger_ids)


def _stranded(order: Order, way: Way) -> frozenset[str]:
    """Segments of which the order says that these passengers cannot fly them."""
    return frozenset(
        each.segment_id
        for change in order.open_changes
        for bound in change.bounds
        if not bound.new and any(map(bound.concerns, way.passenger_ids))
        for each in bound.old
    )


def _flown(segment: OrderSegment) -> Flown:
    return Flown(segment.id, segment.flight, segment.rbd, segment.cabin)


def _reason(old: Sequence[OrderSegment], new: Sequence[Flown]) -> Reason:
    """Of flights that are the same by number."""
    pairs = [(a.flight.legs, b.flight.legs) for a, b in zip(old, new, strict=True)]
    if all(before == after for before, after in pairs):
        return Reason.REINSTATED
    for before, after in pairs:
        if [(e.departure, e.arrival) for e in before] != [(e.departure, e.arrival) for e in after]:
            return Reason.TIME
    return Reason.EQUIPMENT

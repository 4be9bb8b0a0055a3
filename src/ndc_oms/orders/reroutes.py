"""What changes of flights by the airline make of an order, and what the seller is asked: by the
world's rules. `fulfilment.deed.Rerouting`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
from ndc_oms.model.stranded import stranded
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

    def changes(
        self, order: Order, booked: Sequence[Booked], change_id: str, now: datetime
    ) -> tuple[AirlineChange, ...]:
        apart = _apart(order, tuple(with_partners(order, self._all_rerouted(order, booked))))
        return tuple(
            self._change(order, f"{change_id}.{more}" if more else change_id, bounds, now)
            for more, bounds in enumerate(apart)
        )

    def _change(
        self, order: Order, change_id: str, bounds: tuple[Rerouted, ...], now: datetime
    ) -> AirlineChange:
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
        changes = self.changes(order, booked, "", self.clock.now())
        return tuple(need for each in changes for need in self._protections.needs(order, each))

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
        """Booking by booking: one may keep seats that another has lost. What changes alike for
        several passengers changes once, but not for those who lost a flight together with others.
        """
        found = [
            (each, passenger_id)
            for one in booked
            for flying in (Flying.of(self.world, order, one),)
            for bound in flying.bounds()
            for each in self._rerouted(flying, one.pnr, bound)
            for passenger_id in bound.way.passenger_ids
        ]
        without = {passenger_id for each, passenger_id in found if not each.new}
        alike: dict[tuple[Rerouted, bool], set[str]] = {}
        for each, passenger_id in found:
            alike.setdefault((each, passenger_id in without), set()).add(passenger_id)
        ids = NewSegmentIds(order)
        for (each, _), passenger_ids in alike.items():
            yield _of(order, each, passenger_ids, ids)

    def _rerouted(self, flying: Flying, pnr: Pnr, bound: Bound) -> Iterator[Rerouted]:
        """What is replaced, or flown otherwise; and what cannot be flown. New flights have no ids
        yet.
        """
        lost = [segment for segment in bound.segments if flying.is_lost(bound.way, segment)]
        chain = self._chain(flying, pnr, lost)
        standing = bound.segments
        if bound.broken is not None and not chain:
            standing = bound.segments[: bound.broken]
        old, new = self._moved(flying, bound.way, standing, lost, chain=chain)
        if old:
            reason = flying.why_lost(lost[0]) if lost and chain else _reason(old, new)
            yield Rerouted(bound.index, reason, tuple(map(_flown, old)), tuple(new))
        rest = bound.segments[len(standing) :]
        if rest and rest[0].id not in _stranded(flying.order, bound.way):
            yield Rerouted(bound.index, bound.reason, tuple(map(_flown, rest)), ())

    def _moved(
        self,
        flying: Flying,
        way: Way,
        standing: Sequence[OrderSegment],
        lost: Sequence[OrderSegment],
        *,
        chain: Sequence[tuple[Segment, str, Cabin]],
    ) -> tuple[list[OrderSegment], list[Flown]]:
        """Old segments and new ones, place by place."""
        old: list[OrderSegment] = []
        new: list[Flown] = []
        stranded = _stranded(flying.order, way)
        for segment in standing:
            if segment in lost:
                if segment is lost[0]:
                    new.extend(Flown("", *each) for each in chain)
                old.append(segment)
                continue
            latest = flying.latest(segment)
            rbd = flying.alive.get(segment.flight.key, segment.rbd)
            differs = latest != segment.flight or rbd != segment.rbd or segment.id in stranded
            if differs and segment.id not in way.begun:
                old.append(segment)
                new.append(Flown("", latest, rbd, self._cabin(rbd, segment)))
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


def _of(order: Order, bound: Rerouted, who: Collection[str], ids: NewSegmentIds) -> Rerouted:
    """Of everybody, where nobody else flies any of the old flights; with ids for the new ones."""
    there = {item.passenger_id for item in order.items_on({each.segment_id for each in bound.old})}
    mine = tuple(each.id for each in order.passengers if each.id in who)
    new = tuple(replace(each, segment_id=ids.next()) for each in bound.new)
    return replace(bound, new=new, passenger_ids=() if there.issubset(mine) else mine)


def _apart(order: Order, bounds: Sequence[Rerouted]) -> Iterator[tuple[Rerouted, ...]]:
    """For whom there are flights are not asked together with those for whom there are none: the
    ones may accept, the others may not.
    """

    def flying(bound: Rerouted) -> set[str]:
        there = order.items_on({each.segment_id for each in bound.old})
        return {item.passenger_id for item in there if bound.concerns(item.passenger_id)}

    without = {passenger_id for each in bounds if not each.new for passenger_id in flying(each)}
    for found in (False, True):
        some = tuple(each for each in bounds if without.isdisjoint(flying(each)) is found)
        if some:
            yield some


def _stranded(order: Order, way: Way) -> frozenset[str]:
    """Segments of which the order says that these passengers cannot fly them."""
    return frozenset(segment for who, segment in stranded(order) if who in way.passenger_ids)


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

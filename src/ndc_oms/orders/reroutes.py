"""Flights that the airline changed itself: what an order's booking has now, other flights for what
it has lost, and what the seller is asked. `fulfilment.deed.Rerouting`, by the world's rules.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ndc_oms.fulfilment.deed import Alternative, BoundReview
from ndc_oms.model.airline_change import (
    AirlineChange,
    Answer,
    Flown,
    Inaction,
    Reason,
    Rerouted,
)
from ndc_oms.model.journey import FlightKey, Journey, Segment
from ndc_oms.model.order import Order, OrderSegment
from ndc_oms.model.passenger import seats
from ndc_oms.model.product import Cabin
from ndc_oms.model.status import DeliveryStatus
from ndc_oms.offers.search import Search
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.pss import Pnr
from ndc_oms.world.servicing import AirlineChangeRule
from ndc_oms.world.world import World

_HOLDS: Final = frozenset({"HK", "KK", "TK"})
_BEGUN: Final = frozenset({DeliveryStatus.IN_PROGRESS, DeliveryStatus.DELIVERED})
_LEAST_ANSWER: Final = timedelta(hours=1)
_MOST: Final = 24  # alternatives of a bound that are looked at


@dataclass(frozen=True, slots=True)
class _Bound:
    """A bound as the order has it. broken: place of the first flight that cannot be flown so."""

    index: int
    segments: tuple[OrderSegment, ...]
    broken: int | None
    reason: Reason


@dataclass
class Reroutes:
    world: World
    clock: Clock
    _search: Search = field(init=False)

    def __post_init__(self) -> None:
        self._search = Search(self.world)

    @property
    def _rule(self) -> AirlineChangeRule:
        return self.world.servicing.airline_change

    # -- what is looked for ------------------------------------------------------------------

    def review(self, order: Order, pnr: Pnr) -> tuple[BoundReview, ...]:
        if not self._rule.reaccommodate:
            return ()
        return tuple(
            BoundReview(bound.index, tuple(self._alternatives(order, pnr, bound, bound.broken)))
            for bound in self._bounds(order, pnr)
            if bound.broken is not None
        )

    def _alternatives(
        self, order: Order, pnr: Pnr, bound: _Bound, broken: int
    ) -> Iterator[Alternative]:
        old = bound.segments[broken:]
        ticketed = any(document.live for document in order.documents)
        alive = _alive(pnr)
        gone = order.passengers_released
        party = tuple(each for each in order.passengers if each.id not in gone)
        for journey in self._journeys(order, bound, broken):
            keys = [segment.key for segment in journey.segments]
            kept = {each.flight.key for each in old if each.flight.key in alive}
            if not set(keys) - kept:
                continue  # the same flights, which cannot be reached
            coming = [key for key in keys if key not in kept]
            staying = kept.intersection(keys)
            leaving = [each for each in old if each.flight.key not in staying]
            if ticketed and len(coming) != len(leaving):
                continue  # documents are revalidated coupon by coupon
            models = [leaving[min(at, len(leaving) - 1)] for at in range(len(coming))]
            yield Alternative(
                tuple(each.flight.key for each in leaving),
                tuple(coming),
                tuple(self._classes(model) for model in models),
                seats(party),
            )

    def _classes(self, model: OrderSegment) -> tuple[str, ...]:
        """Its own first, then any of its cabin, the highest first: the airline pays for it."""
        cabin = [each.rbd for each in self.world.classes if each.cabin is model.cabin]
        return (model.rbd, *(rbd for rbd in cabin if rbd != model.rbd))

    def _journeys(self, order: Order, bound: _Bound, broken: int) -> list[Journey]:
        """From where the passengers stand to where the bound ends, the nearest arrival first."""
        first, last = bound.segments[broken].flight, bound.segments[-1].flight
        if any(order.part_of(each.id) for each in bound.segments):
            last = first  # of a bound that partners fly as well, only our own flight is replaced
        rule, before = self._rule, None
        earliest = first.departure - timedelta(hours=rule.earlier_h)
        earliest = max(earliest, self.clock.now() + _LEAST_ANSWER)
        if broken:
            before = self._latest(order, bound.segments[broken - 1])
            earliest = max(earliest, before.arrival)
        latest = last.arrival + timedelta(hours=rule.later_h)
        found: list[Journey] = []
        day = earliest.astimezone(first.departure.tzinfo).date()
        while day <= latest.astimezone(first.departure.tzinfo).date():
            for each in self._search.journeys(first.origin, last.destination, day):
                found.extend(each.journeys)
            day += timedelta(days=1)
        fitting = [
            journey
            for journey in found
            if earliest <= journey.departure
            and journey.arrival <= latest
            and all(s.operator == order.owner for s in journey.segments)
            and (before is None or self._reached(before, journey.segments[0]))
        ]
        fitting.sort(key=lambda j: (abs(j.arrival - last.arrival), len(j.segments), j.departure))
        return fitting[:_MOST]

    # -- what is ----------------------------------------------------------------------------

    def _bounds(self, order: Order, pnr: Pnr) -> Iterator[_Bound]:
        """Those that somebody still flies."""
        alive = _alive(pnr)
        for index in sorted({item.bound_index for item in order.live_items}):
            segments = tuple(
                each
                for each in order.segments
                if each.bound_index == index and each.id not in order.segments_released
            )
            broken, reason = self._broken(order, segments, alive)
            yield _Bound(index, segments, broken, reason)

    def _broken(
        self, order: Order, segments: Sequence[OrderSegment], alive: Mapping[FlightKey, str]
    ) -> tuple[int | None, Reason]:
        before: Segment | None = None
        for place, each in enumerate(segments):
            flight = self._latest(order, each)
            if not _begun(order, each):
                own = order.part_of(each.id) is None
                if own and each.flight.key not in alive:
                    return place, self._why(each)
                if before is not None and not self._reached(before, flight):
                    return place, Reason.CONNECTION
            before = flight
        return None, Reason.TIME

    def _why(self, lost: OrderSegment) -> Reason:
        try:
            self.world.timetable.segment(lost.flight.key)
        except KeyError:
            return Reason.CANCELLED
        return Reason.EQUIPMENT

    def _reached(self, arriving: Segment, leaving: Segment) -> bool:
        airports = self.world.airports
        ends = (arriving.origin, leaving.origin, leaving.destination)
        if any(code not in airports for code in ends):
            return arriving.arrival <= leaving.departure
        least = self.world.minimum_connection(
            leaving.origin, airports[arriving.origin].country, airports[leaving.destination].country
        )
        return arriving.arrival + least <= leaving.departure

    def _latest(self, order: Order, segment: OrderSegment) -> Segment:
        """As the PSS told of it last; else as the timetable has it."""
        key = segment.flight.key
        for heard in reversed(order.heard):
            if heard.change.key == key and heard.change.new is not None:
                return _at_new_times(segment.flight, heard.change.new)
        try:
            return _at_new_times(segment.flight, self.world.timetable.segment(key))
        except KeyError:
            return segment.flight

    # -- what becomes of the order ------------------------------------------------------------

    def change(self, order: Order, pnr: Pnr, change_id: str, now: datetime) -> AirlineChange | None:
        ids = _NewIds(order)
        bounds = tuple(
            rerouted
            for bound in self._bounds(order, pnr)
            if (rerouted := self._rerouted(order, pnr, bound, ids)) is not None
        )
        if not bounds:
            return None
        indexes = {each.bound_index for each in bounds}
        items = tuple(item.id for item in order.live_items if item.bound_index in indexes)
        old = {each.segment_id for bound in bounds for each in bound.old}
        services = tuple(
            item.id
            for item in order.live_ancillaries
            if any(service.segment_id in old for service in item.services)
        )
        change = AirlineChange(change_id, bounds, (*items, *services))
        if all(self._is_small(each) for each in bounds):
            return replace(change, answer=Answer.NOT_ASKED, answered_at=now)
        return replace(
            change,
            limit_at=self._limit(change, now),
            inaction=Inaction.CANCEL if change.stranded else Inaction.ACCEPT,
            refundable=True,
        )

    def _rerouted(self, order: Order, pnr: Pnr, bound: _Bound, ids: "_NewIds") -> Rerouted | None:
        alive = _alive(pnr)
        lost = [s for s in bound.segments if self._is_lost(order, s, alive)]
        chain = self._chain(order, pnr, lost)
        if bound.broken is not None and not chain:
            return self._stranded(order, bound, bound.broken)
        stranded = {
            each.segment_id
            for change in order.open_changes
            for rerouted in change.bounds
            if not rerouted.new
            for each in rerouted.old
        }
        old: list[OrderSegment] = []
        new: list[Flown] = []
        for segment in bound.segments:
            if segment in lost:
                if segment is lost[0]:
                    new.extend(Flown(ids.next(), *each) for each in chain)
                old.append(segment)
                continue
            latest, rbd = self._latest(order, segment), alive.get(segment.flight.key, segment.rbd)
            as_it_was = latest == segment.flight and rbd == segment.rbd
            as_it_was = as_it_was and segment.id not in stranded
            if not as_it_was and not _begun(order, segment):
                old.append(segment)
                new.append(Flown(ids.next(), latest, rbd, self._cabin(rbd, segment)))
        if not old:
            return None
        reason = self._lost_because(order, lost[0]) if lost else _time_or_equipment(old, new)
        return Rerouted(bound.index, reason, tuple(map(_flown, old)), tuple(new))

    def _cabin(self, rbd: str, segment: OrderSegment) -> Cabin:
        return segment.cabin if rbd == segment.rbd else self.world.booking_class(rbd).cabin

    def _lost_because(self, order: Order, lost: OrderSegment) -> Reason:
        """What was told of the flight; nothing: its passengers could not reach it any more."""
        told = [each.change for each in order.heard if each.change.key == lost.flight.key]
        if not told:
            return Reason.CONNECTION
        return Reason.CANCELLED if told[-1].new is None else Reason.EQUIPMENT

    def _is_lost(self, order: Order, segment: OrderSegment, alive: Mapping[FlightKey, str]) -> bool:
        own = order.part_of(segment.id) is None
        return own and segment.flight.key not in alive and not _begun(order, segment)

    def _chain(
        self, order: Order, pnr: Pnr, lost: Sequence[OrderSegment]
    ) -> list[tuple[Segment, str, Cabin]]:
        """Flights of the booking that the order does not have, from where the lost ones began to
        where they ended.
        """
        if not lost:
            return []
        known = {segment.flight.key for segment in order.segments}
        at, end = lost[0].flight.origin, lost[-1].flight.destination
        chain = []
        for each in pnr.segments:
            if each.code not in _HOLDS or each.flight in known or each.flight.origin != at:
                continue
            flight = self.world.timetable.segment(each.flight)
            chain.append((flight, each.rbd, self.world.booking_class(each.rbd).cabin))
            at = each.flight.destination
            if at == end:
                return chain
        return []

    def _stranded(self, order: Order, bound: _Bound, broken: int) -> Rerouted | None:
        """None where the order says so already."""
        for change in order.open_changes:
            if any(each.bound_index == bound.index and not each.new for each in change.bounds):
                return None
        old = tuple(map(_flown, bound.segments[broken:]))
        return Rerouted(bound.index, bound.reason, old, ())

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


@dataclass
class _NewIds:
    """Segment ids that no segment of the order ever had."""

    order: Order
    _last: int = field(init=False)

    def __post_init__(self) -> None:
        used = [segment.id for segment in self.order.segments]
        for change in self.order.airline_changes:
            for bound in change.bounds:
                used += [each.segment_id for each in (*bound.old, *bound.new)]
        self._last = max(int("".join(filter(str.isdigit, each)) or 0) for each in used)

    def next(self) -> str:
        self._last += 1
        return f"SEG{self._last}"


def _alive(pnr: Pnr) -> dict[FlightKey, str]:
    """Flights on which the booking holds seats, and in which class."""
    return {each.flight: each.rbd for each in pnr.segments if each.code in _HOLDS}


def _begun(order: Order, segment: OrderSegment) -> bool:
    """Somebody is on board, or was."""
    return any(
        service.delivery in _BEGUN
        for item in order.live_items
        for service in item.services
        if service.segment_id == segment.id
    )


def _at_new_times(sold: Segment, flown: Segment) -> Segment:
    """Under the number that was sold."""
    return sold if sold.legs == flown.legs else replace(sold, legs=flown.legs)


def _flown(segment: OrderSegment) -> Flown:
    return Flown(segment.id, segment.flight, segment.rbd, segment.cabin)


def _time_or_equipment(old: Sequence[OrderSegment], new: Sequence[Flown]) -> Reason:
    for before, after in zip(old, new, strict=True):
        times = [(leg.departure, leg.arrival) for leg in before.flight.legs]
        if times != [(leg.departure, leg.arrival) for leg in after.flight.legs]:
            return Reason.TIME
    return Reason.EQUIPMENT

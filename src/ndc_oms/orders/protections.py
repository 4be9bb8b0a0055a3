"""Flights of partners for passengers whose own cannot be flown: which partners the world's rules
name for it, what they are asked, and which of their flights will do. The airline pays for them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ndc_oms.fulfilment.deed import Need
from ndc_oms.fulfilment.partners import party_of
from ndc_oms.model.airline_change import AirlineChange, Flown, Rerouted
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order
from ndc_oms.model.partner import PartnerPart, Protection
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.product import Stage
from ndc_oms.model.protecting import documented
from ndc_oms.orders.segment_ids import NewSegmentIds
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.partner import PartnerOffer, Seek
from ndc_oms.world.servicing import AirlineChangeRule
from ndc_oms.world.world import World

_NOTICE: Final = timedelta(hours=1)  # nobody is put on a flight that leaves sooner


@dataclass(frozen=True, slots=True)
class Protections:
    world: World
    clock: Clock

    @property
    def _rule(self) -> AirlineChangeRule:
        return self.world.servicing.airline_change

    def needs(self, order: Order, change: AirlineChange) -> tuple[Need, ...]:
        """Of a change that is about to be made. Nothing for an order that nobody has paid: a
        partner keeps no seats for it, as it sells none unpaid.
        """
        if not self._rule.partners or not order.ticketed:
            return ()
        needs = (self._need(order, change, bound) for bound in change.bounds if not bound.new)
        return tuple(need for need in needs if need.partners and need.passenger_ids)

    def _need(self, order: Order, change: AirlineChange, bound: Rerouted) -> Need:
        flying = _flying(order, bound)
        first, last = bound.old[0].flight, bound.old[-1].flight
        leaves = first.departure - timedelta(hours=self._rule.partner_earlier_h)
        earliest = max(
            leaves, self.clock.now() + _NOTICE, *self._reached(order, change, bound)
        ).astimezone(first.departure.tzinfo)
        latest = last.arrival + timedelta(hours=self._rule.partner_later_h)
        days = (latest.astimezone(first.departure.tzinfo).date() - earliest.date()).days
        party = party_of(flying)
        return Need(
            bound.bound_index,
            bound.old,
            tuple(each.id for each in flying),
            earliest,
            latest,
            _bags(order, bound),
            tuple(
                Seek(
                    first.origin,
                    last.destination,
                    earliest.date() + timedelta(days=day),
                    party,
                    order.currency,
                )
                for day in range(days + 1)
            ),
            tuple(self._partners(order, bound)),
        )

    def _reached(self, order: Order, change: AirlineChange, bound: Rerouted) -> Iterator[datetime]:
        """When who flies to where the bound breaks is there, with time to change."""
        own = _segments_of(order, _flying(order, bound))
        ids = [
            each.id
            for each in order.segments
            if each.bound_index == bound.bound_index and each.id in own
        ]
        place = ids.index(bound.old[0].segment_id)
        if not place:
            return
        before = order.segment(ids[place - 1]).flight
        for each in change.bounds:
            pairs = zip(each.old, each.new, strict=False)
            before = next((b.flight for a, b in pairs if a.segment_id == ids[place - 1]), before)
        airports = self.world.airports
        ends = before.origin, bound.old[-1].flight.destination
        countries = [airports[code].country for code in ends]
        yield before.arrival + self.world.minimum_connection(before.destination, *countries)

    def _partners(self, order: Order, bound: Rerouted) -> Iterator[tuple[str, float]]:
        """Not those that failed to do it; none where a partner sold a part of it, or somebody of
        the same booking keeps the flights: our own seats there are given back for all or for none.
        """
        ids = {each.segment_id for each in bound.old}
        if any(ids.intersection(part.segment_ids) for part in order.parts):
            return
        if _is_kept_by_others(order, bound):
            return
        flying = {each.id for each in _flying(order, bound)}
        tried = {
            part.partner
            for part in order.parts
            if part.protection is not None
            and ids.intersection(part.protection.replaces)
            and flying.intersection(part.passenger_ids)
        }
        origin, destination = bound.old[0].flight.origin, bound.old[-1].flight.destination
        terms = {each.name: each for each in self.world.partners}
        for name in self._rule.partners:
            if name in terms and name not in tried and terms[name].takes_over(origin, destination):
                yield name, terms[name].budget_s

    def fitting(self, need: Need, offers: Sequence[PartnerOffer]) -> tuple[PartnerOffer, ...]:
        """In the cabin that was sold, within the rule's hours: with the bags that were sold rather
        than without, the nearest arrival first, then the cheapest.
        """
        wanted = need.old[-1].flight.arrival

        def rank(offer: PartnerOffer) -> tuple[bool, timedelta, int, int]:
            journey = offer.bound.journey
            fewer = offer.bound.family.baggage.checked_pieces < need.bags
            cost = offer.total(need.seeks[0]).minor
            return fewer, abs(journey.arrival - wanted), len(journey.segments), cost

        def fits(offer: PartnerOffer) -> bool:
            journey = offer.bound.journey
            in_time = need.earliest <= journey.departure and journey.arrival <= need.latest
            return in_time and offer.bound.family.cabin is need.old[0].cabin

        return tuple(sorted(filter(fits, offers), key=rank))

    def part(self, order: Order, need: Need, partner: str, offer: PartnerOffer) -> PartnerPart:
        """At the airline's own cost: it has no fares of the order's."""
        ids = NewSegmentIds(order)
        bound = offer.bound
        flights = tuple(
            Flown(ids.next(), flight, rbd, bound.family.cabin)
            for flight, rbd in zip(bound.journey.segments, bound.rbds, strict=True)
        )
        terms = next(each for each in self.world.partners if each.name == partner)
        return PartnerPart(
            f"PART{len(order.parts) + 1}",
            partner,
            terms.carrier,
            need.bound_index,
            tuple(each.segment_id for each in flights),
            bound.family.code,
            offer.reference,
            passenger_ids=need.passenger_ids,
            protection=Protection(
                tuple(each.segment_id for each in need.old),
                flights,
                offer.total(need.seeks[0]),
                _kept(need.seeks[0], offer, order.currency),
            ),
        )


def with_partners(order: Order, bounds: Iterable[Rerouted]) -> Iterator[Rerouted]:
    """Bounds without a flight of ours as partners fly them, where they have ticketed it."""
    for bound in bounds:
        ids = tuple(each.segment_id for each in bound.old)
        yield next(
            (
                replace(bound, new=part.protection.flights)
                for part in order.parts
                if part.protection is not None
                and not bound.new
                and part.kept
                and part.protection.replaces == ids
                and {each.id for each in _flying(order, bound)}.issubset(part.passenger_ids)
                and documented(order, part)
            ),
            bound,
        )


def _flying(order: Order, bound: Rerouted) -> tuple[Passenger, ...]:
    """Who was to fly what the bound lost."""
    ids = {each.segment_id for each in bound.old}
    flying = {
        item.passenger_id for item in order.items_on(ids) if bound.concerns(item.passenger_id)
    }
    return tuple(each for each in order.passengers if each.id in flying)


def _is_kept_by_others(order: Order, bound: Rerouted) -> bool:
    """Whether others in the bookings of those who lose the flights have flown them, or fly them."""
    flying = {each.id for each in _flying(order, bound)}
    bookings = {order.booking_of(each) for each in flying}
    lost = {each.flight.key for each in bound.old}
    return any(
        order.segment(service.segment_id).flight.key in lost
        for item in order.live_items
        if item.passenger_id not in flying and order.booking_of(item.passenger_id) in bookings
        for service in item.services
    )


def _segments_of(order: Order, passengers: Iterable[Passenger]) -> frozenset[str]:
    ids = {each.id for each in passengers}
    return frozenset(
        service.segment_id
        for item in order.live_items
        if item.passenger_id in ids
        for service in item.services
    )


def _bags(order: Order, bound: Rerouted) -> int:
    """The most that anybody's fare takes along."""
    ids = {each.segment_id for each in bound.old}
    pieces = (item.family.baggage.checked_pieces for item in order.items_on(ids))
    return max(pieces, default=0)


def _kept(seek: Seek, offer: PartnerOffer, currency: str) -> Money:
    """What the partner does not give back of its price by its own rule, before departure."""
    rule = next((e for e in offer.bound.cancellations if e.stage is Stage.BEFORE), None)
    kept = 0
    for kind, many in seek.party:
        fare = offer.bound.fares[kind]
        lost = fare.base.minor
        if rule is not None and rule.permitted:
            lost = min(lost, rule.fee.minor if rule.fee else 0)
        kept += many * (lost + sum(tax.amount.minor for tax in fare.taxes if not tax.refundable))
    return Money(kept, currency)

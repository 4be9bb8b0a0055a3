"""OrderReshop with flights to add: what else can be flown instead, and what does that cost?

Each way to fly is a quote of its own, firm for as long as quotes stand: what it costs is worked
out once, here, and accepting it asks nobody again. Of an order that is held nothing is paid yet:
its flights are only replaced, and what is owed changes. Flights that the airline changed itself
are exchanged without a fee, and near enough to the old ones for nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ndc_oms.errors import Invalid, NotAllowed, Unavailable
from ndc_oms.model.items import Item, OrderItem
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Conditions, PricedBound
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import Passenger, People
from ndc_oms.model.quote import Exchanged, NewBound, Proposal, Quote, QuoteKind
from ndc_oms.model.seat import Seat
from ndc_oms.offers.limits import strictest
from ndc_oms.offers.request import ShopRequest
from ndc_oms.orders.airline_answers import is_free, refundable_in_full
from ndc_oms.orders.build import sold_as
from ndc_oms.orders.change_quote import change_rule, exchanged, replaced
from ndc_oms.orders.change_scope import (
    by_journey,
    check_issuable,
    check_scope,
    concerned_by,
    in_sequence,
)
from ndc_oms.orders.check_passengers import Ages, age_problem
from ndc_oms.orders.coupons import Shown, Use, check_arrived, check_unflown, unused
from ndc_oms.orders.exchange import accept
from ndc_oms.orders.followers import Followers, Moving
from ndc_oms.orders.new_quote import new_quote
from ndc_oms.orders.parts import chosen, flights_in
from ndc_oms.orders.request import ReshopRequest, Search
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import KeepQuote, OrderRecord, Store
from ndc_oms.world.servicing import Servicing

MOST: Final = 20  # ways to fly that are quoted at once

Bounds = tuple[PricedBound, ...]
# offers/shop.py: what can be flown, ranked; and why there is nothing
Alternatives = Callable[
    [ShopRequest, Seller, Conditions], Awaitable[tuple[tuple[Bounds, ...], tuple[str, ...]]]
]


@dataclass(frozen=True, slots=True)
class Rebook:
    """alternatives: the search; followers: what becomes of services; ages: of the passenger types
    that are sold.
    """

    store: Store
    alternatives: Alternatives
    followers: Followers
    servicing: Servicing
    ages: Ages
    clock: Clock
    entropy: Entropy

    async def __call__(
        self, record: OrderRecord, request: ReshopRequest, search: Search, seller: Seller,
        shown: Shown,
    ) -> tuple[Quote, ...]:  # fmt: skip
        """Kept quotes, ranked as offers are; at least one. Raises NotAllowed 182, 185; Invalid 73,
        102, 912; Unavailable 496; what a search raises.
        """
        order, now = record.order, self.clock.now()
        items = self._given_up(order, request, search, shown, now)
        journeys = by_journey(order, items)
        party = concerned_by(order, items)
        asked = ShopRequest(
            search.bounds, party, order.currency, MOST, search.path, fares=search.fares
        )
        found, reasons = await self.alternatives(asked, seller, order.conditions)
        fitting = [
            each
            for each in found
            if in_sequence(order, items, [bound.journey.segments for bound in each])
            and not _same(order, journeys, each)
        ]
        if not fitting:
            raise _nothing(reasons, search.path)
        self._check_ages(party, record.people, fitting[0], search.path)
        used = tuple(i.id for i in order.live_items if shown.use(i) is Use.SOME)
        asked_for = frozenset(request.item_ids)
        gone: dict[FlightKey, frozenset[Seat]] = {}
        quotes = []
        for each in fitting[: max(search.limit or MOST, 1)]:
            moving = Moving(
                order, journeys, each, shown, now, self.servicing.void_h, asked_for, gone
            )
            followed, given_up = await self.followers(moving)
            proposal = replace(
                self._proposal(order, journeys, each, used, now),
                followed=followed,
                given_up=given_up,
            )
            quotes.append(self._quote(order, seller, proposal, now))
        quotes = _issuable(order, items, quotes, now, request.order.path)
        await asyncio.gather(*(self.store.write(KeepQuote(quote)) for quote in quotes))
        return tuple(quotes)

    def _given_up(
        self, order: Order, request: ReshopRequest, search: Search, shown: Shown, now: datetime
    ) -> tuple[OrderItem, ...]:
        path = request.order.path
        left: Sequence[Item] = order.live_items if _held(order) else unused(order, shown, path)
        if not request.item_ids:
            raise Invalid(
                "What the flights take the place of is not said.",
                path=search.path,
                remedy="Name with DeleteOrderItem the items that are exchanged for them.",
            )
        items = flights_in(chosen(order, request.item_ids, path))
        check_unflown(items, left, path)
        check_arrived(order, shown, items, path)
        check_scope(order, items, path)
        journeys = by_journey(order, items)
        if len(journeys) != len(search.bounds):
            raise Invalid(
                f"{len(journeys)} journeys are given up, and {len(search.bounds)} asked for.",
                code="102",
                path=search.path,
                remedy="Ask for as many journeys as you give up, in the order of travel.",
            )
        for item in items:
            owed = _held(order) or refundable_in_full(order, item)
            if not owed and change_rule(order, item, now) is None:
                raise _not_changeable(item, path)
        return items

    def _check_ages(
        self, party: Sequence[Passenger], people: People, bounds: Bounds, path: str
    ) -> None:
        first = bounds[0].journey.departure.date()
        last = bounds[-1].journey.arrival.date()
        persons = {person.passenger_id: person for person in people.persons}
        for passenger in party:
            rule, person = self.ages.get(passenger.type), persons.get(passenger.id)
            if rule is None or person is None:
                continue
            if wrong := age_problem(passenger, rule, person.birthdate, first, last):
                raise Invalid(
                    wrong, code="73", path=path,
                    remedy="Ask for a day on which the age fits, or cancel and order anew.",
                )  # fmt: skip

    def _proposal(
        self,
        order: Order,
        journeys: Sequence[tuple[OrderItem, ...]],
        bounds: Bounds,
        used: tuple[str, ...],
        now: datetime,
    ) -> Proposal:
        made, new = [], []
        for at, (items, bound) in enumerate(zip(journeys, bounds, strict=True)):
            free = all(self._is_free(order, item, bound) for item in items)
            new.append(_as_it_was(items[0], bound) if free else _new_bound(bound))
            made += [self._exchanged(order, item, bound, at, free=free, now=now) for item in items]
        proposal = Proposal(tuple(made), tuple(new), used)
        return self._owed(order, proposal, bounds, now) if _held(order) else proposal

    def _quote(self, order: Order, seller: Seller, proposal: Proposal, now: datetime) -> Quote:
        until = now + timedelta(seconds=self.servicing.quote_ttl_s)
        quote = new_quote(
            order, seller, QuoteKind.CHANGE, now=now, until=until, entropy=self.entropy
        )
        return replace(quote, proposal=proposal)

    def _is_free(self, order: Order, item: OrderItem, bound: PricedBound) -> bool:
        days = self.servicing.airline_change.free_days
        departs = bound.journey.departure.date()
        return item.family.code == bound.family.code and is_free(order, item, departs, days)

    def _exchanged(
        self,
        order: Order,
        item: OrderItem,
        bound: PricedBound,
        at: int,
        *,
        free: bool,
        now: datetime,
    ) -> Exchanged:
        kinds = {passenger.id: passenger.type for passenger in order.passengers}
        fare = bound.fares[kinds[item.passenger_id]]
        if free or _held(order):
            return replaced(order, item, item.fare if free else fare, bound=at)
        fee: Money | None = Money.zero(order.currency)
        if not refundable_in_full(order, item):
            rule = change_rule(order, item, now)
            fee = rule.fee if rule is not None else None
        if fee is None:
            raise AssertionError(f"{item.id} was permitted to change, without a fee")
        return exchanged(order, item, fare, bound=at, fee=fee, now=now)

    def _owed(self, order: Order, proposal: Proposal, bounds: Bounds, now: datetime) -> Proposal:
        """Until when: as for a new hold of these flights, and never longer than for the old ones.
        Flights that stay keep the guarantee of their price.
        """
        gone = {each.item_id for each in proposal.items}
        staying = [item for item in order.live_items if item.id not in gone]
        flown = [order.segment(s.segment_id).flight for item in staying for s in item.services]
        departures = [flight.departure for flight in flown]
        departures += [bound.journey.departure for bound in bounds]
        families = [bound.family.code for bound in bounds]
        limits = strictest(self.servicing, families, min(departures), now)
        old, until = order.payment_limit_at, order.price_guarantee_until
        if limits is None or old is None:
            return replace(proposal, unpaid=True)
        payment_at = min(limits.payment_at, old)
        guarantee = min(limits.guarantee_until, payment_at)
        if staying and until is not None:
            guarantee = min(guarantee, until)
        return replace(
            proposal, unpaid=True, payment_limit_at=payment_at, price_guarantee_until=guarantee
        )


def _issuable(
    order: Order, items: Sequence[OrderItem], quotes: Sequence[Quote], now: datetime, path: str
) -> list[Quote]:
    """Those that can be documented: where some of the flights that stay cannot be flown, tickets
    are at most revalidated. Raises NotAllowed (182) where none is left.
    """
    if _held(order):
        return list(quotes)
    try:
        check_issuable(order, items, path)
    except NotAllowed:
        who = {item.passenger_id for item in items}
        even = [q for q in quotes if who.issubset(accept(order, q, now).change.revalidated)]
        if not even:
            raise
        return even
    return list(quotes)


def _new_bound(bound: PricedBound) -> NewBound:
    return NewBound(
        bound.journey.segments,
        bound.rbds,
        sold_as(bound.family),
        bound.changes,
        bound.cancellations,
    )


def _as_it_was(item: OrderItem, bound: PricedBound) -> NewBound:
    """Other flights on the terms that were sold."""
    return NewBound(
        bound.journey.segments, bound.rbds, item.family, item.changes, item.cancellations
    )


def _held(order: Order) -> bool:
    """Nothing is ticketed: it waits for its payment."""
    return not order.ticketed


def _same(order: Order, journeys: Sequence[tuple[OrderItem, ...]], bounds: Bounds) -> bool:
    """The very flights in the very family that are booked."""
    for items, bound in zip(journeys, bounds, strict=True):
        booked = [order.segment(each.segment_id) for each in items[0].services]
        flights = [segment.flight.key for segment in booked]
        wanted = [segment.key for segment in bound.journey.segments]
        if flights != wanted or items[0].family.code != bound.family.code:
            return False
    return True


def _not_changeable(item: OrderItem, path: str) -> Unavailable:
    return Unavailable(
        f"Item {item.id} in {item.family.name} cannot be changed now.",
        code="496",
        path=path,
        remedy="See ChangeRestrictions of the item; cancelling may give back a part of it.",
    )


def _nothing(reasons: Sequence[str], path: str) -> Unavailable:
    return Unavailable(
        " ".join(reasons) or "No other flights fit between those that stay.",
        code="496",
        path=path,
        remedy="Try other dates, airports or cabins.",
    )

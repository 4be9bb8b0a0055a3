"""OrderReshop with flights to add: what else can be flown instead, and what does that cost?

Each way to fly is a quote of its own, firm for as long as quotes stand: what it costs is worked
out once, here, and accepting it asks nobody again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ndc_oms.errors import Invalid, Unavailable
from ndc_oms.model.offer import Conditions, PricedBound
from ndc_oms.model.order import Order, OrderItem
from ndc_oms.model.passenger import Passenger, People
from ndc_oms.model.quote import NewBound, Proposal, Quote, QuoteKind
from ndc_oms.offers.request import ShopRequest
from ndc_oms.orders.build import sold_as
from ndc_oms.orders.change_quote import change_rule, exchanged
from ndc_oms.orders.change_scope import by_journey, check_scope, concerned_by, in_sequence
from ndc_oms.orders.check_passengers import Ages, age_problem
from ndc_oms.orders.coupons import Shown, Use, check_arrived, check_unflown, unused
from ndc_oms.orders.parts import chosen, flights_in
from ndc_oms.orders.request import ReshopRequest, Search
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import KeepQuote, OrderRecord, Store
from ndc_oms.world.servicing import Servicing

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
ID_LENGTH: Final = 24
MOST: Final = 20  # ways to fly that are quoted at once

Bounds = tuple[PricedBound, ...]
# offers/shop.py: what can be flown, ranked; and why there is nothing
Alternatives = Callable[
    [ShopRequest, Seller, Conditions], Awaitable[tuple[tuple[Bounds, ...], tuple[str, ...]]]
]


def new_quote_id(entropy: Entropy) -> str:
    return "Q" + entropy.token(LETTERS, ID_LENGTH)


@dataclass(frozen=True, slots=True)
class Rebook:
    """alternatives: the search; ages: of the passenger types that are sold."""

    store: Store
    alternatives: Alternatives
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
        quotes = tuple(
            self._quote(order, seller, self._proposal(order, journeys, each, used, now), now)
            for each in fitting[: max(search.limit or MOST, 1)]
        )
        await asyncio.gather(*(self.store.write(KeepQuote(quote)) for quote in quotes))
        return quotes

    def _given_up(
        self, order: Order, request: ReshopRequest, search: Search, shown: Shown, now: datetime
    ) -> tuple[OrderItem, ...]:
        path = request.order.path
        left = unused(order, shown, path)
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
            if change_rule(order, item, now) is None:
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
        kinds = {passenger.id: passenger.type for passenger in order.passengers}
        made = []
        for at, (items, bound) in enumerate(zip(journeys, bounds, strict=True)):
            for item in items:
                rule = change_rule(order, item, now)
                if rule is None or rule.fee is None:
                    raise AssertionError(f"{item.id} was permitted to change, without a fee")
                fare = bound.fares[kinds[item.passenger_id]]
                made.append(exchanged(order, item, fare, bound=at, fee=rule.fee, now=now))
        return Proposal(tuple(made), tuple(map(_new_bound, bounds)), used)

    def _quote(self, order: Order, seller: Seller, proposal: Proposal, now: datetime) -> Quote:
        return change_quote(
            order, seller, proposal, servicing=self.servicing, entropy=self.entropy, now=now
        )


def change_quote(
    order: Order,
    seller: Seller,
    proposal: Proposal,
    *,
    servicing: Servicing,
    entropy: Entropy,
    now: datetime,
) -> Quote:
    return Quote(
        quote_id=new_quote_id(entropy),
        order_id=order.order_id,
        order_version=order.version,
        seller=seller.org_id,
        kind=QuoteKind.CHANGE,
        currency=order.currency,
        created_at=now,
        expires_at=now + timedelta(seconds=servicing.quote_ttl_s),
        items=(),
        proposal=proposal,
    )


def _new_bound(bound: PricedBound) -> NewBound:
    return NewBound(
        bound.journey.segments,
        bound.rbds,
        sold_as(bound.family),
        bound.changes,
        bound.cancellations,
    )


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

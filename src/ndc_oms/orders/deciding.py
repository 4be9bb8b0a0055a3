"""What a seller asks of an order that is at rest becomes events, or a refusal: paid, cancelled,
exchanged, renamed, added to. Seats that are to come are held first, so that what is recorded can be
booked.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

from ndc_oms.fulfilment.booking import seats_hold
from ndc_oms.model.events import Event, ItemsAdded
from ndc_oms.model.fold import apply
from ndc_oms.model.following import seats_followed
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import People
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.quote import Quote
from ndc_oms.model.seating import wanted
from ndc_oms.orders.add import add_services
from ndc_oms.orders.airline_answers import accept_as_changed, declining, with_own_flights
from ndc_oms.orders.cancel import accept_cancellation, cancel_unpaid
from ndc_oms.orders.change_payment import paid, paid_difference
from ndc_oms.orders.coupons import show, unused
from ndc_oms.orders.exchange import accept, check_selection, seats_wanted
from ndc_oms.orders.hold import HOLD, hold_choices, hold_for_change
from ndc_oms.orders.own import check_time
from ndc_oms.orders.pay import pay
from ndc_oms.orders.prepare import Rules, desk_of
from ndc_oms.orders.quote import reprice
from ndc_oms.orders.quote_services import accept_services, check_services
from ndc_oms.orders.quoted import Quoted, check_left, check_quote, outdated
from ndc_oms.orders.rename import accept_name, as_quoted, show_if_any, update_person
from ndc_oms.orders.request import (
    AcceptAirlineChange,
    AcceptChange,
    AcceptQuote,
    AcceptServices,
    AddServices,
    CancelUnpaid,
    ChangeRequest,
    UpdatePerson,
)
from ndc_oms.orders.tender import Tendered
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.pss import Pss
from ndc_oms.ports.sellers import Attempt, Seller
from ndc_oms.ports.store import OrderRecord


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with everything that is needed to carry it out. payments: None for none."""

    request: ChangeRequest
    seller: Seller
    quote: Quote | None
    tendered: Tendered | None


@dataclass(frozen=True, slots=True)
class Decided:
    """people: None where personal data stays as it is."""

    events: tuple[Event, ...]
    people: People | None = None


@dataclass(frozen=True, slots=True)
class Deciding:
    pss: Pss
    rules: Rules
    clock: Clock

    async def __call__(
        self, found: OrderRecord, asked: Asked, key: Attempt, now: datetime
    ) -> Decided:
        """Raises Refusal: nothing was done, but that seats may be held for a while."""
        order, change = found.order, asked.request.change
        if isinstance(change, CancelUnpaid):
            return Decided((cancel_unpaid(order, change, now),))
        if isinstance(change, AcceptAirlineChange):
            return Decided(accept_as_changed(order, change, now))
        if isinstance(change, UpdatePerson):
            return Decided(*await update_person(found, change, self.pss, self.rules, now))
        if (
            isinstance(change, AcceptChange | AcceptQuote)
            and asked.quote is not None
            and (isinstance(change, AcceptChange) or change.cancels)
        ):
            return await self._given_up(found, asked, change, asked.quote, now)
        events: tuple[Event, ...] = ()
        before, hold = order, seats_hold(order.order_id, key.key)
        if isinstance(change, AddServices | AcceptServices):
            events = await self._added(order, asked, change, now, hold=hold)
        if isinstance(change, AcceptQuote) and asked.quote is not None:
            check_quote(order, asked.quote, change, now)
            check_time(order, now, change.path)
            events = (reprice(order, asked.quote, self.rules.servicing, now),)
        order = reduce(apply, events, order)
        if isinstance(change, AcceptServices) and order.replacing is not None:
            events = (*events, *self._difference(order, events, asked, change))
        elif asked.tendered is not None:
            events = (*events, pay(order, asked.tendered, asked.seller, self.rules, now))
        await self._hold_seats(before, order, asked, hold)
        return Decided(events)

    async def _given_up(
        self,
        found: OrderRecord,
        asked: Asked,
        change: AcceptChange | AcceptQuote,
        quote: Quote,
        now: datetime,
    ) -> Decided:
        """What gives something up, for something else or for nothing. Where a partner is to fly
        instead of it, the partner is declined first.
        """
        declined, own = with_own_flights(found.order, _given_up_in(quote), now)
        check_quote(own, quote, change, now)
        if isinstance(change, AcceptQuote):
            done = await self._given_back(own, change, quote, now)
        else:
            check_selection(quote, change)
            exchange = self._named if quote.naming else self._exchanged
            done = await exchange(replace(found, order=own), asked, change, quote, now)
        return replace(done, events=declining(declined, done.events))

    async def _given_back(
        self, order: Order, change: AcceptQuote, quote: Quote, now: datetime
    ) -> Decided:
        await self._check_documents(order, quote, change)
        if quote.proposal is not None:  # tickets are given back in part
            return Decided((accept(order, quote, now),))
        return Decided((accept_cancellation(order, quote, now),))

    async def _exchanged(
        self, found: OrderRecord, asked: Asked, change: AcceptChange, quote: Quote, now: datetime
    ) -> Decided:
        """The new seats are held before anything is recorded: what is recorded can be booked."""
        order = found.order
        check_time(order, now, change.path)
        await self._check_documents(order, quote, change)
        accepted = accept(order, quote, now)
        accepted = paid(
            order, accepted, change, asked.tendered, seller=asked.seller, rules=self.rules
        )
        flights = seats_wanted(order, accepted.change)
        if flights:
            held = accepted.change.hold_reference
            hold_for = self._hold_for(asked)
            await hold_for_change(self.pss, self.clock, held, flights, hold_for)
            if choices := seats_followed(order, accepted.change):
                await hold_choices(self.pss, self.clock, held, choices, hold_for)
        return Decided((accepted,))

    async def _named(
        self, found: OrderRecord, asked: Asked, change: AcceptChange, quote: Quote, now: datetime
    ) -> Decided:
        order = found.order
        named = as_quoted(order, quote, await show_if_any(self.pss, order), change.path)
        if named is None:
            raise outdated(change)
        done = accept_name(order, found.people, named, now, quote.quote_id)
        accepted = paid(
            order, done.accepted, change, asked.tendered, seller=asked.seller, rules=self.rules
        )
        return Decided((accepted,), done.people)

    async def _added(
        self,
        order: Order,
        asked: Asked,
        change: AddServices | AcceptServices,
        now: datetime,
        *,
        hold: str,
    ) -> tuple[Event, ...]:
        """Services that come into the order, picked or as quoted."""
        desk, paid = desk_of(self.rules, change.path), asked.tendered is not None
        if isinstance(change, AddServices):
            check_time(order, now, change.path)
            added = await add_services(desk, order, change, asked.seller, now, paid=paid, hold=hold)
            return (added,)
        quote = asked.quote
        if quote is None:
            raise AssertionError("services are accepted without the quote of them")
        check_quote(order, quote, change, now)
        check_services(quote, change)
        check_time(order, now, change.path)
        await self._check_documents(order, quote, change)
        return await accept_services(
            desk, order, quote, change, seller=asked.seller, now=now, paid=paid, hold=hold
        )

    def _difference(
        self, order: Order, events: tuple[Event, ...], asked: Asked, change: AcceptServices
    ) -> tuple[Event, ...]:
        """What is paid on top of what comes back of what is given up. order: after `events`."""
        added = next(each for each in events if isinstance(each, ItemsAdded))
        if asked.quote is None:
            raise AssertionError("services are accepted without the quote of them")
        return paid_difference(
            order, added, asked.quote.difference, asked.tendered,
            seller=asked.seller, rules=self.rules, path=change.path,
        )  # fmt: skip

    async def _hold_seats(self, before: Order, after: Order, asked: Asked, reference: str) -> None:
        """Seats that are added are kept until they are assigned, under one reference however often
        the request is looked at. Raises Unavailable (281, 493); what is held for a change that
        comes to nothing lapses by itself.
        """
        had = set(wanted(before))
        choices = tuple(each for each in wanted(after) if each not in had)
        if choices:
            await hold_choices(self.pss, self.clock, reference, choices, self._hold_for(asked))

    def _hold_for(self, asked: Asked) -> timedelta:
        """How long seats are held for what is paid on a page longer than for what is paid now."""
        on_a_page = asked.tendered is not None and any(
            each.form is PaymentForm.REDIRECT for each in asked.tendered.payments
        )
        payer = timedelta(seconds=self.rules.servicing.page_ttl_s if on_a_page else 0)
        return HOLD + payer

    async def _check_documents(self, order: Order, quote: Quote, asked: Quoted) -> None:
        """What was to be given back must still be unused at the PSS."""
        if order.ticketed:
            check_left(order, quote, asked, unused(order, await show(self.pss, order), asked.path))


def _given_up_in(quote: Quote) -> frozenset[str]:
    """Items that would be given up, or exchanged for others."""
    ids = {each.item_id for each in quote.items}
    if quote.proposal is not None:
        ids |= {each.item_id for each in quote.proposal.items}
    return frozenset(ids)

"""OrderChange: what a seller does to an order that exists.

    1  the order is the seller's own                                  (own.py)
    2  the key is claimed: an earlier sending answers for this one    (claim.py)
    3  cards become tokens, an accepted quote is read
    4  the order has come to rest, and is as the sender saw it
    5  what was asked becomes events          (pay, cancel, quote, persons, airline_answers)
    6  they are recorded, once for the key: from here on it is done
    7  fulfilment runs, as long as the sender waits

Before 6 a refusal leaves nothing behind, and the claim is dropped. Where something else happened
to the order between 4 and 6, the request is looked at anew.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

from ndc_oms.errors import Conflict, Invalid
from ndc_oms.fulfilment.booking import seats_hold
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.fulfilment.plan import record, settled, waiting_task
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
from ndc_oms.orders.answer import changed
from ndc_oms.orders.cancel import accept_cancellation, cancel_unpaid
from ndc_oms.orders.change_payment import paid, paid_difference
from ndc_oms.orders.claim import Claims, needed_key
from ndc_oms.orders.coupons import show, unused
from ndc_oms.orders.exchange import accept, check_selection, seats_wanted
from ndc_oms.orders.hold import HOLD, hold_choices, hold_for_change
from ndc_oms.orders.own import check_current, check_open, check_time, find_own
from ndc_oms.orders.pay import pay
from ndc_oms.orders.prepare import Rules, desk_of
from ndc_oms.orders.quote import reprice
from ndc_oms.orders.quote_services import accept_services, check_services
from ndc_oms.orders.quoted import Quoted, check_left, check_quote, outdated, quote_of
from ndc_oms.orders.rename import accept_name, as_quoted, show_if_any, update_person
from ndc_oms.orders.request import (
    AcceptAirlineChange,
    AcceptChange,
    AcceptQuote,
    AcceptServices,
    AddServices,
    CancelUnpaid,
    ChangeRequest,
    OrderView,
    UpdatePerson,
)
from ndc_oms.orders.reshop import check_settled
from ndc_oms.orders.tender import Tendered, tender
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.failpoint import reached
from ndc_oms.ports.pss import Pss
from ndc_oms.ports.sellers import Attempt, Seller
from ndc_oms.ports.store import EffectUsed, Fresh, OrderRecord, SoldOut, Store, Task


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
class ChangeOrder:
    """reply_within_s: how long a sender waits for what its change sets going, in seconds."""

    store: Store
    pss: Pss
    rules: Rules
    deliverer: Deliverer
    clock: Clock
    reply_within_s: float = 8.0

    async def __call__(
        self, request: ChangeRequest, seller: Seller, attempt: Attempt | None
    ) -> OrderView:
        """Raises Refusal; its `done` says what is left of the request."""
        deadline = asyncio.get_running_loop().time() + self.reply_within_s
        key = needed_key(attempt, "IATA_OrderChangeRQ")
        _check_shape(request)
        found = await find_own(self.store, self.rules.owner, request.order, seller)
        order_id = found.order.order_id
        claims = Claims(
            self.store,
            self.clock,
            seller.org_id,
            key,
            changed,
            self.deliverer.owner,
            changes=True,
        )
        claim = await claims.take(order_id, "", self.reply_within_s)
        if not isinstance(claim, Fresh):
            return claim
        reached("change.claimed")
        try:
            asked = await self._asked(request, seller)
            task, sequence = await self._carry_out(asked, key, deadline)
        except EffectUsed:
            return await claims.overtaken(order_id, deadline)
        except Exception:
            reached("change.refused")
            await claims.drop()
            raise
        reached("change.recorded")
        if task is not None:
            left_s = max(0.0, deadline - asyncio.get_running_loop().time())
            await self.deliverer.drive(replace(task, attempts=1), within_s=left_s)
        reached("change.fulfilled")
        fresh = await self.store.get_order(order_id, seller.org_id)
        return changed(fresh, sequence)

    async def _asked(self, request: ChangeRequest, seller: Seller) -> Asked:
        quote = None
        if isinstance(request.change, Quoted):
            quote = await quote_of(self.store, request.order, request.change, seller)
        paid = await tender(request.payments, self.rules.tills) if request.payments else None
        return Asked(replace(request, payments=()), seller, quote, paid)

    async def _carry_out(
        self, asked: Asked, key: Attempt, deadline: float
    ) -> tuple[Task | None, int]:
        """The task that is to be done now, leased to this process, and the sequence of the last
        event. Raises EffectUsed.
        """
        while True:
            found = await self._at_rest(asked, deadline)
            now = self.clock.now()
            decided = await self._decide(found, asked, key, now)
            unit = record(
                found.order,
                decided.events,
                now,
                done_task=waiting_task(found.order),
                lease_owner=self.deliverer.owner,
                lease_until=self.deliverer.lease_until(),
            )
            unit = replace(unit, people=decided.people, claimed_by=key.key)
            try:
                await self.store.write(unit)
            except (EffectUsed, SoldOut):
                raise
            except Conflict:
                continue  # something else happened to it meanwhile
            return unit.next_task if unit.lease_owner else None, unit.order.sequence

    async def _at_rest(self, asked: Asked, deadline: float) -> OrderRecord:
        """The order when nothing is being carried out for it. Raises Unavailable (182), and what
        `own.py` raises.
        """
        reference, seller = asked.request.order, asked.seller
        found = await find_own(self.store, self.rules.owner, reference, seller)
        if not settled(found.order):
            await self.deliverer.watch(found.order.order_id, deadline)
            found = await find_own(self.store, self.rules.owner, reference, seller)
        check_current(found.order, reference)
        check_open(found.order, reference.path)
        check_settled(found.order)
        return found

    async def _decide(
        self, found: OrderRecord, asked: Asked, key: Attempt, now: datetime
    ) -> Decided:
        order, change = found.order, asked.request.change
        if isinstance(change, CancelUnpaid):
            return Decided((cancel_unpaid(order, change, now),))
        if isinstance(change, AcceptAirlineChange):
            return Decided(accept_as_changed(order, change, now))
        if isinstance(change, UpdatePerson):
            return Decided(*await update_person(found, change, self.pss, self.rules, now))
        if isinstance(change, AcceptChange) and asked.quote is not None:
            exchange = self._named if asked.quote.naming else self._exchanged
            declined, own = with_own_flights(order, _given_up_in(asked.quote), now)
            done = await exchange(replace(found, order=own), asked, change, asked.quote, now)
            return replace(done, events=declining(declined, done.events))
        if isinstance(change, AcceptQuote) and asked.quote is not None and change.cancels:
            declined, own = with_own_flights(order, _given_up_in(asked.quote), now)
            done = await self._given_back(own, change, asked.quote, now)
            return replace(done, events=declining(declined, done.events))
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

    async def _given_back(
        self, order: Order, change: AcceptQuote, quote: Quote, now: datetime
    ) -> Decided:
        check_quote(order, quote, change, now)
        await self._check_documents(order, quote, change)
        if quote.proposal is not None:  # tickets are given back in part
            return Decided((accept(order, quote, now),))
        return Decided((accept_cancellation(order, quote, now),))

    async def _exchanged(
        self, found: OrderRecord, asked: Asked, change: AcceptChange, quote: Quote, now: datetime
    ) -> Decided:
        """The new seats are held before anything is recorded: what is recorded can be booked."""
        order = found.order
        check_quote(order, quote, change, now)
        check_selection(quote, change)
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
        check_quote(order, quote, change, now)
        check_selection(quote, change)
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


def _check_shape(request: ChangeRequest) -> None:
    """Raises Invalid (912) for nothing at all, for payments beside what is not paid for, and for
    several quotes at once.
    """
    change, order = request.change, request.order
    if change is None and not request.payments:
        raise Invalid(
            "The request neither changes nor pays anything.",
            path=order.path,
            remedy="Send ChangeOrderChoice, PaymentFunctions, or both.",
        )
    free = isinstance(change, CancelUnpaid | UpdatePerson | AcceptAirlineChange)
    if request.payments and (free or (isinstance(change, AcceptQuote) and change.cancels)):
        raise Invalid(
            "This change is not paid for.",
            path=request.payments[0].path,
            remedy="Send the payment in a request of its own.",
        )
    if isinstance(change, AcceptQuote) and len(change.quote_ids) != 1:
        raise Invalid(
            f"{len(change.quote_ids)} offers are accepted; an order is changed by one at a time.",
            path=change.path,
            remedy="Send an OrderChange for each offer.",
        )

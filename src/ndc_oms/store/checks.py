"""What must hold of one order as it is stored. Pure: everything stored of it in, findings out.

The numbers are the house's invariants: I5 an offer is accepted once · I6 events gap-free, the
order is their fold · I9 what it takes of what can run out is counted · I10 a hold ends in time
and keeps nothing · I11 the ledger balances and is what the events post · I12 captured ≤
authorised, refunded ≤ captured · I13 totals are sums, exact · I16 one live coupon for each paid
flight · I17 legal transitions · I18 document numbers · I19 no live document after its refund ·
I20 captured money is ticketed, refunded or queued · I21 what is unfinished has its task.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ndc_oms.model.documents import DocumentType, is_document_number
from ndc_oms.model.events import (
    Event,
    OrderCreated,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentRefunded,
)
from ndc_oms.model.item_states import USED
from ndc_oms.model.ledger import Account
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order
from ndc_oms.model.paid import standing_of
from ndc_oms.model.payment import Payment
from ndc_oms.model.split_events import OrderSplit
from ndc_oms.model.status import ItemStatus, OrderStatus, PaymentState, ServiceStatus
from ndc_oms.model.step import Step
from ndc_oms.model.stock import taken
from ndc_oms.store.history import History, lines
from ndc_oms.store.rows import departs_on, flight_rows, micros, read_order

NextStep = Callable[[Order], object | None]

_MONEY_GONE: Final = {PaymentState.DECLINED, PaymentState.RELEASED, PaymentState.REFUNDED}


@dataclass(slots=True)
class Kept:
    """All that is stored of one order: rows of its tables by column name, in key order."""

    row: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    bookings: list[dict[str, Any]] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    flights: list[dict[str, Any]] = field(default_factory=list)
    takings: list[dict[str, Any]] = field(default_factory=list)
    counted_since: int = 0  # of flights that left before, nothing is counted; as stock.day


def check_order(
    kept: Kept, next_step: NextStep | None, history: History | None = None
) -> Iterator[str]:
    """Each finding as `I<number>: <what>`, without the order's id.

    next_step: what fulfilment would do next; None: I21 is not checked. history: what an earlier
    look read of the order; what is not as it was then is read anew.
    """
    history = history or History()
    try:
        order = read_order(kept.row["snapshot"])
        events = history.read(kept.events)
    except (msgspec.DecodeError, KeyError, ArithmeticError) as error:
        yield f"I6: cannot be read: {error!r}"
        return
    yield from _check_history(kept, order, history)
    yield from _check_row(kept.row, order)
    yield from _check_sums(kept.row["snapshot"])
    yield from _check_balance(kept.ledger)
    yield from _check_payments(order, events)
    yield from _check_references(kept, order)
    yield from _check_coupons(order, queued=bool(kept.tasks))
    yield from _check_parts(order, queued=bool(kept.tasks))
    yield from _check_expenses(kept, order)
    yield from _check_ending(kept, order)
    yield from _check_takings(kept, order)
    yield from _check_emds(order, queued=bool(kept.tasks))
    yield from _check_given_up(order, queued=bool(kept.tasks))
    yield from _check_owed(kept)
    if next_step is not None and not kept.tasks and next_step(order) is not None:
        yield f"I21: {next_step(order)} is due and no task stands for it"


def _check_history(kept: Kept, order: Order, history: History) -> Iterator[str]:
    sequences = [row["sequence"] for row in kept.events]
    if sequences != list(range(1, len(sequences) + 1)):
        yield f"I6: events {sequences} have a gap"
        return
    try:
        state, due = history.fold()
    except (AssertionError, KeyError, ArithmeticError) as error:
        yield f"I17: the events cannot follow each other: {error}"
        return
    if state != order:
        yield "I6: the snapshot is not the fold of the events"
    stored = lines(kept.ledger)
    if due != stored:
        odd = sorted(map(str, (due - stored) | (stored - due)))
        yield f"I11: the ledger is not what the events post: {odd}"


def _check_row(row: dict[str, Any], order: Order) -> Iterator[str]:
    facts = {
        "order_id": ("I6", order.order_id),
        "seller": ("I6", order.seller),
        "owner": ("I6", order.owner),
        "offer_id": ("I5", order.offer_id),
        "status": ("I6", order.status.value),
        "version": ("I6", order.version),
        "sequence": ("I6", order.sequence),
        "created_at": ("I6", micros(order.created_at)),
        "changed_at": ("I6", micros(order.changed_at)),
        "total_minor": ("I13", order.total.minor),
        "currency": ("I13", order.currency),
        "departs_on": ("I6", departs_on(order)),
        "paying": ("I6", standing_of(order) or ""),
    }
    for name, (invariant, fact) in facts.items():
        if row[name] != fact:
            yield f"{invariant}: column {name} is {row[name]!r}, the order says {fact!r}"


class _Tax(msgspec.Struct):
    amount: Money


class _Fare(msgspec.Struct):
    base: Money
    taxes: list[_Tax]
    total: Money


class _Item(msgspec.Struct):
    id: str
    fare: _Fare


class _Items(msgspec.Struct):
    currency: str
    items: list[_Item]
    ancillaries: list[_Item] = []


_ITEMS: Final = msgspec.json.Decoder(_Items)


def _check_sums(snapshot: str) -> Iterator[str]:
    """On the stored text: reading it as an Order computes totals afresh and would hide a fault."""
    stored = _ITEMS.decode(snapshot)
    for item in (*stored.items, *stored.ancillaries):
        parts = [item.fare.base, *(tax.amount for tax in item.fare.taxes)]
        if {part.currency for part in parts} | {item.fare.total.currency} != {stored.currency}:
            yield f"I13: item {item.id} mixes currencies"
        elif sum(part.minor for part in parts) != item.fare.total.minor:
            yield f"I13: item {item.id} is {item.fare.total}, its fare and taxes are not"


def _check_balance(ledger: list[dict[str, Any]]) -> Iterator[str]:
    sums: Counter[tuple[int, str]] = Counter()
    for row in ledger:
        sums[row["sequence"], row["currency"]] += row["minor"]
    for (sequence, currency), minor in sums.items():
        if minor:
            yield f"I11: the postings of event {sequence} sum to {Money(minor, currency)}"


def _check_payments(order: Order, events: list[Event]) -> Iterator[str]:
    authorised: Counter[str] = Counter()
    captured: Counter[str] = Counter()
    refunded: Counter[str] = Counter()
    amounts = {payment.id: payment.amount.minor for payment in order.payments}
    for event in events:
        if isinstance(event, PaymentAuthorised):
            authorised[event.payment_id] += amounts.get(event.payment_id, 0)
        elif isinstance(event, PaymentCaptured):
            captured[event.payment_id] += event.amount.minor
        elif isinstance(event, PaymentRefunded):
            refunded[event.payment_id] += event.amount.minor
        elif isinstance(event, OrderSplit):
            captured.subtract({each.payment_id: each.amount.minor for each in event.shares})
        elif isinstance(event, OrderCreated):
            brought = {p.id: p.amount.minor for p in event.order.payments if _is_captured(p)}
            authorised.update(brought)
            captured.update(brought)
    for payment_id in {*authorised, *captured, *refunded}:
        if captured[payment_id] > authorised[payment_id]:
            yield f"I12: payment {payment_id}: more was captured than authorised"
        if refunded[payment_id] > captured[payment_id]:
            yield f"I12: payment {payment_id}: more was refunded than captured"


def _is_captured(payment: Payment) -> bool:
    """Before its order was made: that was split from another."""
    return payment.state is PaymentState.CAPTURED


def _check_references(kept: Kept, order: Order) -> Iterator[str]:
    """documents and bookings are found by their tables: these must be the order's."""
    stored = {(row["number"], row["passenger_id"], row["type"]) for row in kept.documents}
    own = {(d.number, d.passenger_id, d.type.value) for d in order.documents}
    if stored != own or len(own) != len(order.documents):
        numbers = sorted(entry[0] for entry in stored ^ own)
        yield f"I18: documents {numbers} are not both in the order and in the table of numbers"
    for document in order.documents:
        if not is_document_number(document.number):
            yield f"I18: {document.number!r} is no document number"
    found = {(row["carrier"], row["locator"]) for row in kept.bookings}
    if found != {(b.carrier, b.locator) for b in order.bookings}:
        yield f"I6: bookings {sorted(found)} are not the order's"
    if sorted(kept.flights, key=_place) != sorted(flight_rows(order), key=_place):
        yield "I6: the flights by which the order is found are not the order's"


def _place(row: dict[str, Any]) -> str:
    return str(row["segment_id"])


def _check_parts(order: Order, *, queued: bool) -> Iterator[str]:
    """What partners do of the order, once nothing is under way any more."""
    for part in order.parts:
        if queued:
            continue
        if part.live and not part.kept:
            yield f"I22: {part.id} is booked at {part.partner} although nobody wants it"
        if order.status is OrderStatus.CLOSED and part.live:
            yield f"I22: {part.id} is booked at {part.partner} although the order is closed"
        paid = any(p.state is PaymentState.CAPTURED for p in order.payments)
        unbooked = part.reference is None and not part.cancelled
        if order.status is OrderStatus.OPENED and paid and unbooked:
            yield f"I20: captured, but {part.id} is not booked at {part.partner}"


def _check_expenses(kept: Kept, order: Order) -> Iterator[str]:
    """What partners ask us for passengers of ours, as long as they fly them; then no more than what
    they keep of it.
    """
    booked = [part for part in order.parts if part.reference is not None]
    protections = [(part.cancelled, each) for part in booked if (each := part.protection)]
    least = sum(each.cost.minor for cancelled, each in protections if not cancelled)
    most = least + sum(each.keeps.minor for cancelled, each in protections if cancelled)
    spent = sum(row["minor"] for row in kept.ledger if row["account"] == Account.EXPENSES.value)
    if not least <= spent <= most:
        yield f"I11: {Money(spent, order.currency)} of expenses, which partners did not ask for"


def _check_takings(kept: Kept, order: Order) -> Iterator[str]:
    stored = {(row["flight"], row["what"]): row["count"] for row in kept.takings}
    due = {
        (str(place.flight), place.what): count
        for place, (count, _) in taken(order).items()
        if place.flight.day.toordinal() >= kept.counted_since
        or (str(place.flight), place.what) in stored
    }
    if stored != due:
        yield f"I9: it has {due} of what can run out, and {stored} are written down for it"


def _check_emds(order: Order, *, queued: bool) -> Iterator[str]:
    """One live coupon for each paid service that stands on an EMD, and none for another."""
    live = Counter(
        coupon.service_id
        for document in order.documents
        for coupon in document.coupons
        if coupon.live and coupon.service_id is not None
    )
    captured = any(payment.state is PaymentState.CAPTURED for payment in order.payments)
    for item in order.ancillaries:
        gone = item.status is ItemStatus.CANCELLED
        for service in item.services:
            count = live[service.id]
            if count > 1:
                yield f"I16: service {service.id} has {count} live coupons"
            if gone and count and not queued and service.delivery not in USED:
                yield f"I19: item {item.id} is cancelled and has a live coupon"
            if captured and not queued and not gone and item.needs_document and not count:
                yield f"I20: captured, but service {service.id} has no coupon, nor a task"


def _check_ending(kept: Kept, order: Order) -> Iterator[str]:
    """What holds seats until it is paid ends in time; what has ended keeps none."""
    limit = order.payment_limit_at
    for task in kept.tasks:
        first = task["step"] == Step.EXPIRE.value and not task["attempts"]
        if first and (limit is None or task["due_at"] != micros(limit)):
            yield "I10: the hold is not ended at its payment limit"
    held = bool(order.bookings) and not order.seats_released
    if order.status is OrderStatus.CLOSED and held and order.own_booking is not None:
        yield "I10: the order is closed and its booking was not cancelled"


def _check_given_up(order: Order, *, queued: bool) -> Iterator[str]:
    """A cancelled item has no live coupon left, once nothing is under way any more."""
    if queued:
        return
    live = {
        (document.passenger_id, coupon.segment_id)
        for document in order.documents
        if document.type is DocumentType.TICKET
        for coupon in document.coupons
        if coupon.live
    }
    for item in order.items:
        gone = item.status is ItemStatus.CANCELLED
        if gone and any((item.passenger_id, s.segment_id) in live for s in item.services):
            yield f"I19: item {item.id} is cancelled and has a live coupon"


def _check_owed(kept: Kept) -> Iterator[str]:
    """Once nothing is under way any more, nobody owes anybody: what was sold was paid for, and
    what was taken back, and is not kept for a reason, was returned.
    """
    owed: Counter[str] = Counter()
    for row in () if kept.tasks else kept.ledger:
        if row["account"] == Account.RECEIVABLE.value:
            owed[row["currency"]] += row["minor"]
    for currency, minor in owed.items():
        if minor:
            whom = "by the customer" if minor > 0 else "to the customer"
            yield f"I20: {Money(abs(minor), currency)} is owed {whom}, and no task stands for it"


def _check_coupons(order: Order, *, queued: bool) -> Iterator[str]:
    live = Counter(
        (document.passenger_id, coupon.segment_id)
        for document in order.documents
        if document.type is DocumentType.TICKET
        for coupon in document.coupons
        if coupon.live and coupon.segment_id is not None
    )
    for (passenger, segment), count in live.items():
        if count > 1:
            yield f"I16: passenger {passenger} has {count} live coupons for segment {segment}"
    states = {payment.state for payment in order.payments}
    tickets = (document for document in order.documents if not document.of_money)
    if states and states <= _MONEY_GONE and any(document.live for document in tickets):
        yield "I19: a document is live although no money is held for it"
    if PaymentState.CAPTURED not in states or queued:
        return
    if order.failure is not None:
        yield "I20: captured money of a failed order is neither refunded nor queued"
        return
    for item in order.live_items:
        for service in item.services:
            wanted = service.status is ServiceStatus.CONFIRMED
            if wanted and not live[item.passenger_id, service.segment_id]:
                yield (
                    f"I20: captured, but passenger {item.passenger_id} has no coupon for "
                    f"segment {service.segment_id}, and no task stands for it"
                )

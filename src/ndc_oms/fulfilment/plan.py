"""What an order needs next, decided from the order alone: pure, one step at a time.

Forward: authorise each payment, book, issue for each passenger, capture each payment. A step
that cannot succeed turns the order round (FulfilmentFailed); then everything is taken back in
reverse: void documents, release or refund money, release seats, and the order is closed.

One step at a time is what makes a crash harmless: whatever was under way is one call with one
reference, and asking the other side what became of it says where the order stands.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ndc_oms.model.events import Event, FulfilmentFailed, OrderClosed, PaymentReleased, apply
from ndc_oms.model.ledger import Transaction, transaction
from ndc_oms.model.order import Failure, Order, Step
from ndc_oms.model.status import OrderStatus, PaymentState
from ndc_oms.ports.store import RecordOrder, Task

FORWARD: Final = frozenset({Step.AUTHORISE, Step.BOOK, Step.ISSUE, Step.CAPTURE})
BOOKING: Final = "booking"  # the subject of steps that concern the whole order


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """subject: a payment's id, a passenger's id, a document's number, or BOOKING."""

    step: Step
    subject: str


def next_step(order: Order) -> PlannedStep | None:
    """The one step that is due; None: nothing is left to do."""
    if order.status is OrderStatus.CLOSED:
        return None
    return _forward(order) if order.failure is None else _backward(order)


def _forward(order: Order) -> PlannedStep | None:
    for payment in order.payments:
        if payment.state is PaymentState.REQUESTED:
            return PlannedStep(Step.AUTHORISE, payment.id)
    if not order.bookings:
        return PlannedStep(Step.BOOK, BOOKING)
    for passenger in order.passengers:
        if not order.documents_of(passenger.id):
            return PlannedStep(Step.ISSUE, passenger.id)
    for payment in order.payments:
        if payment.state is PaymentState.AUTHORISED:
            return PlannedStep(Step.CAPTURE, payment.id)
    return None


def _backward(order: Order) -> PlannedStep | None:
    for document in reversed(order.documents):
        if document.live:
            return PlannedStep(Step.VOID, document.number)
    for payment in reversed(order.payments):
        if payment.state is PaymentState.AUTHORISED:
            return PlannedStep(Step.RELEASE_MONEY, payment.id)
        if payment.state is PaymentState.CAPTURED:
            return PlannedStep(Step.REFUND, payment.id)
    if not order.seats_released:
        return PlannedStep(Step.RELEASE_SEATS, BOOKING)
    return None


def task_key(order_id: str, planned: PlannedStep) -> str:
    """Our reference towards the other side: the same however often the step is tried."""
    return f"{order_id}:{planned.step}:{planned.subject}"


def next_task(order: Order, now: datetime) -> Task | None:
    """The outbox row for the step that is due, due at once."""
    planned = next_step(order)
    if planned is None:
        return None
    key = task_key(order.order_id, planned)
    return Task(key, order.order_id, planned.step, planned.subject, due_at=now, created_at=now)


def turn_round(order: Order, failure: Failure, at: datetime) -> tuple[Event, ...]:
    """From here on everything is taken back. Payments that nobody tried are let go with it."""
    untried = tuple(
        PaymentReleased(at=at, payment_id=payment.id)
        for payment in order.payments
        if payment.state is PaymentState.REQUESTED
    )
    return (FulfilmentFailed(at=at, failure=failure), *untried)


def record(
    before: Order | None,
    events: tuple[Event, ...],
    now: datetime,
    *,
    done_task: str | None = None,
    lease_owner: str = "",
    lease_until: datetime | None = None,
) -> RecordOrder:
    """The unit of work that writes these events and all that follows from them: ledger, next
    task, and the closing of an order from which everything was taken back.
    """
    order, transactions = _advance(before, events)
    if order.failure and order.status is OrderStatus.OPENED and next_step(order) is None:
        closing = OrderClosed(at=now, reason=order.failure.reason)
        events = (*events, closing)
        order, more = _advance(order, (closing,))
        transactions += more
    return RecordOrder(
        order=order,
        from_sequence=before.sequence if before else 0,
        events=events,
        transactions=transactions,
        done_task=done_task,
        next_task=next_task(order, now),
        lease_owner=lease_owner,
        lease_until=lease_until,
    )


def _advance(
    order: Order | None, events: tuple[Event, ...]
) -> tuple[Order, tuple[Transaction, ...]]:
    transactions: list[Transaction] = []
    for event in events:
        after = apply(order, event)
        posted = transaction(order, event, after)
        if posted is not None:
            transactions.append(posted)
        order = after
    if order is None:
        raise AssertionError("a unit without events")
    return order, tuple(transactions)

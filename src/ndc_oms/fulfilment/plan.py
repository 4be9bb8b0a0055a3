"""What an order needs next, decided from the order alone: pure, one step at a time.

Forward: ask for each payment, book, here and at partners, and once everything is paid for, issue
for each passenger, partners first, then for each service, and capture each payment. What is not
paid yet waits (EXPIRE), and so does a payer on a provider's page (CLOSE_PAGE): waiting steps have
their task, due at the end of the wait. Where nothing else is to be done now, changes by the airline
are looked at. What was added in place of something else comes first; then that is given up.

Back: a step that cannot succeed turns the order round (FulfilmentFailed), and so does the end of
the wait for payment; a seller gives up items (CancellationAccepted). Then what was done is taken
back in reverse: documents, money, seats; and the items are cancelled, the last ones with their
order. Items that are exchanged for others have a plan of their own (`exchanging.py`).

One step at a time is what makes a crash harmless: whatever was under way is one call with one
reference, and asking the other side what became of it says where the order stands.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from ndc_oms.fulfilment.airline_changes import follow, unticketed
from ndc_oms.fulfilment.booking import booked_here
from ndc_oms.fulfilment.exchanging import change_ending, change_step
from ndc_oms.fulfilment.giving_back import give_back, give_up, let_go
from ndc_oms.fulfilment.planned import BOOKING, PlannedStep, ask_for
from ndc_oms.fulfilment.seats import seat
from ndc_oms.model.balance import covered, failed_batches
from ndc_oms.model.documents import DocumentType
from ndc_oms.model.events import (
    CancellationAccepted,
    Event,
    FlightsChanged,
    FulfilmentFailed,
    ItemsCancelled,
    OrderClosed,
    ProtectionDeclined,
)
from ndc_oms.model.fold import apply
from ndc_oms.model.items import AncillaryItem
from ndc_oms.model.ledger import Transaction, transaction
from ndc_oms.model.order import Order
from ndc_oms.model.protecting import documented
from ndc_oms.model.providers import told
from ndc_oms.model.reported import next_use
from ndc_oms.model.status import OrderStatus, PaymentState
from ndc_oms.model.step import Failure, Step
from ndc_oms.model.stock import moves
from ndc_oms.model.with_partners import to_divide, to_serve
from ndc_oms.ports.store import RecordOrder, Task

FORWARD: Final = frozenset(
    {
        Step.REDIRECT,
        Step.AUTHORISE,
        Step.BOOK,
        Step.SEAT,
        Step.PARTNER_BOOK,
        Step.PARTNER_ISSUE,
        Step.ISSUE,
        Step.ISSUE_EMD,
        Step.CAPTURE,
        Step.DIVIDE,
        Step.ADD_FLIGHTS,
        Step.PARTNER_DIVIDE,
        Step.SPLIT,
        Step.RENAME,
        Step.PARTNER_RENAME,
        Step.EXCHANGE,
        Step.REISSUE_EMD,
        Step.ASSOCIATE,
    }
)
_NOTHING_LEFT: Final = "Everything in it was cancelled."


def next_step(order: Order) -> PlannedStep | None:
    """The one step that is due, now or later; None: nothing is left to do."""
    if order.status is OrderStatus.CLOSED:
        return None
    if order.failure is not None:
        return give_back(order)
    if order.cancellation is not None:
        return give_up(order, order.cancellation)
    if order.change is not None:
        return change_step(order, order.change)
    if not order.live_items:
        return None
    planned = _forward(order)
    # what is exchanged was priced with what is there: also while its payer is waited for
    return planned if order.replacing is not None else follow(order, planned)


def _forward(order: Order) -> PlannedStep | None:
    return _split(order) or _pay(order) or _book(order) or _wait(order) or _deliver(order)


def settled(order: Order) -> bool:
    """Nothing is to be done now: all is done, or the order waits for its payment."""
    planned = next_step(order)
    return planned is None or planned.due_at is not None


def _split(order: Order) -> PlannedStep | None:
    if order.split is None:
        return None
    mark = f"~{order.split.order_id}"
    part = next(to_divide(order, order.split.passenger_ids), None)
    if part is not None:
        return PlannedStep(Step.PARTNER_DIVIDE, part.id, mark)
    return PlannedStep(Step.SPLIT, BOOKING, mark)


def _pay(order: Order) -> PlannedStep | None:
    for payment in order.payments:
        if payment.state is PaymentState.REQUESTED:
            return ask_for(payment)
    if order.payment_limit_at is None:
        return None  # its payments were asked for with it: a refused one turned it round
    failed = failed_batches(order)
    for payment in reversed(order.payments):
        if payment.batch in failed and payment.state is PaymentState.AUTHORISED:
            return PlannedStep(Step.RELEASE_MONEY, payment.id)
        if payment.batch in failed and payment.state is PaymentState.AWAITING:
            return PlannedStep(Step.CLOSE_PAGE, payment.id)
    return None


def _book(order: Order) -> PlannedStep | None:
    if order.own_booking is None and booked_here(order):
        return PlannedStep(Step.BOOK, BOOKING)
    for part in order.parts:
        if part.reference is None and not part.cancelled:
            return PlannedStep(Step.PARTNER_BOOK, part.id)
    return None


def _wait(order: Order) -> PlannedStep | None:
    for payment in order.payments:
        if payment.state is PaymentState.AWAITING:
            return PlannedStep(Step.CLOSE_PAGE, payment.id, due_at=payment.expires_at)
    if order.held_until is None or covered(order):
        return None
    # a booking that waits for its payment is kept up to date meanwhile
    expiry = PlannedStep(Step.EXPIRE, BOOKING, due_at=order.held_until)
    return seat(order) or _update(order) or _serve(order) or expiry


def _deliver(order: Order) -> PlannedStep | None:
    for part in order.parts:
        if part.protection is not None and part.protection.given_up:
            continue
        if part.live and not part.code_share and not documented(order, part):
            return PlannedStep(Step.PARTNER_ISSUE, part.id)
    if (seating := seat(order)) is not None:
        return seating
    for passenger in order.passengers:
        if unticketed(order, passenger.id):
            return PlannedStep(Step.ISSUE, passenger.id, _again(order, passenger.id))
    for item in order.live_ancillaries:
        if item.needs_document and not order.emds_of(item):
            # the service is in the booking before a document says that it is paid
            return _update(order) or PlannedStep(Step.ISSUE_EMD, item.id, _emd_again(order, item))
    for payment in order.payments:
        if payment.state is PaymentState.AUTHORISED:
            return PlannedStep(Step.CAPTURE, payment.id)
    return _update(order) or _serve(order) or _use(order)


def _serve(order: Order) -> PlannedStep | None:
    """Partners are asked for what goes with their flights."""
    part = next(to_serve(order), None)
    if part is None:
        return None
    return PlannedStep(Step.PARTNER_SERVE, part.id, f"#{part.askings + 1}")


def _again(order: Order, passenger_id: str) -> str:
    """Whose ticket was taken back for some of its flights gets another for the rest."""
    had = sum(d.passenger_id == passenger_id and not d.issuer and d.type is DocumentType.TICKET
              for d in order.documents)  # fmt: skip
    return f"#{had}" if had else ""


def _emd_again(order: Order, item: AncillaryItem) -> str:
    """What went with a ticket that was taken back goes with the other one, under a new number."""
    had = sum(any(c.service_id in item.service_ids for c in d.coupons) for d in order.documents)
    return f"#{had}" if had else ""


def _use(order: Order) -> PlannedStep | None:
    """The PSS is told of what a provider delivered."""
    due = next_use(order)
    if due is None:
        return None
    use, status = due
    return PlannedStep(Step.USE_COUPON, f"{use.document}/{use.coupon}", f"={status}#{use.told}")


def _update(order: Order) -> PlannedStep | None:
    if order.people_booked == order.people_changes or order.own_booking is None:
        return None
    return PlannedStep(Step.UPDATE_BOOKING, BOOKING, f"#{order.people_changes}")


def task_key(order_id: str, planned: PlannedStep) -> str:
    """Our reference towards the other side: the same however often the step is tried."""
    return f"{order_id}:{planned.step}:{planned.subject}{planned.mark}"


def is_due(order: Order, task: Task) -> bool:
    """Whether the task is still what the order needs next."""
    planned = next_step(order)
    return planned is not None and task_key(order.order_id, planned) == task.key


def next_task(order: Order, now: datetime) -> Task | None:
    """The outbox row for the next step, due at once or when its wait ends."""
    planned = next_step(order)
    if planned is None:
        return None
    key = task_key(order.order_id, planned)
    due_at = planned.due_at or now
    return Task(
        key, order.order_id, planned.step, planned.subject, due_at=due_at, created_at=due_at
    )


def waiting_task(order: Order) -> str | None:
    """The key of the task that waits; whoever ends the wait takes the task away."""
    planned = next_step(order)
    if planned is None or planned.due_at is None:
        return None
    return task_key(order.order_id, planned)


def turn_round(order: Order, failure: Failure, at: datetime) -> tuple[Event, ...]:
    """From here on everything is taken back. Payments that nobody tried are let go with it."""
    return (FulfilmentFailed(at=at, failure=failure), *let_go(order.payments, at))


def record(
    before: Order | None,
    events: tuple[Event, ...],
    now: datetime,
    *,
    done_task: str | None = None,
    done_attempt: int = 0,
    lease_owner: str = "",
    lease_until: datetime | None = None,
    answered: bool = False,
) -> RecordOrder:
    """The unit of work that writes these events and all that follows from them: ledger, stock,
    next task, and the end of what was given up when nothing of it is left to give back. A task that
    is not due yet is nobody's. answered: a request of the seller is there, whose reply tells of
    them; what none tells is pushed (see model/telling.py).
    """
    if before is not None and settled(before):
        events = (replace(events[0], resting=True), *events[1:])
    order, transactions = _advance(before, events)
    while ending := _ending(order, now):
        events = (*events, ending)
        order, more = _advance(order, (ending,))
        transactions += more
    task = next_task(order, now)
    leased = task is not None and task.due_at <= now
    return RecordOrder(
        order=order,
        from_sequence=before.sequence if before else 0,
        events=events,
        transactions=transactions,
        stock=moves(
            before,
            order,
            by_airline=any(isinstance(e, FlightsChanged | ProtectionDeclined) for e in events),
        ),
        providers=told(before, order, events),
        tells_seller=not answered and order.news and settled(order),
        done_task=done_task,
        done_attempt=done_attempt,
        next_task=task,
        lease_owner=lease_owner if leased else "",
        lease_until=lease_until if leased else None,
    )


def _ending(order: Order, now: datetime) -> Event | None:
    """What follows by itself where nothing is left to give back."""
    waits = next_step(order) is not None and not _is_replaced(order)
    if order.status is OrderStatus.CLOSED or waits:
        return None
    if order.failure is not None:
        return OrderClosed(at=now, reason=order.failure.reason)
    if order.cancellation is not None:
        return ItemsCancelled(at=now)
    if order.change is not None:
        return change_ending(order.change, now)
    if order.replacing is not None:
        return CancellationAccepted(at=now, cancellation=order.replacing)
    return None if order.live_items else OrderClosed(at=now, reason=_NOTHING_LEFT)


def _is_replaced(order: Order) -> bool:
    """What was added in place of something is there: that may go."""
    busy = order.failure or order.cancellation or order.change
    return order.replacing is not None and busy is None and _forward(order) is None


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

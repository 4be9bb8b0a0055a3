"""Unit functions that record: an order's new events with all that follows, a priced offer.

Rows are made from records before a transaction begins (`make_recording`), and written in it.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Table, bindparam, delete, update

from ndc_oms.errors import Conflict
from ndc_oms.model.change_events import (
    BookingDivided,
    ChargeIssued,
    EmdReissued,
    TicketExchanged,
)
from ndc_oms.model.documents import Document
from ndc_oms.model.events import (
    DocumentsIssued,
    Event,
    OrderCreated,
    PartnerBooked,
    PartnerDocumentsIssued,
    SeatsBooked,
)
from ndc_oms.model.order import BookingReference
from ndc_oms.ports.store import KeepOffer, LeaseLost, RecordOrder, Task
from ndc_oms.store.claims import use_claim
from ndc_oms.store.hand import DuplicateError, Hand, MissedError
from ndc_oms.store.rows import (
    Row,
    event_rows,
    flight_rows,
    flown_rows,
    ledger_rows,
    micros,
    notification_rows,
    offer_row,
    order_row,
    people_rows,
)
from ndc_oms.store.stocking import move_stock
from ndc_oms.store.tables import (
    bookings,
    documents,
    flights,
    ledger_entries,
    notifications,
    offers,
    order_events,
    order_flights,
    orders,
    outbox,
    people,
)

_CHANGED: Final = (
    "status",
    "version",
    "sequence",
    "changed_at",
    "total_minor",
    "snapshot",
    "departs_on",
    "paying",
)
_UPDATE_ORDER: Final = (
    update(orders)
    .where(
        orders.c.order_id == bindparam("order_id_"), orders.c.sequence == bindparam("from_sequence")
    )
    .values({name: bindparam(f"{name}_") for name in _CHANGED})
)
_DELETE_FLIGHTS: Final = delete(flights).where(flights.c.order_id == bindparam("order_id_"))
_DELETE_PEOPLE: Final = delete(people).where(people.c.order_id == bindparam("order_id_"))
_DELETE_DOCUMENT: Final = delete(documents).where(documents.c.number == bindparam("number_"))
_DELETE_BOOKING: Final = delete(bookings).where(
    bookings.c.order_id == bindparam("order_id_"),
    bookings.c.carrier == bindparam("carrier_"),
    bookings.c.locator == bindparam("locator_"),
)
DELETE_TASK: Final = delete(outbox).where(outbox.c.key == bindparam("key_"))
_DELETE_LEASED: Final = DELETE_TASK.where(outbox.c.attempts == bindparam("attempt_"))


@dataclass(frozen=True, slots=True)
class Recording:
    """A RecordOrder with its rows. follows: those that go with the order's own, by table.
    rerouted: all that it flies, where it flew something else before.
    """

    unit: RecordOrder
    order: Row
    follows: tuple[tuple[Table, list[Row]], ...]
    rerouted: list[Row]
    people: list[Row]
    task: Row | None
    beside: "Recording | None" = None


def make_recording(unit: RecordOrder) -> Recording:
    _check(unit)
    order_id, task = unit.order.order_id, unit.next_task
    row, new = order_row(unit.order), not unit.from_sequence
    follows = (
        (order_events, event_rows(unit.order, row["snapshot"], unit.from_sequence, unit.events)),
        (ledger_entries, ledger_rows(unit.transactions)),
        (bookings, _bookings_of(order_id, unit.events)),
        (documents, _documents_of(order_id, unit.events)),
        (notifications, notification_rows(unit.order, unit.from_sequence, unit.events)),
        (flights, flight_rows(unit.order) if new else []),
        (order_flights, flown_rows(unit.order) if new else []),
    )
    everybody = people_rows(unit.order, unit.people) if unit.people is not None else []
    other = not new and any(type(event).reroutes for event in unit.events)
    rerouted = flight_rows(unit.order) if other else []
    due = _task_row(task, unit) if task is not None else None
    there = tuple(each for each in follows if each[1])
    beside = None if unit.beside is None else make_recording(unit.beside)
    return Recording(unit, row, there, rerouted, everybody, due, beside)


def record_order(hand: Hand, made: Recording) -> None:
    """Guard first: nothing is written on what is no longer the order."""
    unit, order_id = made.unit, made.unit.order.order_id
    _guard(hand, unit, made.order)
    if unit.claimed_by:
        use_claim(hand, unit.order.seller, unit.claimed_by, order_id, unit.order.sequence)
    for table, rows in made.follows:
        hand.add(table, rows)
    if made.rerouted:
        _reroute(hand, made)
    move_stock(hand, order_id, unit.stock)
    if unit.people is not None:
        if unit.from_sequence:
            hand.change(_DELETE_PEOPLE, {"order_id_": order_id})
        hand.add(people, made.people)
    _pass_on(hand, unit, made.task)
    if made.beside is not None:
        _let_go(hand, unit, made.beside.unit)
        record_order(hand, made.beside)


def _let_go(hand: Hand, unit: RecordOrder, other: RecordOrder) -> None:
    """What another order has from now on is found there. A row that goes and comes again under its
    key stays in this order.
    """
    for document in other.order.documents:
        hand.change_any(_DELETE_DOCUMENT, {"number_": document.number})
    for booking in other.order.bookings:
        place = {"carrier_": booking.carrier, "locator_": booking.locator}
        hand.change_any(_DELETE_BOOKING, {"order_id_": unit.order.order_id, **place})


def _reroute(hand: Hand, made: Recording) -> None:
    """An order is found by what it flies now, and by every flight that it ever had."""
    hand.change_any(_DELETE_FLIGHTS, {"order_id_": made.unit.order.order_id})
    hand.add(flights, made.rerouted)
    for row in flown_rows(made.unit.order):
        hand.add_if_new(order_flights, row)


def _pass_on(hand: Hand, unit: RecordOrder, task: Row | None) -> None:
    """From the task that is done to the next one. Never the other way round: where both have the
    same key, it is the next one that stays.
    """
    done = None if unit.done_task is None else {"key_": unit.done_task}
    if done and unit.done_attempt:
        _give_up_lease(hand, unit)
    elif done and unit.next_task is not None and unit.next_task.key == unit.done_task:
        hand.change(DELETE_TASK, done)
    elif done:
        hand.change_any(DELETE_TASK, done)
    if task is not None:
        hand.add_if_new(outbox, task)


def _give_up_lease(hand: Hand, unit: RecordOrder) -> None:
    """Only whoever has the lease records what came of a task: two that did it at the same time
    may have been told different things.
    """
    try:
        hand.change_one(_DELETE_LEASED, {"key_": unit.done_task, "attempt_": unit.done_attempt})
    except MissedError as error:
        raise LeaseLost(
            f"{unit.done_task} was taken by somebody else.", remedy="Leave it to them."
        ) from error


def keep_offer(hand: Hand, unit: KeepOffer) -> None:
    """Kept once: an offer that is there already stays as it was promised."""
    hand.add_if_new(offers, offer_row(unit.offer))


def _check(unit: RecordOrder) -> None:
    """A unit that contradicts itself is a bug; it must not reach the disk."""
    reached = unit.from_sequence + len(unit.events)
    if unit.order.sequence != reached:
        raise AssertionError(
            f"{unit.order.order_id} stands at {unit.order.sequence}, its events at {reached}"
        )
    for transaction in unit.transactions:
        if not unit.from_sequence < transaction.sequence <= reached:
            raise AssertionError(f"a posting of event {transaction.sequence}, which is not here")


def _guard(hand: Hand, unit: RecordOrder, row: Row) -> None:
    if unit.from_sequence == 0:
        try:
            hand.add(orders, [row])
        except DuplicateError as error:
            raise Conflict(
                f"Order {unit.order.order_id} exists, or another order accepted its offer.",
                remedy="Retrieve the order that exists.",
            ) from error
        return
    changed = {f"{name}_": row[name] for name in _CHANGED}
    key = {"order_id_": unit.order.order_id, "from_sequence": unit.from_sequence}
    try:
        hand.change_one(_UPDATE_ORDER, changed | key)
    except MissedError as error:
        raise Conflict(
            f"Order {unit.order.order_id} was changed by something else meanwhile.",
            remedy="Retrieve the order and try again.",
        ) from error


def _bookings_of(order_id: str, events: tuple[Event, ...]) -> list[Row]:
    made: list[BookingReference] = []
    for event in events:
        if isinstance(event, SeatsBooked | PartnerBooked | BookingDivided):
            made.append(event.booking)
        elif isinstance(event, OrderCreated):
            made.extend(event.order.bookings)
    return [{"order_id": order_id, "carrier": b.carrier, "locator": b.locator} for b in made]


def _documents_of(order_id: str, events: tuple[Event, ...]) -> list[Row]:
    made: list[Document] = []
    for event in events:
        if isinstance(event, DocumentsIssued | PartnerDocumentsIssued | ChargeIssued):
            made.extend(event.documents)
        elif isinstance(event, TicketExchanged | EmdReissued):
            made.extend(event.issued)
        elif isinstance(event, OrderCreated):
            made.extend(event.order.documents)
    return [
        {
            "number": document.number,
            "order_id": order_id,
            "passenger_id": document.passenger_id,
            "type": document.type.value,
        }
        for document in made
    ]


def _task_row(task: Task, unit: RecordOrder) -> dict[str, Any]:
    leased = bool(unit.lease_owner) and unit.lease_until is not None
    return {
        "key": task.key,
        "order_id": task.order_id,
        "step": task.step.value,
        "subject": task.subject,
        "due_at": micros(task.due_at),
        "created_at": micros(task.created_at),
        "attempts": 1 if leased else 0,
        "leased_by": unit.lease_owner if leased else None,
        "leased_until": micros(unit.lease_until) if leased and unit.lease_until else None,
        "parked": int(task.parked),
        "last_error": task.last_error,
    }

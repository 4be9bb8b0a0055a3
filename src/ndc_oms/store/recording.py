"""Unit functions that record: an order's new events with all that follows, a priced offer.

Rows are made from records before a transaction begins (`make_recording`), and written in it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, bindparam, delete, update
from sqlalchemy.sql.base import Executable

from ndc_oms.errors import Conflict
from ndc_oms.model.change_events import (
    BookingDivided,
    ChargeIssued,
    EmdReissued,
    PartnerRenamed,
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
from ndc_oms.model.split_events import PartnerDivided
from ndc_oms.model.stock import StockMove
from ndc_oms.ports.store import KeepOffer, LeaseLost, RecordOrder, Task
from ndc_oms.store.claims import HAD_EFFECT, effect_row, use_claims
from ndc_oms.store.compiling import Parameters, Values, as_values
from ndc_oms.store.hand import DuplicateError, Hand, MissedError
from ndc_oms.store.rows import (
    CHANGING,
    Row,
    changing_row,
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

_CHANGING: Final = {name: f"{name}_" for name in CHANGING}  # their parameters
# named once: a union is made anew wherever it is written
_BOOKS: Final = (SeatsBooked, PartnerBooked, BookingDivided, PartnerDivided)
_ISSUES: Final = (DocumentsIssued, PartnerDocumentsIssued, ChargeIssued)
_EXCHANGES: Final = (TicketExchanged, EmdReissued, PartnerRenamed)
_FOLLOWING: Final = (order_events, ledger_entries, bookings, documents, notifications)
_UPDATE_ORDER: Final = (
    update(orders)
    .where(
        orders.c.order_id == bindparam("order_id_"), orders.c.sequence == bindparam("from_sequence")
    )
    .values({name: bindparam(parameter) for name, parameter in _CHANGING.items()})
)
_DELETE_FLIGHTS: Final = delete(flights).where(flights.c.order_id == bindparam("order_id_"))
_DELETE_PEOPLE: Final = delete(people).where(people.c.order_id == bindparam("order_id_"))
_DELETE_DOCUMENTS: Final = delete(documents).where(documents.c.number == bindparam("number_"))
_DELETE_BOOKINGS: Final = delete(bookings).where(
    bookings.c.order_id == bindparam("order_id_"),
    bookings.c.carrier == bindparam("carrier_"),
    bookings.c.locator == bindparam("locator_"),
)
DELETE_TASK: Final = delete(outbox).where(outbox.c.key == bindparam("key_"))
_DELETE_LEASED: Final = DELETE_TASK.where(outbox.c.attempts == bindparam("attempt_"))


class Recording(NamedTuple):
    """A RecordOrder with its rows: values by the table that they are added to, or by the statement
    that is run with them. moves: of stock, each with its order's id.
    """

    unit: RecordOrder
    order_id: str
    moves: tuple[tuple[str, StockMove], ...]
    rows: tuple[tuple[Table | Executable, Sequence[Values]], ...]


def make_recording(unit: RecordOrder) -> Recording:
    rows = tuple(_ready(*each) for each in _rows_of(unit) if each[1])
    return Recording(unit, unit.order.order_id, tuple(_moves(unit)), rows)


def _rows_of(unit: RecordOrder) -> list[tuple[Table | Executable, Sequence[Parameters]]]:
    """With those of the order beside it."""
    _check(unit)
    order_id, new = unit.order.order_id, not unit.from_sequence
    row = order_row(unit.order) if new else changing_row(unit.order)
    rows: list[tuple[Table | Executable, Sequence[Parameters]]] = [
        (orders, [row]) if new else (_UPDATE_ORDER, [_changed(unit, row)]),
        (order_events, event_rows(unit.order, row["snapshot"], unit.from_sequence, unit.events)),
        (ledger_entries, ledger_rows(unit.transactions)),
        (bookings, _bookings_of(order_id, unit.events)),
        (documents, _documents_of(order_id, unit.events)),
        (
            notifications,
            notification_rows(unit),
        ),
    ]
    if unit.claimed_by:
        rows.append((HAD_EFFECT, [effect_row(unit)]))
    if new or any(type(event).reroutes for event in unit.events):
        # An order is found by what it flies now, and by every flight that it ever had.
        rows.append((_DELETE_FLIGHTS, [] if new else [{"order_id_": order_id}]))
        rows.append((flights, flight_rows(unit.order)))
        rows.append((order_flights, flown_rows(unit.order)))
    if unit.beside is not None:
        rows.extend(_taken_along(unit, unit.beside))
        rows.extend(_rows_of(unit.beside))
    if unit.people is not None:
        rows.append((_DELETE_PEOPLE, [] if new else [{"order_id_": order_id}]))
        rows.append((people, people_rows(unit.order, unit.people)))
    rows.extend(_passing_on(unit))
    return rows


def _ready(
    what: Table | Executable, rows: Sequence[Parameters]
) -> tuple[Table | Executable, Sequence[Values]]:
    return what, as_values(what, rows)


def _taken_along(
    unit: RecordOrder, other: RecordOrder
) -> Iterator[tuple[Table | Executable, Sequence[Parameters]]]:
    """What another order has from now on is not found here any more."""
    yield _DELETE_DOCUMENTS, [{"number_": each.number} for each in other.order.documents]
    yield (
        _DELETE_BOOKINGS,
        [
            {"order_id_": unit.order.order_id, "carrier_": each.carrier, "locator_": each.locator}
            for each in other.order.bookings
        ],
    )


def _moves(unit: RecordOrder) -> Iterator[tuple[str, StockMove]]:
    """By whom: what one order gives back may go to the one beside it."""
    for each in (unit, unit.beside):
        if each is not None:
            yield from ((each.order.order_id, move) for move in each.stock)


def _changed(unit: RecordOrder, row: Row) -> Parameters:
    changed = {_CHANGING[name]: value for name, value in row.items()}
    return {**changed, "order_id_": unit.order.order_id, "from_sequence": unit.from_sequence}


def _passing_on(unit: RecordOrder) -> Iterator[tuple[Table | Executable, Sequence[Parameters]]]:
    """From the task that is done to the next one. Only whoever has the lease records what came of
    a task: two that did it at the same time may have been told different things.
    """
    if unit.done_task is not None and unit.done_attempt:
        yield _DELETE_LEASED, [{"key_": unit.done_task, "attempt_": unit.done_attempt}]
    elif unit.done_task is not None:
        yield DELETE_TASK, [{"key_": unit.done_task}]
    if unit.next_task is not None:
        yield outbox, [_task_row(unit.next_task, unit)]


def record_order(hand: Hand, made: Recording) -> None:
    """Raises as `RecordOrder` says."""
    _record(hand, (made,))


def record_orders(hand: Hand, each: Sequence[Recording]) -> list[None]:
    """Those of one order after each other, those of different orders together."""
    if len({made.order_id for made in each}) == len(each):
        _record(hand, each)
        return [None] * len(each)
    turns: list[list[Recording]] = []
    seen: Counter[str] = Counter()
    for made in each:
        turn = seen[made.order_id]
        seen[made.order_id] += 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(made)
    for together in turns:
        _record(hand, together)
    return [None] * len(each)


def _record(hand: Hand, each: Sequence[Recording]) -> None:
    """Of different orders. Guards first: nothing is written on what is no longer the order. What
    is taken away goes before what is added: where both are the same row, what is added stays.
    A hand that carries out at once has one of them, whose refusals these are.
    """
    rows = _by_statement(each)
    unit = each[0].unit
    _guard(hand, rows, unit)
    hand.change_any(_DELETE_DOCUMENTS, rows[_DELETE_DOCUMENTS])
    hand.change_any(_DELETE_BOOKINGS, rows[_DELETE_BOOKINGS])
    for table in _FOLLOWING:
        hand.add(table, rows[table])
    hand.change_any(_DELETE_FLIGHTS, rows[_DELETE_FLIGHTS])
    hand.add(flights, rows[flights])
    hand.add_if_new(order_flights, rows[order_flights])
    move_stock(hand, [move for made in each for move in made.moves])
    hand.change_any(_DELETE_PEOPLE, rows[_DELETE_PEOPLE])
    hand.add(people, rows[people])
    try:
        hand.change_one(_DELETE_LEASED, rows[_DELETE_LEASED])
    except MissedError as error:
        raise LeaseLost(
            f"{unit.done_task} was taken by somebody else.", remedy="Leave it to them."
        ) from error
    hand.change_any(DELETE_TASK, rows[DELETE_TASK])
    hand.add_if_new(outbox, rows[outbox])


def _by_statement(each: Sequence[Recording]) -> defaultdict[Table | Executable, list[Any]]:
    found: defaultdict[Table | Executable, list[Any]] = defaultdict(list)
    for made in each:
        for what, rows in made.rows:
            found[what].extend(rows)
    return found


def keep_offer(hand: Hand, unit: KeepOffer) -> None:
    """Kept once: an offer that is there already stays as it was promised."""
    hand.add_if_new(offers, [offer_row(unit.offer)])


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


def _guard(hand: Hand, rows: Mapping[Table | Executable, Sequence[Any]], unit: RecordOrder) -> None:
    try:
        hand.add(orders, rows[orders])
    except DuplicateError as error:
        raise Conflict(
            f"Order {unit.order.order_id} exists, or another order accepted its offer.",
            remedy="Retrieve the order that exists.",
        ) from error
    try:
        hand.change_one(_UPDATE_ORDER, rows[_UPDATE_ORDER])
    except MissedError as error:
        raise Conflict(
            f"Order {unit.order.order_id} was changed by something else meanwhile.",
            remedy="Retrieve the order and try again.",
        ) from error
    use_claims(hand, rows[HAD_EFFECT], unit)


def _bookings_of(order_id: str, events: tuple[Event, ...]) -> list[Row]:
    made: list[BookingReference] = []
    for event in events:
        if isinstance(event, _BOOKS):
            made.append(event.booking)
        elif isinstance(event, OrderCreated):
            made.extend(event.order.bookings)
    return [{"order_id": order_id, "carrier": b.carrier, "locator": b.locator} for b in made]


def _documents_of(order_id: str, events: tuple[Event, ...]) -> list[Row]:
    made: list[Document] = []
    for event in events:
        if isinstance(event, _ISSUES):
            made.extend(event.documents)
        elif isinstance(event, _EXCHANGES):
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

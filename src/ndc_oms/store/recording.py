"""Unit functions that record: an order's new events with all that follows, a priced offer.

Rows are made from records before a transaction begins (`make_recording`), and written in it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, bindparam, delete, update
from sqlalchemy.sql.base import Executable

from ndc_oms.errors import Conflict, Refusal
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
from ndc_oms.store.claims import HAD_EFFECT, effect_row, effect_used
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

_ADD, _ADD_IF_NEW = attrgetter("add"), attrgetter("add_if_new")
_CHANGE_ONE, _CHANGE_ANY = attrgetter("change_one"), attrgetter("change_any")
# What a hand does with rows, and the table or the statement for it. Guards first: nothing is
# written on what is no longer the order. What is taken away goes before what is added: where both
# are the same row, what is added stays.
_STEPS: Final[tuple[tuple[Callable[[Hand], Callable[..., None]], Table | Executable], ...]] = (
    (_ADD, orders),
    (_CHANGE_ONE, _UPDATE_ORDER),
    (_CHANGE_ONE, HAD_EFFECT),
    (_CHANGE_ANY, _DELETE_DOCUMENTS),
    (_CHANGE_ANY, _DELETE_BOOKINGS),
    (_ADD, order_events),
    (_ADD, ledger_entries),
    (_ADD, bookings),
    (_ADD, documents),
    (_ADD, notifications),
    (_CHANGE_ANY, _DELETE_FLIGHTS),
    (_ADD, flights),
    (_ADD_IF_NEW, order_flights),
    (_CHANGE_ANY, _DELETE_PEOPLE),
    (_ADD, people),
    (_CHANGE_ONE, _DELETE_LEASED),
    (_CHANGE_ANY, DELETE_TASK),
    (_ADD_IF_NEW, outbox),
)
_STEP: Final = {what: place for place, (_, what) in enumerate(_STEPS)}


class Recording(NamedTuple):
    """A RecordOrder with its rows, and for each of them its place in _STEPS. moves: of stock, each
    with its order's id.
    """

    unit: RecordOrder
    order_id: str
    moves: tuple[tuple[str, StockMove], ...]
    steps: tuple[int, ...]
    rows: tuple[Values, ...]


def make_recording(unit: RecordOrder) -> Recording:
    steps: list[int] = []
    values: list[Values] = []
    for what, rows in _rows_of(unit):
        if rows:
            steps += [_STEP[what]] * len(rows)
            values += as_values(what, rows)
    return Recording(unit, unit.order.order_id, (*_moves(unit),), (*steps,), (*values,))


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
    """Of different orders. A hand that carries out at once has one of them, whose refusals these
    are.
    """
    for (put, what), rows in zip(_STEPS, _by_step(each), strict=True):
        if not rows:
            continue
        try:
            put(hand)(what, rows)
        except (DuplicateError, MissedError) as error:
            if what not in _REFUSALS:
                raise
            raise _REFUSALS[what](each[0].unit) from error
    move_stock(hand, [move for made in each for move in made.moves])


def _by_step(each: Sequence[Recording]) -> list[list[Values]]:
    """The rows for each of _STEPS. Most orders take a step with the same statements; of those that
    do, all the first rows go where the first row goes, and so on.
    """
    alike: dict[tuple[int, ...], list[tuple[Values, ...]]] = {}
    for made in each:
        alike.setdefault(made.steps, []).append(made.rows)
    found: list[list[Values]] = [[] for _ in _STEPS]
    for steps, rows in alike.items():
        for step, column in zip(steps, zip(*rows, strict=True), strict=True):
            found[step].extend(column)
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


def _exists(unit: RecordOrder) -> Refusal:
    return Conflict(
        f"Order {unit.order.order_id} exists, or another order accepted its offer.",
        remedy="Retrieve the order that exists.",
    )


def _was_changed(unit: RecordOrder) -> Refusal:
    return Conflict(
        f"Order {unit.order.order_id} was changed by something else meanwhile.",
        remedy="Retrieve the order and try again.",
    )


def _lease_lost(unit: RecordOrder) -> Refusal:
    return LeaseLost(f"{unit.done_task} was taken by somebody else.", remedy="Leave it to them.")


# Where a step finds what it may not, or does not find what it must. A key or a document number
# that is taken is a bug, and raised as it is.
_REFUSALS: Final[Mapping[Table | Executable, Callable[[RecordOrder], Refusal]]] = {
    orders: _exists,
    _UPDATE_ORDER: _was_changed,
    HAD_EFFECT: effect_used,
    _DELETE_LEASED: _lease_lost,
}


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

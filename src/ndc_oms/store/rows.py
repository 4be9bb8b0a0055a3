"""Records to rows and back. JSON by msgspec, with decoders built once.

A row is a dict by column name; instants become microseconds, records JSON text.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from ndc_oms.model.events import EVENTS, Event, OrderCreated
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.ledger import Transaction
from ndc_oms.model.offer import Offer
from ndc_oms.model.order import Order
from ndc_oms.model.paid import standing_of
from ndc_oms.model.passenger import Contact, People, Person
from ndc_oms.model.quote import Quote
from ndc_oms.model.spelling import on_ticket
from ndc_oms.model.step import Step
from ndc_oms.ports.store import RecordOrder, Task
from ndc_oms.store.order_text import encode, order_text

Row = dict[str, Any]

PERSON: Final = "person"
CONTACT: Final = "contact"
WAITING: Final = "waiting"  # of a notification: it is to be sent

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_ORDER: Final = msgspec.json.Decoder(Order)
_OFFER: Final = msgspec.json.Decoder(Offer)
_QUOTE: Final = msgspec.json.Decoder(Quote)
_PERSON: Final = msgspec.json.Decoder(Person)
_CONTACT: Final = msgspec.json.Decoder(Contact)
_EVENT: Final = {name: msgspec.json.Decoder(kind) for name, kind in EVENTS.items()}


def micros(at: datetime) -> int:
    """Microseconds since 1970; raises TypeError for a naive datetime."""
    return (at - _EPOCH) // _MICROSECOND


def instant(at: int) -> datetime:
    """The aware datetime, in UTC."""
    return _EPOCH + at * _MICROSECOND


def _json(record: object) -> str:
    return encode(record).decode()


CHANGING: Final = (
    "status",
    "version",
    "sequence",
    "changed_at",
    "total_minor",
    "snapshot",
    "departs_on",
    "paying",
)


def order_row(order: Order) -> Row:
    return {
        "order_id": order.order_id,
        "seller": order.seller,
        "owner": order.owner,
        "offer_id": order.offer_id,
        "created_at": micros(order.created_at),
        "currency": order.currency,
        **changing_row(order),
    }


def changing_row(order: Order) -> Row:
    """What an event may change of an order's row: CHANGING."""
    return {
        "status": order.status.value,
        "version": order.version,
        "sequence": order.sequence,
        "changed_at": micros(order.changed_at),
        "total_minor": order.total.minor,
        "snapshot": order_text(order).decode(),
        "departs_on": departs_on(order),
        "paying": standing_of(order) or "",
    }


def departs_on(order: Order) -> int:
    """The local day on which the journey begins, of what is not cancelled where anything is."""
    alive = {service.segment_id for item in order.live_items for service in item.services}
    segments = [each for each in order.segments if each.id in alive] or order.segments
    return min((each.flight.departure.toordinal() for each in segments), default=0)


def flight_rows(order: Order) -> list[Row]:
    return [
        {
            "order_id": order.order_id,
            "segment_id": segment.id,
            "seller": order.seller,
            "created_at": micros(order.created_at),
            "carrier": segment.flight.carrier,
            "number": segment.flight.number,
            "origin": segment.flight.origin,
            "departs_on": segment.flight.departure.toordinal(),
            "destination": segment.flight.destination,
            "arrives_on": segment.flight.arrival.toordinal(),
        }
        for segment in order.segments
    ]


def read_order(snapshot: str) -> Order:
    return _ORDER.decode(snapshot)


class _Created(msgspec.Struct):
    """OrderCreated with its order as text. `read_event` reads it like any other."""

    at: datetime
    order: msgspec.Raw


def event_rows(order: Order, snapshot: str, after: int, events: Sequence[Event]) -> list[Row]:
    """order: after the events; snapshot: its text. after: the sequence that the events follow."""
    return [
        {
            "order_id": order.order_id,
            "sequence": sequence,
            "kind": type(event).__name__,
            "at": micros(event.at),
            "payload": _event_json(event, order, snapshot),
        }
        for sequence, event in enumerate(events, after + 1)
    ]


def _event_json(event: Event, order: Order, snapshot: str) -> str:
    """An order that was created and nothing else is in its event letter for letter: its text is
    copied, since making it is a quarter of what recording costs.
    """
    if isinstance(event, OrderCreated) and event.order is order:
        return _json(_Created(event.at, msgspec.Raw(snapshot.encode())))
    return _json(event)


def read_event(kind: str, payload: str) -> Event:
    """Raises KeyError for a kind that this version does not know."""
    return _EVENT[kind].decode(payload)


def flight_text(flight: FlightKey) -> str:
    """As the index of orders by flight has it."""
    pair = f"{flight.origin}{flight.destination}"
    return f"{flight.day.isoformat()} {flight.carrier}{flight.number} {pair}"


def flown_rows(order: Order) -> list[Row]:
    """Under the flights that are operated, by which what the PSS tells finds the order."""
    texts = dict.fromkeys(flight_text(segment.flight.key) for segment in order.segments)
    return [{"flight": text, "order_id": order.order_id} for text in texts]


def notification_rows(unit: RecordOrder) -> list[Row]:
    """Of events that the seller is told, and of the last one, where it is told what became of the
    order; of the last one, what providers are told.
    """
    order = unit.order
    told = [
        (sequence, event.at)
        for sequence, event in enumerate(unit.events, unit.from_sequence + 1)
        if type(event).tells or (unit.tells_seller and sequence == order.sequence)
    ]
    for_seller = (_notification(order, sequence, order.seller, at) for sequence, at in told)
    for_others = (
        _notification(order, order.sequence, each, unit.events[-1].at) for each in unit.providers
    )
    return [*for_seller, *for_others]


def _notification(order: Order, sequence: int, receiver: str, at: datetime) -> Row:
    return {
        "order_id": order.order_id,
        "sequence": sequence,
        "receiver": receiver,
        "state": WAITING,
        "created_at": micros(at),
        "since": micros(at),
        "due_at": micros(at),
        "attempts": 0,
        "leased_by": None,
        "leased_until": None,
        "last_error": "",
        "answer": "",
        "ended_at": None,
    }


def fold_surname(surname: str) -> str:
    """As the surname index has it: as a ticket spells it; what no ticket can spell, as it is."""
    return on_ticket(surname) or surname.strip().casefold()


def people_rows(order: Order, everybody: People) -> list[Row]:
    entries: list[tuple[str, str | None, Person | Contact]] = [
        *((PERSON, fold_surname(person.surname), person) for person in everybody.persons),
        *((CONTACT, None, contact) for contact in everybody.contacts),
    ]
    return [
        {
            "order_id": order.order_id,
            "position": position,
            "kind": kind,
            "surname": surname,
            "payload": _json(entry),
            "seller": order.seller,
            "created_at": micros(order.created_at),
        }
        for position, (kind, surname, entry) in enumerate(entries)
    ]


def read_people(entries: Sequence[tuple[str, str]]) -> People:
    """From (kind, payload) in their order."""
    return People(
        tuple(_PERSON.decode(payload) for kind, payload in entries if kind == PERSON),
        tuple(_CONTACT.decode(payload) for kind, payload in entries if kind == CONTACT),
    )


def ledger_rows(transactions: Sequence[Transaction]) -> list[Row]:
    return [
        {
            "order_id": transaction.order_id,
            "sequence": transaction.sequence,
            "line": line,
            "account": posting.account.value,
            "minor": posting.amount.minor,
            "currency": posting.amount.currency,
            "payment_id": posting.payment_id,
        }
        for transaction in transactions
        for line, posting in enumerate(transaction.postings, 1)
    ]


def offer_row(offer: Offer) -> Row:
    return {
        "offer_id": offer.offer_id,
        "seller": offer.seller,
        "expires_at": micros(offer.expires_at),
        "snapshot": _json(offer),
    }


def read_offer(snapshot: str) -> Offer:
    return _OFFER.decode(snapshot)


def quote_row(quote: Quote) -> Row:
    return {
        "quote_id": quote.quote_id,
        "order_id": quote.order_id,
        "expires_at": micros(quote.expires_at),
        "snapshot": _json(quote),
    }


def read_quote(snapshot: str) -> Quote:
    return _QUOTE.decode(snapshot)


TASK_COLUMNS: Final = (
    "key",
    "order_id",
    "step",
    "subject",
    "due_at",
    "created_at",
    "attempts",
    "parked",
    "last_error",
)


def read_task(row: Sequence[Any]) -> Task:
    """From a row of TASK_COLUMNS."""
    key, order_id, step, subject, due_at, created_at, attempts, parked, last_error = row
    return Task(
        key=key,
        order_id=order_id,
        step=Step(step),
        subject=subject,
        due_at=instant(due_at),
        created_at=instant(created_at),
        attempts=attempts,
        parked=bool(parked),
        last_error=last_error,
    )

"""OrderHistory: what happened to an order, event by event, who did it, and what it changed.

Events hold no personal data, so neither has a history: it names passengers by their ids.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from ndc_oms.model.change_events import ChangeAccepted, EmdAssociated, NameChanged
from ndc_oms.model.documents import Document
from ndc_oms.model.events import (
    AirlineChangeAccepted,
    CancellationAccepted,
    CouponUseRefused,
    DeliveryReported,
    Event,
    FulfilmentFailed,
    HandedOver,
    ItemsAdded,
    OrderClosed,
    OrderCreated,
    OrderRepriced,
    PartnerServed,
    PaymentDeclined,
    PaymentRerouted,
    PaymentsAdded,
    PeopleUpdated,
    ProtectionChosen,
    ProtectionDeclined,
    ProtectionFailed,
    VoidRefused,
)
from ndc_oms.model.fold import apply
from ndc_oms.model.items import Item
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.split_events import SplitAbandoned, SplitAccepted
from ndc_oms.orders.own import find_own
from ndc_oms.orders.request import OrderReference
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import Store


class Actor(StrEnum):
    SELLER = "Seller"
    CARRIER = "Carrier"


# What a seller's message brings about; the airline does everything else.
_BY_SELLER: Final = (
    OrderCreated,
    ItemsAdded,
    PaymentsAdded,
    OrderRepriced,
    CancellationAccepted,
    PeopleUpdated,
    ChangeAccepted,
    AirlineChangeAccepted,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One event. before: None for the first. kind: its name in words, `PAYMENT DECLINED`; text:
    what happened, for people.
    """

    at: datetime
    kind: str
    actor: Actor
    text: str
    before: Order | None
    after: Order


@dataclass(frozen=True, slots=True)
class Difference:
    """Of an order, what changed: as it is now, or as it was."""

    items: tuple[Item, ...] = ()
    payments: tuple[Payment, ...] = ()
    documents: tuple[Document, ...] = ()
    bookings: tuple[BookingReference, ...] = ()
    whole: bool = False  # its status, its total or its limits


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    order: OrderReference


@dataclass(frozen=True, slots=True)
class HistoryResult:
    """changes: oldest first, gap-free."""

    order: Order
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ShowHistory:
    """The act. owner: our designator."""

    store: Store
    owner: str

    async def __call__(self, request: HistoryRequest, seller: Seller) -> HistoryResult:
        """Raises NotFound (129), for every order that is not the seller's own."""
        record = await find_own(self.store, self.owner, request.order, seller)
        changes: list[Change] = []
        order: Order | None = None
        for event in await self.store.list_events(record.order.order_id):
            before, order = order, apply(order, event)
            actor = Actor.SELLER if is_by_seller(event) else Actor.CARRIER
            changes.append(Change(event.at, kind_of(event), actor, told(event), before, order))
        return HistoryResult(order or record.order, tuple(changes))


def is_by_seller(event: Event) -> bool:
    """Whether a message of the seller brought it about: not an order split from another."""
    if isinstance(event, OrderCreated) and event.order.original_order_id is not None:
        return False
    return isinstance(event, _BY_SELLER)


def kind_of(event: Event) -> str:
    """`PaymentDeclined` is PAYMENT DECLINED."""
    return " ".join(re.findall(r"[A-Z][a-z]+", type(event).__name__)).upper()


def _associated(event: EmdAssociated) -> str:
    emd = event.documents[0]
    ticket = emd.associated_with
    goes = f"goes with ticket {ticket}" if ticket else "goes with no ticket"
    return f"Document {emd.number} {goes}."


# Events of which the name does not say all.
_TOLD: Final[dict[type[Event], Callable[[Any], str]]] = {
    PaymentDeclined: lambda event: f"Payment {event.payment_id} failed: {event.reason}",
    PaymentRerouted: lambda event: (
        f"Payment {event.payment_id} goes on by {event.gateway}: {event.reason}"
    ),
    NameChanged: lambda event: f"Passenger {event.passenger_id} has another name.",
    VoidRefused: lambda event: f"Document {event.number} could not be voided: {event.reason}",
    PeopleUpdated: lambda event: (
        f"Changed of passenger {event.passenger_id}: {', '.join(event.kinds)}."
    ),
    CancellationAccepted: lambda event: (
        f"Given up: {', '.join(sorted(event.cancellation.item_ids))}."
    ),
    ItemsAdded: lambda event: f"Added: {', '.join(each.product.name for each in event.items)}.",
    EmdAssociated: _associated,
    OrderCreated: lambda event: (
        f"Split from order {event.order.original_order_id}."
        if event.order.original_order_id
        else "Order created."
    ),
    SplitAccepted: lambda event: (
        f"Into order {event.split.order_id}: {', '.join(event.split.passenger_ids)}."
    ),
    SplitAbandoned: lambda event: event.failure.reason,
    DeliveryReported: lambda event: (
        f"{event.provider} tells: "
        + ", ".join(f"{each.service_id} {each.delivery}" for each in event.services)
        + "."
    ),
    ProtectionChosen: lambda event: (
        f"No flight of ours is left. {event.part.carrier} is asked for "
        + ", ".join(f"{e.flight.carrier}{e.flight.number}" for e in event.part.protection.flights)
        + "."
    ),
    PartnerServed: lambda event: (
        f"{event.part_id} is asked for {len(event.asked)} services on its flights"
        + (f", and does not take {', '.join(event.refused)}." if event.refused else ".")
    ),
    ProtectionFailed: lambda event: event.reason,
    ProtectionDeclined: lambda _: "The flights of the partner airline are not wanted.",
    HandedOver: lambda _: "A partner airline flies: our seats are free, our coupons exchanged.",
    CouponUseRefused: lambda event: (
        f"Coupon {event.use.document}/{event.use.coupon} did not become {event.use.status}: "
        f"{event.reason}"
    ),
    FulfilmentFailed: lambda event: event.failure.reason,
    OrderClosed: lambda event: event.reason,
}


def told(event: Event) -> str:
    """A sentence for people."""
    words = _TOLD.get(type(event))
    if words is not None:
        return words(event)
    refused = getattr(event, "refused", "")
    return f"{kind_of(event).capitalize()}{f': {refused}' if refused else '.'}"


def difference(old: Order | None, new: Order) -> tuple[Difference, Difference]:
    """What changed, as it was and as it is. What was not there before is only in what is."""
    if old is None:
        return Difference(), Difference(
            _items(new), new.payments, new.documents, new.bookings, whole=True
        )
    items = {each.id: each for each in _items(old)}
    payments = {each.id: each for each in old.payments}
    documents = {each.number: each for each in old.documents}
    whole = _head(old) != _head(new)
    now = Difference(
        tuple(each for each in _items(new) if items.get(each.id) != each),
        tuple(each for each in new.payments if payments.get(each.id) != each),
        tuple(each for each in new.documents if documents.get(each.number) != each),
        tuple(each for each in new.bookings if each not in old.bookings),
        whole,
    )
    was = Difference(
        tuple(items[each.id] for each in now.items if each.id in items),
        tuple(payments[each.id] for each in now.payments if each.id in payments),
        tuple(documents[each.number] for each in now.documents if each.number in documents),
        (),
        whole,
    )
    return was, now


def _items(order: Order) -> tuple[Item, ...]:
    """Flights, and what was bought beside them."""
    return (*order.items, *order.ancillaries)


def _head(order: Order) -> tuple[object, ...]:
    limits = order.payment_limit_at, order.price_guarantee_until
    return order.status, order.total, order.version, limits

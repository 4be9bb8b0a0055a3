"""Orders: what was promised to whom, what was paid, how far it is delivered.

An order is the fold of its events (`model/events.py`). Personal data is not in it: passengers
are ids and types here, and `model/passenger.People` beside it says who they are.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ndc_oms.model.documents import Document
from ndc_oms.model.journey import Segment
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.product import Baggage, Cabin, Restriction
from ndc_oms.model.status import (
    DeliveryStatus,
    ItemStatus,
    OrderStatus,
    PaymentState,
    ServiceStatus,
)


@dataclass(frozen=True, slots=True)
class OrderSegment:
    """A flight of the order. id: unique in the order. bound_index: which bound it belongs to."""

    id: str
    bound_index: int
    flight: Segment
    rbd: str
    cabin: Cabin


@dataclass(frozen=True, slots=True)
class Service:
    """One passenger on one flight: the smallest thing that is delivered."""

    id: str
    segment_id: str
    status: ServiceStatus = ServiceStatus.CONFIRMED
    delivery: DeliveryStatus = DeliveryStatus.CONFIRMED


@dataclass(frozen=True, slots=True)
class Family:
    """The fare family as it was when it was sold."""

    code: str
    name: str
    cabin: Cabin
    description: tuple[str, ...]
    baggage: Baggage


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One passenger on one bound: the smallest thing that is bought, changed and cancelled."""

    id: str
    offer_item_id: str
    passenger_id: str
    bound_index: int
    family: Family
    fare: Fare
    changes: tuple[Restriction, ...]
    cancellations: tuple[Restriction, ...]
    services: tuple[Service, ...]
    status: ItemStatus = ItemStatus.ACTIVE


class PaymentForm(StrEnum):
    """How it is paid. Source: PaymentTypeCode of the wire, by its meaning."""

    CARD = "CARD"
    SETTLEMENT_PLAN = "SETTLEMENT PLAN"


@dataclass(frozen=True, slots=True)
class Card:
    """What may be kept of a card: the gateway's token and what a receipt shows. Never a number."""

    token: str
    brand: str
    last_four: str
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment. authorisation, capture: the gateway's references, once there."""

    id: str
    form: PaymentForm
    gateway: str
    amount: Money
    item_ids: tuple[str, ...] = ()  # what it pays; none named: the whole order
    card: Card | None = None
    agency_number: str | None = None  # settlement plan: the agency's IATA number
    state: PaymentState = PaymentState.REQUESTED
    authorisation: str | None = None
    capture: str | None = None
    failure: str | None = None


class Step(StrEnum):
    """What fulfilment does for an order, one at a time."""

    AUTHORISE = "authorise"
    BOOK = "book"
    ISSUE = "issue"
    CAPTURE = "capture"
    VOID = "void"
    RELEASE_MONEY = "release-money"
    REFUND = "refund"
    RELEASE_SEATS = "release-seats"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why fulfilment turned round. code: PADIS 9321."""

    step: Step
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class BookingReference:
    """A PNR locator and whose it is."""

    carrier: str
    locator: str


@dataclass(frozen=True, slots=True)
class Order:
    """The whole order after its latest event.

    sequence: of that event, from 1, gap-free. version: OrderVersionNumber, bumped by what a
    seller must know before changing the order; fulfilment that only carries it out does not.
    hold_reference: under which the PSS holds the seats until they are booked.
    """

    order_id: str
    owner: str
    seller: str
    offer_id: str
    currency: str
    created_at: datetime
    changed_at: datetime
    passengers: tuple[Passenger, ...]
    segments: tuple[OrderSegment, ...]
    items: tuple[OrderItem, ...]
    payments: tuple[Payment, ...]
    hold_reference: str
    documents: tuple[Document, ...] = ()
    bookings: tuple[BookingReference, ...] = ()
    status: OrderStatus = OrderStatus.OPENED
    failure: Failure | None = None
    seats_released: bool = False
    sequence: int = 1
    version: int = 1

    @property
    def total(self) -> Money:
        """Of the items that are not cancelled."""
        return total((item.fare.total for item in self.live_items), self.currency)

    @property
    def live_items(self) -> tuple[OrderItem, ...]:
        return tuple(item for item in self.items if item.status is not ItemStatus.CANCELLED)

    def segment(self, segment_id: str) -> OrderSegment:
        """Raises KeyError."""
        for segment in self.segments:
            if segment.id == segment_id:
                return segment
        raise KeyError(segment_id)

    def payment(self, payment_id: str) -> Payment:
        """Raises KeyError."""
        for payment in self.payments:
            if payment.id == payment_id:
                return payment
        raise KeyError(payment_id)

    def documents_of(self, passenger_id: str) -> tuple[Document, ...]:
        """Live documents of one passenger, in the order of issue."""
        return tuple(d for d in self.documents if d.passenger_id == passenger_id and d.live)

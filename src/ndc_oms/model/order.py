"""Orders: what was promised to whom, what was paid, how far it is delivered.

An order is the fold of its events (`model/events.py`). Personal data is not in it: passengers
are ids and types here, and `model/passenger.People` beside it says who they are.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ndc_oms.model.airline_change import AirlineChange, Heard
from ndc_oms.model.ancillary import EmdKind, Product
from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.model.journey import Segment
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import FOR_EVERYBODY, Conditions, Fare
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.product import Baggage, Cabin, Restriction
from ndc_oms.model.seat import Seat, SeatChoice, Trait
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
    """One passenger on one bound: the smallest thing that is bought, changed and cancelled.

    added: sequence of the event that brought it into the order.
    """

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
    added: int = 1


class Step(StrEnum):
    """What fulfilment does for an order, one at a time."""

    REDIRECT = "redirect"  # open a page for the payer
    AUTHORISE = "authorise"
    BOOK = "book"
    SEAT = "seat"  # the booking's chosen seats
    ISSUE = "issue"
    ISSUE_EMD = "issue-emd"  # of one ancillary item
    CAPTURE = "capture"
    VOID = "void"
    REFUND_DOCUMENTS = "refund-documents"
    RELEASE_MONEY = "release-money"
    REFUND = "refund"
    RELEASE_SEATS = "release-seats"
    RELEASE_PART = "release-part"  # some flights or travellers of a booking
    UPDATE_BOOKING = "update-booking"  # what the booking says of its travellers
    PARTNER_BOOK = "partner-book"
    PARTNER_ISSUE = "partner-issue"  # a partner's own documents
    PARTNER_CANCEL = "partner-cancel"
    DIVIDE = "divide"  # some travellers get a booking of their own
    ADD_FLIGHTS = "add-flights"  # a change's new seats, beside the old ones
    EXCHANGE = "exchange"  # a ticket for another, or revalidated
    ASSOCIATE = "associate"  # an EMD goes with another ticket, or with none for now
    ISSUE_CHARGE = "issue-charge"  # an EMD for a fee, or for a residual value
    DROP_FLIGHTS = "drop-flights"  # the seats that a change does not need any more
    RELEASE_HOLD = "release-hold"  # of a change that failed
    RESTORE = "restore"  # a ticket as it was before a change that failed
    CLOSE_PAGE = "close-page"  # waits: the payer's time is over
    EXPIRE = "expire"  # waits: the seats were not paid in time
    REACCOMMODATE = "reaccommodate"  # the airline changed a flight: what the booking has now
    REVALIDATE = "revalidate"  # a document is made good for other flights, without charge
    LAPSE = "lapse"  # waits: the seller does not say what it wants of a change


@dataclass(frozen=True, slots=True)
class Failure:
    """Why fulfilment turned round. code: PADIS 9321."""

    step: Step
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class AncillaryItem:
    """A product that a passenger has on one flight or several.

    fare: what all of it costs, `quantity` of them on all its flights; its basis is empty.
    services: one a flight. traits: of the seat, as it was sold.
    added: see OrderItem; added_at: None with the order itself. withdrawn: it was
    added later, and taken back since that could not be carried out. hold: under which the PSS keeps
    a seat that was chosen after the booking was made, until it is assigned. followed: it went with
    its passenger to other flights.
    """

    id: str
    offer_item_id: str
    passenger_id: str
    product: Product
    fare: Fare
    services: tuple[Service, ...]
    quantity: int = 1
    seat: Seat | None = None
    traits: tuple[Trait, ...] = ()
    status: ItemStatus = ItemStatus.ACTIVE
    added: int = 1
    added_at: datetime | None = None
    withdrawn: Failure | None = None
    hold: str = ""
    followed: bool = False

    @property
    def needs_document(self) -> bool:
        """Paid services stand on an EMD, where the product has one."""
        return bool(self.fare.total) and self.product.emd is not EmdKind.NONE

    @property
    def service_ids(self) -> frozenset[str]:
        return frozenset(service.id for service in self.services)


Item = OrderItem | AncillaryItem


class PaymentForm(StrEnum):
    """How it is paid. Source: PaymentTypeCode of the wire, by its meaning."""

    CARD = "CARD"
    SETTLEMENT_PLAN = "SETTLEMENT PLAN"
    VOUCHER = "VOUCHER"  # by its number
    REDIRECT = "REDIRECT"  # on a page of the payment provider, to which the payer is sent


@dataclass(frozen=True, slots=True)
class Card:
    """What may be kept of a card: the gateway's token and what a receipt shows. Never a number."""

    token: str
    brand: str
    last_four: str


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment. authorisation, capture: the gateway's references, once there.

    batch: payments that were asked for together succeed or fail together; the sequence of the
    event that added them. routes: gateways that are tried next, when `gateway` certainly did
    nothing; tried: those that did nothing. refunded: so far; a part may come back while the rest
    stays captured.
    redirect_url: the page to which the payer is sent, open until `expires_at`; session: its name
    at the provider; return_url: where the payer comes back to.
    """

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
    failure_code: str = ""  # PADIS 9321, beside `failure`
    refunded: Money | None = None
    batch: int = 1
    requested_at: datetime | None = None  # None: with the order
    routes: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    voucher: str | None = None  # its number
    return_url: str | None = None
    redirect_url: str | None = None
    session: str | None = None
    expires_at: datetime | None = None

    @property
    def returned(self) -> Money:
        """`refunded`, as an amount."""
        return self.refunded or Money.zero(self.amount.currency)

    @property
    def left(self) -> Money:
        """What is not refunded of it."""
        return self.amount - self.returned


@dataclass(frozen=True, slots=True)
class GivenUp:
    """One item that is cancelled. refund: what comes back; kept: the rest of what was paid for it
    (fees, fares and taxes that are not refunded). Both are zero where nothing was paid.
    """

    item_id: str
    refund: Money
    kept: Money


@dataclass(frozen=True, slots=True)
class RefundDue:
    """So much goes back to the form of one payment."""

    payment_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Items that the seller gives up, while that is carried out. refunds: not made yet.

    quote_id: what was accepted; None for items that nobody paid. void: documents are voided and
    not refunded; refused: those whose void the PSS refused, which are refunded instead. failure:
    not the seller gives them up: what was added could not be carried out.
    """

    items: tuple[GivenUp, ...]
    reason: str
    quote_id: str | None = None
    void: bool = False
    refunds: tuple[RefundDue, ...] = ()
    refused: tuple[str, ...] = ()
    failure: Failure | None = None

    @property
    def item_ids(self) -> frozenset[str]:
        return frozenset(each.item_id for each in self.items)


@dataclass(frozen=True, slots=True)
class Move:
    """What a change does to one item. new_item_id: of what takes its place; None: nothing does.

    penalty: the fee for it. collect: what is paid on top; refund: what comes back to the forms of
    payment; residual: what stays good for another purchase, on a document of its own. At most one
    of collect and the other two is above zero.
    """

    item_id: str
    new_item_id: str | None
    penalty: Money
    collect: Money
    refund: Money
    residual: Money


class ChargeKind(StrEnum):
    """For what an EMD-S is issued with a change."""

    PENALTY = "penalty"
    RESIDUAL = "residual"


@dataclass(frozen=True, slots=True)
class Charge:
    """A document that goes with a change. number: once it is issued."""

    kind: ChargeKind
    passenger_id: str
    amount: Money
    number: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceMove:
    """A service of an ancillary item goes with its passenger to another flight."""

    service_id: str
    segment_id: str


@dataclass(frozen=True, slots=True)
class Change:
    """Items that the seller exchanges for others, while that is carried out.

    number: sequence of the event that accepted it; its payments are the batch of this number.
    dividing: passengers who get a booking of their own first. revalidated: those whose ticket
    stays and only shows other flights. used: items that are flown already, for which no other
    ticket is issued. seats_added, seats_dropped, documented (passengers),
    charges: how far it has come; applied: the items are exchanged, only refunds are left.
    refunds: not made yet. failure: it is being taken back.
    moved: services that follow their passengers to the new flights; given_up: ancillary items that
    do not. unpaid: nobody has paid for the items, so the new ones are owed as the old ones were,
    until payment_limit_at, at their prices until price_guarantee_until.
    """

    number: int
    quote_id: str
    moves: tuple[Move, ...]
    segments: tuple[OrderSegment, ...] = ()
    items: tuple[OrderItem, ...] = ()
    hold_reference: str = ""
    dividing: tuple[str, ...] = ()
    revalidated: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    charges: tuple[Charge, ...] = ()
    refunds: tuple[RefundDue, ...] = ()
    seats_added: bool = False
    seats_dropped: bool = False
    documented: tuple[str, ...] = ()
    applied: bool = False
    failure: Failure | None = None
    hold_released: bool = False
    moved: tuple[ServiceMove, ...] = ()
    given_up: tuple[GivenUp, ...] = ()
    unpaid: bool = False
    payment_limit_at: datetime | None = None
    price_guarantee_until: datetime | None = None

    @property
    def item_ids(self) -> frozenset[str]:
        """Flights that are given up."""
        return frozenset(each.item_id for each in self.moves)


@dataclass(frozen=True, slots=True)
class FailedChange:
    """A change that was taken back: the order is as it was before. number: as of Change."""

    number: int
    failure: Failure


@dataclass(frozen=True, slots=True)
class BookingReference:
    """A PNR locator and whose it is. passenger_ids: of a booking that was divided from another,
    those who are in it; none: everybody who is in no other.
    """

    carrier: str
    locator: str
    passenger_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """The whole order after its latest event.

    sequence: of that event, from 1, gap-free. version: OrderVersionNumber, bumped by what a
    seller must know before changing the order; fulfilment that only carries it out does not.
    hold_reference: under which the PSS holds the seats until they are booked.
    payment_limit_at: an order that is paid later gives its seats back then, unless it is paid;
    None: it was paid with its creation. price_guarantee_until: what is not paid by then is priced
    anew. segments_released, passengers_released: no longer in the booking.
    people_changes: how often personal data, or what services a booking shows, changed;
    people_booked: of those, known to the PSS; update_refused: why the last of them was not taken.
    parts: flights that partners fly.
    heard: changes of flights that are still to be looked at; heard_ids: of all that ever came;
    airline_changes: what became of them.
    conditions: under which its offer was made.
    change: under way. failed_change: the latest one, where it could not be carried out.
    ancillaries: what was bought beside the flights in `items`; ids are unique over both.
    seated: seats that the booking has; seatings: how often it was given seats.
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
    payment_limit_at: datetime | None = None
    price_guarantee_until: datetime | None = None
    cancellation: Cancellation | None = None
    segments_released: tuple[str, ...] = ()
    passengers_released: tuple[str, ...] = ()
    people_changes: int = 0
    people_booked: int = 0
    update_refused: str = ""
    parts: tuple[PartnerPart, ...] = ()
    conditions: Conditions = FOR_EVERYBODY
    change: Change | None = None
    failed_change: FailedChange | None = None
    ancillaries: tuple[AncillaryItem, ...] = ()
    seated: tuple[SeatChoice, ...] = ()
    seatings: int = 0
    heard: tuple[Heard, ...] = ()
    heard_ids: tuple[str, ...] = ()
    airline_changes: tuple[AirlineChange, ...] = ()

    @property
    def open_changes(self) -> tuple[AirlineChange, ...]:
        """Changes by the airline that wait for the seller."""
        return tuple(each for each in self.airline_changes if each.open)

    @property
    def trial(self) -> str | None:
        """The experiment and the arm that its offer was part of."""
        return self.conditions.trial

    @property
    def total(self) -> Money:
        """Of the items that are not cancelled."""
        return total((item.fare.total for item in self.live), self.currency)

    @property
    def live_items(self) -> tuple[OrderItem, ...]:
        """The flights of those who fly."""
        return tuple(item for item in self.items if item.status is not ItemStatus.CANCELLED)

    @property
    def live_ancillaries(self) -> tuple[AncillaryItem, ...]:
        return tuple(each for each in self.ancillaries if each.status is not ItemStatus.CANCELLED)

    @property
    def live(self) -> tuple[Item, ...]:
        """Everything that is not cancelled: flights, then what goes with them."""
        return (*self.live_items, *self.live_ancillaries)

    def item(self, item_id: str) -> Item:
        """Raises KeyError."""
        every: tuple[Item, ...] = (*self.items, *self.ancillaries)
        for item in every:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

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

    def tickets_of(self, passenger_id: str) -> tuple[Document, ...]:
        """Our own live tickets of one passenger, in the order of issue."""
        return tuple(
            d
            for d in self.documents
            if d.passenger_id == passenger_id
            and d.live
            and not d.issuer
            and d.type is DocumentType.TICKET
        )

    def emds_of(self, item: AncillaryItem) -> tuple[Document, ...]:
        """Live documents of an ancillary item, in the order of issue."""
        ids = item.service_ids
        return tuple(
            d for d in self.documents if d.live and any(c.service_id in ids for c in d.coupons)
        )

    @property
    def own_booking(self) -> BookingReference | None:
        """In our own PSS."""
        return next((each for each in self.bookings if each.carrier == self.owner), None)

    def booking_of(self, passenger_id: str) -> BookingReference | None:
        """In our own PSS, the one that this passenger is in."""
        own = [each for each in self.bookings if each.carrier == self.owner]
        named = (each for each in reversed(own) if passenger_id in each.passenger_ids)
        return next(named, None) or next((each for each in own if not each.passenger_ids), None)

    def bookings_of(self, segment_id: str) -> tuple[BookingReference, ...]:
        """Where a flight is booked: in our own PSS, at a partner, or (a code share) at both."""
        part, own = self.part_of(segment_id), self.own_booking
        found = []
        if own is not None and (part is None or part.code_share):
            found.append(own)
        if part is not None and part.locator is not None:
            found.append(BookingReference(part.carrier, part.locator))
        return tuple(found)

    def part(self, part_id: str) -> PartnerPart:
        """Raises KeyError."""
        for part in self.parts:
            if part.id == part_id:
                return part
        raise KeyError(part_id)

    def part_of(self, segment_id: str) -> PartnerPart | None:
        """The partner's part that a flight is of; None for a flight of our own."""
        return next((part for part in self.parts if segment_id in part.segment_ids), None)

    def ticketed_here(self, segment_id: str) -> bool:
        """Whether the flight stands on our own documents: our own ones and code shares."""
        part = self.part_of(segment_id)
        return part is None or part.code_share

"""Events: what happened to an order, append-only; the order is their fold (`fold.py`).

No event holds personal data, so that erasing a person leaves history and ledger whole.
Those of changes are in `change_events.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from ndc_oms.model.airline_change import AirlineChange, Heard
from ndc_oms.model.cancellation import Cancellation
from ndc_oms.model.change_events import CHANGE_EVENTS
from ndc_oms.model.documents import CouponUse, Document
from ndc_oms.model.event import Event as Event  # noqa: PLC0414  # named from here everywhere
from ndc_oms.model.items import AncillaryItem
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.payment import Payment
from ndc_oms.model.seat import Seat, SeatChoice, Trait
from ndc_oms.model.split_events import SPLIT_EVENTS
from ndc_oms.model.status import CouponStatus, DeliveryStatus
from ndc_oms.model.step import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCreated(Event):
    """The order as agreed. Always the first event, and only the first."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsAdded(Event):
    """An order that is paid later is being paid: these together, or none of them."""

    bumps: ClassVar[bool] = True
    payments: tuple[Payment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRedirected(Event):
    """The provider has a page for the payer, under `session`, open until `expires_at`."""

    payment_id: str
    url: str
    session: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRerouted(Event):
    """A gateway certainly did nothing; the next one is tried."""

    payment_id: str
    gateway: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorised(Event):
    payment_id: str
    authorisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(Event):
    payment_id: str
    capture: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDeclined(Event):
    """code: PADIS 9321."""

    payment_id: str
    reason: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReleased(Event):
    """The authorisation was let go: nothing will be charged."""

    payment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded(Event):
    """All of what was captured, or a part of it."""

    payment_id: str
    refund: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsBooked(Event):
    """The PSS made the booking: the hold became sold seats in a PNR. seated: those chosen."""

    booking: BookingReference
    seated: tuple[SeatChoice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsAssigned(Event):
    """The booking's chosen seats are these from now on."""

    seated: tuple[SeatChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsIssued(Event):
    passenger_id: str
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsVoided(Event):
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidRefused(Event):
    """The PSS voids this document no longer: it is refunded instead."""

    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewSeat:
    """An item's seat from now on."""

    item_id: str
    seat: Seat
    traits: tuple[Trait, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsReplaced(Event):
    """In place of seats that the airline's changes took: as alike as there are, free of charge.
    lost: items for which there is none, and which are given back next. changes: how many of the
    airline's are done with by it.
    """

    bumps: ClassVar[bool] = True
    tells: ClassVar[bool] = True
    seats: tuple[NewSeat, ...]
    lost: tuple[str, ...]
    changes: int


@dataclass(frozen=True, slots=True)
class CouponState:
    """How a coupon stands at the PSS. document: its number."""

    document: str
    coupon: int
    status: CouponStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsRefunded(Event):
    """Every coupon that could be refunded is. coupons: of the documents, as they are now."""

    coupons: tuple[CouponState, ...]


@dataclass(frozen=True, slots=True)
class ItemFare:
    """A fare from now on."""

    item_id: str
    fare: Fare


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRepriced(Event):
    """The seller accepted new fares for items that nobody has paid."""

    bumps: ClassVar[bool] = True
    quote_id: str
    fares: tuple[ItemFare, ...]
    price_guarantee_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsAdded(Event):
    """Products bought beside the flights of an order that was there already. replaces: what is
    given up for them once they are paid and documented.
    """

    bumps: ClassVar[bool] = True
    items: tuple[AncillaryItem, ...]
    replaces: Cancellation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationAccepted(Event):
    """From here on items are given up; ItemsCancelled or OrderClosed ends it."""

    bumps: ClassVar[bool] = True
    cancellation: Cancellation


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsReduced(Event):
    """Some flights or travellers are out of the booking, and their seats free."""

    segment_ids: tuple[str, ...]
    passenger_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsCancelled(Event):
    """What the accepted cancellation named is given back, and its items are cancelled."""

    bumps: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleUpdated(Event):
    """Personal data changed; it is kept apart. kinds: contacts, documents, loyalty."""

    bumps: ClassVar[bool] = True
    passenger_id: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingUpdated(Event):
    """The booking says of its travellers what we say. changes: up to which of them. refused: why
    the PSS would not take them.
    """

    changes: int
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilmentFailed(Event):
    """A step cannot succeed: from here on everything is taken back."""

    bumps: ClassVar[bool] = True
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsReleased(Event):
    """Hold or booking is gone; no seat is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClosed(Event):
    """Nothing is left to do. Items that were never delivered are cancelled."""

    bumps: ClassVar[bool] = True
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerBooked(Event):
    """A partner has booked its part. reference: by which it knows it. held_until: where it is not
    paid, when the partner gives the seats back.
    """

    part_id: str
    reference: str
    booking: BookingReference
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerDocumentsIssued(Event):
    """The partner's own documents for its flights."""

    part_id: str
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCancelled(Event):
    """The partner took its part back. coupons: of its documents, as they are now."""

    part_id: str
    coupons: tuple[CouponState, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerServed(Event):
    """The partner knows which services are wanted on its flights: by their ids, `asked`; refused:
    those that it does not take.
    """

    part_id: str
    asked: tuple[str, ...]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponMoved(Event):
    """The PSS tells how a coupon stands now. no_show: its flight left without the passenger.
    ancillary: what was bought beside the flight moves too; of coupons that were heard of before
    that was followed, it did not.
    """

    document: str
    coupon: int
    status: CouponStatus
    no_show: bool = False
    ancillary: bool = False


@dataclass(frozen=True, slots=True)
class ServiceState:
    """How far a service is delivered."""

    service_id: str
    delivery: DeliveryStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReported(Event):
    """A provider tells how far its services are. provider: its OrgID. key: of its message, by
    which that is known again; see `ports.sellers.Attempt`. uses: coupons that the PSS has to be
    told of.
    """

    provider: str
    key: str
    services: tuple[ServiceState, ...]
    uses: tuple[CouponUse, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponUseRefused(Event):
    """The PSS does not take it: the coupon stays as it is there, the service as it was told."""

    use: CouponUse
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightChangeHeard(Event):
    """The PSS changed a flight of the order; its booking is looked at next."""

    heard: Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightChangesSettled(Event):
    """What was heard changes nothing in the order. heard: ids."""

    heard: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightsChanged(Event):
    """The airline put other flights into the order, or found none. heard: ids of what it
    answers.
    """

    bumps: ClassVar[bool] = True
    tells: ClassVar[bool] = True
    reroutes: ClassVar[bool] = True
    change: AirlineChange
    heard: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionChosen(Event):
    """A partner is asked to fly passengers whose own flights cannot be flown. part: with its
    protection, not booked yet. Written before the partner is asked.
    """

    part: PartnerPart


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionFailed(Event):
    """The partner could not do it, and the next one is looked for. What it may have booked is
    cancelled there.
    """

    part_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionDeclined(Event):
    """The partner's flights are not wanted: the order has those again that cannot be flown, where
    it had others already. What the partner booked is cancelled there.
    """

    reroutes: ClassVar[bool] = True
    part_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Event):
    """Our own booking and tickets have nothing more of flights that a partner flies now. coupons:
    of our tickets, as they are now.
    """

    part_id: str
    coupons: tuple[CouponState, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AirlineChangeAccepted(Event):
    """The seller takes the airline's change as it is."""

    bumps: ClassVar[bool] = True
    change_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AirlineChangeLapsed(Event):
    """The time limit passed: from here on what was announced is done."""

    bumps: ClassVar[bool] = True
    tells: ClassVar[bool] = True
    change_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsRevalidated(Event):
    """A conjunction set is good for the flights of its order again. documents: as they are now."""

    documents: tuple[Document, ...]


EVENTS: Final[dict[str, type[Event]]] = {
    kind.__name__: kind
    for kind in (
        *CHANGE_EVENTS,
        *SPLIT_EVENTS,
        OrderCreated,
        PaymentsAdded,
        PaymentRedirected,
        PaymentRerouted,
        PaymentAuthorised,
        PaymentCaptured,
        PaymentDeclined,
        PaymentReleased,
        PaymentRefunded,
        SeatsBooked,
        SeatsAssigned,
        SeatsReplaced,
        DocumentsIssued,
        DocumentsVoided,
        VoidRefused,
        DocumentsRefunded,
        OrderRepriced,
        ItemsAdded,
        CancellationAccepted,
        SeatsReduced,
        ItemsCancelled,
        PeopleUpdated,
        BookingUpdated,
        FulfilmentFailed,
        SeatsReleased,
        OrderClosed,
        PartnerBooked,
        PartnerDocumentsIssued,
        PartnerCancelled,
        PartnerServed,
        CouponMoved,
        DeliveryReported,
        CouponUseRefused,
        FlightChangeHeard,
        FlightChangesSettled,
        FlightsChanged,
        ProtectionChosen,
        ProtectionFailed,
        ProtectionDeclined,
        HandedOver,
        AirlineChangeAccepted,
        AirlineChangeLapsed,
        DocumentsRevalidated,
    )
}

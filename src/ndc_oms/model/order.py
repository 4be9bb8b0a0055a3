"""Orders: what was promised to whom, what was paid, how far it is delivered.

An order is the fold of its events (`model/events.py`). Personal data is not in it: passengers
are ids and types here, and `model/passenger.People` beside it says who they are.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from ndc_oms.model.airline_change import AirlineChange, Heard
from ndc_oms.model.cancellation import Cancellation
from ndc_oms.model.documents import CouponUse, Document, DocumentType
from ndc_oms.model.items import AncillaryItem, Item, OrderItem, OrderSegment
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import FOR_EVERYBODY, Conditions
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.payment import Payment
from ndc_oms.model.seat import SeatChoice
from ndc_oms.model.status import (
    ItemStatus,
    OrderStatus,
)
from ndc_oms.model.step import Failure
from ndc_oms.model.under_way import (
    Change,
    FailedChange,
    Split,
)


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
    corrected: passengers whose name was corrected, as often as it was.
    original_order_id: of the order that it was split from. split: under way. failed_split: why the
    latest one was not done. splits: those that were done; their passengers are in other orders.
    replacing: begins by itself once what was added in its place can be delivered; comes to nothing
    where that is taken back.
    uses: what providers told of, and the PSS does not know yet. reseated: up to how many of
    airline_changes lost seats were looked for.
    rested: sequence of the event after which it last stood still, or of a later one that was told;
    None: of an order that was recorded before this was kept. news: something changed since then
    that its seller sees.
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
    corrected: tuple[str, ...] = ()
    original_order_id: str | None = None
    split: Split | None = None
    failed_split: Failure | None = None
    splits: tuple[Split, ...] = ()
    replacing: Cancellation | None = None
    uses: tuple[CouponUse, ...] = ()
    reseated: int = 0
    rested: int | None = None
    news: bool = False

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

    @property
    def ticketed(self) -> bool:
        """It has live documents."""
        return any(document.live for document in self.documents)

    @property
    def held_until(self) -> datetime | None:
        """Its payment limit; None where it was not held, or was paid in time and ticketed."""
        return None if self.ticketed else self.payment_limit_at

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

    def items_on(self, segment_ids: Collection[str]) -> tuple[OrderItem, ...]:
        """Live ones with some of these flights."""
        return tuple(
            item
            for item in self.live_items
            if any(service.segment_id in segment_ids for service in item.services)
        )

    def services_with(self, given_up: Iterable[Item]) -> tuple[AncillaryItem, ...]:
        """What cannot be without the flights among these: services of the passenger on them, and,
        when nobody flies any more, everything.
        """
        flights = [item for item in given_up if isinstance(item, OrderItem)]
        gone = {(item.passenger_id, each.segment_id) for item in flights for each in item.services}
        nobody = {item.id for item in self.live_items} <= {item.id for item in flights}
        return tuple(
            each
            for each in self.live_ancillaries
            if nobody or any((each.passenger_id, s.segment_id) in gone for s in each.services)
        )

    def ticketed_here(self, segment_id: str) -> bool:
        """Whether the flight stands on our own documents: our own ones and code shares."""
        part = self.part_of(segment_id)
        return part is None or part.code_share

"""What the house asks of a partner airline: flights at its prices, and bookings of them.

A partner sells its own flights by its own rules: what it answers is offered beside or together
with ours, and booked at the partner once our customer has ordered. It also may open seats on its
flights to our number (a code share): those we price and ticket, and only book with it.

Verbs that change something take our own `reference`, written down before the call. Sent again with
the same reference and order, a partner answers as before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from ndc_oms.model.documents import Document
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.money import Money
from ndc_oms.model.offer import PricedBound
from ndc_oms.model.passenger import Passenger, PassengerType, People, Person
from ndc_oms.ports.outcome import Outcome
from ndc_oms.ports.pss import Seats, SegmentSale, SpecialService


@dataclass(frozen=True, slots=True)
class Seek:
    """Flights that are looked for. origin, destination: airports; day: local date of departure.

    party: how many of each type, each at least one. currency: of the prices that are wanted.
    """

    origin: str
    destination: str
    day: date
    party: tuple[tuple[PassengerType, int], ...]
    currency: str

    @property
    def seats(self) -> int:
        return sum(many for kind, many in self.party if kind.seated)


@dataclass(frozen=True, slots=True)
class PartnerOffer:
    """A bound at the partner's price, under the partner's family, in the currency asked for.

    expires_at: until when the partner keeps it. reference: the partner's own name of it.
    hold_until: until when it would keep seats that are booked now and not paid; None: it sells them
    at once.
    """

    bound: PricedBound
    expires_at: datetime
    reference: str = ""
    hold_until: datetime | None = None

    def total(self, seek: Seek) -> Money:
        """Of the whole party."""
        minor = sum(many * self.bound.fares[kind].total.minor for kind, many in seek.party)
        return Money(minor, seek.currency)


@dataclass(frozen=True, slots=True)
class PartnerOrder:
    """What is booked. order_id: ours. sales: flights, the partner's booking classes, seats.

    family, total, offer: what was promised of its flights, and the name of its offer; for a code
    share there is neither family nor offer, and `total` is zero: seats only, and no documents.
    unpaid: the partner is to keep the seats until they are paid, and its documents are asked for.
    """

    order_id: str
    seek: Seek
    sales: tuple[SegmentSale, ...]
    passengers: tuple[Passenger, ...]
    people: People = field(repr=False)
    family: str
    total: Money
    offer: str = ""
    unpaid: bool = False

    @property
    def code_share(self) -> bool:
        return not self.family


@dataclass(frozen=True, slots=True)
class PartnerBooking:
    """A booking as the partner has it. reference: by which it is displayed and cancelled.

    locator: what passengers are told. order_id: ours, where the partner kept it. documents: issued
    so far; their passengers under our ids, their coupons by flight, without our segment ids.
    held_until: where it was not paid, when the partner gives the seats back. services: SSRs that it
    has.
    """

    reference: str
    locator: str
    carrier: str
    order_id: str = ""
    cancelled: bool = False
    documents: tuple[Document, ...] = ()
    held_until: datetime | None = None
    services: tuple[SpecialService, ...] = ()


class Partner(Protocol):
    """A partner behind its adapter. No verb raises for what the other side did."""

    @property
    def name(self) -> str: ...

    async def search(self, seek: Seek) -> Outcome[tuple[PartnerOffer, ...]]:
        """What can be had, for everybody of the party; nothing: an empty tuple."""
        ...

    async def price(self, seek: Seek, offer: PartnerOffer) -> Outcome[PartnerOffer]:
        """The same flights and family, firm. The price may be another by now: the caller looks.
        Rejected where they are gone.
        """
        ...

    async def seats(self, day: date) -> Outcome[Mapping[FlightKey, Seats]]:
        """Seats that are open to our number on a day, by our own booking classes. Empty where
        the partner shares no code with us.
        """
        ...

    async def book(self, reference: str, order: PartnerOrder) -> Outcome[PartnerBooking]:
        """All flights for everybody at the promised total, or nothing: Rejected says why."""
        ...

    async def documents(
        self, reference: str, order: PartnerOrder, booking: str
    ) -> Outcome[tuple[Document, ...]]:
        """The documents of the booking with this reference, issued by now. Unknown while they
        are on their way; Rejected where they will not come.
        """
        ...

    async def cancel(self, reference: str, booking: str) -> Outcome[PartnerBooking]:
        """Takes back the whole booking with its documents; confirmed also where that was done."""
        ...

    @property
    def divides(self) -> bool:
        """Whether it can divide a booking at all."""
        ...

    async def divide(
        self, reference: str, booking: str, going: Sequence[Passenger], order_id: str
    ) -> Outcome[PartnerBooking]:
        """These passengers get a booking of their own, with their documents: that one. order_id:
        ours, of the order that they are in then. Rejected where nothing was done.
        """
        ...

    async def rename(
        self, reference: str, booking: str, passenger: Passenger, person: Person
    ) -> Outcome[PartnerBooking]:
        """The passenger has this name in the booking: the booking as it is then, documents that
        bore another name among its documents. Rejected where the partner does not do it, or not
        for nothing.
        """
        ...

    async def serve(
        self, reference: str, booking: str, services: Sequence[SpecialService]
    ) -> Outcome[PartnerBooking]:
        """The booking's SSRs are these from now on, of our passenger ids: the booking with those
        that the partner takes. Rejected where it takes none at all, and never will.
        """
        ...

    async def booking(self, booking: str) -> Outcome[PartnerBooking | None]:
        """The booking as it stands; None: the partner has none."""
        ...

    async def find(self, reference: str, order: PartnerOrder) -> Outcome[PartnerBooking | None]:
        """What became of `book` with this reference. None: certainly nothing was booked. Where a
        partner can only be asked by repeating the same request, that is how it is asked.
        """
        ...

    async def close(self) -> None: ...


@runtime_checkable
class AuditedPartner(Protocol):
    """A partner that can count itself: a simulated one, for `ndc-oms verify`."""

    async def audit(self) -> Sequence[str]:
        """What does not hold in its own books; nothing where all is well."""
        ...

    async def live_bookings(self) -> Mapping[str, str]:
        """Our order id by the reference of each booking that is not cancelled."""
        ...


@dataclass(frozen=True, slots=True)
class PartnerSettings:
    """What boot gives an adapter. data: its own place on disk, not made yet. source: the folder
    that partners.toml names, if any. zone_of: an airport's IANA time zone; None where we do not
    know the airport, whose flights then cannot be sold.
    """

    name: str
    carrier: str
    accounting_prefix: str
    data: Path
    source: Path | None
    options: Mapping[str, str]
    now: Callable[[], datetime]
    zone_of: Callable[[str], str | None]

"""What the house asks of a PSS: inventory, bookings, documents.

Every verb that changes something takes the caller's own `reference`, written down before the
call. Asked again with the same reference, a PSS that is idempotent answers as before; one that is
not is first asked with `find`, which is how an Unknown is resolved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final, Protocol, runtime_checkable

from ndc_oms.model.airline_change import FlightChange
from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.model.journey import FlightKey, Segment
from ndc_oms.model.money import Money
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import Seat, SeatChoice
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.outcome import Outcome

# What a line of the feed is about: seats of a flight, a coupon, a passenger who did not come.
AVAILABILITY: Final = "availability"
COUPON: Final = "coupon"
NO_SHOW: Final = "no-show"
SCHEDULE: Final = "schedule"

Seats = Mapping[str, int]  # seats for sale by RBD, nested: a class's count includes lower ones'


@dataclass(frozen=True, slots=True)
class SegmentSale:
    """Seats in one booking class on one flight."""

    flight: FlightKey
    rbd: str
    seats: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Seats kept until `expires_at` unless they are booked; released by itself after it."""

    reference: str
    sales: tuple[SegmentSale, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Traveller:
    """A name in a PNR. surname, given: as the ticket prints them."""

    passenger_id: str
    type: PassengerType
    surname: str
    given: str
    title: str | None = None
    birthdate: date | None = None
    guardian: str | None = None


@dataclass(frozen=True, slots=True)
class SpecialService:
    """An SSR for the PNR. code: IATA SSR code; text: its free text."""

    code: str
    passenger_id: str
    text: str = ""
    segment: FlightKey | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """What a PNR is made of. order_id goes into it, so that either side finds the other.

    shared: flights of partners that bear our number. The partner keeps their seats; the PNR shows
    them (GK), so that they can be ticketed. choices: seats that were held under `hold_reference`.
    """

    order_id: str
    hold_reference: str
    sales: tuple[SegmentSale, ...]
    travellers: tuple[Traveller, ...]
    services: tuple[SpecialService, ...] = ()
    contacts: tuple[str, ...] = ()
    shared: tuple[SegmentSale, ...] = ()
    choices: tuple[SeatChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class PnrSegment:
    """A flight in a PNR. code: IATA segment status (HK, KK, TK, GK, UC, UN, HX …)."""

    flight: FlightKey
    rbd: str
    seats: int
    code: str


@dataclass(frozen=True, slots=True)
class Pnr:
    """A booking as the PSS has it. locator: 6 characters."""

    locator: str
    carrier: str
    order_id: str
    segments: tuple[PnrSegment, ...]
    travellers: tuple[Traveller, ...]
    services: tuple[SpecialService, ...] = ()
    cancelled: bool = False
    choices: tuple[SeatChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class CouponRequest:
    """What a coupon shall be good for. segment_id: of the order.

    service_id, rfisc: of an EMD's coupon, which has no fare basis; see model.documents.Coupon. An
    EMD-S for a fee or a value is good for no flight.
    """

    segment_id: str | None
    flight: FlightKey | None
    rbd: str | None
    fare_basis: str | None
    value: Money
    service_id: str | None = None
    rfisc: str | None = None


@dataclass(frozen=True, slots=True)
class Revalidation:
    """What a coupon shall be good for from now on. segment_id: what it is good for now.

    involuntary: the airline changed its flights. The route and the class may then be others, and a
    coupon that is checked in is open again on another flight.
    """

    segment_id: str
    becomes: CouponRequest
    involuntary: bool = False


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """A document for one passenger; more than four coupons give conjunction tickets."""

    locator: str
    type: DocumentType
    passenger_id: str
    passenger_name: str
    coupons: tuple[CouponRequest, ...]
    total: Money
    rfic: str | None = None  # EMD only
    associated_with: str | None = None  # EMD-A: the ticket's number
    consumed: bool = False  # EMD-S: used when it is issued, as a fee is


@dataclass(frozen=True, slots=True)
class PssEvent:
    """One line of the PSS's feed. cursor: strictly growing."""

    cursor: int
    kind: str
    flight: FlightKey | None = None
    seats: Seats | None = None
    document: str | None = None
    coupon: int | None = None
    status: CouponStatus | None = None
    change: FlightChange | None = None  # of the schedule


Found = Hold | Pnr | tuple[Document, ...]  # what became of an earlier call


class Pss(Protocol):
    """A PSS behind its adapter. No verb raises for what the other side did: outcomes are values."""

    @property
    def name(self) -> str: ...

    async def availability(self, day: date) -> Outcome[Mapping[FlightKey, Seats]]:
        """Every flight of one day of departure: what shopping's projection is filled with."""
        ...

    async def check(self, flights: Sequence[FlightKey]) -> Outcome[Mapping[FlightKey, Seats]]:
        """The same for some flights, fresh. Unknown flights are absent from the answer."""
        ...

    async def hold(
        self, reference: str, sales: Sequence[SegmentSale], expires_at: datetime
    ) -> Outcome[Hold]:
        """All seats or none. Rejected("SOLD OUT", …) names the flight and class."""
        ...

    async def release(self, reference: str) -> Outcome[None]:
        """Lets a hold go, with the seats that were chosen under its reference; confirmed also
        where there is none (any more).
        """
        ...

    async def taken(self, flight: FlightKey) -> Outcome[frozenset[Seat]]:
        """Seats that cannot be chosen: somebody's, held, or blocked. Rejected("UNKNOWN FLIGHT", …)
        where it does not operate, Rejected("NO SEAT MAP", …) where seats are given at the airport.
        """
        ...

    async def hold_seats(
        self, reference: str, choices: Sequence[SeatChoice], expires_at: datetime
    ) -> Outcome[None]:
        """Keeps these very seats for whoever names the reference; it may be a hold's. All or none:
        Rejected("SEAT TAKEN", …) names the seat. Asked again: these, and no others.
        """
        ...

    async def assign_seats(
        self, reference: str, locator: str, hold_reference: str, choices: Sequence[SeatChoice]
    ) -> Outcome[Pnr]:
        """The PNR's seats are these from now on, taken from the hold where it keeps them; others
        that it had, or that were held for its travellers, are free. What is held for travellers of
        another PNR stays held. All or none: Rejected("SEAT TAKEN", …).
        """
        ...

    async def book(self, reference: str, booking: Booking) -> Outcome[Pnr]:
        """Turns the hold into sold seats in a PNR; sells afresh where the hold has lapsed."""
        ...

    async def cancel(self, reference: str, locator: str) -> Outcome[Pnr]:
        """Cancels the whole PNR and gives its seats back, once."""
        ...

    async def cancel_part(
        self,
        reference: str,
        locator: str,
        flights: Sequence[FlightKey],
        passenger_ids: Sequence[str],
    ) -> Outcome[Pnr]:
        """Takes flights and travellers out of a PNR and gives their seats back, once; at least
        one of each stays. A lap infant goes with the adult who holds it.
        """
        ...

    async def reaccommodate(
        self,
        reference: str,
        locator: str,
        leaving: Sequence[FlightKey],
        sales: Sequence[SegmentSale],
    ) -> Outcome[Pnr]:
        """After a change by the airline: flights that do not operate any more leave a PNR, others
        come in, all or none, and those that were retimed (TK) are confirmed (HK). With neither,
        it only confirms. SSRs of flights that leave go with their travellers to those that come.
        """
        ...

    async def add_flights(
        self, reference: str, locator: str, hold_reference: str, sales: Sequence[SegmentSale]
    ) -> Outcome[Pnr]:
        """Sells flights into a PNR from a hold, afresh where that has lapsed; those that it has
        stay. One seat for each seated traveller.
        """
        ...

    async def drop_flights(
        self, reference: str, locator: str, sales: Sequence[SegmentSale]
    ) -> Outcome[Pnr]:
        """Takes flights out of a PNR, each in the class that is named, and gives their seats
        back, once, chosen ones too; at least one flight stays.
        """
        ...

    async def divide(
        self, reference: str, locator: str, passenger_ids: Sequence[str], order_id: str = ""
    ) -> Outcome[Pnr]:
        """Some travellers move, with their seats, chosen ones too, SSRs and documents, into a new
        PNR on the same flights, which is the answer; at least one seated traveller stays. A lap
        infant goes with the adult who holds it. order_id: the new PNR is another order's; where
        everybody is named, it is the PNR itself.
        """
        ...

    async def update_services(
        self, reference: str, locator: str, services: Sequence[SpecialService]
    ) -> Outcome[Pnr]:
        """The PNR's SSRs are these from now on."""
        ...

    async def rename(self, reference: str, locator: str, traveller: Traveller) -> Outcome[Pnr]:
        """The traveller of this passenger id is called so from now on, with this title and
        birthdate; type and guardian stay what they are. Seats, SSRs and documents stay.
        """
        ...

    async def pnr(self, locator: str) -> Outcome[Pnr | None]: ...

    async def issue(
        self, reference: str, request: DocumentRequest
    ) -> Outcome[tuple[Document, ...]]: ...

    async def document(self, number: str) -> Outcome[Document | None]: ...

    async def void(self, reference: str, number: str) -> Outcome[Document]:
        """Only while every coupon is open."""
        ...

    async def refund(self, reference: str, number: str) -> Outcome[Document]:
        """Every open coupon becomes refunded; rejected where there is none."""
        ...

    async def exchange(
        self, reference: str, number: str, request: DocumentRequest
    ) -> Outcome[tuple[Document, ...]]:
        """A new ticket for what is unused of an old one, or an EMD-S for an EMD-S; the old one's
        open coupons become exchanged, and with a ticket's those of EMD-As on them. Rejected where
        none is open, one is neither open nor used, or the new one is for a flight that was flown on
        the old one. The answer is the new set, each document naming the old one.
        """
        ...

    async def revalidate(
        self, reference: str, number: str, wanted: Sequence[Revalidation]
    ) -> Outcome[tuple[Document, ...]]:
        """Open coupons are good for other flights of the same route in the same class; see
        Revalidation for when the airline changed them. An EMD-A follows its coupon. The answer is
        the set.
        """
        ...

    async def associate(
        self, reference: str, number: str, ticket: str | None, wanted: Sequence[Revalidation]
    ) -> Outcome[tuple[Document, ...]]:
        """An EMD's usable coupons are good for other flights; an EMD-A goes with this ticket from
        now on, whose usable coupons are for the same flights. ticket None: an EMD-A goes with none
        for now, and follows none that is exchanged. Value and numbers stay. The answer is the set.
        """
        ...

    async def set_coupon(
        self, reference: str, number: str, coupon: int, status: CouponStatus
    ) -> Outcome[Document]: ...

    async def find(self, reference: str) -> Outcome[Found | None]:
        """What became of the call with this reference; None: it was certainly not done."""
        ...

    async def head(self) -> Outcome[int]:
        """The feed's newest cursor, 0 before the first event: for who wants only what comes."""
        ...

    async def events(self, after: int, limit: int) -> Outcome[tuple[PssEvent, ...]]:
        """The feed behind a cursor, oldest first; no event: an empty tuple."""
        ...

    async def close(self) -> None: ...


class SeatSource(Protocol):
    """Of a PSS, what shopping needs: seats for sale, and news of them from the head of the feed."""

    async def head(self) -> Outcome[int]: ...

    async def availability(self, day: date) -> Outcome[Mapping[FlightKey, Seats]]: ...

    async def check(self, flights: Sequence[FlightKey]) -> Outcome[Mapping[FlightKey, Seats]]: ...

    async def events(self, after: int, limit: int) -> Outcome[tuple[PssEvent, ...]]: ...


@runtime_checkable
class Audited(Protocol):
    """A PSS that can count itself: a simulated one, for `ndc-oms verify`."""

    async def audit(self) -> Sequence[str]:
        """What does not hold in its own books; nothing where all is well."""
        ...


@runtime_checkable
class Listed(Protocol):
    """A PSS that lists what it keeps: a simulated one, to be compared with our orders."""

    async def live_bookings(self) -> Mapping[str, str]:
        """Our order id by the locator of each booking that is not cancelled."""
        ...

    async def issued(self) -> Mapping[str, str]:
        """Our order id by the number of each document that was ever issued."""
        ...


@runtime_checkable
class Rescheduling(Protocol):
    """A PSS that changes its schedule by itself, and tells of it in its feed."""

    async def changed_flights(self) -> Outcome[tuple[FlightChange, ...]]:
        """Flights that do not operate as they were loaded, as they do now: for whoever reads the
        feed from where it stands.
        """
        ...


@runtime_checkable
class Rehearsed(Protocol):
    """A PSS that can be told what happens at airports: a simulated one."""

    async def no_show(self, number: str, coupon: int) -> Outcome[Document]:
        """The flight left without the passenger; the coupon is still open."""
        ...

    async def schedule(self, messages: str) -> Outcome[tuple[FlightChange, ...]]:
        """Carries out SSM and ASM messages, all or none; Rejected names the line that is wrong."""
        ...


@dataclass(frozen=True, slots=True)
class CabinInventory:
    """A cabin of one flight as first loaded. limits: nested authorised seats by RBD, the highest
    class's being the cabin's. sold: seats already sold by RBD.
    """

    cabin: Cabin
    capacity: int
    limits: tuple[tuple[str, int], ...]
    sold: tuple[tuple[str, int], ...]


class InventorySource(Protocol):
    """Where a simulated PSS takes its flights from."""

    def cabins(self, flight: FlightKey) -> tuple[CabinInventory, ...]:
        """Raises KeyError for a flight that does not operate."""
        ...

    def on(self, day: date) -> Sequence[FlightKey]:
        """Every flight that departs on a day (local date at its origin)."""
        ...

    def segment(self, flight: FlightKey) -> Segment:
        """Its times and aircraft. Raises KeyError for a flight that does not operate."""
        ...

    def itinerary(self, carrier: str, number: str, day: date) -> Sequence[FlightKey]:
        """Every board-to-off pair of a flight that leaves its first airport on a day."""
        ...

    def equipped(
        self, aircraft: Sequence[str], share: int, seats: Mapping[Cabin, int] | None
    ) -> tuple[CabinInventory, ...]:
        """Of a flight as yet unsold, the types of its legs' aircraft being these. share: how many
        board-to-off pairs compete for its seats. seats: instead of the type's own. Raises
        KeyError for a type that is not known.
        """
        ...

    def zone(self, airport: str) -> tzinfo:
        """Raises KeyError for an airport that is not known."""
        ...

    def seats(self, flight: FlightKey) -> Mapping[Cabin, tuple[Seat, ...]]:
        """Every seat that can be chosen, by cabin; empty where seats are given at the airport.
        Raises KeyError for a flight that does not operate.
        """
        ...

    def fitted(self, aircraft: str) -> Mapping[Cabin, tuple[Seat, ...]]:
        """The same of an aircraft of this type that flies without stops."""
        ...


@dataclass(frozen=True, slots=True)
class PssSettings:
    """What boot gives an adapter. folder: its own place on disk."""

    folder: str
    carrier: str
    accounting_prefix: str
    inventory: InventorySource
    now: "NowCallable"
    options: Mapping[str, str]


class NowCallable(Protocol):
    def __call__(self) -> datetime: ...

"""Events of a change: accepted, carried out step by step, applied to the items, or taken back."""

from dataclasses import dataclass
from typing import ClassVar, Final

from ndc_oms.model.documents import Document
from ndc_oms.model.event import Event
from ndc_oms.model.order import BookingReference
from ndc_oms.model.payment import Payment
from ndc_oms.model.step import Failure
from ndc_oms.model.under_way import Change, ChargeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAccepted(Event):
    """From here on items are exchanged; ItemsChanged or ChangeAbandoned ends it. payments: what
    is collected for it, a batch under the change's number.
    """

    bumps: ClassVar[bool] = True
    change: Change
    payments: tuple[Payment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingDivided(Event):
    """Some travellers have a booking of their own now."""

    booking: BookingReference


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightsAdded(Event):
    """The booking has the new flights, beside the old ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TravellerRenamed(Event):
    """The booking has the passenger's new name; while the change is taken back, the old one."""

    passenger_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRenamed(Event):
    """A partner's booking has the passenger's new name, or, while the change is taken back, the
    old one. changed, issued: as of TicketExchanged, of the partner's documents.
    """

    part_id: str
    changed: tuple[Document, ...]
    issued: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketExchanged(Event):
    """A passenger's ticket follows the change; while a change is taken back, it is as before.

    changed: those that were there, as they are now: exchanged, or revalidated for other flights.
    issued: new ones.
    """

    passenger_id: str
    changed: tuple[Document, ...]
    issued: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmdReissued(Event):
    """The document of an ancillary item is another one of the same value, since its ticket is, or
    the name. changed, issued: as of TicketExchanged. item_id: of a value that is left, the number
    of the document on which it stood when the change was accepted.
    """

    item_id: str
    changed: tuple[Document, ...]
    issued: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmdAssociated(Event):
    """An EMD goes with another ticket, or with none for now, and is good for other flights.
    documents: the set, as it is now.
    """

    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeIssued(Event):
    """The document of a fee or of a residual value."""

    passenger_id: str
    kind: ChargeKind
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightsDropped(Event):
    """The booking has no flights any more that the change does not need; while it is taken back,
    none that it brought.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsChanged(Event):
    """Documents, money and seats are exchanged: so are the items. Refunds follow."""

    bumps: ClassVar[bool] = True
    reroutes: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NameChanged(Event):
    """Booking, documents and money follow a new name: it is the passenger's."""

    bumps: ClassVar[bool] = True
    passenger_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFailed(Event):
    """A step of it cannot succeed: from here on what was done of it is taken back."""

    bumps: ClassVar[bool] = True
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeHoldReleased(Event):
    """No seat is held any more for a change that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAbandoned(Event):
    """Everything is as it was before the change was accepted."""

    bumps: ClassVar[bool] = True
    reroutes: ClassVar[bool] = True  # a partner flies again what was given up for the change


CHANGE_EVENTS: Final[tuple[type[Event], ...]] = (
    ChangeAccepted,
    BookingDivided,
    FlightsAdded,
    TravellerRenamed,
    PartnerRenamed,
    TicketExchanged,
    EmdReissued,
    EmdAssociated,
    ChargeIssued,
    FlightsDropped,
    ItemsChanged,
    NameChanged,
    ChangeFailed,
    ChangeHoldReleased,
    ChangeAbandoned,
)

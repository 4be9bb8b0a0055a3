"""What the order acts are asked and what they answer: plain records, no XML."""

from dataclasses import dataclass, field

from ndc_oms.model.money import Money
from ndc_oms.model.offer import PricedBound
from ndc_oms.model.passenger import Contact, Passenger, People, Person
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.quote import Quote
from ndc_oms.offers.request import BoundRequest, Notice, SelectedItem, Selection
from ndc_oms.offers.wishes import Wish
from ndc_oms.ports.payment import CardAuthentication, CardData
from ndc_oms.ports.store import OrderRecord


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """How the sender pays. amount: None where only a form is named (the whole order then).

    item_ids: of the order (or offer_item_ids, of the offer) that it pays; none: the whole. Those
    that pay the same items must sum to exactly what these cost; a part is paid by naming items.
    voucher: its number. return_url: where a redirected payer comes back to.
    """

    form: PaymentForm
    amount: Money | None
    card: CardData | None = field(default=None, repr=False)
    agency_number: str | None = None
    offer_item_ids: tuple[str, ...] = ()
    path: str = ""
    item_ids: tuple[str, ...] = ()
    voucher: str | None = None
    return_url: str | None = None
    authentication: CardAuthentication | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """services: items of ServiceList, bought beside the flights of the one selection."""

    selections: tuple[Selection, ...]
    passengers: tuple[Passenger, ...]
    people: People
    payments: tuple[PaymentRequest, ...]
    passengers_path: str = ""
    services: tuple[SelectedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class RetrieveRequest:
    """By order_id (and owner), or by locator with a surname."""

    order_id: str | None = None
    owner: str | None = None
    locator: str | None = None
    surname: str | None = None
    given_name: str | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as its seller sees it. replay: bytes sent before under the same key, to be sent
    again as they are.
    """

    record: OrderRecord | None
    notices: tuple[Notice, ...] = ()
    replay: bytes | None = None


# -- servicing ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderReference:
    """Which order, as the sender last saw it. version: None where it did not say. owner: "" in
    a message that has no place for it (OrderReshopRQ).
    """

    order_id: str
    owner: str
    version: int | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class CancelUnpaid:
    """CancelUnpaidOrder. item_ids: () for the whole order."""

    item_ids: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class AcceptQuote:
    """AcceptCancelledOffer or AcceptRepricedOrder: a quote of the kind that the element names."""

    quote_ids: tuple[str, ...]
    cancels: bool
    path: str = ""


@dataclass(frozen=True, slots=True)
class AcceptChange:
    """AcceptSelectedQuotedOfferList: one quote of a change, all of its items."""

    selection: Selection

    @property
    def path(self) -> str:
        return self.selection.path


@dataclass(frozen=True, slots=True)
class AcceptServices:
    """AcceptSelectedQuotedOfferList: one quote of services, all of its items."""

    selection: Selection

    @property
    def path(self) -> str:
        return self.selection.path


@dataclass(frozen=True, slots=True)
class UpdatePerson:
    """UpdatePax: contacts, documents, loyalty accounts, special services of one passenger.

    current, new: PaxIDs in the message; `person` is who `new` is there, None where only removal is
    meant. removed: what stands under `current` in the message, and shall go. What a person does
    not say is left as it is: "" for a surname, None, or none. current is new: nothing is removed.
    """

    current: str | None
    new: str | None
    person: Person | None
    contacts: tuple[Contact, ...] = ()
    removed: Person | None = None
    removed_contacts: tuple[Contact, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class AcceptAirlineChange:
    """AcceptChange. item_ids: () for every change that waits."""

    item_ids: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class AddServices:
    """AcceptSelectedQuotedOfferList with items of ServiceList. selection: where there is but one,
    which may say what it expects to pay.
    """

    items: tuple[SelectedItem, ...]
    path: str = ""
    selection: Selection | None = None


@dataclass(frozen=True, slots=True)
class RenamePerson:
    """UpdatePaxName, or an UpdatePax that says another name. What is empty or None is as it was;
    () for middle names and "" for a suffix: there are none.
    """

    passenger_id: str
    surname: str = ""
    given_names: tuple[str, ...] = ()
    middle_names: tuple[str, ...] | None = None
    title: str | None = None
    suffix: str | None = None
    path: str = ""


OrderChange = (
    CancelUnpaid
    | AcceptQuote
    | AcceptChange
    | AcceptServices
    | UpdatePerson
    | AddServices
    | AcceptAirlineChange
)


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """change: None where the message only pays."""

    order: OrderReference
    change: OrderChange | None
    payments: tuple[PaymentRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What is wanted in place of items: as a shopping request says it. limit: of offers."""

    bounds: tuple[BoundRequest, ...]
    fares: tuple[Wish[PricedBound], ...] = ()
    path: str = ""
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ReshopRequest:
    """What would cancelling give back? item_ids: () for the whole order. search: what is wanted
    instead of them; None: nothing. name: what would another name cost instead?
    """

    order: OrderReference
    item_ids: tuple[str, ...] = ()
    search: Search | None = None
    name: RenamePerson | None = None


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What does an unpaid order cost now? item_ids: () for the whole order."""

    order: OrderReference
    item_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServicesQuoteRequest:
    """What do these services cost, with those given up that are named? selected: items of
    ServiceList and SeatAvailability; none: what does giving up alone give back?
    """

    order: OrderReference
    item_ids: tuple[str, ...] = ()
    selected: tuple[SelectedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class QuoteResult:
    """The order as it is, and what was quoted for it."""

    record: OrderRecord
    quotes: tuple[Quote, ...]
    notices: tuple[Notice, ...] = ()

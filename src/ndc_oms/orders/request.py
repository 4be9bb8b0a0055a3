"""What the order acts are asked and what they answer: plain records, no XML."""

from dataclasses import dataclass, field

from ndc_oms.model.money import Money
from ndc_oms.model.order import PaymentForm
from ndc_oms.model.passenger import Passenger, People
from ndc_oms.offers.request import Notice, Selection
from ndc_oms.ports.payment import CardData
from ndc_oms.ports.store import OrderRecord


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """How the sender pays. amount: None where only a form is named (the whole order then)."""

    form: PaymentForm
    amount: Money | None
    card: CardData | None = field(default=None, repr=False)
    agency_number: str | None = None
    offer_item_ids: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class CreateRequest:
    selections: tuple[Selection, ...]
    passengers: tuple[Passenger, ...]
    people: People
    payments: tuple[PaymentRequest, ...]
    passengers_path: str = ""


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

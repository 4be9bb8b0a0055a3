"""What a seller remembers: offers, orders, and every writing message with what came back."""

from dataclasses import dataclass, field
from datetime import date, datetime

from ndc_oms.kit.conversation import OfferSummary, OrderSummary
from ndc_oms.kit.requests import Pax

Bound = tuple[str, str, date]


@dataclass(slots=True)
class KnownOffer:
    """ends: when it can no longer be accepted. bounds: from where to where, and on which day.
    asked: it was sent in an OrderCreate.
    """

    offer: OfferSummary
    party: tuple[Pax, ...]
    day: date  # of the first departure
    ends: datetime
    bounds: tuple[Bound, ...]
    priced: bool = False
    asked: bool = False


@dataclass(slots=True)
class Sent:
    """A writing message. key: its TrxID. heard: each final reply, as it came. order_id: of the
    order that it made or was about, once that is known.
    """

    key: str
    what: str
    body: bytes
    heard: list[bytes] = field(default_factory=list)
    done: bytes | None = None  # the reply that said that it was done
    order_id: str = ""
    changed: bool = False  # another body was sent under the same key


@dataclass(slots=True)
class Memory:
    offers: list[KnownOffer] = field(default_factory=list)
    orders: dict[str, OrderSummary] = field(default_factory=dict)
    bought: dict[str, KnownOffer] = field(default_factory=dict)  # of what an order was made
    held: set[str] = field(default_factory=set)  # orders that wait for their payment
    sent: list[Sent] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)  # sessions on which a payer may pay

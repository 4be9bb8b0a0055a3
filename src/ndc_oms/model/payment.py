"""What was paid, or is to be, and how."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ndc_oms.model.money import Money
from ndc_oms.model.status import (
    PaymentState,
)


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

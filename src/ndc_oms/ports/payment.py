"""What the house asks of a payment gateway. References as with the PSS: ours, written first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from ndc_oms.model.money import Money
from ndc_oms.model.payment import Card
from ndc_oms.ports.outcome import Outcome


@dataclass(frozen=True, slots=True)
class CardAuthentication:
    """What the card's issuer said to the seller (3-D Secure 2). Carried to the gateway, never kept.

    eci: electronic commerce indicator; value: CAVV; transaction_id: of the directory server;
    status: transStatus of EMV 3-D Secure (Y, A, N, U, R, C).
    """

    version: str | None = None
    eci: str | None = None
    value: str | None = field(default=None, repr=False)
    transaction_id: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class CardData:
    """A card as the seller sent it, with what its issuer said of the holder. Lives only between
    the door and the gateway's vault.
    """

    number: str = field(repr=False)
    expiry: str = field(repr=False)  # MMYY
    brand: str
    security_code: str | None = field(default=None, repr=False)
    holder: str | None = None
    authentication: CardAuthentication | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Charge:
    """What is asked for. card: None for other forms. voucher: its number."""

    order_id: str
    amount: Money
    card: Card | None
    agency_number: str | None = None
    voucher: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Where a payer pays. session: its name at the provider; open until expires_at."""

    session: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentNotice:
    """What a provider calls back with. reference: ours, of the call that opened the page.

    authorisation: None where the payer did not pay; reason: then why.
    """

    reference: str
    session: str
    authorisation: str | None
    reason: str = ""


class PaymentGateway(Protocol):
    @property
    def name(self) -> str: ...

    async def tokenise(self, card: CardData) -> Card:
        """The token that stands for the card from here on; raises errors.Invalid (708) for a
        number that cannot be one. The security code is used at the first authorisation and
        never stored; what the issuer said of the holder goes with the token.
        """
        ...

    async def authorise(self, reference: str, charge: Charge) -> Outcome[str]:
        """The gateway's authorisation reference."""
        ...

    async def capture(self, reference: str, authorisation: str, amount: Money) -> Outcome[str]:
        """The capture's reference."""
        ...

    async def release(self, reference: str, authorisation: str) -> Outcome[None]: ...

    async def refund(self, reference: str, capture: str, amount: Money) -> Outcome[str]: ...

    async def find(self, reference: str) -> Outcome[str | None]:
        """What a call with this reference made; None: it was certainly not done."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class RedirectGateway(PaymentGateway, Protocol):
    """A provider that has the payer pay on a page of its own. The page ends once: paid, given up
    by the payer, or closed by us. What was authorised there is captured, released and refunded
    like any other.
    """

    async def open_page(
        self, reference: str, charge: Charge, return_url: str | None, expires_at: datetime
    ) -> Outcome[Page]:
        """Asked again with the same reference: the same page."""
        ...

    async def close_page(self, reference: str, session: str) -> Outcome[str | None]:
        """Nobody can pay there any more. The authorisation, where somebody has; else None.
        Confirmed however often it is asked.
        """
        ...

    def read_notice(self, body: bytes, headers: Mapping[str, str]) -> PaymentNotice:
        """Raises errors.NotAllowed (368) where the signature is not the provider's, Invalid (912)
        for what cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """What a gateway has of one authorisation. order_id: as it was told. Amounts in minor units."""

    order_id: str
    authorisation: str
    currency: str
    authorised: int
    captured: int
    refunded: int
    released: bool


@runtime_checkable
class AuditedGateway(Protocol):
    """A gateway that shows its books: a simulated one, to be compared with ours."""

    async def accounts(self) -> Sequence[Account]: ...

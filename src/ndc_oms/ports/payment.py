"""What the house asks of a payment gateway. References as with the PSS: ours, written first."""

from dataclasses import dataclass, field
from typing import Protocol

from ndc_oms.model.money import Money
from ndc_oms.model.order import Card
from ndc_oms.ports.outcome import Outcome


@dataclass(frozen=True, slots=True)
class CardData:
    """A card as the seller sent it. Lives only between the door and the gateway's vault."""

    number: str = field(repr=False)
    expiry: str = field(repr=False)  # MMYY
    brand: str
    security_code: str | None = field(default=None, repr=False)
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What is asked for. card: None for a settlement plan."""

    order_id: str
    amount: Money
    card: Card | None
    agency_number: str | None = None


class PaymentGateway(Protocol):
    @property
    def name(self) -> str: ...

    async def tokenise(self, card: CardData) -> Card:
        """The token that stands for the card from here on; raises errors.Invalid (708) for a
        number that cannot be one. The security code is used at the first authorisation and
        never stored.
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

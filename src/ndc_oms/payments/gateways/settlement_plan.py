"""Payment through the airlines' settlement plan (BSP): the agency owes what it reports.

Nobody is asked and nothing is charged here: the sale is reported, and the plan collects it from
the agency. So the answers follow from the reference alone, and asking again repeats them.
"""

import re
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.money import Money
from ndc_oms.model.payment import Card
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected
from ndc_oms.ports.payment import CardData, Charge

_AGENCY: Final = re.compile(r"[0-9]{7}[0-6]?")


def is_agency_number(text: str) -> bool:
    """An IATA numeric code: seven digits, and mostly their check digit (the number mod 7)."""
    if not _AGENCY.fullmatch(text):
        return False
    return len(text) == 7 or int(text[:7]) % 7 == int(text[7])


class SettlementPlan:
    """Keeps nothing: an authorisation is a promise that the agency's number can be billed."""

    @property
    def name(self) -> str:
        return "settlement-plan"

    async def tokenise(self, card: CardData) -> Card:  # noqa: ARG002  # the port's
        raise Invalid("The settlement plan takes no cards.", code="708")

    async def authorise(self, reference: str, charge: Charge) -> Outcome[str]:
        number = charge.agency_number or ""
        if not is_agency_number(number):
            return Rejected("AGENCY NUMBER", f"{number!r} is no agency's IATA number")
        if charge.amount.minor <= 0:
            return Rejected("AMOUNT", f"{charge.amount} is nothing to report")
        return Confirmed(f"BSP {number} {reference}")

    async def capture(self, reference: str, authorisation: str, amount: Money) -> Outcome[str]:  # noqa: ARG002  # the port's
        return Confirmed(f"BSP SALE {reference}")

    async def release(self, reference: str, authorisation: str) -> Outcome[None]:  # noqa: ARG002  # the port's
        return Confirmed(None)

    async def refund(self, reference: str, capture: str, amount: Money) -> Outcome[str]:  # noqa: ARG002  # the port's
        return Confirmed(f"BSP REFUND {reference}")

    async def find(self, reference: str) -> Outcome[str | None]:  # noqa: ARG002  # the port's
        """None, always: sending again does nothing twice."""
        return Confirmed(None)

    async def close(self) -> None:
        """Holds nothing."""

"""Which gateways a payment is sent to: payments.toml. A world without it leaves the choice to
the house.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ndc_oms.model.money import Money
from ndc_oms.model.payment import PaymentForm
from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.problems import Problems

FILE: Final = "payments.toml"
FORMS: Final = {
    "card": PaymentForm.CARD,
    "settlement_plan": PaymentForm.SETTLEMENT_PLAN,
    "voucher": PaymentForm.VOUCHER,
    "redirect": PaymentForm.REDIRECT,
}


@dataclass(frozen=True, slots=True)
class Route:
    """gateways: by name, in the order in which they are tried; those of cards share one vault, so
    that a card's token is good at each. brands, currencies: () for any. up_to: the largest amount
    in major units, None for any.
    """

    form: PaymentForm
    gateways: tuple[str, ...]
    brands: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    up_to: Decimal | None = None

    def takes(self, form: PaymentForm, brand: str, amount: Money) -> bool:
        return (
            form is self.form
            and (not self.brands or brand in self.brands)
            and (not self.currencies or amount.currency in self.currencies)
            and (self.up_to is None or amount.decimal() <= self.up_to)
        )


def load_routes(folder: Path, problems: Problems) -> tuple[Route, ...]:
    """In the order of the file: the first that takes a payment counts."""
    entry = entries(folder, FILE, problems, optional=True)
    entry.only("route")
    return tuple(_route(each) for each in entry.children("route"))


def _route(entry: Entry) -> Route:
    entry.only("form", "gateways", "brands", "currencies", "up_to")
    gateways = entry.texts("gateways")
    if not gateways or len(set(gateways)) != len(gateways):
        entry.fail("gateways", "names of gateways, each once")
    return Route(
        FORMS[entry.choice("form", list(FORMS))],
        gateways,
        entry.texts("brands"),
        entry.texts("currencies"),
        Decimal(entry.integer("up_to", 1, 10**9)) if "up_to" in entry.values else None,
    )

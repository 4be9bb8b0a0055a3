"""How payments are taken: which gateways, in which order, and cards exchanged for tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ndc_oms.errors import Invalid, NotAllowed, Refusal
from ndc_oms.model.money import Money
from ndc_oms.model.payment import Card, PaymentForm
from ndc_oms.orders.request import PaymentRequest
from ndc_oms.payments.allocation import permission
from ndc_oms.ports.payment import PaymentGateway
from ndc_oms.ports.sellers import Seller
from ndc_oms.world.payments import Route


@dataclass(frozen=True, slots=True)
class Tills:
    """gateways: by name. routes: the first that takes a payment counts."""

    gateways: Mapping[str, PaymentGateway]
    routes: tuple[Route, ...]

    @property
    def forms(self) -> tuple[PaymentForm, ...]:
        """Those that some gateway takes."""
        taken = {r.form for r in self.routes if any(g in self.gateways for g in r.gateways)}
        return tuple(form for form in PaymentForm if form in taken)

    def route(self, form: PaymentForm, brand: str, amount: Money) -> tuple[str, ...]:
        """Names of gateways in the order in which they are tried; () where nobody takes it."""
        for route in self.routes:
            if route.takes(form, brand, amount):
                there = tuple(name for name in route.gateways if name in self.gateways)
                if there:
                    return there
        return ()

    def vault(self) -> PaymentGateway | None:
        """Where cards become tokens: gateways of cards share it."""
        for route in self.routes:
            for name in route.gateways:
                if route.form is PaymentForm.CARD and name in self.gateways:
                    return self.gateways[name]
        return None


@dataclass(frozen=True, slots=True)
class Tendered:
    """Payments without card numbers in reach, and a token for each that is by card."""

    payments: tuple[PaymentRequest, ...]
    cards: tuple[Card | None, ...]
    refused: tuple[Refusal, ...] = ()


async def tender(payments: Sequence[PaymentRequest], tills: Tills) -> Tendered:
    """Exchanges cards for tokens. refused: what the vault says of impossible cards."""
    vault = tills.vault()
    cards: list[Card | None] = []
    refused: list[Refusal] = []
    for payment in payments:
        card: Card | None = None
        if payment.card is not None and vault is not None:
            data = replace(payment.card, authentication=payment.authentication)
            try:
                card = await vault.tokenise(data)
            except Refusal as refusal:
                refusal.path = refusal.path or payment.path
                refused.append(refusal)
        elif payment.form is PaymentForm.CARD and vault is not None:
            refused.append(_no_card(payment.path))
        cards.append(card)
    bare = tuple(replace(each, card=None, authentication=None) for each in payments)
    return Tendered(bare, tuple(cards), tuple(refused))


def _no_card(path: str) -> Refusal:
    return Invalid(
        "A payment by card has no card number.",
        path=path,
        remedy="Send CardNumber and ExpirationDate.",
    )


def check_form(payment: PaymentRequest, seller: Seller, tills: Tills) -> Refusal | None:
    """466 where the form is not taken here, or not from this seller."""
    if payment.form in tills.forms and seller.may(permission(payment.form)):
        return None
    return NotAllowed(
        f"Paying by {payment.form.lower()} is not possible here.",
        code="466",
        path=payment.path,
        remedy=f"Pay by {worded(seller, tills)}.",
    )


def worded(seller: Seller, tills: Tills) -> str:
    """Forms in which this seller may pay."""
    taken = [form.lower() for form in tills.forms if seller.may(permission(form))]
    return " or ".join(taken) or "a form that the airline has agreed with you"


def routed(
    payment: PaymentRequest, card: Card | None, amount: Money, tills: Tills
) -> tuple[str, ...]:
    """The gateways for one payment; raises NotAllowed (466) where none takes it."""
    names = tills.route(payment.form, card.brand if card else "", amount)
    if not names:
        raise NotAllowed(
            f"No payment provider takes {amount} by {payment.form.lower()}"
            + (f" {card.brand}." if card else "."),
            code="466",
            path=payment.path,
            remedy="Pay in another form.",
        )
    return names

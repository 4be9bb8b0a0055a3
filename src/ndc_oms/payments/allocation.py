"""What is paid by what: amounts against the total to pay. Pure, exact, in one currency."""

from collections.abc import Sequence
from dataclasses import dataclass

from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.status import PaymentState


class MisallocatedError(ValueError):
    """The payments do not pay the total. code: PADIS 9321. at: index of the payment at fault;
    None where it is their sum.
    """

    def __init__(self, code: str, text: str, at: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.at = at


def allocate(to_pay: Money, asked: Sequence[Money | None]) -> tuple[Money, ...]:
    """The amount of each payment. One alone may leave its amount out; then it pays everything.

    Raises MisallocatedError: 727 another currency, 290 not positive or not the total.
    """
    if len(asked) == 1 and asked[0] is None:
        return (to_pay,)
    amounts = [_checked(amount, at, to_pay) for at, amount in enumerate(asked)]
    given = total(amounts, to_pay.currency)
    if given != to_pay:
        raise MisallocatedError("290", f"The payments sum to {given}; {to_pay} is to be paid.")
    return tuple(amounts)


def _checked(amount: Money | None, at: int, to_pay: Money) -> Money:
    if amount is None:
        raise MisallocatedError("290", "One of several payments names no amount.", at)
    if amount.currency != to_pay.currency:
        text = f"The payment is in {amount.currency}, the offer in {to_pay.currency}."
        raise MisallocatedError("727", text, at)
    if amount.minor <= 0:
        raise MisallocatedError("290", f"A payment of {amount} pays nothing.", at)
    return amount


def permission(form: PaymentForm) -> str:
    """What a seller must be permitted (Seller.can) to pay so: `pay:card`."""
    return f"pay:{form.lower().replace(' ', '-')}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How an order's money stands, in the order's currency. authorised: captured included."""

    authorised: Money
    captured: Money
    refunded: Money


_AUTHORISED = frozenset({PaymentState.AUTHORISED, PaymentState.CAPTURED, PaymentState.REFUNDED})
_CAPTURED = frozenset({PaymentState.CAPTURED, PaymentState.REFUNDED})


def standing(order: Order) -> Standing:
    """0 ≤ refunded ≤ captured ≤ authorised, each being reached through the last."""

    def of(states: frozenset[PaymentState]) -> Money:
        return total((p.amount for p in order.payments if p.state in states), order.currency)

    refunded = total((payment.returned for payment in order.payments), order.currency)
    return Standing(of(_AUTHORISED), of(_CAPTURED), refunded)

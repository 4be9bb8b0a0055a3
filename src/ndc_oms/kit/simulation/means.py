"""How a seller of a simulation pays: every form, cards that behave badly, in one payment or two."""

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Final

from ndc_oms.kit.requests import card, settlement_plan
from ndc_oms.kit.servicing import redirect, voucher
from ndc_oms.payments.gateways.magic import MAGIC, Behaviour

AGENCY: Final = "91000000"
_GOOD: Final = tuple(each for each in MAGIC if each.behaviour is Behaviour.APPROVES)


def some_payment(random: Random, amount: str, currency: str) -> str:
    """PaymentFunctions that pay the amount: by one payment, sometimes by two."""
    if random.random() < 0.85:
        return _one(random)(amount, currency)
    part = (Decimal(amount) * random.randint(1, 9) / 10).quantize(Decimal("0.01"))
    rest = Decimal(amount) - part
    if not part or not rest:
        return _one(random)(amount, currency)
    return _one(random)(str(part), currency) + _one(random)(str(rest), currency)


def _one(random: Random) -> Callable[[str, str], str]:
    form = random.choices(("card", "bad card", "plan", "voucher", "page"), (45, 20, 12, 12, 11))[0]
    if form == "plan":
        return lambda amount, currency: settlement_plan(AGENCY, amount, currency)
    if form == "page":
        return redirect
    if form == "voucher":
        # a few numbers, so that sellers meet at the same balance
        number = f"VCH{random.choice((300, 2500, 20000))}CAD0{random.randint(1, 3)}"
        return lambda amount, currency: voucher(number, amount, currency)
    chosen = random.choice(MAGIC if form == "bad card" else _GOOD)
    return lambda amount, currency: card(chosen.number, amount, currency, brand=chosen.brand)

"""The ledger: double entry from the first order. Every transaction sums to zero per currency.

Amounts are signed: debits positive, credits negative. What an event posts is decided here, purely.
"""

from dataclasses import dataclass
from enum import StrEnum

from ndc_oms.model.events import (
    Event,
    OrderClosed,
    OrderCreated,
    PaymentCaptured,
    PaymentRefunded,
)
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order, OrderItem


class Account(StrEnum):
    RECEIVABLE = "receivable"  # what the customer owes
    CLEARING = "clearing"  # what gateways and settlement plans owe us
    UNEARNED = "unearned"  # sold, not yet flown
    TAXES = "taxes"  # collected for others


@dataclass(frozen=True, slots=True)
class Posting:
    account: Account
    amount: Money  # debit positive, credit negative
    payment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """What one event moved. sequence: of the event in its order."""

    order_id: str
    sequence: int
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        sums: dict[str, int] = {}
        for posting in self.postings:
            currency = posting.amount.currency
            sums[currency] = sums.get(currency, 0) + posting.amount.minor
        if any(sums.values()):
            raise AssertionError(f"{self.order_id}/{self.sequence} does not balance: {sums}")


def transaction(before: Order | None, event: Event, after: Order) -> Transaction | None:
    """What the event posts; None where it moves no money."""
    postings: tuple[Posting, ...] = ()
    if isinstance(event, OrderCreated):
        postings = _sale(after.items, after.currency)
    elif isinstance(event, PaymentCaptured):
        postings = _received(event.amount, event.payment_id)
    elif isinstance(event, PaymentRefunded):
        postings = _received(-event.amount, event.payment_id)
    elif isinstance(event, OrderClosed) and before is not None:
        postings = tuple(
            Posting(posting.account, -posting.amount)
            for posting in _sale(before.live_items, after.currency)
        )
    if not postings:
        return None
    return Transaction(after.order_id, after.sequence, postings)


def _sale(items: tuple[OrderItem, ...], currency: str) -> tuple[Posting, ...]:
    base = total((item.fare.base for item in items), currency)
    whole = total((item.fare.total for item in items), currency)
    if not whole:
        return ()
    return (
        Posting(Account.RECEIVABLE, whole),
        Posting(Account.UNEARNED, -base),
        Posting(Account.TAXES, base - whole),
    )


def _received(amount: Money, payment_id: str) -> tuple[Posting, ...]:
    return (
        Posting(Account.CLEARING, amount, payment_id),
        Posting(Account.RECEIVABLE, -amount, payment_id),
    )

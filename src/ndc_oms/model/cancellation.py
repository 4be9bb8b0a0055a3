"""What is given up, and what is owed back for it."""

from dataclasses import dataclass

from ndc_oms.model.money import Money
from ndc_oms.model.step import Failure


@dataclass(frozen=True, slots=True)
class GivenUp:
    """One item that is cancelled. refund: what comes back; kept: the rest of what was paid for it
    (fees, fares and taxes that are not refunded). Both are zero where nothing was paid.
    """

    item_id: str
    refund: Money
    kept: Money


@dataclass(frozen=True, slots=True)
class RefundDue:
    """So much goes back to the form of one payment."""

    payment_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Items that the seller gives up, while that is carried out. refunds: not made yet.

    quote_id: what was accepted; None for items that nobody paid. void: documents are voided and
    not refunded; refused: those whose void the PSS refused, which are refunded instead. failure:
    not the seller gives them up: what was added could not be carried out. instead: items that are
    there in their place; what is not refunded of a payment pays for these.
    """

    items: tuple[GivenUp, ...]
    reason: str
    quote_id: str | None = None
    void: bool = False
    refunds: tuple[RefundDue, ...] = ()
    refused: tuple[str, ...] = ()
    failure: Failure | None = None
    instead: tuple[str, ...] = ()

    @property
    def item_ids(self) -> frozenset[str]:
        return frozenset(each.item_id for each in self.items)

"""Quotes: what changing an order would cost or give back, firm until they expire.

A quote is an offer about an order that exists: it is asked for (reshop, quote), kept, and
accepted once, at the version of the order that it was made for.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare, Tax


class QuoteKind(StrEnum):
    CANCEL = "cancel"  # everything quoted goes back
    REPRICE = "reprice"  # an unpaid order whose price guarantee has passed


@dataclass(frozen=True, slots=True)
class ItemQuote:
    """One order item. old: its fare as ordered. new: its fare from then on; None: cancelled.

    penalty: what is kept as a fee. refund_base, refund_taxes: what comes back of a paid item,
    before the penalty; zero and none where it is unpaid.
    """

    item_id: str
    old: Fare
    new: Fare | None
    penalty: Money
    refund_base: Money
    refund_taxes: tuple[Tax, ...] = ()

    @property
    def refund(self) -> Money:
        """What the customer gets for this item: never below zero."""
        currency = self.old.base.currency
        back = self.refund_base + total((tax.amount for tax in self.refund_taxes), currency)
        left = back - self.penalty
        return left if left.minor > 0 else Money.zero(currency)


@dataclass(frozen=True, slots=True)
class Quote:
    """quote_id: on the wire an OfferID. void: within the void window, everything comes back."""

    quote_id: str
    order_id: str
    order_version: int
    seller: str
    kind: QuoteKind
    currency: str
    created_at: datetime
    expires_at: datetime
    items: tuple[ItemQuote, ...]
    void: bool = False

    @property
    def refund(self) -> Money:
        return total((item.refund for item in self.items), self.currency)

    @property
    def penalty(self) -> Money:
        return total((item.penalty for item in self.items), self.currency)

    @property
    def new_total(self) -> Money:
        """Of the quoted items, as they will be."""
        return total((item.new.total for item in self.items if item.new), self.currency)

    @property
    def old_total(self) -> Money:
        return total((item.old.total for item in self.items), self.currency)

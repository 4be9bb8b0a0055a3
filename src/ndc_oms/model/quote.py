"""Quotes: what changing an order would cost or give back, firm until they expire.

A quote is an offer about an order that exists: it is asked for (reshop, quote), kept, and
accepted once, at the version of the order that it was made for.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ndc_oms.model.items import Family
from ndc_oms.model.journey import Segment
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare, OfferedService, Tax
from ndc_oms.model.passenger import NewName
from ndc_oms.model.product import Restriction
from ndc_oms.model.under_way import Renaming


class QuoteKind(StrEnum):
    CANCEL = "cancel"  # everything quoted goes back
    REPRICE = "reprice"  # an unpaid order whose price guarantee has passed
    CHANGE = "change"  # items of a paid order take the place of others
    NAME = "name"  # a passenger gets another name
    SERVICES = "services"  # services are added; others may be given up for them


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
class NewBound:
    """Flights that are offered in place of others, as a bound of the order."""

    flights: tuple[Segment, ...]
    rbds: tuple[str, ...]  # one for each flight
    family: Family
    changes: tuple[Restriction, ...]
    cancellations: tuple[Restriction, ...]


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One order item and what takes its place. bound: index among the new bounds, with its fare
    `new`; None: nothing takes its place.

    penalty: the fee. collect, refund, residual: as in model.order.Move. back_base, back_taxes:
    what of the old fare comes back or counts towards the new one, before the fee.
    """

    item_id: str
    passenger_id: str
    old: Fare
    new: Fare | None
    bound: int | None
    penalty: Money
    collect: Money
    refund: Money
    residual: Money
    back_base: Money
    back_taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True, slots=True)
class Followed:
    """An ancillary item that goes with its passenger. places: of each of its services that moves,
    (its id, index among the new bounds, place of the flight in that bound).
    """

    item_id: str
    places: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a change would make of some items. used: items of the same passengers that are flown
    already. void: inside the void window, what is given up comes back without a fee. followed:
    services that go to the new flights; given_up: those that do not, by their own rules. unpaid,
    payment_limit_at, price_guarantee_until: as in model.order.Change.
    """

    items: tuple[Exchanged, ...]
    bounds: tuple[NewBound, ...] = ()
    used: tuple[str, ...] = ()
    void: bool = False
    followed: tuple[Followed, ...] = ()
    given_up: tuple[ItemQuote, ...] = ()
    unpaid: bool = False
    payment_limit_at: datetime | None = None
    price_guarantee_until: datetime | None = None


def collected_by(proposal: Proposal, currency: str) -> Money:
    """What is to be paid for the change; of what nobody has paid yet, what the new items cost."""
    if proposal.unpaid:
        return total((each.new.total for each in proposal.items if each.new), currency)
    return total((each.collect for each in proposal.items), currency)


def refunded_by(proposal: Proposal, currency: str) -> Money:
    services = (each.refund for each in proposal.given_up)
    return total((*(each.refund for each in proposal.items), *services), currency)


@dataclass(frozen=True, slots=True)
class QuotedName:
    """What is done about a name. used: items of the passenger that are flown already."""

    renaming: Renaming
    name: NewName
    used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """quote_id: on the wire an OfferID. void: within the void window, everything comes back.
    proposal: of a change; its items stand there. naming: of a name. added: services, at their price
    until the quote expires.
    """

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
    proposal: Proposal | None = None
    naming: QuotedName | None = None
    added: tuple[OfferedService, ...] = ()

    @property
    def added_total(self) -> Money:
        return total((each.fare.total for each in self.added), self.currency)

    @property
    def refund(self) -> Money:
        return total((item.refund for item in self.items), self.currency)

    @property
    def difference(self) -> Money:
        """What is added less what comes back: paid on top or, below zero, paid back."""
        return self.added_total - self.refund

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

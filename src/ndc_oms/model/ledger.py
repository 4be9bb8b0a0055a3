"""The ledger: double entry from the first order. Every transaction sums to zero per currency.

Amounts are signed: debits positive, credits negative. What an event posts is decided here, purely.
"""

from dataclasses import dataclass
from enum import StrEnum

from ndc_oms.model.change import flight_item
from ndc_oms.model.change import kept as kept_of
from ndc_oms.model.change_events import ItemsChanged, NameChanged
from ndc_oms.model.events import (
    Event,
    ItemsAdded,
    ItemsCancelled,
    OrderClosed,
    OrderCreated,
    OrderRepriced,
    PartnerBooked,
    PartnerCancelled,
    PaymentCaptured,
    PaymentRefunded,
)
from ndc_oms.model.items import Item, OrderItem
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order
from ndc_oms.model.split_events import OrderSplit
from ndc_oms.model.splitting import moving, under_way
from ndc_oms.model.status import CouponStatus, PaymentState


class Account(StrEnum):
    RECEIVABLE = "receivable"  # what the customer owes
    CLEARING = "clearing"  # what gateways and settlement plans owe us
    UNEARNED = "unearned"  # sold, not yet flown
    TAXES = "taxes"  # collected for others
    PARTNERS = "partners"  # what partners are owed for their flights
    EXPENSES = "expenses"  # what we pay ourselves for customers whom we could not fly
    PENALTIES = "penalties"  # kept of what was cancelled: fees, fares and taxes not refunded
    RESIDUALS = "residuals"  # promised on documents that are good for another purchase


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
        postings = (*_sale(after, (*after.items, *after.ancillaries)), *_brought(after))
    elif isinstance(event, OrderSplit) and before is not None:
        postings = _taken_along(before, event)
    elif isinstance(event, ItemsAdded):
        postings = _sale(after, tuple(after.item(each.id) for each in event.items))
    elif isinstance(event, PaymentCaptured):
        postings = _received(event.amount, event.payment_id)
    elif isinstance(event, PaymentRefunded):
        postings = _received(-event.amount, event.payment_id)
    elif isinstance(event, OrderClosed) and before is not None:
        postings = _reversed(_sale(before, before.live))
    elif isinstance(event, OrderRepriced) and before is not None:
        postings = (*_reversed(_sale(before, before.items)), *_sale(after, after.items))
    elif isinstance(event, ItemsCancelled) and before is not None:
        postings = _given_up(before)
    elif isinstance(event, ItemsChanged) and before is not None:
        postings = _exchanged(before)
    elif isinstance(event, NameChanged) and before is not None:
        postings = _fee(before)
    elif isinstance(event, PartnerBooked | PartnerCancelled):
        postings = _protected(after, event)
    if not postings:
        return None
    return Transaction(after.order_id, after.sequence, postings)


def _sale(order: Order, items: tuple[Item, ...]) -> tuple[Posting, ...]:
    currency = order.currency
    base = total((item.fare.base for item in items), currency)
    whole = total((item.fare.total for item in items), currency)
    if not whole:
        return ()
    theirs = [
        fare
        for item in items
        for part in order.parts
        if isinstance(item, OrderItem)
        and part.bound_index == item.bound_index
        and (fare := part.fare_of(item.passenger_id)) is not None
    ]
    their_base = total((fare.base for fare in theirs), currency)
    their_whole = total((fare.total for fare in theirs), currency)
    ours, taxes = base - their_base, (whole - base) - (their_whole - their_base)
    postings = [Posting(Account.RECEIVABLE, whole), Posting(Account.UNEARNED, -ours)]
    postings.append(Posting(Account.TAXES, -taxes))
    if their_whole:
        postings.append(Posting(Account.PARTNERS, -their_whole))
    return tuple(postings)


def _brought(order: Order) -> tuple[Posting, ...]:
    """What was captured before there was the order: it was split from another."""
    captured = (each for each in order.payments if each.state is PaymentState.CAPTURED)
    return tuple(line for each in captured for line in _received(each.amount, each.id))


def _taken_along(order: Order, event: OrderSplit) -> tuple[Posting, ...]:
    """The other order has what was sold and what was paid for it."""
    items = moving(order, under_way(order).passenger_ids)
    paid = (line for each in event.shares for line in _received(-each.amount, each.payment_id))
    return (*_reversed(_sale(order, items)), *paid)


def _reversed(postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    return tuple(Posting(each.account, -each.amount) for each in postings)


def _given_up(order: Order) -> tuple[Posting, ...]:
    """The sale of the items is reversed; what is kept of them stays owed, and is a penalty."""
    if order.cancellation is None:
        raise AssertionError("no cancellation is under way")
    items = tuple(order.item(each.item_id) for each in order.cancellation.items)
    kept = total((each.kept for each in order.cancellation.items), order.currency)
    reversal = _reversed(_sale(order, items))
    if not kept:
        return reversal
    return (
        *reversal,
        Posting(Account.RECEIVABLE, kept),
        Posting(Account.PENALTIES, -kept),
    )


def _exchanged(order: Order) -> tuple[Posting, ...]:
    """The sale of the old items is reversed, the new ones are sold; fees, what is forfeited and
    residual values are owed beside them.
    """
    change = order.change
    if change is None:
        raise AssertionError("no change is under way")
    flights = tuple(flight_item(order, each.item_id) for each in change.moves)
    services = tuple(order.item(each.item_id) for each in change.given_up)
    old: tuple[Item, ...] = (*flights, *services)
    kept = total(
        (
            *(kept_of(order, change, each) for each in change.moves),
            *(each.kept for each in change.given_up),
        ),
        order.currency,
    )
    residual = total((each.residual for each in change.moves), order.currency)
    postings = [*_reversed(_sale(order, old)), *_sale(order, change.items)]
    for account, amount in ((Account.PENALTIES, kept), (Account.RESIDUALS, residual)):
        if amount:
            postings += [Posting(Account.RECEIVABLE, amount), Posting(account, -amount)]
    return tuple(postings)


def _fee(order: Order) -> tuple[Posting, ...]:
    """For a name that was changed."""
    if order.change is None or order.change.renaming is None:
        raise AssertionError("no name is being changed")
    fee = order.change.renaming.fee
    if not fee:
        return ()
    return Posting(Account.RECEIVABLE, fee), Posting(Account.PENALTIES, -fee)


def _protected(order: Order, event: PartnerBooked | PartnerCancelled) -> tuple[Posting, ...]:
    """What a partner asks us for passengers of ours, and what of that it gives back: all of it for
    documents that it voids. The customer owes nothing of either.
    """
    protection = order.part(event.part_id).protection
    if protection is None:
        return ()
    amount = protection.cost
    if isinstance(event, PartnerCancelled):
        refunded = any(each.status is CouponStatus.REFUNDED for each in event.coupons)
        amount = protection.keeps - amount if refunded else -amount
    if not amount:
        return ()
    return Posting(Account.EXPENSES, amount), Posting(Account.PARTNERS, -amount)


def _received(amount: Money, payment_id: str) -> tuple[Posting, ...]:
    return (
        Posting(Account.CLEARING, amount, payment_id),
        Posting(Account.RECEIVABLE, -amount, payment_id),
    )

"""What is paid of what in an order, and what is still to be paid. Pure, exact.

A payment pays the items that it names, or the whole order where it names none. Payments of one
batch together pay their items in full, or none of them: so an item is paid or it is not.
"""

from typing import Final

from ndc_oms.model.money import Money, total
from ndc_oms.model.order import AncillaryItem, Item, Order, Payment
from ndc_oms.model.status import PaymentState

_S = PaymentState
# Promised by whoever pays; asked for, and nobody knows yet.
PROMISED: Final = frozenset({_S.AUTHORISED, _S.CAPTURED})
ASKED: Final = frozenset({_S.REQUESTED, _S.AWAITING})


def pays_for(payment: Payment, item: Item) -> bool:
    """One that names no items pays what was in the order when it was asked for."""
    if not payment.item_ids:
        return item.added <= payment.batch
    return item.id in payment.item_ids


def unpaid_items(order: Order) -> tuple[Item, ...]:
    """Items for which no money is promised: their limits count."""
    return _without(order, PROMISED)


def open_items(order: Order) -> tuple[Item, ...]:
    """Items that nobody has paid and nobody is paying at this moment."""
    return _without(order, PROMISED | ASKED)


def _without(order: Order, states: frozenset[PaymentState]) -> tuple[Item, ...]:
    payments = [p for p in order.payments if p.state in states]
    return tuple(
        item
        for item in order.live
        if not _is_free(item) and not any(pays_for(each, item) for each in payments)
    )


def _is_free(item: Item) -> bool:
    """A service that costs nothing is never owed; a flight without a price is paid as one."""
    return isinstance(item, AncillaryItem) and not item.fare.total


def outstanding(order: Order) -> Money:
    """What can be paid now."""
    return total((item.fare.total for item in open_items(order)), order.currency)


def covered(order: Order) -> bool:
    """Whether money is promised for everything that is not cancelled."""
    promised = total((p.left for p in order.payments if p.state in PROMISED), order.currency)
    return not unpaid_items(order) and order.total <= promised


def failed_batches(order: Order) -> frozenset[int]:
    """Batches of which one payment was declined: the others of it are let go."""
    return frozenset(p.batch for p in order.payments if p.state is PaymentState.DECLINED)

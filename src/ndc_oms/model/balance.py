"""What is paid of what in an order, and what is still to be paid. Pure, exact.

A payment pays the items that it names, or the whole order where it names none. Payments of one
batch together pay their items in full, or none of them: so an item is paid or it is not.
"""

from dataclasses import replace
from typing import Final

from ndc_oms.model.cancellation import Cancellation, GivenUp, RefundDue
from ndc_oms.model.items import AncillaryItem, Item
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
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


def paying_instead(order: Order, given_up: Cancellation) -> tuple[Payment, ...]:
    """The order's payments, once what they paid for is exchanged for what is there in its place:
    they name that as well.
    """
    if not given_up.instead:
        return order.payments
    gone = [order.item(each.item_id) for each in given_up.items]

    def paying(payment: Payment) -> Payment:
        if payment.state is not _S.CAPTURED or not any(pays_for(payment, i) for i in gone):
            return payment
        every: tuple[Item, ...] = (*order.items, *order.ancillaries)
        named = payment.item_ids or tuple(i.id for i in every if pays_for(payment, i))
        return replace(payment, item_ids=tuple(dict.fromkeys((*named, *given_up.instead))))

    return tuple(map(paying, order.payments))


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


def paid_back(order: Order, item: Item) -> GivenUp:
    """All that was paid for it comes back."""
    nothing = Money.zero(order.currency)
    charged = (p for p in order.payments if p.state is _S.CAPTURED)
    paid = any(pays_for(payment, item) for payment in charged)
    return GivenUp(item.id, item.fare.total if paid else nothing, nothing)


def to_forms(order: Order, given_up: tuple[GivenUp, ...]) -> tuple[RefundDue, ...]:
    """Money goes back to where it came from: of several payments to the latest first. What was
    paid for an item may have come back already for another that it paid as well; the rest then
    goes back to the order's other payments. Raises AssertionError for what nobody paid.
    """
    left = {p.id: p.left for p in order.payments if p.state is PaymentState.CAPTURED}
    due: dict[str, Money] = {}
    rests: list[tuple[str, Money]] = []
    for each in given_up:
        item = order.item(each.item_id)
        paid = [p.id for p in reversed(order.payments) if p.id in left and pays_for(p, item)]
        rests.append((each.item_id, _drawn(each.refund, paid, left, due)))
    for item_id, rest in rests:
        if _drawn(rest, list(reversed(left)), left, due):
            raise AssertionError(f"{rest} of {item_id} was paid by nobody")
    return tuple(RefundDue(payment_id, amount) for payment_id, amount in due.items())


def _drawn(
    wanted: Money, payments: list[str], left: dict[str, Money], due: dict[str, Money]
) -> Money:
    """What these payments do not have left of it."""
    for payment_id in payments:
        part = wanted if wanted <= left[payment_id] else left[payment_id]
        if part:
            due[payment_id] = due.get(payment_id, Money.zero(part.currency)) + part
            left[payment_id] -= part
            wanted -= part
    return wanted

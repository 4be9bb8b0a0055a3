"""What was added to an order, and cannot be carried out, is taken back by itself. Pure."""

from collections.abc import Collection
from datetime import datetime

from ndc_oms.model.balance import ASKED, PROMISED, paid_back, pays_for, to_forms
from ndc_oms.model.cancellation import Cancellation, RefundDue
from ndc_oms.model.events import CancellationAccepted
from ndc_oms.model.items import AncillaryItem
from ndc_oms.model.order import Order
from ndc_oms.model.status import PaymentState
from ndc_oms.model.step import Failure

_OPEN = (PROMISED | ASKED) - {PaymentState.CAPTURED}


def withdrawal(
    order: Order, item_ids: Collection[str], failure: Failure, at: datetime
) -> CancellationAccepted | None:
    """All that was added together with these items goes, with its money; None where they are no
    additions, where one payment is for other things as well, or where the order has no ticket
    yet: it waits, or is taken back whole.
    """
    ticketed = order.ticketed
    added = {
        each.added for each in order.live_ancillaries if each.id in item_ids and each.added > 1
    }
    if not added or not ticketed:
        return None
    items = tuple(each for each in order.live_ancillaries if each.added in added)
    if not _paid_apart(order, {each.id for each in items}):
        return None
    return CancellationAccepted(
        at=at,
        cancellation=Cancellation(
            items=tuple(paid_back(order, each) for each in items),
            reason=failure.reason,
            void=True,
            refunds=_captured(order, items),
            failure=failure,
        ),
    )


def seatless(
    order: Order, item_ids: Collection[str], failure: Failure, at: datetime
) -> CancellationAccepted | None:
    """Only the seats that are not to be had go, with what was charged for them; None where there
    are none, or somebody who is not charged yet pays for them: that payment is for a whole.
    """
    items = tuple(each for each in order.live_ancillaries if each.id in item_ids)
    open_ones = [p for p in order.payments if p.state in _OPEN]
    if not items or any(pays_for(payment, each) for payment in open_ones for each in items):
        return None
    given_up = tuple(paid_back(order, each) for each in items)
    cancellation = Cancellation(
        given_up, failure.reason, refunds=to_forms(order, given_up), failure=failure
    )
    return CancellationAccepted(at=at, cancellation=cancellation)


def _paid_apart(order: Order, ids: Collection[str]) -> bool:
    """Whether every payment is for nothing but these items, or for none of them."""
    for payment in order.payments:
        paid = {each.id for each in order.live if pays_for(payment, each)}
        if payment.state in PROMISED | ASKED and paid & set(ids) and not paid <= set(ids):
            return False
    return True


def _captured(order: Order, items: tuple[AncillaryItem, ...]) -> tuple[RefundDue, ...]:
    """What was charged for nothing but these items comes back."""
    ids = {each.id for each in items}
    return tuple(
        RefundDue(payment.id, payment.left)
        for payment in order.payments
        if payment.state is PaymentState.CAPTURED
        and payment.item_ids
        and ids.issuperset(payment.item_ids)
    )

"""How an accepted change is paid: what it collects, or, of an order that is held, all that the
order costs then. Pure.
"""

from collections.abc import Iterator
from dataclasses import replace

from ndc_oms.errors import Invalid, NotAllowed
from ndc_oms.model.change import collected
from ndc_oms.model.change_events import ChangeAccepted
from ndc_oms.model.items import OrderItem
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment, PaymentForm
from ndc_oms.model.under_way import Change
from ndc_oms.orders.build import payment
from ndc_oms.orders.pay import check_guarantee
from ndc_oms.orders.prepare import Rules, means_of, raise_all
from ndc_oms.orders.request import AcceptChange
from ndc_oms.orders.tender import Tendered, check_form
from ndc_oms.payments.allocation import MisallocatedError, allocate
from ndc_oms.ports.sellers import Seller

# What is paid, and for which items: those that are given up, which the new ones take over, and
# those that stay.
Owed = tuple[Money, tuple[str, ...]]


def paid(
    order: Order,
    accepted: ChangeAccepted,
    asked: AcceptChange,
    tendered: Tendered | None,
    *,
    seller: Seller,
    rules: Rules,
) -> ChangeAccepted:
    """With the payments for what is collected. Raises Invalid 290, 727; NotAllowed 466; of what
    nobody has paid yet NotAllowed 495 where it cannot stay so, Conflict 711 after the guarantee.
    """
    if accepted.change.unpaid:
        if tendered is None:
            _check_later(accepted.change, asked)
            return accepted
        due, items = _owed(order, accepted, tendered.payments[0].path)
    else:
        due = collected(accepted.change, order.currency)
        items = _paid_for(order, accepted.change)
        if tendered is None or not due:
            _check_nothing_due(due, asked, tendered)
            return accepted
    _check_forms(tendered, seller, rules)
    made = _payments(order, accepted, tendered, (due, items), rules)
    return replace(accepted, payments=tuple(made))


def _paid_for(order: Order, change: Change) -> tuple[str, ...]:
    """What a name costs is paid for the passenger's flights."""
    if change.renaming is None:
        return tuple(move.item_id for move in change.moves)
    whose = change.renaming.passenger_id
    return tuple(item.id for item in order.live_items if item.passenger_id == whose)


def _check_forms(tendered: Tendered, seller: Seller, rules: Rules) -> None:
    refused = [check_form(each, seller, rules.tills) for each in tendered.payments]
    raise_all([*tendered.refused, *(each for each in refused if each is not None)])
    check_at_once(tendered)


def check_at_once(tendered: Tendered) -> None:
    """Raises Invalid (466): what is exchanged does not wait for a payer."""
    for each in tendered.payments:
        if each.form is PaymentForm.REDIRECT:
            raise Invalid(
                "A change is paid at once, not on a page.",
                code="466",
                path=each.path,
                remedy="Pay by card, voucher or settlement plan.",
            )


def _payments(
    order: Order, accepted: ChangeAccepted, tendered: Tendered, owed: Owed, rules: Rules
) -> Iterator[Payment]:
    due, items = owed
    path = tendered.payments[0].path
    try:
        amounts = allocate(due, [each.amount for each in tendered.payments])
    except MisallocatedError as wrong:
        raise Invalid(
            wrong.text, code=wrong.code, path=path, remedy=f"Pay {due} exactly."
        ) from wrong
    for at, (each, card) in enumerate(zip(tendered.payments, tendered.cards, strict=True)):
        means = means_of(each, card, amounts[at], rules)
        added = payment(len(order.payments) + at + 1, means, items, accepted.at, latest=None)
        yield replace(added, batch=accepted.change.number)


def _owed(order: Order, accepted: ChangeAccepted, path: str) -> Owed:
    """Of an order that is held: all that it costs then, and for which items. Raises Conflict (711)
    where flights that stay must be priced anew first.
    """
    change = accepted.change
    gone = change.item_ids | {each.item_id for each in change.given_up}
    staying = [item for item in order.live if item.id not in gone]
    if any(isinstance(item, OrderItem) for item in staying):
        check_guarantee(order, accepted.at, path)
    due = total((item.fare.total for item in (*staying, *change.items)), order.currency)
    moved = (move.item_id for move in change.moves)
    return due, (*moved, *(item.id for item in staying))


def _check_later(change: Change, asked: AcceptChange) -> None:
    if change.payment_limit_at is None:
        raise NotAllowed(
            "These flights are not held: they are paid for at once.",
            code="495",
            path=asked.path,
            remedy="Send PaymentFunctions for the whole order in the same message.",
        )


def _check_nothing_due(due: Money, asked: AcceptChange, tendered: Tendered | None) -> None:
    if due:
        raise Invalid(
            f"{due} is to be paid for this change.",
            code="290",
            path=asked.path,
            remedy="Send PaymentFunctions for it in the same message.",
        )
    if tendered is not None and any(each.amount for each in tendered.payments):
        raise Invalid(
            "Nothing is to be paid for this change.",
            code="290",
            path=tendered.payments[0].path,
            remedy="Leave PaymentFunctions out.",
        )

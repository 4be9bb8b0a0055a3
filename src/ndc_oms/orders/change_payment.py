"""How an accepted change is paid: what it collects, or, of an order that is held, all that the
order costs then; or the difference between services that are added and others that are given up.
On a provider's page it is paid as any order is: the change waits until it is. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ndc_oms.errors import Invalid, NotAllowed
from ndc_oms.model.change import collected
from ndc_oms.model.change_events import ChangeAccepted
from ndc_oms.model.events import ItemsAdded, PaymentsAdded
from ndc_oms.model.items import OrderItem
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.under_way import Change
from ndc_oms.orders.build import payment
from ndc_oms.orders.pay import check_guarantee
from ndc_oms.orders.prepare import Rules, means_of, raise_all
from ndc_oms.orders.request import AcceptChange
from ndc_oms.orders.tender import Tendered, check_form
from ndc_oms.payments.allocation import MisallocatedError, allocate
from ndc_oms.ports.sellers import Seller


@dataclass(frozen=True, slots=True)
class Owed:
    """due: what is paid. item_ids: for which items: those that are given up, which the new ones
    take over, and those that stay. batch: of the payments. latest: when a page is closed, whatever
    time its payer would have.
    """

    due: Money
    item_ids: tuple[str, ...]
    batch: int
    latest: datetime | None = None


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
        owed = _owed(order, accepted, tendered.payments[0].path)
    else:
        due = collected(accepted.change, order.currency)
        if tendered is None or not due:
            _check_nothing_due(due, asked.path, tendered)
            return accepted
        owed = Owed(due, _paid_for(order, accepted.change), accepted.change.number)
    _check_forms(tendered, seller, rules)
    made = _payments(order, tendered, owed, rules, accepted.at)
    return replace(accepted, payments=tuple(made))


def paid_difference(
    order: Order,
    added: ItemsAdded,
    due: Money,
    tendered: Tendered | None,
    *,
    seller: Seller,
    rules: Rules,
    path: str,
) -> tuple[PaymentsAdded, ...]:
    """The payment of `due` for what was added in place of something else; none where nothing is
    to be paid. order: with what was added. Raises Invalid 290, 727; NotAllowed 466.
    """
    if tendered is None or due.minor <= 0:
        nothing = Money.zero(order.currency)
        _check_nothing_due(due if due.minor > 0 else nothing, path, tendered)
        return ()
    _check_forms(tendered, seller, rules)
    owed = Owed(due, tuple(item.id for item in added.items), order.sequence + 1)
    made = _payments(order, tendered, owed, rules, added.at)
    return (PaymentsAdded(at=added.at, payments=tuple(made)),)


def _paid_for(order: Order, change: Change) -> tuple[str, ...]:
    """What a name costs is paid for the passenger's flights."""
    if change.renaming is None:
        return tuple(move.item_id for move in change.moves)
    whose = change.renaming.passenger_id
    return tuple(item.id for item in order.live_items if item.passenger_id == whose)


def _check_forms(tendered: Tendered, seller: Seller, rules: Rules) -> None:
    refused = [check_form(each, seller, rules.tills) for each in tendered.payments]
    raise_all([*tendered.refused, *(each for each in refused if each is not None)])


def _payments(
    order: Order, tendered: Tendered, owed: Owed, rules: Rules, now: datetime
) -> Iterator[Payment]:
    due = owed.due
    path = tendered.payments[0].path
    try:
        amounts = allocate(due, [each.amount for each in tendered.payments])
    except MisallocatedError as wrong:
        raise Invalid(
            wrong.text, code=wrong.code, path=path, remedy=f"Pay {due} exactly."
        ) from wrong
    for at, (each, card) in enumerate(zip(tendered.payments, tendered.cards, strict=True)):
        means = means_of(each, card, amounts[at], rules)
        number = len(order.payments) + at + 1
        added = payment(number, means, owed.item_ids, now, latest=owed.latest)
        yield replace(added, batch=owed.batch)


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
    limits = (each for each in (order.held_until, change.payment_limit_at) if each is not None)
    paid_for = (*moved, *(item.id for item in staying))
    return Owed(due, paid_for, change.number, latest=min(limits, default=None))


def _check_later(change: Change, asked: AcceptChange) -> None:
    if change.payment_limit_at is None:
        raise NotAllowed(
            "These flights are not held: they are paid for at once.",
            code="495",
            path=asked.path,
            remedy="Send PaymentFunctions for the whole order in the same message.",
        )


def _check_nothing_due(due: Money, path: str, tendered: Tendered | None) -> None:
    if due:
        raise Invalid(
            f"{due} is to be paid for this change.",
            code="290",
            path=path,
            remedy="Send PaymentFunctions for it in the same message.",
        )
    if tendered is not None and any(each.amount for each in tendered.payments):
        raise Invalid(
            "Nothing is to be paid for this change.",
            code="290",
            path=tendered.payments[0].path,
            remedy="Leave PaymentFunctions out.",
        )

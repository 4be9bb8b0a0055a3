"""What exchanging an item for another costs or gives back: pure, by the rules it was sold with.

    the fee          of the change rule for the stage, where that permits a change
    a dearer fare    the difference is collected
    a cheaper fare   the difference is refunded where the old fare may be refunded at this stage;
                     else it stays as a residual value
    taxes            code by code: more is collected; less is refunded where the old tax may be,
                     and is forfeited where not

What is owed (fee and differences) is set off against what comes back of the same item: first the
residual value, then the refund. So an item is paid on top, or gives back, never both.
"""

from dataclasses import replace
from datetime import datetime

from ndc_oms.model.items import OrderItem
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare, Tax
from ndc_oms.model.order import Order
from ndc_oms.model.product import Restriction
from ndc_oms.model.quote import Exchanged, ItemQuote
from ndc_oms.orders.cancel_quote import refunded_item, stage, voided_item


def change_rule(order: Order, item: OrderItem, now: datetime) -> Restriction | None:
    """For changing the item at this moment; None where there is none that permits it."""
    at = stage(order, item, now)
    rule = next((each for each in item.changes if each.stage is at), None)
    return rule if rule is not None and rule.permitted else None


def exchanged(
    order: Order, item: OrderItem, new: Fare, *, bound: int, fee: Money, now: datetime
) -> Exchanged:
    """The item for another at the fare `new`."""
    nothing = Money.zero(order.currency)
    base_up, base_down = _both(new.base - item.fare.base, nothing)
    taxes_up, taxes_down = _taxes(item.fare, new, nothing)
    owed = fee + base_up + taxes_up
    residual, refund = base_down, total((tax.amount for tax in taxes_down), order.currency)
    if _refundable(order, item, now):
        residual, refund = nothing, refund + base_down
    owed, residual = _set_off(owed, residual)
    owed, refund = _set_off(owed, refund)
    return replace(
        replaced(order, item, new, bound=bound),
        penalty=fee,
        collect=owed,
        refund=refund,
        residual=residual,
        back_base=base_down,
        back_taxes=taxes_down,
    )


def replaced(order: Order, item: OrderItem, new: Fare, *, bound: int) -> Exchanged:
    """The item for another at the fare `new`, where nobody has paid for it, or where the airline
    owes the other one: no money moves.
    """
    nothing = Money.zero(order.currency)
    return Exchanged(
        item_id=item.id,
        passenger_id=item.passenger_id,
        old=item.fare,
        new=new,
        bound=bound,
        penalty=nothing,
        collect=nothing,
        refund=nothing,
        residual=nothing,
        back_base=nothing,
    )


def _both(difference: Money, nothing: Money) -> tuple[Money, Money]:
    """(dearer, cheaper)."""
    return (difference, nothing) if difference.minor > 0 else (nothing, -difference)


def _taxes(old: Fare, new: Fare, nothing: Money) -> tuple[Money, tuple[Tax, ...]]:
    """What is collected on top over all codes; what comes back of each."""
    before = {tax.code: tax for tax in old.taxes}
    after = {tax.code: tax for tax in new.taxes}
    more, back = nothing, []
    for code in before.keys() | after.keys():
        was = before[code].amount if code in before else nothing
        is_now = after[code].amount if code in after else nothing
        if was < is_now:
            more += is_now - was
    for code, tax in before.items():
        left = tax.amount - (after[code].amount if code in after else nothing)
        if left.minor > 0 and tax.refundable:
            back.append(Tax(code, tax.name, left, refundable=True))
    return more, tuple(back)


def _refundable(order: Order, item: OrderItem, now: datetime) -> bool:
    at = stage(order, item, now)
    return any(rule.stage is at and rule.permitted for rule in item.cancellations)


def _set_off(owed: Money, credit: Money) -> tuple[Money, Money]:
    """What is left of both."""
    least = owed if owed <= credit else credit
    return owed - least, credit - least


def given_up(order: Order, item: OrderItem, now: datetime, *, void: bool) -> Exchanged:
    """The item for nothing, while others of the ticket stay."""
    nothing = Money.zero(order.currency)
    quoted = voided_item(item) if void else refunded_item(order, item, now)
    return Exchanged(
        item_id=item.id,
        passenger_id=item.passenger_id,
        old=item.fare,
        new=None,
        bound=None,
        penalty=quoted.penalty,
        collect=nothing,
        refund=quoted.refund,
        residual=nothing,
        back_base=quoted.refund_base,
        back_taxes=quoted.refund_taxes,
    )


def as_item(offered: Exchanged) -> ItemQuote:
    """What is given up, as a cancellation says it."""
    return ItemQuote(
        offered.item_id,
        offered.old,
        None,
        offered.penalty,
        offered.back_base,
        offered.back_taxes,
    )

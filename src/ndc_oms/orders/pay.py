"""Paying for an order that was held: what can be paid, by whom, how much exactly.

The payments of one message succeed or fail together. Those that name the same items must sum to
exactly what these cost; those that name none pay everything that is still to be paid.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ndc_oms.errors import Conflict, Invalid, NotAllowed, Refusal
from ndc_oms.model.balance import open_items, outstanding
from ndc_oms.model.events import PaymentsAdded
from ndc_oms.model.items import Item
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.orders.build import payment
from ndc_oms.orders.own import check_time
from ndc_oms.orders.prepare import Rules, means_of, raise_all
from ndc_oms.orders.request import PaymentRequest
from ndc_oms.orders.tender import Tendered, check_form
from ndc_oms.payments.allocation import MisallocatedError, allocate
from ndc_oms.ports.sellers import Seller

Shares = dict[frozenset[str], list[int]]  # places of payments by the items that they pay


def pay(
    order: Order, tendered: Tendered, seller: Seller, rules: Rules, now: datetime
) -> PaymentsAdded:
    """The payments as they are added. Raises 395 nothing to pay, 182 no flight to pay for, 303 too
    late, 711 the price guarantee is over, 466, 912 and 395 items, 290 and 727 amounts; Refusals for
    several.
    """
    path = tendered.payments[0].path
    _check_unpaid(order, path)
    check_flown(order, path)
    check_time(order, now, path)
    found = [*tendered.refused, *_forms(tendered, seller, rules), *_items(order, tendered)]
    raise_all(found)
    check_guarantee(order, now, path)
    amounts = _amounts(order, tendered)
    batch = order.sequence + 1
    added: list[Payment] = []
    for number, (asked, card) in enumerate(zip(tendered.payments, tendered.cards, strict=True)):
        made = payment(
            len(order.payments) + number + 1,
            means_of(asked, card, amounts[number], rules),
            tuple(item.id for item in _paid_by(order, asked)),
            now,
            latest=order.held_until,
        )
        added.append(replace(made, batch=batch))
    return PaymentsAdded(at=now, payments=tuple(added))


def _check_unpaid(order: Order, path: str) -> None:
    if not open_items(order):
        raise NotAllowed(
            f"Nothing is to be paid: order {order.order_id} is paid for, or being paid.",
            code="395",
            path=path,
            remedy="Retrieve the order to see its payments and tickets.",
        )


def check_flown(order: Order, path: str) -> None:
    """What cannot be flown cannot be ticketed: paying would only lose the seats that there are.
    Raises NotAllowed (182).
    """
    if not order.ticketed and any(change.stranded for change in order.open_changes):
        raise NotAllowed(
            "The airline cancelled a flight of the order and found no other.",
            code="182",
            path=path,
            remedy="Choose other flights with OrderReshop, or give the items up with "
            "CancelUnpaidOrder.",
        )


def _forms(tendered: Tendered, seller: Seller, rules: Rules) -> Iterator[Refusal]:
    for each in tendered.payments:
        refused = check_form(each, seller, rules.tills)
        if refused is not None:
            yield refused


def _items(order: Order, tendered: Tendered) -> Iterator[Refusal]:
    live, to_pay = {i.id for i in order.live}, {i.id for i in open_items(order)}
    for each in tendered.payments:
        for item_id in each.item_ids:
            if item_id not in live:
                yield Invalid(
                    f"The payment is for item {item_id}, which the order does not have.",
                    path=each.path,
                    remedy="Refer to items of the order, or to none.",
                )
            elif item_id not in to_pay:
                yield NotAllowed(
                    f"Item {item_id} is paid for, or being paid.",
                    code="395",
                    path=each.path,
                    remedy="Refer to the items that are still to be paid.",
                )


def check_guarantee(order: Order, now: datetime, path: str) -> None:
    """Raises Conflict (711) for what is held."""
    until = None if order.ticketed else order.price_guarantee_until
    if until is not None and now >= until:
        raise Conflict(
            f"The price of order {order.order_id} stood until {until:%Y-%m-%dT%H:%MZ}; what is "
            "not paid is priced anew.",
            code="711",
            path=path,
            remedy="Send an OrderQuote, and pay when you accept the price that it gives.",
        )


def _paid_by(order: Order, asked: PaymentRequest) -> tuple[Item, ...]:
    """The items that it names, or all that are to be paid."""
    return tuple(i for i in open_items(order) if not asked.item_ids or i.id in asked.item_ids)


def _amounts(order: Order, tendered: Tendered) -> list[Money]:
    """Of each payment. Raises Invalid 290, 727."""
    shares: Shares = {}
    for place, asked in enumerate(tendered.payments):
        items = frozenset(item.id for item in _paid_by(order, asked))
        shares.setdefault(items, []).append(place)
    amounts: dict[int, Money] = {}
    seen: set[str] = set()
    for items, places in shares.items():
        if seen & items:
            raise _twice(tendered.payments[places[0]])
        seen |= items
        amounts.update(zip(places, _share(order, items, places, tendered), strict=True))
    return [amounts[place] for place in range(len(tendered.payments))]


def _share(
    order: Order, items: frozenset[str], places: list[int], tendered: Tendered
) -> tuple[Money, ...]:
    due = total((order.item(item_id).fare.total for item_id in items), order.currency)
    try:
        return allocate(due, [tendered.payments[place].amount for place in places])
    except MisallocatedError as wrong:
        whole = outstanding(order)
        part = "" if due == whole else f" for these items, or {whole} for all"
        raise Invalid(
            wrong.text,
            code=wrong.code,
            path=tendered.payments[places[wrong.at or 0]].path,
            remedy=f"Pay {due} exactly{part}.",
        ) from wrong


def _twice(asked: PaymentRequest) -> Invalid:
    return Invalid(
        "Two payments are for some of the same items, and not for all of the same.",
        code="290",
        path=asked.path,
        remedy="Have payments name the same items, or different ones.",
    )

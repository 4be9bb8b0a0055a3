"""Giving up items: of an order that nobody paid at once, of a paid one by an accepted quote."""

from dataclasses import replace
from datetime import datetime

from ndc_oms.errors import NotAllowed
from ndc_oms.model.balance import open_items, pays_for, to_forms
from ndc_oms.model.cancellation import Cancellation, GivenUp
from ndc_oms.model.events import CancellationAccepted
from ndc_oms.model.items import AncillaryItem, Item
from ndc_oms.model.money import Money, less
from ndc_oms.model.order import Order
from ndc_oms.model.quote import ItemQuote, Quote
from ndc_oms.model.status import PaymentState
from ndc_oms.orders.parts import check_rest, chosen
from ndc_oms.orders.request import CancelUnpaid

_REASON = "The seller cancelled it."


def cancel_unpaid(order: Order, asked: CancelUnpaid, now: datetime) -> CancellationAccepted:
    """Raises NotAllowed 395 what is paid, 185 what cannot be given up alone; Invalid 912, 143."""
    items = chosen(order, asked.item_ids, asked.path)
    check_free(order, items, asked.path)
    check_rest(order, items, asked.path)
    nothing = Money.zero(order.currency)
    given_up = tuple(GivenUp(item.id, nothing, nothing) for item in items)
    return CancellationAccepted(at=now, cancellation=Cancellation(given_up, _REASON))


def check_free(order: Order, items: tuple[Item, ...], path: str) -> None:
    """The whole of an unticketed order may go, with what was promised for it; a part of it only
    where nobody pays for that part. A service that costs nothing may always go. Raises NotAllowed
    (395).
    """
    if all(isinstance(item, AncillaryItem) and not item.fare.total for item in items):
        return
    to_pay = {item.id for item in open_items(order)}
    to_pay |= {item.id for item in items if not item.fare.total}
    whole = len(items) == len(order.live)
    ticketed = order.ticketed
    captured = any(payment.state is PaymentState.CAPTURED for payment in order.payments)
    if ticketed or captured or not (whole or {item.id for item in items} <= to_pay):
        raise NotAllowed(
            "It is paid for: what it gives back must be quoted first.",
            code="395",
            path=path,
            remedy="Send an OrderReshop, and accept the cancellation that it offers.",
        )


def check_unpaid(order: Order, path: str) -> None:
    """Nobody has paid for any of an order that is held, and nobody is paying. Raises NotAllowed
    (395).
    """
    to_pay = {item.id for item in open_items(order)}
    if any(item.id not in to_pay and item.fare.total for item in order.live):
        raise NotAllowed(
            "A part of the order is paid for, and not ticketed yet.",
            code="395",
            path=path,
            remedy="Pay the rest, and change the order when it is ticketed.",
        )


def accept_cancellation(order: Order, quote: Quote, now: datetime) -> CancellationAccepted:
    """What the quote says: nobody is asked for consent again. What comes back pays for what is
    added in its place first; only the rest of it is paid back.
    """
    given_up = tuple(given_up_of(order, each) for each in quote.items)
    rests = less((each.refund for each in given_up), quote.added_total)
    due = tuple(replace(each, refund=rest) for each, rest in zip(given_up, rests, strict=True))
    return CancellationAccepted(
        at=now,
        cancellation=Cancellation(
            items=given_up,
            reason=_REASON,
            quote_id=quote.quote_id,
            void=quote.void,
            refunds=to_forms(order, due),
        ),
    )


def given_up_of(order: Order, quoted: ItemQuote) -> GivenUp:
    """Of what was charged for the item: what comes back, and what does not."""
    item = order.item(quoted.item_id)
    charged = (p for p in order.payments if p.state is PaymentState.CAPTURED)
    if not any(pays_for(payment, item) for payment in charged):
        return GivenUp(item.id, quoted.refund, Money.zero(order.currency))
    return GivenUp(item.id, quoted.refund, item.fare.total - quoted.refund)

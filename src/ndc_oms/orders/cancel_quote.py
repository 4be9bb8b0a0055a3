"""What cancelling gives back: pure, item by item, by the rules that were sold with the item.

    void          inside the void window, while every coupon is open: everything, without a fee
    permitted     fare and refundable taxes, less the fee of the stage
    not permitted refundable taxes
    a service     by its product's rule: all of it until its limit, then refundable taxes

A fee never takes more than the fare: refundable taxes come back whatever the fare says.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.model.items import AncillaryItem, Item, OrderItem
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order
from ndc_oms.model.product import Stage
from ndc_oms.model.quote import ItemQuote
from ndc_oms.model.status import CouponStatus


def voidable(document: Document, order: Order, void_h: int, now: datetime) -> bool:
    """Within so many hours of its sale, and before the day of its first departure ends there.
    What was issued for other flights than were sold at first is not: the sale is older than it.
    """
    sold_at = _sold_at(document, order)
    if sold_at is None:
        return False
    if any(coupon.status is not CouponStatus.OPEN for coupon in document.coupons):
        return False
    if now >= sold_at + timedelta(hours=void_h):
        return False
    ids = {coupon.segment_id for coupon in document.coupons}
    departures = [s.flight.departure for s in order.segments if s.id in ids]
    return not departures or now.astimezone(min(departures).tzinfo).date() <= min(departures).date()


def _sold_at(document: Document, order: Order) -> datetime | None:
    """When the first document of what it is good for was issued: it may be another for the name
    alone, or since a change was taken back. None where the first one was for something else.
    """
    if document.type is not DocumentType.TICKET:
        ids = {coupon.service_id for coupon in document.coupons}
        alike = (d for d in order.documents if any(c.service_id in ids for c in d.coupons))
        return min((each.issued_at for each in alike), default=document.issued_at)
    if document.exchange_of is None:
        return document.issued_at
    number = document.conjunction_of or document.number
    first = _ticket(order, number)
    while first and (earlier := first[0].exchange_of) is not None:
        first = _ticket(order, earlier)
    if first and _good_for(first) == _good_for(_ticket(order, number)):
        return first[0].issued_at
    return None


def _ticket(order: Order, number: str) -> tuple[Document, ...]:
    """A set of tickets by the first one's number; none where it is not in the order."""
    return tuple(d for d in order.documents if number in (d.number, d.conjunction_of))


def _good_for(tickets: Iterable[Document]) -> list[tuple[object, ...]]:
    return [
        (c.segment_id, c.flight, c.rbd, c.fare_basis, c.value) for d in tickets for c in d.coupons
    ]


def unpaid_item(item: Item) -> ItemQuote:
    nothing = Money.zero(item.fare.base.currency)
    return ItemQuote(item.id, item.fare, None, penalty=nothing, refund_base=nothing)


def lost_item(item: Item) -> ItemQuote:
    """A service that was used in part, and ends with its flights: nothing comes back."""
    return unpaid_item(item)


def voided_item(item: Item) -> ItemQuote:
    nothing = Money.zero(item.fare.base.currency)
    return ItemQuote(item.id, item.fare, None, nothing, item.fare.base, item.fare.taxes)


def refunded_item(order: Order, item: Item, now: datetime) -> ItemQuote:
    nothing = Money.zero(order.currency)
    if isinstance(item, AncillaryItem):
        return _refunded_product(order, item, now)
    taxes = tuple(tax for tax in item.fare.taxes if tax.refundable)
    at = stage(order, item, now)
    rule = next((each for each in item.cancellations if each.stage is at), None)
    if rule is None or not rule.permitted:
        return ItemQuote(item.id, item.fare, None, nothing, nothing, taxes)
    base, fee = item.fare.base, rule.fee or nothing
    return ItemQuote(item.id, item.fare, None, fee if fee <= base else base, base, taxes)


def _refunded_product(order: Order, item: AncillaryItem, now: datetime) -> ItemQuote:
    """By the product's own rule: until so long before its first flight, or not at all."""
    nothing = Money.zero(order.currency)
    until = _departure(order, item) - timedelta(hours=item.product.refund_until_h)
    if item.product.refundable and now < until:
        return ItemQuote(item.id, item.fare, None, nothing, item.fare.base, item.fare.taxes)
    taxes = tuple(tax for tax in item.fare.taxes if tax.refundable)
    return ItemQuote(item.id, item.fare, None, nothing, nothing, taxes)


def stage(order: Order, item: OrderItem, now: datetime) -> Stage:
    """Of an item that is not used: after its departure the passenger did not show; before it the
    journey has begun, or it has not.
    """
    if _departure(order, item) <= now:
        return Stage.NO_SHOW
    begun = any(
        _departure(order, other) <= now
        for other in order.live_items
        if other.passenger_id == item.passenger_id
    )
    return Stage.AFTER if begun else Stage.BEFORE


def _departure(order: Order, item: Item) -> datetime:
    return min(order.segment(each.segment_id).flight.departure for each in item.services)

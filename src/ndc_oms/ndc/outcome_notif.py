"""What became of an order when no reply could tell: Old as its seller last knew it, New as it is.

Source: OrderChangeNotifType of 21.3; which change of an order is told, model/telling.py says. What
did not change stands in it only where something else refers to it.
"""

from collections.abc import Sequence
from typing import Final

from ndc_oms.model.change_events import ChangeAbandoned, ChangeFailed, ItemsChanged, NameChanged
from ndc_oms.model.events import (
    CancellationAccepted,
    Event,
    FulfilmentFailed,
    ItemsCancelled,
    PaymentDeclined,
)
from ndc_oms.model.fold import fold
from ndc_oms.model.items import AncillaryItem, Item, Service
from ndc_oms.model.order import Order
from ndc_oms.model.split_events import SplitAbandoned
from ndc_oms.model.status import OrderStatus
from ndc_oms.model.step import Failure, Step
from ndc_oms.ndc.ancillary_view import ancillary_definitions, association
from ndc_oms.ndc.compose import fare_xml, group, instant, leaf, warnings
from ndc_oms.ndc.flights import flights_of_items
from ndc_oms.ndc.limits import Limits
from ndc_oms.ndc.payment_summary import order_price, write_payment
from ndc_oms.ndc.people_lists import write_types
from ndc_oms.ndc.tickets import bookings_on, write_brief
from ndc_oms.orders.answer import standing
from ndc_oms.orders.history import Difference, difference, is_by_seller

_PAYING: Final = frozenset({Step.AUTHORISE, Step.REDIRECT, Step.CAPTURE, Step.EXPIRE})


def outcome(events: Sequence[Event], after: Order) -> str:
    """One ChangeOperation, of everything since its seller was told something. after: the order that
    the events made.
    """
    known = _known(events, after)
    before = fold(events[:known])
    since = events[known:]
    was, now = difference(before, after)
    return group(
        "ChangeOperation",
        leaf("ChangeDateTime", instant(events[-1].at)),
        leaf("ChangeTypeCode", _kind(since, after, now)),
        group("New", _side(after, now), warnings(standing(after))),
        group("Old", _side(before, was)),
        leaf("ReasonCode", _reason(since)),
    )


def _known(events: Sequence[Event], order: Order) -> int:
    """How many of the events the seller knew: what it asked for it knows as well."""
    rested = order.rested or 0
    return rested + 1 if is_by_seller(events[rested]) or not rested else rested


def _kind(since: Sequence[Event], order: Order, now: Difference) -> str:
    kinds = {type(each) for each in since}
    if order.status is OrderStatus.CLOSED:
        return "CANCELLATION"
    if kinds & {ItemsChanged, NameChanged, ChangeAbandoned}:
        return "CHANGE"
    if SplitAbandoned in kinds:
        return "SPLIT"
    if ItemsCancelled in kinds:
        return "CANCELLATION"
    return "PAYMENT" if now.payments else "BOOKING"


def _reason(since: Sequence[Event]) -> str:
    failures = [each for event in since if (each := _failure(event)) is not None]
    unpaid = any(isinstance(event, PaymentDeclined) for event in since)
    if not failures and not unpaid:
        return "DONE"
    paying = all(each.step in _PAYING for each in failures)
    return "NOT PAID" if paying else "NOT POSSIBLE"


def _failure(event: Event) -> Failure | None:
    if isinstance(event, FulfilmentFailed | ChangeFailed | SplitAbandoned):
        return event.failure
    return event.cancellation.failure if isinstance(event, CancellationAccepted) else None


def _side(order: Order, part: Difference) -> str:
    """Whatever it refers to is in it."""
    items = _shown(order, part)
    flights = flights_of_items(order, items)
    definitions = dict(ancillary_definitions(order, items))
    lists = group(
        "DataLists",
        flights.operated(),
        write_types(order.passengers),
        flights.segments(),
        group("ServiceDefinitionList", *definitions.values()),
    )
    return "".join(
        [
            lists,
            _order(order, items, part),
            *[write_payment("PaymentFunctions", order, each) for each in part.payments],
            *[write_brief(order, each) for each in part.documents],
        ]
    )


def _shown(order: Order, part: Difference) -> list[Item]:
    """What changed, and what was paid by payments that did."""
    paid = {item_id for payment in part.payments for item_id in payment.item_ids}
    ids = {item.id for item in part.items} | paid
    every: tuple[Item, ...] = (*order.items, *order.ancillaries)
    return [item for item in every if item.id in ids]


def _order(order: Order, items: Sequence[Item], part: Difference) -> str:
    limits = Limits.of(order)
    price = order_price(order) if part.whole else ""
    return order_with(order, [_item(order, each, limits) for each in items], price)


def order_with(order: Order, items: Sequence[str], price: str = "") -> str:
    """Order of a side of a ChangeOperation. items, price: composed."""
    return group(
        "Order",
        leaf("OrderID", order.order_id),
        *items,
        leaf("OrderVersionNumber", str(order.version)),
        leaf("OwnerCode", order.owner),
        leaf("StatusCode", order.status),
        price,
    )


def _item(order: Order, item: Item, limits: Limits) -> str:
    return group(
        "OrderItem",
        leaf("OrderItemID", item.id),
        limits.payment(item),
        fare_xml(item.fare).price,
        *[_service(order, item, each) for each in item.services],
        leaf("StatusCode", item.status),
    )


def _service(order: Order, item: Item, service: Service) -> str:
    segment = group("PaxSegmentRef", leaf("PaxSegmentRefID", service.segment_id))
    return group(
        "Service",
        bookings_on(order, service.segment_id),
        association(item, service)
        if isinstance(item, AncillaryItem)
        else group("OrderServiceAssociation", segment),
        leaf("PaxRefID", item.passenger_id),
        leaf("ServiceID", service.id),
        leaf("StatusCode", service.status),
    )

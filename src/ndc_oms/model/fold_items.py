"""What becomes of an order and its items: prices, additions, cancellations, the end."""

from dataclasses import replace
from typing import Final

from ndc_oms.model import rerouting
from ndc_oms.model.ancillary_states import with_added, with_removed
from ndc_oms.model.balance import paying_instead
from ndc_oms.model.effects import Effects
from ndc_oms.model.events import (
    CancellationAccepted,
    FulfilmentFailed,
    ItemsAdded,
    ItemsCancelled,
    OrderClosed,
    OrderRepriced,
    PeopleUpdated,
    SeatsReleased,
)
from ndc_oms.model.item_states import cancelled, ended
from ndc_oms.model.order import Order
from ndc_oms.model.status import ORDER, ItemStatus, OrderStatus


def _order_repriced(order: Order, event: OrderRepriced) -> Order:
    fares = {each.item_id: each.fare for each in event.fares}
    return replace(
        order,
        items=tuple(replace(i, fare=fares.get(i.id, i.fare)) for i in order.items),
        price_guarantee_until=event.price_guarantee_until,
    )


def _items_added(order: Order, event: ItemsAdded) -> Order:
    added = with_added(order, event.items, order.sequence + 1)
    return replace(added, replacing=event.replaces)


def _people_updated(order: Order, _event: PeopleUpdated) -> Order:
    return replace(order, people_changes=order.people_changes + 1)


def _cancellation_accepted(order: Order, event: CancellationAccepted) -> Order:
    if order.cancellation is not None:
        raise AssertionError("a cancellation is under way")
    paid = paying_instead(order, event.cancellation)
    return replace(order, cancellation=event.cancellation, replacing=None, payments=paid)


def _items_cancelled(order: Order, event: ItemsCancelled) -> Order:
    under_way = order.cancellation
    if under_way is None:
        raise AssertionError("no cancellation is under way")
    items = tuple(cancelled(i) if i.id in under_way.item_ids else i for i in order.items)
    gone = tuple(i for i in order.ancillaries if i.id in under_way.item_ids)
    left = {i.id: replace(cancelled(i), withdrawn=under_way.failure) for i in gone}
    ancillaries = tuple(left.get(i.id, i) for i in order.ancillaries)
    order = replace(order, items=items, ancillaries=ancillaries, cancellation=None)
    return rerouting.given_up(with_removed(order, gone), event.at)


def _fulfilment_failed(order: Order, event: FulfilmentFailed) -> Order:
    return replace(order, failure=event.failure)


def _seats_released(order: Order, _event: SeatsReleased) -> Order:
    return replace(order, seats_released=True)


def _order_closed(order: Order, event: OrderClosed) -> Order:
    items = tuple(ended(i) if i.status is ItemStatus.ACTIVE else i for i in order.items)
    ancillaries = tuple(ended(i) if i.status is ItemStatus.ACTIVE else i for i in order.ancillaries)
    status = ORDER.check(order.status, OrderStatus.CLOSED)
    closed = replace(order, status=status, items=items, ancillaries=ancillaries)
    return rerouting.given_up(closed, event.at)


ITEM_EFFECTS: Final[Effects] = {
    OrderRepriced: _order_repriced,
    ItemsAdded: _items_added,
    PeopleUpdated: _people_updated,
    CancellationAccepted: _cancellation_accepted,
    ItemsCancelled: _items_cancelled,
    FulfilmentFailed: _fulfilment_failed,
    SeatsReleased: _seats_released,
    OrderClosed: _order_closed,
}

"""Where an item of an order stands, flight or ancillary, with its services."""

from dataclasses import replace
from typing import Final, TypeVar

from ndc_oms.model.items import AncillaryItem, OrderItem, Service
from ndc_oms.model.status import (
    DELIVERY,
    ITEM,
    SERVICE,
    DeliveryStatus,
    ItemStatus,
    ServiceStatus,
)

Either = TypeVar("Either", OrderItem, AncillaryItem)


USED: Final = frozenset({DeliveryStatus.IN_PROGRESS, DeliveryStatus.DELIVERED})


def is_used(item: OrderItem | AncillaryItem) -> bool:
    """Some of it was delivered, or is being delivered: it is not taken back any more."""
    return any(service.delivery in USED for service in item.services)


def cancelled(item: Either) -> Either:
    """Nothing more of it is delivered; what was delivered stays so. Raises AssertionError where its
    state forbids that.
    """

    def service(old: Service) -> Service:
        if old.delivery in USED:
            return old
        return replace(
            old,
            status=SERVICE.check(old.status, ServiceStatus.CANCELLED),
            delivery=DELIVERY.check(old.delivery, DeliveryStatus.REMOVED),
        )

    return replace(
        item,
        status=ITEM.check(item.status, ItemStatus.CANCELLED),
        services=tuple(map(service, item.services)),
    )


def ended(item: Either) -> Either:
    """With its order: closed where it was used, else cancelled."""
    if is_used(item):
        return replace(item, status=ITEM.check(item.status, ItemStatus.CLOSED))
    return cancelled(item)

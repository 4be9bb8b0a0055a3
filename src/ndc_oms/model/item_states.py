"""Where an item of an order stands, flight or ancillary, with its services."""

from dataclasses import replace
from typing import TypeVar

from ndc_oms.model.order import AncillaryItem, OrderItem, Service
from ndc_oms.model.status import (
    DELIVERY,
    ITEM,
    SERVICE,
    DeliveryStatus,
    ItemStatus,
    ServiceStatus,
)

Either = TypeVar("Either", OrderItem, AncillaryItem)


def cancelled(item: Either) -> Either:
    """Nothing of it is delivered any more. Raises AssertionError where its state forbids that."""

    def service(old: Service) -> Service:
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

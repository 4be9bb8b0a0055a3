"""Ancillary items of an order as OrderItems of OrderViewRS, and what they are.

Source: OrderItemType of 21.3: an item without a FareDetail, whose services refer to a
ServiceDefinition on a flight.
"""

from collections.abc import Iterable, Iterator

from ndc_oms.model.items import AncillaryItem, Item, Service
from ndc_oms.model.order import Order
from ndc_oms.model.seat import Seat, Trait
from ndc_oms.ndc.compose import fare_xml, group, instant, leaf, leaves
from ndc_oms.ndc.follow_up import follow_up
from ndc_oms.ndc.limits import Limits
from ndc_oms.ndc.service_definitions import definition_id, definitions_of
from ndc_oms.ndc.service_list import cancelling
from ndc_oms.ndc.tickets import bookings_on


def ancillary_definitions(order: Order, items: Iterable[Item]) -> Iterator[tuple[str, str]]:
    """ServiceDefinitionID and ServiceDefinition of each product, as often as it comes in another
    quantity. A seat is named by its place instead.
    """
    for item in items:
        if isinstance(item, AncillaryItem) and item.seat is None:
            yield from definitions_of(item.product, order.owner, item.quantity)


def write_ancillaries(order: Order, limits: Limits) -> str:
    return "".join([_item(order, item, limits) for item in order.ancillaries])


def _item(order: Order, item: AncillaryItem, limits: Limits) -> str:
    return group(
        "OrderItem",
        cancelling(item.product) if item.fare.total else "",
        leaf("CreationDateTime", instant(item.added_at or order.created_at)),
        leaf("OrderItemID", item.id),
        leaf("OwnerCode", order.owner),
        limits.payment(item),
        fare_xml(item.fare).price,
        follow_up(order.open_changes, item.id),
        *[_service(order, item, service) for service in item.services],
        leaf("StatusCode", item.status),
    )


def _service(order: Order, item: AncillaryItem, service: Service) -> str:
    return group(
        "Service",
        bookings_on(order, service.segment_id),
        leaf("DeliveryStatusCode", service.delivery),
        association(item, service),
        leaf("PaxRefID", item.passenger_id),
        leaf("ServiceID", service.id),
        leaf("StatusCode", service.status),
    )


def association(item: AncillaryItem, service: Service) -> str:
    """What the service is, and on which flight."""
    segment = group("PaxSegmentRef", leaf("PaxSegmentRefID", service.segment_id))
    return group(
        "OrderServiceAssociation",
        _seat(item.seat, item.traits, segment) if item.seat else _product(item, service, segment),
    )


def _product(item: AncillaryItem, service: Service, segment: str) -> str:
    return group(
        "ServiceDefinitionRef",
        group("OrderFlightAssociations", segment),
        leaf("ServiceDefinitionRefID", definition_id(item.product_of(service), item.quantity)),
    )


def _seat(seat: Seat, traits: tuple[Trait, ...], segment: str) -> str:
    return group(
        "SeatOnLeg",
        group(
            "Seat",
            leaf("ColumnID", seat.column),
            leaf("RowNumber", str(seat.row)),
            leaves("SeatCharacteristicCode", traits),
        ),
        group("SeatAssignmentAssociations", segment),
    )

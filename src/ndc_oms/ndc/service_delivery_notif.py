"""An order to ServiceDeliveryNotifRQ: what one provider has to deliver of it, as it stands.

Source: ServiceDeliveryNotifRequestType of 21.3. All services of the provider are in it, also those
that are removed, so that the latest message alone says what is to be done. No names travel:
passengers are known by booking and id.
"""

from collections.abc import Sequence

from ndc_oms.model.events import Event
from ndc_oms.model.fold import fold
from ndc_oms.model.items import AncillaryItem, Service
from ndc_oms.model.order import Order
from ndc_oms.model.providers import of_provider
from ndc_oms.ndc.ancillary_view import ancillary_definitions, association
from ndc_oms.ndc.compose import group, leaf
from ndc_oms.ndc.envelope import DECLARATION, NAMESPACES
from ndc_oms.ndc.flights import flights_of_items
from ndc_oms.ndc.people_lists import write_types
from ndc_oms.ndc.pushed import attributes, chain
from ndc_oms.ndc.tickets import bookings_on


def compose(events: Sequence[Event], provider: str, name: str, *, again: bool) -> bytes:
    """After the last of an order's events. provider: its OrgID. again: it was sent before."""
    order = fold(events)
    items = of_provider(order, provider)
    delivering = group("DeliveryProvider", leaf("ID", provider), leaf("Name", name))
    return "".join(
        [
            f"{DECLARATION}<m:IATA_ServiceDeliveryNotifRQ {NAMESPACES}>",
            chain(order.owner),
            attributes(order, events[-1], again=again),
            "<m:Request>",
            _lists(order, items),
            group(
                "Order",
                leaf("OrderID", order.order_id),
                *[_item(order, item, delivering) for item in items],
                leaf("OwnerCode", order.owner),
            ),
            "</m:Request></m:IATA_ServiceDeliveryNotifRQ>",
        ]
    ).encode()


def _lists(order: Order, items: Sequence[AncillaryItem]) -> str:
    flights = flights_of_items(order, items)
    ids = {item.passenger_id for item in items}
    definitions = dict(ancillary_definitions(order, items))
    return group(
        "DataLists",
        flights.operated(),
        write_types([each for each in order.passengers if each.id in ids]),
        flights.segments(),
        group("ServiceDefinitionList", *definitions.values()),
    )


def _item(order: Order, item: AncillaryItem, delivering: str) -> str:
    return group(
        "OrderItem",
        leaf("OrderItemID", item.id),
        leaf("OwnerCode", order.owner),
        *[_service(order, item, service, delivering) for service in item.services],
    )


def _service(order: Order, item: AncillaryItem, service: Service, delivering: str) -> str:
    return group(
        "Service",
        bookings_on(order, service.segment_id),
        delivering,
        leaf("DeliveryStatusCode", service.delivery),
        association(item, service),
        leaf("PaxRefID", item.passenger_id),
        leaf("ServiceID", service.id),
        leaf("StatusCode", service.status),
    )

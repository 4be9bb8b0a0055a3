"""ServiceStatusChangeNotifRQ to a DeliveryRequest, and its result to the Acknowledgement.

Source: ServiceStatusChangeNotifRequestType, DeliveredServiceType and AckType of 21.3.
"""

from collections.abc import Iterator

from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.parts import Node, every, get, get_text, path_of, request
from ndc_oms.ndc.pushed import acknowledge
from ndc_oms.orders.report_delivery import (
    DeliveryRequest,
    DeliveryResult,
    OrderReport,
    ServiceReport,
)
from ndc_oms.orders.request import OrderReference


def read(root: Node, envelope: Envelope) -> DeliveryRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid (912) with the path."""
    return DeliveryRequest(tuple(map(_order, every(request(root), "Order"))))


def _order(node: Node) -> OrderReport:
    named = OrderReference(
        get_text(node, "OrderID"), get_text(node, "OwnerCode"), path=path_of(node)
    )
    services = tuple(
        _service(item, service)
        for item in every(node, "OrderItem")
        for service in every(item, "Service")
    )
    return OrderReport(named, services)


def _service(item: Node, node: Node) -> ServiceReport:
    return ServiceReport(
        service_id=get_text(node, "ServiceID"),
        item_id=get_text(item, "OrderItemID"),
        passenger_id=get_text(node, "PaxRefID"),
        status=get_text(node, "DeliveryStatusCode"),
        provider=get_text(get(node, "DeliveryProvider"), "ID"),
        path=path_of(node),
    )


def write(result: DeliveryResult, envelope: Envelope) -> bytes:
    if result.replay is not None:
        return result.replay
    said = "Nothing of it is new." if not result.changed else f"Services: {result.changed}."
    return acknowledge(envelope, "OK", " ".join([said, *_warned(envelope)]))


def _warned(envelope: Envelope) -> Iterator[str]:
    """Each text once, with all paths that it is about: there is no place for a Warning."""
    paths: dict[str, list[str]] = {}
    for each in envelope.warnings:
        paths.setdefault(each.text, []).append(each.path)
    for text, named in paths.items():
        yield f"{text} ({', '.join(filter(None, named))})"

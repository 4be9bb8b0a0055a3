"""Composes what a provider sends: how far the services are that it delivers."""

from collections.abc import Iterable
from dataclasses import dataclass

from ndc_oms.kit.requests import Sender, element, envelope


@dataclass(frozen=True, slots=True)
class Reported:
    """A service and its status in words, as READY TO DELIVER."""

    item_id: str
    service_id: str
    passenger_id: str
    segment_id: str
    status: str


def service_status_change(
    order_id: str,
    reported: Iterable[Reported],
    *,
    sender: Sender,
    provider: str | None = None,
    trx_id: str | None = None,
) -> bytes:
    """IATA_ServiceStatusChangeNotifRQ for one order. sender: the provider; provider: another one
    that the message names.
    """
    request = delivered_order(order_id, reported, sender=sender, provider=provider)
    return envelope("IATA_ServiceStatusChangeNotifRQ", request, sender, trx_id)


def delivered_order(
    order_id: str, reported: Iterable[Reported], *, sender: Sender, provider: str | None = None
) -> str:
    """One Order of the message, which may have several."""
    items = "".join(
        f"<OrderItem>{element('OrderItemID', each.item_id)}{element('OwnerCode', sender.carrier)}"
        f"{_service(each, provider or sender.org_id)}</OrderItem>"
        for each in reported
    )
    return (
        f"<Order>{element('OrderID', order_id)}{items}{element('OwnerCode', sender.carrier)}"
        "</Order>"
    )


def _service(told: Reported, provider: str) -> str:
    return (
        f"<Service><DeliveryProvider>{element('ID', provider)}{element('Name', provider)}"
        f"</DeliveryProvider>{element('DeliveryStatusCode', told.status)}<OrderServiceAssociation>"
        f"<PaxSegmentRef>{element('PaxSegmentRefID', told.segment_id)}</PaxSegmentRef>"
        f"</OrderServiceAssociation>{element('PaxRefID', told.passenger_id)}"
        f"{element('ServiceID', told.service_id)}</Service>"
    )

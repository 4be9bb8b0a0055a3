"""Who delivers what of an order, and who is told when that changes."""

from collections.abc import Iterable, Mapping
from typing import Final

from ndc_oms.model.event import Event
from ndc_oms.model.events import DeliveryReported
from ndc_oms.model.items import AncillaryItem, OrderItem, Service
from ndc_oms.model.journey import Segment
from ndc_oms.model.order import Order
from ndc_oms.model.status import DELIVERY, DeliveryStatus

_D = DeliveryStatus
# Not yet, or not any more: nothing of it is to be delivered.
_NOTHING: Final = frozenset(
    {DELIVERY.initial, _D.REMOVED, _D.REMOVED_HOLD_VALUE, _D.SUSPENDED, _D.UNABLE_TO_DELIVER}
)
Due = Mapping[str, tuple[Segment, int]]


def provider_of(order: Order, item: OrderItem | AncillaryItem, service: Service) -> str:
    """The OrgID that the product names, the designator of who operates the flight; "" for what
    the airline delivers with its flights.
    """
    if isinstance(item, AncillaryItem):
        return item.product.provider
    return order.segment(service.segment_id).flight.operator


def of_provider(order: Order, provider: str) -> tuple[AncillaryItem, ...]:
    """What is bought beside the flights and delivered by it; also what is cancelled."""
    return tuple(each for each in order.ancillaries if each.product.provider == provider)


def told(before: Order | None, after: Order, events: Iterable[Event]) -> tuple[str, ...]:
    """Providers for whom something to be delivered came, went, or is elsewhere; not what one told
    itself.
    """
    named = {each.product.provider for each in after.ancillaries} - {"", after.seller}
    if not named:
        return ()
    own = {each.provider for each in events if isinstance(each, DeliveryReported)}
    return tuple(
        provider
        for provider in sorted(named - own)
        if _due(after, provider) != ({} if before is None else _due(before, provider))
    )


def _due(order: Order, provider: str) -> Due:
    """By service: on which flight, how many."""
    return {
        service.id: (order.segment(service.segment_id).flight, item.quantity)
        for item in of_provider(order, provider)
        for service in item.services
        if service.delivery not in _NOTHING
    }

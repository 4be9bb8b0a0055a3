"""What the tests of providers share: who they are, and what they tell."""

from tests.e2e.servicing import settle
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.delivering import Reported, service_status_change
from ndc_oms.kit.requests import Sender
from ndc_oms.model.items import Item
from ndc_oms.model.order import Order
from ndc_oms.model.status import DeliveryStatus

LOUNGES, HANDLING = "95000001", "95000002"
KEYS = {
    LOUNGES: {"X-API-Key": "ndc_test_lounges"},
    HANDLING: {"X-API-Key": "ndc_test_handling"},
}


def reported(item: Item, status: str, place: int = 0) -> Reported:
    service = item.services[place]
    return Reported(item.id, service.id, item.passenger_id, service.segment_id, status)


async def tell(
    served: Served, order: Order, *told: Reported, provider: str = LOUNGES, trx_id: str = "told-1"
) -> Reply:
    """What is told of an order, and all that follows."""
    body = service_status_change(order.order_id, told, sender=Sender(provider), trx_id=trx_id)
    reply = await served.client.send(body, KEYS[provider])
    await settle(served)
    await served.house.feed.run_due()
    return reply


def lounges(order: Order) -> list[Item]:
    return [each for each in order.ancillaries if each.product.code == "LOUNGE"]


def statuses(items: list[Item]) -> list[DeliveryStatus]:
    return [service.delivery for item in items for service in item.services]

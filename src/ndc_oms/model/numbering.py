"""Numbers for ids of an order that nothing in it has."""

from ndc_oms.model.order import Order


def last_service(order: Order) -> int:
    """The highest number of a flight's service. One that came of another, as `…-S2.1`, has its;
    services can become fewer, so their count is not it.
    """
    prefix = f"{order.order_id}-S"
    ids = (service.id.removeprefix(prefix) for item in order.items for service in item.services)
    numbers = (each.partition(".")[0] for each in ids)
    return max((int(each) for each in numbers if each.isdigit()), default=0)

"""Numbers for ids of an order that nothing in it has, or had: flights that are gone stand on
documents and in what sellers were told, so their ids are not given again.
"""

from ndc_oms.model.order import Order


def last_segment(order: Order) -> int:
    """The highest number of a segment of the order."""
    used = [segment.id for segment in order.segments]
    for change in order.airline_changes:
        for bound in change.bounds:
            used += [each.segment_id for each in (*bound.old, *bound.new)]
    coupons = (coupon for document in order.documents for coupon in document.coupons)
    used += [each.segment_id for each in coupons if each.segment_id is not None]
    return max(map(_number, used), default=0)


def last_service(order: Order) -> int:
    """The highest number of a flight's service. One that came of another, as `…-S2.1`, has its."""
    prefix = f"{order.order_id}-S"
    ids = (service.id.removeprefix(prefix) for item in order.items for service in item.services)
    return max((_number(each.partition(".")[0]) for each in ids), default=0)


def _number(text: str) -> int:
    return int("".join(filter(str.isdigit, text)) or 0)

"""Infants on laps: where their adults are."""

from ndc_oms.model.item_states import USED
from ndc_oms.model.order import Order
from ndc_oms.model.status import DeliveryStatus

_TOLD = USED | {DeliveryStatus.UNABLE_TO_DELIVER}


def aboard_untold(order: Order) -> frozenset[tuple[str, str]]:
    """(passenger, segment) of infants whose adult is on the flight, or has made it, while nothing
    is told of the infant: it is there too, or its no-show is still to come.
    """
    live = [(i.passenger_id, each) for i in order.live_items for each in i.services]
    aboard = {(who, each.segment_id) for who, each in live if each.delivery in USED}
    holders = {each.id: each.guardian for each in order.passengers}
    return frozenset(
        (who, each.segment_id)
        for who, each in live
        if (holders[who], each.segment_id) in aboard and each.delivery not in _TOLD
    )

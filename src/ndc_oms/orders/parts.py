"""Which parts of an order can be given up, so that what is left can still be flown."""

from collections.abc import Sequence

from ndc_oms.errors import Invalid, NotAllowed, Refusal
from ndc_oms.model.order import Order, OrderItem
from ndc_oms.offers.party import check_party


def chosen(order: Order, item_ids: Sequence[str], path: str) -> tuple[OrderItem, ...]:
    """The live items that are named; all of them where none is. Raises Invalid (912)."""
    if not item_ids:
        return order.live_items
    live = {item.id: item for item in order.live_items}
    for item_id in item_ids:
        if item_id not in live:
            raise Invalid(
                f"The order has no item {item_id}, or it is cancelled already.",
                path=path,
                remedy="Name items of the order that are active, or none for the whole order.",
            )
    return tuple(item for item in order.live_items if item.id in item_ids)


def check_rest(order: Order, given_up: Sequence[OrderItem], path: str) -> None:
    """Everybody who stays flies every journey that stays: a booking has no other shape. Raises
    NotAllowed (185), or what a party that cannot travel is refused with (143, 324).
    """
    gone = {item.id for item in given_up}
    staying = [item for item in order.live_items if item.id not in gone]
    if not staying:
        return
    for part in order.parts:
        bound = {item.id for item in order.live_items if item.bound_index == part.bound_index}
        if part.live and bound & gone and not bound <= gone:
            raise NotAllowed(
                f"The flights of {part.partner} are given up by everybody, or by nobody.",
                code="185",
                path=path,
                remedy="Give up all items of the journey, or the whole order.",
            )
    passengers = {item.passenger_id for item in staying}
    bounds = {item.bound_index for item in staying}
    if len(staying) != len(passengers) * len(bounds):
        raise NotAllowed(
            "What would be left is not one party on one journey.",
            code="185",
            path=path,
            remedy="Give up all items of a passenger, or all items of a journey.",
        )
    party = [each for each in order.passengers if each.id in passengers]
    try:
        check_party(party, path)
    except Refusal as refused:
        refused.remedy = "Give up the passengers who depend on them as well."
        raise


def check_whole_passengers(
    order: Order, given_up: Sequence[OrderItem], unused: Sequence[OrderItem], path: str
) -> None:
    """A ticket is given back whole: with all unused items of its passenger. Raises NotAllowed
    (185).
    """
    gone = {item.id for item in given_up}
    for item in unused:
        partly = any(each.passenger_id == item.passenger_id for each in given_up)
        if partly and item.id not in gone:
            raise NotAllowed(
                f"The ticket of passenger {item.passenger_id} also has item {item.id}.",
                code="185",
                path=path,
                remedy="Give up all items of the passenger, or the whole order.",
            )
    check_rest(order, given_up, path)

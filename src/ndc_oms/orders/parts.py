"""Which parts of an order can be given up, so that what is left can still be flown."""

from collections.abc import Sequence

from ndc_oms.errors import Invalid, NotAllowed, Refusal
from ndc_oms.model.item_states import is_used
from ndc_oms.model.items import Item, OrderItem
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.offers.party import check_party


def chosen(order: Order, item_ids: Sequence[str], path: str) -> tuple[Item, ...]:
    """The live items that are named, and the services that go with a flight among them; all of
    them where none is named. Raises Invalid (912).
    """
    if not item_ids:
        return order.live
    live = {item.id: item for item in order.live}
    for item_id in item_ids:
        if item_id not in live:
            raise Invalid(
                f"The order has no item {item_id}, or it is cancelled already.",
                path=path,
                remedy="Name items of the order that are active, or none for the whole order.",
            )
    named = tuple(item for item in order.live if item.id in item_ids)
    return (*named, *(each for each in order.services_with(named) if each not in named))


def check_rest(order: Order, given_up: Sequence[Item], path: str) -> None:
    """Everybody who stays in a booking flies every journey of it: it has no other shape. Raises
    NotAllowed (185), or what a party that cannot travel is refused with (143, 324): where nobody
    travels any more, since all is flown, children need no company.
    """
    gone = {item.id for item in given_up}
    staying = [item for item in order.live_items if item.id not in gone]
    if not staying:
        return
    for part in order.parts:
        bound = {item.id for item in order.items_on(part.segment_ids)}
        if part.kept and bound & gone and not bound <= gone:
            raise NotAllowed(
                f"The flights of {part.partner} are given up by everybody, or by nobody.",
                code="185",
                path=path,
                remedy="Give up all items of the journey, or the whole order.",
            )
    passengers = {item.passenger_id for item in staying}
    if not all(map(_rectangular, _by_booking(order, staying))):
        raise NotAllowed(
            "What would be left is not one party on one journey.",
            code="185",
            path=path,
            remedy="Give up all items of a passenger, or all items of a journey.",
        )
    party = [each for each in order.passengers if each.id in passengers]
    if all(map(is_used, staying)) and all(each.type.seated for each in party):
        return
    try:
        check_party(party, path)
    except Refusal as refused:
        refused.remedy = "Give up the passengers who depend on them as well."
        raise


def _by_booking(order: Order, items: Sequence[OrderItem]) -> list[list[OrderItem]]:
    groups: dict[BookingReference | None, list[OrderItem]] = {}
    for item in items:
        groups.setdefault(order.booking_of(item.passenger_id), []).append(item)
    return list(groups.values())


def _rectangular(items: Sequence[OrderItem]) -> bool:
    """Everybody flies every journey."""
    passengers = {item.passenger_id for item in items}
    return len(items) == len(passengers) * len({item.bound_index for item in items})


def in_part(given_up: Sequence[Item], unused: Sequence[Item]) -> bool:
    """Whether some passenger gives up some of the unused flights and keeps the rest."""
    gone = {item.id for item in given_up}
    partly = {item.passenger_id for item in flights_in(given_up)}
    return any(i.passenger_id in partly and i.id not in gone for i in flights_in(unused))


def flights_in(items: Sequence[Item]) -> tuple[OrderItem, ...]:
    """Without services."""
    return tuple(item for item in items if isinstance(item, OrderItem))

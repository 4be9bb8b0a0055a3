"""Which items of a ticketed order can be exchanged together, so that bookings and tickets can
follow: pure.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from ndc_oms.errors import NotAllowed, Refusal
from ndc_oms.model.change import flown_order
from ndc_oms.model.item_states import is_used
from ndc_oms.model.items import OrderItem
from ndc_oms.model.journey import Segment
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.stranded import stranded
from ndc_oms.offers.party import check_party


def concerned_by(order: Order, items: Iterable[OrderItem]) -> tuple[Passenger, ...]:
    """Whose items they are, in the order's own order."""
    ids = {item.passenger_id for item in items}
    return tuple(each for each in order.passengers if each.id in ids)


def travelling(order: Order) -> tuple[Passenger, ...]:
    """Who has live items."""
    return concerned_by(order, order.live_items)


def check_scope(order: Order, items: Sequence[OrderItem], path: str) -> None:
    """Raises NotAllowed (185): each passenger gives up the same journeys, infants with those who
    hold them, all in one booking, and none that a partner flies.
    """
    bounds = {item.bound_index for item in items}
    party = concerned_by(order, items)
    if len(items) != len(bounds) * len(party):
        raise _uneven("Not every passenger gives up the same journeys.", path)
    named = {each.id for each in party}
    for passenger in travelling(order):
        if passenger.guardian and (passenger.id in named) != (passenger.guardian in named):
            raise _uneven(f"Infant {passenger.id} travels with {passenger.guardian}.", path)
    if len({order.booking_of(each.id) for each in party}) > 1:
        raise _uneven("The passengers are in several bookings.", path)
    ids = {item.id for item in items}
    kept = (part for part in order.parts if part.kept)
    if any(item.id in ids for part in kept for item in order.items_on(part.segment_ids)):
        raise _uneven("A partner airline flies a part of it.", path)
    for bound in bounds:
        _check_left_behind(order, [i for i in items if i.bound_index == bound], bound, path)


def check_issuable(order: Order, items: Sequence[OrderItem], path: str) -> None:
    """Raises NotAllowed (182) where somebody who gives up these keeps flights that cannot be flown:
    the rest of the ticket is exchanged for another, and none is issued for them.
    """
    going, who = {item.id for item in items}, {item.passenger_id for item in items}
    lost = stranded(order)
    for item in order.live_items:
        if item.passenger_id not in who or item.id in going:
            continue
        if any((item.passenger_id, service.segment_id) in lost for service in item.services):
            raise NotAllowed(
                f"The flights of item {item.id} cannot be flown, and no ticket is issued for them.",
                code="182",
                path=path,
                remedy="Name that item as well, or first give it up or exchange it for others.",
            )


def _check_left_behind(order: Order, going: Sequence[OrderItem], bound: int, path: str) -> None:
    """Who stays on a journey, and has not made it yet, can travel without those who go. Raises as
    `check_party` does.
    """
    gone = {item.id for item in going}
    there = (i for i in order.live_items if i.bound_index == bound and i.id not in gone)
    staying = [item for item in there if not is_used(item)]
    if not staying:
        return
    try:
        check_party(concerned_by(order, staying), path)
    except Refusal as refused:
        refused.remedy = "Name the items of the passengers who depend on them as well."
        raise


def check_partly(
    order: Order, items: Sequence[OrderItem], left: Sequence[OrderItem], path: str
) -> None:
    """Every passenger keeps something that is ticketed here: the rest of each ticket is exchanged
    for. Raises NotAllowed (185).
    """
    gone = {item.id for item in items}
    for passenger in concerned_by(order, items):
        rest = [i for i in left if i.passenger_id == passenger.id and i.id not in gone]
        if not rest:
            raise _uneven(f"Passenger {passenger.id} would keep nothing, and others would.", path)
        flown = [service.segment_id for item in rest for service in item.services]
        if not any(map(order.ticketed_here, flown)):
            raise _uneven("Only flights of a partner airline would be left.", path)


def _uneven(text: str, path: str) -> NotAllowed:
    return NotAllowed(
        text,
        code="185",
        path=path,
        remedy="Name all items of the same journeys of those who change together, or send a "
        "request for each group of passengers.",
    )


def booked_with(order: Order, passenger_id: str) -> tuple[str, ...]:
    """Passengers in the same booking of ours, who travel."""
    booking = order.booking_of(passenger_id)
    return tuple(each.id for each in travelling(order) if order.booking_of(each.id) == booking)


def by_journey(order: Order, items: Sequence[OrderItem]) -> tuple[tuple[OrderItem, ...], ...]:
    """Items of each journey, in the order they are flown."""
    groups: dict[int, list[OrderItem]] = {}
    for item in flown_order(order, items):
        groups.setdefault(item.bound_index, []).append(item)
    return tuple(map(tuple, groups.values()))


def in_sequence(
    order: Order, items: Sequence[OrderItem], flights: Sequence[tuple[Segment, ...]]
) -> bool:
    """Whether each journey of the passengers still ends before the one after it begins, when these
    flights take the places of the items, in the order they are flown.
    """
    gone, who = {item.id for item in items}, items[0].passenger_id
    new = iter(flights)
    spans = []
    for item in flown_order(order, (i for i in order.live_items if i.passenger_id == who)):
        if item.id in gone:
            flown: Sequence[Segment] = next(new)
        else:
            flown = [order.segment(service.segment_id).flight for service in item.services]
        spans.append((flown[0].departure, flown[-1].arrival))
    return all(one[1] <= other[0] for one, other in pairwise(spans))

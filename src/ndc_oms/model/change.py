"""What a change means for an order: pure questions about it, whoever carries it out."""

from collections import Counter
from collections.abc import Iterable

from ndc_oms.model.documents import RESIDUAL, Document
from ndc_oms.model.items import OrderItem, OrderSegment
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import Passenger, seats
from ndc_oms.model.status import CouponStatus
from ndc_oms.model.under_way import Change, Move

PlaceOnFlight = tuple[str, str]  # a flight's key as text, and a booking class


def flight_item(order: Order, item_id: str) -> OrderItem:
    """Raises KeyError also for what is no flight."""
    for item in order.items:
        if item.id == item_id:
            return item
    raise KeyError(item_id)


def old_items(order: Order, change: Change) -> tuple[OrderItem, ...]:
    return tuple(flight_item(order, each.item_id) for each in change.moves)


def concerned(order: Order, change: Change) -> tuple[Passenger, ...]:
    """Whose items they are, and who gets another name, in the order's own order."""
    ids = {item.passenger_id for item in old_items(order, change)}
    if change.renaming is not None:
        ids.add(change.renaming.passenger_id)
    return tuple(each for each in order.passengers if each.id in ids)


def old_segments(order: Order, change: Change) -> tuple[OrderSegment, ...]:
    """Those that the passengers of the change fly no more."""
    ids = {service.segment_id for item in old_items(order, change) for service in item.services}
    return tuple(each for each in order.segments if each.id in ids)


def exchanged_seats(
    order: Order, change: Change
) -> tuple[tuple[OrderSegment, ...], tuple[OrderSegment, ...]]:
    """(coming, going): segments whose seats the booking gets and loses. A seat in the same class
    of the same flight stays: the passenger has it already. Partners' flights are not ours to book.
    """
    going = [each for each in old_segments(order, change) if order.part_of(each.id) is None]
    coming = list(change.segments)
    kept = Counter(map(_place, going)) & Counter(map(_place, coming))
    return tuple(_without(coming, kept)), tuple(_without(going, kept))


def _place(segment: OrderSegment) -> PlaceOnFlight:
    return str(segment.flight.key), segment.rbd


def _without(
    segments: Iterable[OrderSegment], kept: Counter[PlaceOnFlight]
) -> Iterable[OrderSegment]:
    left = kept.copy()
    for each in segments:
        if left[_place(each)]:
            left[_place(each)] -= 1
        else:
            yield each


def seated(order: Order, change: Change) -> int:
    """Seats that its passengers take on each flight."""
    return seats(concerned(order, change))


def kept(order: Order, change: Change, move: Move) -> Money:
    """Of what the item cost: the fee, and what neither comes back nor pays for the new item.
    Nothing of what nobody paid.
    """
    if change.unpaid:
        return Money.zero(order.currency)
    old = flight_item(order, move.item_id).fare.total
    new = next(
        (each.fare.total for each in change.items if each.id == move.new_item_id),
        Money.zero(order.currency),
    )
    return old + move.collect - new - move.refund - move.residual


def items_after(order: Order, change: Change, passenger_id: str) -> tuple[OrderItem, ...]:
    """A passenger's live items once the change is made, in the order they are flown."""
    live = [item for item in order.live_items if item.id not in change.item_ids]
    mine = [i for i in (*live, *change.items) if i.passenger_id == passenger_id]
    known = {each.id: each for each in (*order.segments, *change.segments)}
    return tuple(sorted(mine, key=lambda item: known[item.services[0].segment_id].flight.departure))


def flown_order(order: Order, items: Iterable[OrderItem]) -> tuple[OrderItem, ...]:
    """Items by departure: a bound that was changed may be flown before one that was not."""
    return tuple(
        sorted(items, key=lambda item: order.segment(item.services[0].segment_id).flight.departure)
    )


def live_ticket(order: Order, passenger_id: str) -> tuple[Document, ...]:
    """The passenger's own live ticket: the latest conjunction set of ours."""
    tickets = order.tickets_of(passenger_id)
    if not tickets:
        return ()
    first = tickets[-1].conjunction_of or tickets[-1].number
    return tuple(d for d in tickets if first in (d.number, d.conjunction_of))


def residual_values(order: Order, passenger_id: str) -> tuple[Document, ...]:
    """Documents of values that are left for another purchase, and not used."""
    return tuple(
        each
        for each in order.documents
        if each.passenger_id == passenger_id
        and each.of_money
        and any(c.rfisc == RESIDUAL and c.status is CouponStatus.OPEN for c in each.coupons)
    )


def collected(change: Change, currency: str) -> Money:
    owed = total((move.collect for move in change.moves), currency)
    return owed if change.renaming is None else owed + change.renaming.fee

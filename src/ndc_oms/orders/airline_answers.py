"""What a seller says to a change by the airline: takes it as it is, or gives the items up for all
that was paid; and what it is told of the question meanwhile.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import reduce

from ndc_oms.errors import Invalid, NotAllowed
from ndc_oms.model.airline_change import AirlineChange, Inaction
from ndc_oms.model.change_events import ChangeAccepted
from ndc_oms.model.event import Event
from ndc_oms.model.events import AirlineChangeAccepted, ProtectionDeclined
from ndc_oms.model.fold import apply
from ndc_oms.model.items import Item, OrderItem
from ndc_oms.model.order import Order
from ndc_oms.model.protecting import open_protections
from ndc_oms.offers.request import Notice
from ndc_oms.orders.request import AcceptAirlineChange


def accept_as_changed(
    order: Order, asked: AcceptAirlineChange, now: datetime
) -> tuple[AirlineChangeAccepted, ...]:
    """Raises NotAllowed 368 where nothing waits for an answer, 185 for a part of what does, 182
    where there is no flight to accept; Invalid 912 for an item that is not concerned.
    """
    waiting = order.open_changes
    if not waiting:
        raise NotAllowed(
            "No change of the airline's waits to be accepted.",
            path=asked.path,
            remedy="Retrieve the order: what it says holds without acceptance.",
        )
    named = set(asked.item_ids)
    strange = named - {item_id for change in waiting for item_id in change.item_ids}
    if strange:
        raise Invalid(
            f"No change of the airline's concerns item {min(strange)[:80]}.",
            path=asked.path,
            remedy="Name the items that have a SellerFollowUpAction.",
        )
    meant = [each for each in waiting if not named or named & set(each.item_ids)]
    for change in meant:
        _check(order, change, named, asked.path)
    return tuple(AirlineChangeAccepted(at=now, change_id=each.id) for each in meant)


def _check(order: Order, change: AirlineChange, named: set[str], path: str) -> None:
    live = {item.id for item in order.live} & set(change.item_ids)
    if named and not live <= named:
        raise NotAllowed(
            f"The change concerns items {', '.join(sorted(live))}: it is accepted for all of them.",
            code="185",
            path=path,
            remedy="Name all of them, or give some up first.",
        )
    if change.stranded:
        raise NotAllowed(
            "There is no other flight to accept.",
            code="182",
            path=path,
            remedy="Send an OrderReshop that cancels the items: all that was paid comes back.",
        )


def with_own_flights(
    order: Order, item_ids: Collection[str], now: datetime
) -> tuple[tuple[ProtectionDeclined, ...], Order]:
    """What is asked for in place of flights that a partner took over, while the seller has not
    taken these: our own ones are given up or exchanged, and the partner's are declined with that.
    The events of it, and the order after them.
    """
    parts = open_protections(order, item_ids)
    events = tuple(ProtectionDeclined(at=now, part_id=part.id) for part in parts)
    return events, reduce(apply, events, order)


def declining(declined: Sequence[ProtectionDeclined], events: Sequence[Event]) -> tuple[Event, ...]:
    """events: what is done in their place. A change may come to nothing: it knows them."""
    ids = tuple(each.part_id for each in declined)
    done = (
        replace(e, change=replace(e.change, declined=ids)) if isinstance(e, ChangeAccepted) else e
        for e in events
    )
    return (*declined, *done)


def refundable_in_full(order: Order, item: Item) -> bool:
    """Whether the airline owes everything for it, since the seller has not taken its change."""
    return any(each.refundable and item.id in each.item_ids for each in order.open_changes)


def is_free(order: Order, item: Item, departs: date, days: int) -> bool:
    """Whether other flights of the same family, leaving on this day, are taken for nothing: the
    airline changed those of the item, which left or leave so few days before or after it.
    """
    if not isinstance(item, OrderItem):
        return False
    booked = {
        flown.flight.departure.date()
        for change in order.open_changes
        if change.refundable and item.id in change.item_ids
        for bound in change.bounds
        if bound.bound_index == item.bound_index
        for flown in bound.old[:1]
    }
    return any(abs((departs - day).days) <= days for day in booked)


def notices(order: Order) -> Iterator[Notice]:
    """What the airline waits for, and until when."""
    for change in order.open_changes:
        if change.limit_at is None:
            continue
        limit = f"{change.limit_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
        if change.inaction is Inaction.CANCEL:
            text = (
                "The airline changed flights of the order and found no others: give the items up "
                f"until {limit}; then they are cancelled, and all that was paid comes back."
            )
        else:
            text = (
                "The airline changed flights of the order: accept them, choose others or give the "
                f"items up without a fee, until {limit}; then the new flights count as accepted."
            )
        yield Notice(text)

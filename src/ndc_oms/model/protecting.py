"""Partners that fly what we cannot: what becomes of their part of an order, and of its flights.

chosen        written down, and the partner is asked next
booked        as any part of a partner's; its documents come before anything is changed
placed        with `FlightsChanged`: the order has its flights, and the seller is asked
handed over   the seller took them: our booking and our tickets are done with the old ones
failed, declined   where the partner booked anything, that is cancelled there; declined for other
              flights, once these are there: else it is placed again
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from ndc_oms.model.airline_change import AirlineChange, Inaction, Rerouted
from ndc_oms.model.items import Item
from ndc_oms.model.order import Order
from ndc_oms.model.partner import PartnerPart, Protection
from ndc_oms.model.rerouting import reroute, strand
from ndc_oms.model.status import CouponStatus


def protection_of(part: PartnerPart) -> Protection:
    """Raises AssertionError for a part that was sold."""
    if part.protection is None:
        raise AssertionError(f"{part.id} was sold, it protects nobody")
    return part.protection


def _put(order: Order, part_id: str, **facts: Any) -> Order:
    """facts: fields of Protection."""
    old = order.part(part_id)
    new = replace(old, protection=replace(protection_of(old), **facts))
    return replace(order, parts=tuple(new if each is old else each for each in order.parts))


def chosen(order: Order, part: PartnerPart) -> Order:
    if any(each.id == part.id for each in order.parts):
        raise AssertionError(f"{order.order_id} has a part {part.id}")
    return replace(order, parts=(*order.parts, part))


def failed(order: Order, part_id: str, reason: str) -> Order:
    """Of what was never booked nothing is left to cancel."""
    order = _put(order, part_id, failure=reason)
    if order.part(part_id).reference is not None:
        return order
    parts = tuple(replace(e, cancelled=True) if e.id == part_id else e for e in order.parts)
    return replace(order, parts=parts)


def placed(order: Order, change: AirlineChange) -> Order:
    """Parts whose flights came into the order with the change."""
    new = {each.segment_id for bound in change.bounds for each in bound.new}
    for part in order.parts:
        if part.protection is not None and new.intersection(part.segment_ids):
            order = _put(order, part.id, placed=True)
    return order


def declined(order: Order, part_id: str) -> Order:
    """The bound is as if no other flight had been found for it."""
    part = order.part(part_id)
    was_placed = protection_of(part).placed
    order = _put(order, part_id, placed=False, declined=True)
    if not was_placed:
        return order
    for change in order.open_changes:
        for bound in change.bounds:
            if is_of(bound, part):
                back = replace(bound, old=bound.new, new=bound.old)
                order = strand(reroute(order, back), replace(bound, new=()))
    changes = tuple(_without(change, part) for change in order.airline_changes)
    return replace(order, airline_changes=changes)


def restored(order: Order, part_id: str) -> Order:
    """As it was before it was declined: what was asked for in its place came to nothing."""
    part = order.part(part_id)
    flights = protection_of(part).flights

    def flown(bound: Rerouted) -> Rerouted:
        return replace(bound, new=flights) if _was_of(bound, part) else bound

    for change in order.open_changes:
        for bound in change.bounds:
            if _was_of(bound, part):
                order = reroute(order, flown(bound))
    order = _put(order, part_id, placed=True, declined=False)
    return replace(order, airline_changes=tuple(_with(e, flown) for e in order.airline_changes))


def _with(change: AirlineChange, flown: Callable[[Rerouted], Rerouted]) -> AirlineChange:
    if not change.open:
        return change
    new = replace(change, bounds=tuple(map(flown, change.bounds)))
    found = change.stranded and not new.stranded
    return replace(new, inaction=Inaction.ACCEPT) if found else new


def _was_of(bound: Rerouted, part: PartnerPart) -> bool:
    """Whether it is for this bound that the partner was to fly."""
    old = tuple(each.segment_id for each in bound.old)
    here = not bound.passenger_ids or set(bound.passenger_ids) == set(part.passenger_ids)
    return not bound.new and here and old == protection_of(part).replaces


def _without(change: AirlineChange, part: PartnerPart) -> AirlineChange:
    if not change.open or not any(is_of(bound, part) for bound in change.bounds):
        return change
    bounds = tuple(replace(e, new=()) if is_of(e, part) else e for e in change.bounds)
    return replace(change, bounds=bounds, inaction=Inaction.CANCEL)


def is_of(bound: Rerouted, part: PartnerPart) -> bool:
    """Whether it is the partner that flies what the bound has now."""
    return tuple(each.segment_id for each in bound.new) == part.segment_ids


def handed_over(order: Order, part_id: str) -> Order:
    if not protection_of(order.part(part_id)).placed:
        raise AssertionError(f"{part_id} is handed over, and the order does not have its flights")
    return _put(order, part_id, handed_over=True)


def to_hand_over(order: Order) -> Iterator[PartnerPart]:
    """Parts whose flights stand, since nobody is asked about them any more; not while a coupon for
    the old ones is suspended, which cannot be ended.
    """
    asked = _asked_about(order)
    for part in order.parts:
        known = part.protection
        if known is None or not known.placed or known.handed_over or part.cancelled:
            continue
        if asked.isdisjoint(part.segment_ids) and not _is_halted(order, part, known):
            yield part


def taken_over(order: Order, item: Item) -> frozenset[str]:
    """Segments of ours in whose place a partner flies the item, and that our tickets still name."""
    ids = {service.segment_id for service in item.services}
    return frozenset(
        segment_id
        for part in order.parts
        if part.kept and part.protection is not None and not part.protection.handed_over
        for segment_id in (part.protection.replaces if ids.intersection(part.segment_ids) else ())
    )


def _is_halted(order: Order, part: PartnerPart, known: Protection) -> bool:
    return any(
        coupon.status is CouponStatus.SUSPENDED and coupon.segment_id in known.replaces
        for passenger_id in part.passenger_ids
        for ticket in order.tickets_of(passenger_id)
        for coupon in ticket.coupons
    )


def open_protections(order: Order, item_ids: Collection[str]) -> tuple[PartnerPart, ...]:
    """Parts that take the place of flights of these items while the seller is asked."""
    asked = _asked_about(order)
    return tuple(
        part
        for part in order.parts
        if part.protection is not None
        and part.protection.placed
        and not asked.isdisjoint(part.segment_ids)
        and any(item.id in item_ids for item in order.items_on(part.segment_ids))
    )


def _asked_about(order: Order) -> set[str]:
    """Segments that are new with a change which waits for the seller."""
    return {
        each.segment_id
        for change in order.open_changes
        for bound in change.bounds
        for each in bound.new
    }


def documented(order: Order, part: PartnerPart) -> bool:
    """Whether the partner's own documents for its flights are there."""
    return any(
        coupon.segment_id in part.segment_ids
        for document in order.documents
        if document.issuer
        for coupon in document.coupons
    )

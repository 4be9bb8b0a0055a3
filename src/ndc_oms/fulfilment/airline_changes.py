"""What changes by the airline make an order need: pure.

    a change was heard        its booking is looked at, and put on other flights
    documents name old ones   they are revalidated, without charge
    a partner flies instead   its documents come first; ours end when the seller has taken it
    the seller is asked       the order waits for the answer until the time limit
Nothing of it begins while another step is under way: what is being done is ended first.

Where the items are given up at the limit, tickets are taken back whole: so a passenger's changes
lapse together, at the latest of their limits, and not while a coupon of the passenger is neither
open nor used (checked in, suspended), or the passenger is on the way: it is done when that ends.
"""

from collections.abc import Collection
from datetime import datetime

from ndc_oms.fulfilment.planned import PlannedStep
from ndc_oms.model.airline_change import AirlineChange, Inaction
from ndc_oms.model.balance import paid_back, to_forms
from ndc_oms.model.cancellation import Cancellation
from ndc_oms.model.documents import REFUNDABLE, Coupon, Document, DocumentType
from ndc_oms.model.item_states import is_used
from ndc_oms.model.items import Item, OrderItem, OrderSegment
from ndc_oms.model.laps import aboard_untold
from ndc_oms.model.order import Order
from ndc_oms.model.protecting import to_hand_over
from ndc_oms.model.status import COUPON, CouponStatus
from ndc_oms.model.step import Step

_LAPSED = "The airline changed its flights, and the seller did not answer by the time limit."
_NO_SEAT = "The flight was changed, and the chosen seats are not to be had on the new one."
_NOT_TO_TOUCH = COUPON.final | {CouponStatus.LIFTED}


def follow(order: Order, planned: PlannedStep | None) -> PlannedStep | None:
    """planned: what the order needs apart from it."""
    if planned is not None and planned.due_at is None:
        return planned
    if order.heard and order.own_booking is not None:
        # once more after each partner that was asked to take passengers
        times = sum(part.protection is not None for part in order.parts)
        return PlannedStep(Step.REACCOMMODATE, order.heard[0].id, f"+{times}" if times else "")
    for document in order.documents:
        if outdated(order, document):
            return PlannedStep(Step.REVALIDATE, document.number, f"#{len(order.airline_changes)}")
    return _of_partners(order) or _lapse(order, planned)


def _of_partners(order: Order) -> PlannedStep | None:
    """What a partner flies now is ended here; what is not wanted of one is cancelled there."""
    for part in to_hand_over(order):
        return PlannedStep(Step.HAND_OVER, part.id)
    for part in order.parts:
        if part.live and part.protection is not None and part.protection.given_up:
            return PlannedStep(Step.PARTNER_CANCEL, part.id)
    return None


def _lapse(order: Order, planned: PlannedStep | None) -> PlannedStep | None:
    lapsing = (
        (ends, change.id)
        for change in order.open_changes
        if (ends := _ends(order, change)) is not None
    )
    ends, change_id = min(lapsing, default=(None, ""))
    if ends is None or (
        planned is not None and planned.due_at is not None and planned.due_at < ends
    ):
        return planned
    return PlannedStep(Step.LAPSE, change_id, due_at=ends)


def _ends(order: Order, change: AirlineChange) -> datetime | None:
    """When nobody is waited for any more; None: not as things stand."""
    if change.limit_at is None or change.inaction is not Inaction.CANCEL:
        return change.limit_at
    who = _who(order, change)
    if any(_held_up(order, passenger_id) for passenger_id in who) or _leaves_behind(order, who):
        return None
    limits = (each.limit_at for each in _together(order, who) if each.limit_at is not None)
    return max(limits, default=change.limit_at)  # of those who have boarded nothing is given up


def _who(order: Order, change: AirlineChange) -> frozenset[str]:
    """Passengers whose tickets are taken back when the change lapses."""
    return frozenset(item.passenger_id for item in _lost(order, change))


def _lost(order: Order, change: AirlineChange) -> tuple[OrderItem, ...]:
    return tuple(i for i in order.live_items if i.id in change.item_ids and not is_used(i))


def _together(order: Order, who: Collection[str]) -> tuple[AirlineChange, ...]:
    """Changes of which the end takes flights away from somebody of these."""
    return tuple(
        each
        for each in order.open_changes
        if each.inaction is Inaction.CANCEL and not _who(order, each).isdisjoint(who)
    )


def _leaves_behind(order: Order, who: Collection[str]) -> bool:
    """Somebody stays on a journey who cannot: an infant without its adult, or where a partner flies
    a part of it, and keeps that for all or for none.
    """
    lost = [item for each in _together(order, who) for item in _lost(order, each)]
    going = {(item.bound_index, item.passenger_id) for item in lost}
    parted = {part.bound_index for part in order.parts if part.kept}
    parted &= {bound_index for bound_index, _ in going}
    holders = {each.id: each.guardian for each in order.passengers}
    return any(
        item.bound_index in parted or (item.bound_index, holders[item.passenger_id]) in going
        for item in order.live_items
        if (item.bound_index, item.passenger_id) not in going
    )


def _held_up(order: Order, passenger_id: str) -> bool:
    """A coupon of our own tickets is neither open nor used, or a journey is under way; an infant's
    is as well where its adult's is.
    """
    under_way = {
        service.segment_id
        for item in order.live_items
        if item.passenger_id == passenger_id and is_used(item)
        for service in item.services
    }
    under_way |= {segment_id for who, segment_id in aboard_untold(order) if who == passenger_id}
    return any(
        coupon.status not in COUPON.final
        and (coupon.status not in REFUNDABLE or coupon.segment_id in under_way)
        for document in order.tickets_of(passenger_id)
        for coupon in document.coupons
    )


def unticketed(order: Order, passenger_id: str) -> tuple[OrderItem, ...]:
    """A passenger's flights that take a ticket of ours: all, where there is none; of one that was
    taken back for some of its flights, the rest.
    """
    flying = [
        item
        for item in order.live_items
        if item.passenger_id == passenger_id
        and any(order.ticketed_here(each.segment_id) for each in item.services)
    ]
    tickets = order.tickets_of(passenger_id)
    if not tickets:
        return tuple(flying)
    good_for = [(coupon, coupon.segment_id) for ticket in tickets for coupon in ticket.coupons]
    for ticket in tickets:
        becomes = outdated(order, ticket)
        good_for += [(c, becomes[c.number].id) for c in ticket.coupons if c.number in becomes]
    live = {segment_id for coupon, segment_id in good_for if coupon.live}
    dead = {segment_id for coupon, segment_id in good_for if not coupon.live} - live
    return tuple(i for i in flying if not dead.isdisjoint(each.segment_id for each in i.services))


def outdated(order: Order, document: Document) -> dict[int, OrderSegment]:
    """By coupon number: the segment that a usable coupon should be good for and is not."""
    if document.issuer or document.type is not DocumentType.TICKET:
        return {}
    found = {}
    for coupon in document.coupons:
        segment = _becomes(order, coupon, document.passenger_id)
        if segment is not None:
            found[coupon.number] = segment
    return found


def _becomes(order: Order, coupon: Coupon, passenger_id: str) -> OrderSegment | None:
    """Along the changes: each flight went to one other, place by place, for whom it concerned."""
    if coupon.segment_id is None or coupon.status in _NOT_TO_TOUCH:
        return None
    current = coupon.segment_id
    for change in order.airline_changes:
        for bound in change.bounds:
            if bound.concerns(passenger_id):
                pairs = zip(bound.old, bound.new, strict=False)
                current = {a.segment_id: b.segment_id for a, b in pairs}.get(current, current)
    part = order.part_of(current)
    if current == coupon.segment_id or (part is not None and part.protection is not None):
        return None  # of what a partner flies in our place, its document is good for it
    return next((segment for segment in order.segments if segment.id == current), None)


def lapse(order: Order, change_id: str) -> Cancellation | None:
    """What is given up when the limit passes; None where the change is accepted by that."""
    change = next(each for each in order.open_changes if each.id == change_id)
    if change.inaction is not Inaction.CANCEL:
        return None
    who = _who(order, change)
    lost = {item.id for each in _together(order, who) for item in _lost(order, each)}
    items = [i for i in order.live_items if i.id in lost and i.passenger_id in who]
    with_them = [each for each in order.services_with(items) if not is_used(each)]
    every: list[Item] = [*items, *with_them]
    given_up = tuple(paid_back(order, item) for item in every)
    return Cancellation(given_up, _LAPSED, refunds=to_forms(order, given_up))


def lost_seats(order: Order, missing: Collection[str]) -> Cancellation | None:
    """Chosen seats that are not to be had on flights which the airline put into the order, or to
    which the seller's change led; None where others are missing as well. missing: ids of items.
    """
    new = {
        each.segment_id
        for change in order.airline_changes
        for bound in change.bounds
        for each in bound.new
    }
    items = [each for each in order.live_ancillaries if each.id in missing]
    ours = all(item.followed or any(s.segment_id in new for s in item.services) for item in items)
    if not items or not ours:
        return None
    given_up = tuple(paid_back(order, item) for item in items)
    return Cancellation(given_up, _NO_SEAT, refunds=to_forms(order, given_up))

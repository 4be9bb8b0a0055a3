"""What changes by the airline make an order need: pure.

    a change was heard        its booking is looked at, and put on other flights
    documents name old ones   they are revalidated, without charge
    a partner flies instead   its documents come first; ours end when the seller has taken it
    the seller is asked       the order waits for the answer until the time limit
Nothing of it begins while another step is under way: what is being done is ended first.
"""

from collections.abc import Collection

from ndc_oms.fulfilment.planned import PlannedStep
from ndc_oms.model.airline_change import Inaction
from ndc_oms.model.balance import pays_for, to_forms
from ndc_oms.model.cancellation import Cancellation, GivenUp
from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.item_states import is_used
from ndc_oms.model.items import Item, OrderItem, OrderSegment
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order
from ndc_oms.model.protecting import to_hand_over
from ndc_oms.model.status import COUPON, CouponStatus, DeliveryStatus, PaymentState
from ndc_oms.model.step import Step

_LAPSED = "The airline changed its flights, and the seller did not answer by the time limit."
_NO_SEAT = "The flight was changed, and the chosen seats are not to be had on the new one."
_ON_BOARD = {DeliveryStatus.IN_PROGRESS, DeliveryStatus.DELIVERED}
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
    asked = [each for each in order.open_changes if each.limit_at is not None]
    for change in sorted(asked, key=lambda each: (each.limit_at, each.id)):
        if planned is None or planned.due_at is None or change.limit_at <= planned.due_at:  # type: ignore[operator]  # those without a limit are left out
            return PlannedStep(Step.LAPSE, change.id, due_at=change.limit_at)
    return planned


def outdated(order: Order, document: Document) -> dict[int, OrderSegment]:
    """By coupon number: the segment that a usable coupon should be good for and is not."""
    if document.issuer or document.type is not DocumentType.TICKET:
        return {}
    found = {}
    for coupon in document.coupons:
        segment = _becomes(order, coupon)
        if segment is not None:
            found[coupon.number] = segment
    return found


def _becomes(order: Order, coupon: Coupon) -> OrderSegment | None:
    """Along the changes: each flight went to one other, place by place."""
    known = {segment.id: segment for segment in order.segments}
    if coupon.segment_id is None or coupon.status in _NOT_TO_TOUCH or coupon.segment_id in known:
        return None
    current = coupon.segment_id
    for change in order.airline_changes:
        for bound in change.bounds:
            pairs = zip(bound.old, bound.new, strict=False)
            current = {a.segment_id: b.segment_id for a, b in pairs}.get(current, current)
    part = order.part_of(current)
    if part is not None and part.protection is not None:
        return None  # a partner's document is good for it
    return known.get(current)


def lapse(order: Order, change_id: str) -> Cancellation | None:
    """What is given up when the limit passes; None where the change is accepted by that."""
    change = next(each for each in order.open_changes if each.id == change_id)
    if change.inaction is not Inaction.CANCEL:
        return None
    items = [i for i in order.live_items if i.id in change.item_ids and not _begun(i)]
    flown = {(item.passenger_id, s.segment_id) for item in items for s in item.services}
    nobody = len(items) == len(order.live_items)
    with_them = [
        each
        for each in order.live_ancillaries
        if not is_used(each)
        and (nobody or any((each.passenger_id, s.segment_id) in flown for s in each.services))
    ]
    every: list[Item] = [*items, *with_them]
    given_up = tuple(paid_back(order, item) for item in every)
    return Cancellation(given_up, _LAPSED, refunds=to_forms(order, given_up))


def _begun(item: OrderItem) -> bool:
    """Its passenger flies after all, or did."""
    return any(service.delivery in _ON_BOARD for service in item.services)


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


def paid_back(order: Order, item: Item) -> GivenUp:
    """All that was paid for it comes back."""
    nothing = Money.zero(order.currency)
    charged = (p for p in order.payments if p.state is PaymentState.CAPTURED)
    paid = any(pays_for(payment, item) for payment in charged)
    return GivenUp(item.id, item.fare.total if paid else nothing, nothing)

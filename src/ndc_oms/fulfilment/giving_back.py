"""What is taken back, in reverse of how it was made: documents, money, seats. Pure."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from ndc_oms.fulfilment.booking import booked_here
from ndc_oms.fulfilment.planned import BOOKING, PlannedStep
from ndc_oms.model.cancellation import Cancellation
from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.model.events import PaymentReleased
from ndc_oms.model.order import Order
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.payment import Payment
from ndc_oms.model.status import PaymentState
from ndc_oms.model.step import Step


def give_back(order: Order) -> PlannedStep | None:
    """The next step of an order that was turned round; None: nothing is left of it."""
    for document in _latest_first(order):
        if document.live and not document.issuer and not document.of_money:
            return PlannedStep(Step.VOID, document.number)
    return _partners(order.parts) or _all_money(order, refunds=True) or _all_seats(order)


def give_up(order: Order, asked: Cancellation) -> PlannedStep | None:
    """The next step of what a seller gives up; None: nothing is left of it."""
    for document in _latest_first(order):
        if document.issuer or document.of_money:
            continue
        if not concerns(order, document, asked.item_ids):
            continue
        if step := _undo(document, asked):
            return PlannedStep(step, document.number)
    given_up = tuple(part for part in order.parts if _is_given_up(order, part, asked))
    money = (refund_of(order.payment(due.payment_id)) for due in asked.refunds)
    earlier = _partners(given_up) or next(money, None) or _unneeded(order, asked)
    if earlier is not None:
        return earlier
    if is_whole(order, asked):
        return _all_money(order, refunds=False) or _all_seats(order)
    segments, passengers = left_out(order, asked)
    if segments or passengers:
        count = len(order.segments_released) + len(order.passengers_released)
        return PlannedStep(Step.RELEASE_PART, BOOKING, f"#{count}")
    return None


def _latest_first(order: Order) -> Iterator[Document]:
    """EMDs before tickets, whenever these were issued: an EMD-A ends with the ticket it goes with,
    and what has ended is not given back.
    """
    for ticket in (False, True):
        for document in reversed(order.documents):
            if (document.type is DocumentType.TICKET) is ticket:
                yield document


def concerns(order: Order, document: Document, item_ids: Collection[str]) -> bool:
    """Whether a document of ours goes when these items do: the ticket of a passenger of whose
    flights some go, the EMD of a service.
    """
    given_up = [each for each in order.items if each.id in item_ids]
    if document.type is DocumentType.TICKET:
        return document.passenger_id in {each.passenger_id for each in given_up}
    services = {i for each in order.ancillaries if each.id in item_ids for i in each.service_ids}
    return any(coupon.service_id in services for coupon in document.coupons)


def _unneeded(order: Order, asked: Cancellation) -> PlannedStep | None:
    """Money that is promised for nothing but what is given up."""
    for payment in reversed(order.payments):
        if not payment.item_ids or not asked.item_ids.issuperset(payment.item_ids):
            continue
        if payment.state is PaymentState.AWAITING:
            return PlannedStep(Step.CLOSE_PAGE, payment.id)
        if payment.state is PaymentState.AUTHORISED:
            return PlannedStep(Step.RELEASE_MONEY, payment.id)
    return None


def _partners(parts: Iterable[PartnerPart]) -> PlannedStep | None:
    """Parts that a partner still keeps, the last first."""
    for part in reversed(tuple(parts)):
        if part.live:
            return PlannedStep(Step.PARTNER_CANCEL, part.id)
    return None


def _is_given_up(order: Order, part: PartnerPart, asked: Cancellation) -> bool:
    """Nobody who stays flies with the partner. A part is cancelled whole or not at all."""
    return all(item.id in asked.item_ids for item in order.items_on(part.segment_ids))


def is_whole(order: Order, asked: Cancellation) -> bool:
    """Whether nothing of the order is left after it."""
    return {item.id for item in order.live_items} <= asked.item_ids


def left_out(order: Order, asked: Cancellation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Segments and passengers that the booking loses: nothing that stays needs them."""
    staying = [item for item in order.live_items if item.id not in asked.item_ids]
    kept = {service.segment_id for item in staying for service in item.services}
    kept.update(order.segments_released)
    travelling = {item.passenger_id for item in staying}.union(order.passengers_released)
    return (
        tuple(
            each.id
            for each in order.segments
            if each.id not in kept and order.ticketed_here(each.id)
        ),
        tuple(each.id for each in order.passengers if each.id not in travelling),
    )


def let_go(payments: Iterable[Payment], at: datetime) -> tuple[PaymentReleased, ...]:
    """Payments that nobody tried yet, and nobody will."""
    return tuple(
        PaymentReleased(at=at, payment_id=payment.id)
        for payment in payments
        if payment.state is PaymentState.REQUESTED
    )


def _undo(document: Document, asked: Cancellation) -> Step | None:
    """Void what can be void; else refund what is refundable of it."""
    if asked.void and document.number not in asked.refused:
        return Step.VOID if document.live else None
    return Step.REFUND_DOCUMENTS if document.refundable or document.checked_in else None


def _all_money(order: Order, *, refunds: bool) -> PlannedStep | None:
    for payment in reversed(order.payments):
        if payment.state is PaymentState.AWAITING:
            return PlannedStep(Step.CLOSE_PAGE, payment.id)
        if payment.state is PaymentState.AUTHORISED:
            return PlannedStep(Step.RELEASE_MONEY, payment.id)
        if refunds and payment.state is PaymentState.CAPTURED:
            return refund_of(payment)
    return None


def refund_of(payment: Payment) -> PlannedStep:
    """Giving back a payment, or a part. The second refund of it is another one than the first."""
    mark = f"+{payment.returned.minor}" if payment.returned else ""
    return PlannedStep(Step.REFUND, payment.id, mark)


def _all_seats(order: Order) -> PlannedStep | None:
    if order.seats_released or not booked_here(order):
        return None
    return PlannedStep(Step.RELEASE_SEATS, BOOKING)

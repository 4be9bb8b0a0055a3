"""What a seller is told of an order: where it stands, what is pending, why it was closed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from ndc_oms.errors import Expired, NotAllowed, Refusal, Unavailable
from ndc_oms.fulfilment.plan import next_step
from ndc_oms.model.balance import covered, outstanding
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.status import OrderStatus, PaymentState
from ndc_oms.model.step import Failure, Step
from ndc_oms.model.under_way import FailedChange, Split
from ndc_oms.model.with_partners import wanted_there
from ndc_oms.offers.request import Notice
from ndc_oms.orders.airline_answers import notices as airline_notices
from ndc_oms.orders.request import OrderView
from ndc_oms.ports.store import OrderRecord

_CHARGED: Final = frozenset({PaymentState.CAPTURED, PaymentState.REFUNDED})
_PENDING: Final = {
    Step.REDIRECT: "the page on which the payer pays is being opened",
    Step.AUTHORISE: "the payment is being authorised",
    Step.BOOK: "the seats are held and being booked",
    Step.RESEAT: "the airline changed a flight, and other seats are being looked for",
    Step.SEAT: "the flights are booked and the chosen seats are being assigned",
    Step.ISSUE: "the seats are booked and tickets are being issued",
    Step.ISSUE_EMD: "the tickets are issued, and documents of services are being issued",
    Step.CAPTURE: "the tickets are issued and the payment is being captured",
    Step.UPDATE_BOOKING: "the booking is being brought up to date",
    Step.RELEASE_MONEY: "a payment that is not needed is being let go",
    Step.CLOSE_PAGE: "the page on which the payer pays is being closed",
    Step.VOID: "the documents are being voided",
    Step.REFUND_DOCUMENTS: "the documents are being refunded",
    Step.REFUND: "the money is being refunded",
    Step.RELEASE_SEATS: "the seats are being given back",
    Step.RELEASE_PART: "the seats are being given back",
    Step.PARTNER_BOOK: "the seats are held, and a partner airline is booking its flights",
    Step.PARTNER_ISSUE: "the seats are booked, and a partner airline is issuing its tickets",
    Step.PARTNER_CANCEL: "a partner airline is giving its seats back",
    Step.PARTNER_SERVE: "a partner airline is asked for services on its flights",
    Step.PARTNER_RENAME: "a partner airline is changing the name",
    Step.RESTORE_PARTNER_NAME: "the change could not be made, and a partner airline takes it back",
    Step.PARTNER_DIVIDE: "a partner airline is dividing its booking",
    Step.REACCOMMODATE: "the airline changed a flight, and the booking is being looked at",
    Step.HAND_OVER: "what a partner airline flies now is leaving the booking and the tickets",
    Step.REVALIDATE: "the documents are being made good for other flights",
    Step.USE_COUPON: "what was delivered is being told to the reservation system",
    Step.DIVIDE: "the booking is being divided",
    Step.ADD_FLIGHTS: "the new seats are held and being booked",
    Step.SPLIT: "some of its passengers get an order of their own",
    Step.RENAME: "the booking is getting the new name",
    Step.EXCHANGE: "the tickets are being exchanged",
    Step.REISSUE_EMD: "the documents of services are being issued anew",
    Step.ASSOCIATE: "the services are being put with the new tickets",
    Step.ISSUE_CHARGE: "the documents of fees and values are being issued",
    Step.DROP_FLIGHTS: "the old seats are being given back",
    Step.RELEASE_HOLD: "the seats that were held are being given back",
    Step.RESTORE: "the change could not be made, and the tickets become what they were",
    Step.RESTORE_EMD: "the change could not be made, and the documents of services follow",
    Step.RESTORE_NAME: "the change could not be made, and the booking gets the old name back",
}
_PAYMENT_CODES: Final = frozenset({"466", "708", "921", "923"})


def view(record: OrderRecord, *notices: Notice) -> OrderView:
    """The order as it stands, with a notice where it does not stand still."""
    return OrderView(record, (*notices, *standing(record.order)))


def created(record: OrderRecord, *notices: Notice) -> OrderView:
    """The answer to OrderCreate; raises the refusal of an order that could not be carried out."""
    refused = refusal(record.order)
    if refused is not None:
        raise refused
    return view(record, *notices)


def changed(record: OrderRecord, sequence: int, *notices: Notice) -> OrderView:
    """The answer to OrderChange; sequence: of the event that it brought about. Raises the refusal
    of a payment that failed, or of an order that could not be carried out once it was paid.
    """
    order = record.order
    asked = [payment for payment in order.payments if payment.batch == sequence]
    for payment in asked:
        if payment.state is PaymentState.DECLINED:
            raise _not_paid(order, payment)
    withdrawn = _withdrawn(order, asked, sequence)
    if withdrawn is not None:
        raise _not_added(order, withdrawn)
    failed = _failed_change(order)
    if failed is not None and failed.number == sequence:
        raise _not_changed(order, failed)
    refused = refusal(order) if asked else None
    if refused is not None:
        raise refused
    return view(record, *notices)


def _failed_change(order: Order) -> FailedChange | None:
    """The latest one, also while it is being taken back."""
    under_way = order.change
    if under_way is not None and under_way.failure is not None:
        return FailedChange(under_way.number, under_way.failure)
    return order.failed_change


def _not_changed(order: Order, failed: FailedChange) -> Refusal:
    kind: type[Refusal] = NotAllowed if failed.failure.code in _PAYMENT_CODES else Unavailable
    remedy = "Retrieve the order, send OrderReshop again, and accept what it offers."
    if failed.failure.code in _PAYMENT_CODES:
        remedy = f"Pay by other means. {remedy}"
    refused = kind(
        failed.failure.reason, code=failed.failure.code, remedy=remedy, done=_as_before(order)
    )
    refused.kept = True
    return refused


def _as_before(order: Order) -> str:
    if order.change is not None:
        return f"What was done is being taken back; then order {order.order_id} is as before."
    return f"Order {order.order_id} is as before, and nothing was charged for the change."


def standing(order: Order) -> tuple[Notice, ...]:
    """What a seller should know beside the order itself."""
    if order.failure is not None:
        return (Notice(f"{order.failure.reason} {_taken_back(order)}", order.failure.code),)
    refused: tuple[Notice, ...] = ()
    if order.update_refused:
        shown = "The booking does not show the latest of its passengers and services"
        text = f"{shown}: {order.update_refused}"
        refused = (Notice(f"{text.rstrip('.')}."),)
    refused = (*refused, *(Notice(each) for each in _not_taken(order)))
    refused = (*refused, *(Notice(_elsewhere(each)) for each in order.splits))
    failed = _failed_change(order)
    if failed is not None:
        text = f"The latest change was not made. {failed.failure.reason} {_as_before(order)}"
        refused = (*refused, Notice(text, failed.failure.code))
    planned = next_step(order)
    refused = (*airline_notices(order), *refused)
    if planned is None or planned.step is Step.LAPSE:
        return (*_to_pay(order), *refused)
    if planned.due_at is not None:
        return (Notice(_waiting(order)), *refused)
    text = (
        f"Pending: {_PENDING[planned.step]}. It goes on by itself; "
        f"retrieve order {order.order_id} to see how it ends."
    )
    return (Notice(text), *refused)


def _not_taken(order: Order) -> Iterator[str]:
    """Services that partners do not take for their flights."""
    for part in order.parts:
        for item, service in wanted_there(order, part) if part.kept else ():
            if service.id in part.refused:
                flight, product = order.segment(service.segment_id).flight, item.product_of(service)
                yield (
                    f"{part.carrier} does not take {product.name} ({product.ssr}) for passenger "
                    f"{item.passenger_id} on {flight.carrier}{flight.number}: ask the airline "
                    "itself for it."
                )


def _elsewhere(split: Split) -> str:
    return f"In order {split.order_id} now: {', '.join(split.passenger_ids)}."


def refusal(order: Order) -> Refusal | None:
    """Why the order could not be carried out, and what is left of it; None where it can be."""
    failure = order.failure
    if failure is None:
        return None
    kind: type[Refusal] = NotAllowed if failure.code in _PAYMENT_CODES else Unavailable
    kind = Expired if failure.step is Step.EXPIRE else kind
    remedy = "Shop again and order with another key: an offer is accepted once."
    if failure.code in _PAYMENT_CODES:
        remedy = f"Pay by other means. {remedy}"
    refused = kind(failure.reason, code=failure.code, remedy=remedy, done=_taken_back(order))
    refused.kept = True
    return refused


def _to_pay(order: Order) -> tuple[Notice, ...]:
    """Beside a question that is to be answered before it is to be paid."""
    limited = order.payment_limit_at is not None and not covered(order)
    return (Notice(_waiting(order)),) if limited and order.live_items else ()


def _waiting(order: Order) -> str:
    """What the order waits for, and until when."""
    for payment in order.payments:
        if payment.state is PaymentState.AWAITING and payment.expires_at is not None:
            then = "; the change is made then" if _is_for_change(order, payment) else ""
            return f"The payer can pay until {_time(payment.expires_at)}{then}."
    limit, guarantee = order.payment_limit_at, order.price_guarantee_until
    if limit is None or guarantee is None:
        raise AssertionError(f"{order.order_id} waits for nothing")
    open_ones = outstanding(order)
    text = f"{open_ones} is to be paid until {_time(limit)}; then the seats are given back."
    return f"{text} The price stands until {_time(guarantee)}." if guarantee < limit else text


def _is_for_change(order: Order, payment: Payment) -> bool:
    under_way = order.change is not None and order.change.number == payment.batch
    return under_way or order.replacing is not None


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _not_paid(order: Order, payment: Payment) -> Refusal:
    """A later payment failed; the hold stands as before."""
    stands = f"Order {order.order_id} stands as before, and nothing was charged."
    if order.status is OrderStatus.CLOSED or order.failure is not None:
        stands = _taken_back(order)
    refused = NotAllowed(
        payment.failure or "The payment failed.",
        code=payment.failure_code or "708",
        remedy="Retrieve the order, and pay in another way, with another key, before the payment "
        "time limit.",
        done=stands,
    )
    refused.kept = True
    return refused


def _withdrawn(order: Order, asked: list[Payment], sequence: int) -> Failure | None:
    """Why what these payments were for, or what was added without one, was taken back."""
    under_way = order.cancellation
    paid = {item_id for payment in asked for item_id in payment.item_ids}
    for item in order.ancillaries:
        if item.id not in paid and item.added != sequence:
            continue
        if item.withdrawn is not None:
            return item.withdrawn
        if under_way is not None and item.id in under_way.item_ids:
            return under_way.failure
    return None


def _not_added(order: Order, failure: Failure) -> Refusal:
    refused = Unavailable(
        failure.reason,
        code=failure.code,
        remedy="Retrieve the order, ask for its services again, and add what you need with another "
        "key.",
        done=f"Order {order.order_id} stands as before; what was authorised or charged for the "
        "addition is given back.",
    )
    refused.kept = True
    return refused


def _taken_back(order: Order) -> str:
    """What stands of a failed order, in one or two sentences."""
    name = f"Order {order.order_id}"
    charged = any(p.state in _CHARGED for p in order.payments)
    if order.status is OrderStatus.OPENED:
        money = "what was charged is refunded" if charged else "nothing is charged"
        return f"{name} is being taken back: {money} and no seat is kept."
    money = "what was charged was refunded" if charged else "nothing was charged"
    return f"{name} was made and closed again: {money} and no seat is kept."

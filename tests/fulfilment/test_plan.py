"""The plan: one step at a time forward, everything taken back in reverse, then closed."""

from tests.orders.fake_clock import NOW
from tests.orders.offered import SELLER, T, offer_for, party_of

from ndc_oms.fulfilment.plan import next_step, next_task, record, turn_round
from ndc_oms.fulfilment.planned import BOOKING, PlannedStep
from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.events import (
    DocumentsIssued,
    DocumentsVoided,
    Event,
    OrderClosed,
    OrderCreated,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentRefunded,
    PaymentReleased,
    SeatsBooked,
    SeatsReleased,
)
from ndc_oms.model.fold import apply
from ndc_oms.model.money import Money
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.status import CouponStatus, OrderStatus
from ndc_oms.model.step import Failure, Step
from ndc_oms.orders.build import Means, build


def order_of(*kinds: T, payments: int = 1) -> Order:
    offer = offer_for(party_of(*kinds))
    part = Money(100, "EUR")
    amounts = [part] * (payments - 1)
    amounts.append(offer.total - part * (payments - 1))
    return build(
        offer,
        order_id="XX2222222222",
        seller=SELLER.org_id,
        now=NOW,
        party=offer.party,
        takers={item.id: item.passenger for item in offer.items},
        means=[Means(PaymentForm.CARD, "cards", amount) for amount in amounts],
    )


def ticket(number: str, passenger: str) -> Document:
    coupon = Coupon(1, CouponStatus.OPEN, "SEG1", None)
    return Document(number, DocumentType.TICKET, passenger, NOW, (coupon,), Money(0, "EUR"))


def forward(order: Order) -> list[tuple[PlannedStep, Event]]:
    """The whole way: what is planned, and the event that its success brings."""
    pay = [p.id for p in order.payments]
    way: list[tuple[PlannedStep, Event]] = []
    for each in pay:
        event: Event = PaymentAuthorised(at=NOW, payment_id=each, authorisation=f"A-{each}")
        way.append((PlannedStep(Step.AUTHORISE, each), event))
    booking = BookingReference("XX", "ABC234")
    way.append((PlannedStep(Step.BOOK, BOOKING), SeatsBooked(at=NOW, booking=booking)))
    for n, passenger in enumerate(order.passengers):
        documents = (ticket(f"999000000000{n}", passenger.id),)
        event = DocumentsIssued(at=NOW, passenger_id=passenger.id, documents=documents)
        way.append((PlannedStep(Step.ISSUE, passenger.id), event))
    for payment in order.payments:
        event = PaymentCaptured(
            at=NOW, payment_id=payment.id, capture=f"C-{payment.id}", amount=payment.amount
        )
        way.append((PlannedStep(Step.CAPTURE, payment.id), event))
    return way


def undo(order: Order, planned: PlannedStep) -> Event:
    """The event that the success of a compensating step brings."""
    if planned.step is Step.VOID:
        return DocumentsVoided(at=NOW, numbers=(planned.subject,))
    if planned.step is Step.RELEASE_MONEY:
        return PaymentReleased(at=NOW, payment_id=planned.subject)
    if planned.step is Step.REFUND:
        amount = order.payment(planned.subject).amount
        return PaymentRefunded(at=NOW, payment_id=planned.subject, refund="R", amount=amount)
    return SeatsReleased(at=NOW)


def test_forward_in_this_order() -> None:
    order = order_of(T.ADULT, T.CHILD, T.INFANT, payments=2)
    for planned, event in forward(order):
        assert next_step(order) == planned
        order = apply(order, event)
    assert next_step(order) is None


def test_backward_from_every_place() -> None:
    start = order_of(T.ADULT, T.ADULT, payments=2)
    way = forward(start)
    for reached in range(len(way)):
        order = start
        for _, event in way[:reached]:
            order = apply(order, event)
        failure = Failure(way[reached][0].step, "493", "no")
        unit = record(order, turn_round(order, failure, NOW), NOW)
        steps = []
        while unit.next_task is not None:
            planned = PlannedStep(unit.next_task.step, unit.next_task.subject)
            steps.append(planned.step)
            unit = record(unit.order, (undo(unit.order, planned),), NOW)
        order_of_steps = [Step.VOID, Step.RELEASE_MONEY, Step.REFUND, Step.RELEASE_SEATS]
        voids = steps.count(Step.VOID)
        assert steps[:voids] == [Step.VOID] * voids
        assert steps[-1] is Step.RELEASE_SEATS
        assert set(steps) <= set(order_of_steps)
        assert isinstance(unit.events[-1], OrderClosed)
        assert unit.order.status is OrderStatus.CLOSED
        assert not any(d.live for d in unit.order.documents)
        assert next_step(unit.order) is None


def test_the_last_payment_fails_after_the_first_was_captured() -> None:
    order = order_of(T.ADULT, payments=2)
    for _, event in forward(order)[:-1]:
        order = apply(order, event)
    order = record(order, turn_round(order, Failure(Step.CAPTURE, "708", "no"), NOW), NOW).order
    steps = []
    while (planned := next_step(order)) is not None:
        steps.append((planned.step, planned.subject))
        order = record(order, (undo(order, planned),), NOW).order
    assert steps == [
        (Step.VOID, "9990000000000"),
        (Step.RELEASE_MONEY, "PAY2"),
        (Step.REFUND, "PAY1"),
        (Step.RELEASE_SEATS, BOOKING),
    ]


def test_keys_tell_steps_apart_and_stay_the_same() -> None:
    order = order_of(T.ADULT, T.ADULT, payments=2)
    keys = []
    for _, event in forward(order):
        task = next_task(order, NOW)
        assert task is not None
        assert task == next_task(order, NOW)
        keys.append(task.key)
        order = apply(order, event)
    assert len(set(keys)) == len(keys)
    assert keys[0] == "XX2222222222:authorise:PAY1"


def test_what_is_recorded_with_the_order() -> None:
    order = order_of(T.ADULT)
    unit = record(None, (OrderCreated(at=NOW, order=order),), NOW)
    assert (unit.from_sequence, unit.order, len(unit.transactions)) == (0, order, 1)
    assert unit.next_task is not None
    assert unit.next_task.step is Step.AUTHORISE

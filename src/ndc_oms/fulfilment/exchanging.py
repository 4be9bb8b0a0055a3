"""What a change needs next, decided from the order alone: pure, one step at a time.

Forward: the money that is collected is authorised, and a payer on a page is waited for; the
travellers get a booking of their own where others of it stay; the new flights come into the booking
beside the old ones; each ticket is exchanged, or revalidated, and the EMDs that would end with it
are let go before and go with the new one after; the money is captured. From there nothing turns
back: services that do not follow are refunded, fees and residual values get their documents, the
old seats are given back, the items are exchanged, and refunds go to the forms of payment. Where
nobody has paid, money and documents come after the change, as for any order that is held. A new
name comes into the booking first; ticket and EMDs are exchanged for such as bear it; partners are
asked last, who may refuse it.

Back: until the money is captured a step that cannot succeed takes the change back in reverse. The
old seats are still in the booking then, so that each ticket becomes what it was: an exchanged
coupon is final, and what restores it is an exchange of its own.
"""

from collections.abc import Iterator
from datetime import datetime

from ndc_oms.fulfilment.giving_back import let_go, refund_of
from ndc_oms.fulfilment.planned import BOOKING, PlannedStep, ask_for
from ndc_oms.fulfilment.renaming import emds_to_reissue, values_to_reissue
from ndc_oms.model.change import concerned, exchanged_seats, live_ticket
from ndc_oms.model.change_events import (
    ChangeAbandoned,
    ChangeFailed,
    ItemsChanged,
    NameChanged,
)
from ndc_oms.model.event import Event
from ndc_oms.model.events import PaymentDeclined
from ndc_oms.model.following import loose, tied
from ndc_oms.model.items import AncillaryItem
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.status import PaymentState
from ndc_oms.model.step import Failure, Step
from ndc_oms.model.under_way import Change
from ndc_oms.model.with_partners import to_rename


def change_step(order: Order, change: Change) -> PlannedStep | None:
    """The next step; None: `change_ending` says how it ends."""
    if change.failure is not None:
        return next(_taken_back(order, change), None)
    if change.applied:
        return refund_of(order.payment(change.refunds[0].payment_id))
    return next(_forward(order, change), None)


def _forward(order: Order, change: Change) -> Iterator[PlannedStep]:
    mark = _mark(change)
    yield from _promised(order, change)
    if change.dividing:
        yield PlannedStep(Step.DIVIDE, BOOKING, mark)
    coming, going = exchanged_seats(order, change)
    if coming and not change.seats_added:
        yield PlannedStep(Step.ADD_FLIGHTS, BOOKING, mark)
    yield from _named(order, change)
    for passenger in concerned(order, change):
        if live_ticket(order, passenger.id):
            yield from _documents(order, change, passenger.id)
    for part in to_rename(order, change):
        yield PlannedStep(Step.PARTNER_RENAME, part.id, mark)
    for payment in _batch(order, change):
        if payment.state is PaymentState.AUTHORISED and not change.unpaid:
            yield PlannedStep(Step.CAPTURE, payment.id)
    for number in _given_up(order, change):
        yield PlannedStep(Step.REFUND_DOCUMENTS, number)
    for charge in change.charges:
        if charge.number is None:
            yield PlannedStep(Step.ISSUE_CHARGE, charge.passenger_id, f"-{charge.kind}{mark}")
    if going and not change.seats_dropped:
        yield PlannedStep(Step.DROP_FLIGHTS, BOOKING, mark)


def _promised(order: Order, change: Change) -> Iterator[PlannedStep]:
    """Whoever pays is asked, and waited for."""
    for payment in _batch(order, change):
        if payment.state is PaymentState.REQUESTED:
            yield ask_for(payment)
    for payment in _batch(order, change):
        if payment.state is PaymentState.AWAITING:
            yield PlannedStep(Step.CLOSE_PAGE, payment.id, due_at=payment.expires_at)


def _named(order: Order, change: Change) -> Iterator[PlannedStep]:
    """The name before what bears it; who only flies with partners is in no booking of ours."""
    if change.renaming is None or change.renaming.booked:
        return
    if order.booking_of(change.renaming.passenger_id) is not None:
        yield PlannedStep(Step.RENAME, change.renaming.passenger_id, _mark(change))


def _documents(order: Order, change: Change, passenger_id: str) -> Iterator[PlannedStep]:
    """The passenger's EMDs off the ticket, the ticket, and its EMDs with the new one; or others in
    their place, for a new name.
    """
    mark = _mark(change)
    if passenger_id not in change.documented:
        for emd in tied(order, change, passenger_id):
            yield PlannedStep(Step.ASSOCIATE, emd.number, f"{mark}-off")
        yield PlannedStep(Step.EXCHANGE, passenger_id, mark)
    for emd in loose(order, change, passenger_id):
        yield PlannedStep(Step.ASSOCIATE, emd.number, mark)
    for item in emds_to_reissue(order, change):
        yield PlannedStep(Step.REISSUE_EMD, item.id, mark)
    for number in values_to_reissue(order, change):
        yield PlannedStep(Step.REISSUE_EMD, number, mark)


def _given_up(order: Order, change: Change) -> Iterator[str]:
    """Documents of services that do not follow."""
    for each in change.given_up:
        item = order.item(each.item_id)
        for document in order.emds_of(item) if isinstance(item, AncillaryItem) else ():
            if document.refundable:
                yield document.number


def _taken_back(order: Order, change: Change) -> Iterator[PlannedStep]:
    mark = _mark(change)
    for part in to_rename(order, change):
        yield PlannedStep(Step.RESTORE_PARTNER_NAME, part.id, mark)
    tickets = {each.id for each in order.passengers}.intersection(change.documented)
    for passenger_id in (each for each in reversed(change.documented) if each in tickets):
        for emd in tied(order, change, passenger_id):
            yield PlannedStep(Step.ASSOCIATE, emd.number, f"{mark}-back-off")
        yield PlannedStep(Step.RESTORE, passenger_id, mark)
    for passenger in concerned(order, change):
        for emd in loose(order, change, passenger.id):
            yield PlannedStep(Step.ASSOCIATE, emd.number, f"{mark}-back")
    for number in values_to_reissue(order, change):
        yield PlannedStep(Step.RESTORE_EMD, number, mark)
    for item in emds_to_reissue(order, change):
        yield PlannedStep(Step.RESTORE_EMD, item.id, mark)
    if change.renaming is not None and change.renaming.booked:
        yield PlannedStep(Step.RESTORE_NAME, change.renaming.passenger_id, mark)
    yield from _paid_back(order, change)
    if change.seats_added:
        yield PlannedStep(Step.DROP_FLIGHTS, BOOKING, f"{mark}-back")
    elif change.hold_reference and not change.hold_released:
        yield PlannedStep(Step.RELEASE_HOLD, BOOKING, mark)


def _paid_back(order: Order, change: Change) -> Iterator[PlannedStep]:
    for payment in reversed(_batch(order, change)):
        if payment.state is PaymentState.AWAITING:
            yield PlannedStep(Step.CLOSE_PAGE, payment.id)
        if payment.state is PaymentState.AUTHORISED:
            yield PlannedStep(Step.RELEASE_MONEY, payment.id)
        if payment.state is PaymentState.CAPTURED:
            yield refund_of(payment)


def _mark(change: Change) -> str:
    """An order may be changed several times."""
    return f"~{change.number}"


def _batch(order: Order, change: Change) -> tuple[Payment, ...]:
    """What is collected for the change."""
    return tuple(each for each in order.payments if each.batch == change.number)


def change_ending(change: Change, at: datetime) -> Event | None:
    """What follows by itself where no step is left."""
    if change.failure is not None:
        return ChangeAbandoned(at=at)
    if change.renaming is not None:
        return NameChanged(at=at, passenger_id=change.renaming.passenger_id)
    return None if change.applied else ItemsChanged(at=at)


def change_failed(order: Order, subject: str, failure: Failure, at: datetime) -> tuple[Event, ...]:
    """A step that cannot succeed. subject: of the step; payments that nobody tried are let go."""
    change = order.change
    if change is None:
        raise AssertionError("no change is under way")
    failed: tuple[Event, ...] = ()
    if failure.step in {Step.AUTHORISE, Step.REDIRECT}:
        failed = (
            PaymentDeclined(at=at, payment_id=subject, reason=failure.reason, code=failure.code),
        )
    others = (each for each in _batch(order, change) if each.id != subject)
    return (*failed, ChangeFailed(at=at, failure=failure), *let_go(others, at))

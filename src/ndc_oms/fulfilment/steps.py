"""One deed a step: how it is asked for, how one asks what became of it, what it makes happen.

The table DEEDS is literal: step by step, what the other side is told and which events follow
when it confirms. What follows when it does not is decided in `decide.py`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from ndc_oms.fulfilment.booking import booking, ticket
from ndc_oms.model.documents import Document
from ndc_oms.model.events import (
    DocumentsIssued,
    DocumentsVoided,
    Event,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentRefunded,
    PaymentReleased,
    SeatsBooked,
    SeatsReleased,
)
from ndc_oms.model.order import BookingReference, Order, Payment, Step
from ndc_oms.model.passenger import People
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.outcome import Confirmed, Outcome, Unknown
from ndc_oms.ports.payment import Charge, PaymentGateway
from ndc_oms.ports.pss import Pnr, Pss

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Sides:
    """The systems that steps talk to. gateways: by the name that payments bear."""

    pss: Pss
    gateways: Mapping[str, PaymentGateway]


@dataclass(frozen=True, slots=True)
class Deed:
    """One step towards the other side.

    send: does it. find: what an earlier sending made; Confirmed(None) where it was certainly not
    done. events: what a confirmed answer means for the order.
    """

    send: Callable[[], Awaitable[Outcome[Any]]]
    find: Callable[[], Awaitable[Outcome[Any]]]
    events: Callable[[Any, datetime], tuple[Event, ...]]


@dataclass(frozen=True, slots=True)
class Ask:
    """For what a deed is made. reference: the task's key."""

    sides: Sides
    order: Order
    people: People
    subject: str
    reference: str

    @property
    def payment(self) -> Payment:
        return self.order.payment(self.subject)

    @property
    def gateway(self) -> PaymentGateway:
        return self.sides.gateways[self.payment.gateway]

    async def found_payment(self) -> Outcome[Any]:
        return await self.gateway.find(self.reference)

    async def found(self, kind: type[Any]) -> Outcome[Any]:
        """What the PSS made under our reference, when it is of this kind."""
        found = await self.sides.pss.find(self.reference)
        if not isinstance(found, Confirmed) or found.value is None:
            return found
        if not isinstance(found.value, kind):
            return Unknown(f"the PSS has a {type(found.value).__name__} under {self.reference}")
        return found


async def _nothing_to_find() -> Outcome[Any]:
    """For verbs that confirm however often they are sent."""
    return Confirmed(None)


def _authorise(ask: Ask) -> Deed:
    payment = ask.payment
    charge = Charge(ask.order.order_id, payment.amount, payment.card, payment.agency_number)
    return Deed(
        lambda: ask.gateway.authorise(ask.reference, charge),
        ask.found_payment,
        lambda text, at: (PaymentAuthorised(at=at, payment_id=payment.id, authorisation=text),),
    )


def _capture(ask: Ask) -> Deed:
    payment = ask.payment
    return Deed(
        lambda: ask.gateway.capture(ask.reference, payment.authorisation or "", payment.amount),
        ask.found_payment,
        lambda text, at: (
            PaymentCaptured(at=at, payment_id=payment.id, capture=text, amount=payment.amount),
        ),
    )


def _release_money(ask: Ask) -> Deed:
    payment = ask.payment
    return Deed(
        lambda: ask.gateway.release(ask.reference, payment.authorisation or ""),
        ask.found_payment,
        lambda _, at: (PaymentReleased(at=at, payment_id=payment.id),),
    )


def _refund(ask: Ask) -> Deed:
    payment = ask.payment
    return Deed(
        lambda: ask.gateway.refund(ask.reference, payment.capture or "", payment.amount),
        ask.found_payment,
        lambda text, at: (
            PaymentRefunded(at=at, payment_id=payment.id, refund=text, amount=payment.amount),
        ),
    )


def _book(ask: Ask) -> Deed:
    def booked(pnr: Pnr, at: datetime) -> tuple[Event, ...]:
        return (SeatsBooked(at=at, booking=BookingReference(pnr.carrier, pnr.locator)),)

    return Deed(
        lambda: ask.sides.pss.book(ask.reference, booking(ask.order, ask.people)),
        lambda: ask.found(Pnr),
        booked,
    )


def _issue(ask: Ask) -> Deed:
    def issued(documents: tuple[Document, ...], at: datetime) -> tuple[Event, ...]:
        return (DocumentsIssued(at=at, passenger_id=ask.subject, documents=documents),)

    return Deed(
        lambda: ask.sides.pss.issue(ask.reference, ticket(ask.order, ask.people, ask.subject)),
        lambda: ask.found(tuple),
        issued,
    )


def _void(ask: Ask) -> Deed:
    async def find() -> Outcome[Any]:
        """Ours, or voided by somebody at the PSS: then there is nothing left to do either."""
        found = await ask.found(tuple)
        if found != Confirmed(None):
            return found
        shown = await ask.sides.pss.document(ask.subject)
        if not isinstance(shown, Confirmed) or shown.value is None:
            return found
        void = all(coupon.status is CouponStatus.VOID for coupon in shown.value.coupons)
        return shown if void else found

    return Deed(
        lambda: ask.sides.pss.void(ask.reference, ask.subject),
        find,
        lambda _, at: (DocumentsVoided(at=at, numbers=(ask.subject,)),),
    )


def _release_seats(ask: Ask) -> Deed:
    def released(_: object, at: datetime) -> tuple[Event, ...]:
        return (SeatsReleased(at=at),)

    if not ask.order.bookings:
        hold = ask.order.hold_reference
        return Deed(lambda: ask.sides.pss.release(hold), _nothing_to_find, released)
    locator = ask.order.bookings[0].locator
    return Deed(
        lambda: ask.sides.pss.cancel(ask.reference, locator), lambda: ask.found(Pnr), released
    )


DEEDS: Final[Mapping[Step, Callable[[Ask], Deed]]] = {
    Step.AUTHORISE: _authorise,
    Step.BOOK: _book,
    Step.ISSUE: _issue,
    Step.CAPTURE: _capture,
    Step.VOID: _void,
    Step.RELEASE_MONEY: _release_money,
    Step.REFUND: _refund,
    Step.RELEASE_SEATS: _release_seats,
}

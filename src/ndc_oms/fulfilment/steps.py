"""One deed a step: the table DEEDS is literal. Here are those that concern the PSS, those about
money are in `paying.py`. What follows when the other side does not confirm is decided in
`decide.py`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from ndc_oms.fulfilment import (
    bookings,
    change_deeds,
    partner_changes,
    partners,
    paying,
    protecting,
    reaccommodating,
    renaming,
    splitting,
    using,
)
from ndc_oms.fulfilment.airline_changes import unticketed
from ndc_oms.fulfilment.booking import booking, emd, seats_reference, ticket
from ndc_oms.fulfilment.deed import Ask, Deed, nothing_to_do, nothing_to_find
from ndc_oms.fulfilment.plan import turn_round
from ndc_oms.fulfilment.seats import seated_then, to_seat
from ndc_oms.model.documents import Document
from ndc_oms.model.events import (
    CouponState,
    DocumentsIssued,
    DocumentsRefunded,
    DocumentsVoided,
    Event,
    SeatsAssigned,
    SeatsBooked,
)
from ndc_oms.model.order import BookingReference
from ndc_oms.model.status import CouponStatus
from ndc_oms.model.step import Failure, Step
from ndc_oms.ports.outcome import Confirmed, Outcome, Unknown
from ndc_oms.ports.pss import DocumentRequest, Pnr


def _book(ask: Ask) -> Deed:
    asked = booking(ask.order, ask.people)

    def booked(pnr: Pnr, at: datetime) -> tuple[Event, ...]:
        reference = BookingReference(pnr.carrier, pnr.locator)
        return (SeatsBooked(at=at, booking=reference, seated=asked.choices),)

    return Deed(
        lambda: ask.sides.pss.book(ask.reference, asked),
        lambda: ask.found(Pnr),
        booked,
    )


def _seat(ask: Ask) -> Deed:
    own, choices = to_seat(ask.order, ask.subject)
    held = seats_reference(ask.order)
    then = seated_then(ask.order, own)
    return Deed(
        lambda: ask.sides.pss.assign_seats(ask.reference, own.locator, held, choices),
        lambda: ask.found(Pnr),
        lambda _, at: (SeatsAssigned(at=at, seated=then),),
    )


def _issue(ask: Ask) -> Deed:
    items = unticketed(ask.order, ask.subject)
    return _documents(ask, ticket(ask.order, ask.people, ask.subject, items))


def _issue_emd(ask: Ask) -> Deed:
    return _documents(ask, emd(ask.order, ask.people, ask.subject))


def _documents(ask: Ask, request: DocumentRequest) -> Deed:
    passenger = request.passenger_id

    def issued(documents: tuple[Document, ...], at: datetime) -> tuple[Event, ...]:
        return (DocumentsIssued(at=at, passenger_id=passenger, documents=documents),)

    return Deed(
        lambda: ask.sides.pss.issue(ask.reference, request), lambda: ask.found(tuple), issued
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


def _refund_documents(ask: Ask) -> Deed:
    """A conjunction set is refunded whole, and EMD-As with it. What the coupons are then, the PSS
    is asked.
    """

    async def send() -> Outcome[Any]:
        opened = await _open_again(ask)
        if not isinstance(opened, Confirmed):
            return opened
        refunded = await ask.sides.pss.refund(ask.reference, ask.subject)
        return await _shown(ask) if isinstance(refunded, Confirmed) else refunded

    async def find() -> Outcome[Any]:
        """Ours, or refunded by somebody at the PSS."""
        found = await ask.found(tuple)
        if not isinstance(found, Confirmed):
            return found
        shown = await _shown(ask)
        if found.value is not None or not isinstance(shown, Confirmed):
            return shown
        left = any(
            each.refundable or each.checked_in
            for each in shown.value
            if ask.subject in (each.number, each.conjunction_of)
        )
        return Confirmed(None) if left else shown

    def refunded(documents: tuple[Document, ...], at: datetime) -> tuple[Event, ...]:
        states = tuple(
            CouponState(document.number, coupon.number, coupon.status)
            for document in documents
            for coupon in document.coupons
        )
        return (DocumentsRefunded(at=at, coupons=states),)

    return Deed(send, find, refunded)


async def _open_again(ask: Ask) -> Outcome[Any]:
    """A coupon with which somebody has checked in is not refunded as it is. Each move has a
    reference of its own; one that was made is not seen any more.
    """
    named = next(d for d in ask.order.documents if d.number == ask.subject)
    shown = await _shown(ask) if named.checked_in else Confirmed(())
    if not isinstance(shown, Confirmed):
        return shown
    for document in shown.value:
        for coupon in document.checked_in:
            reference = f"{ask.reference}/{document.number}/{coupon.number}"
            opened = await ask.sides.pss.set_coupon(
                reference, document.number, coupon.number, CouponStatus.OPEN
            )
            if not isinstance(opened, Confirmed):
                return opened
    return shown


async def _shown(ask: Ask) -> Outcome[tuple[Document, ...]]:
    """The document and those in conjunction with it, and what goes with them, as the PSS has them
    now.
    """
    named = next(d for d in ask.order.documents if d.number == ask.subject)
    first = named.conjunction_of or named.number
    documents = []
    for each in ask.order.documents:
        if first not in (each.number, each.conjunction_of, each.associated_with):
            continue
        shown = await ask.sides.pss.document(each.number)
        if not isinstance(shown, Confirmed):
            return shown
        if shown.value is None:
            return Unknown(f"the PSS does not show {each.number}")
        documents.append(shown.value)
    return Confirmed(tuple(documents))


def _expire(ask: Ask) -> Deed:
    """Nobody is asked: the time has come, and nothing was paid."""
    failure = Failure(Step.EXPIRE, "303", "The order was not paid by its payment time limit.")
    return Deed(nothing_to_do, nothing_to_find, lambda _, at: turn_round(ask.order, failure, at))


DEEDS: Final[Mapping[Step, Callable[[Ask], Deed]]] = {
    Step.REDIRECT: paying.redirect,
    Step.AUTHORISE: paying.authorise,
    Step.BOOK: _book,
    Step.RESEAT: reaccommodating.reseat,
    Step.SEAT: _seat,
    Step.ISSUE: _issue,
    Step.ISSUE_EMD: _issue_emd,
    Step.CAPTURE: paying.capture,
    Step.VOID: _void,
    Step.REFUND_DOCUMENTS: _refund_documents,
    Step.RELEASE_MONEY: paying.release_money,
    Step.REFUND: paying.refund,
    Step.RELEASE_SEATS: bookings.release_seats,
    Step.RELEASE_PART: bookings.release_part,
    Step.UPDATE_BOOKING: bookings.update_booking,
    Step.PARTNER_BOOK: partners.book,
    Step.PARTNER_ISSUE: partners.issue,
    Step.PARTNER_CANCEL: partners.cancel,
    Step.PARTNER_SERVE: partner_changes.serve,
    Step.PARTNER_RENAME: partner_changes.rename,
    Step.RESTORE_PARTNER_NAME: partner_changes.rename,
    Step.PARTNER_DIVIDE: partner_changes.divide,
    Step.DIVIDE: change_deeds.divide,
    Step.ADD_FLIGHTS: change_deeds.add_flights,
    Step.SPLIT: splitting.split,
    Step.RENAME: renaming.rename,
    Step.EXCHANGE: change_deeds.exchange,
    Step.REISSUE_EMD: renaming.reissue_emd,
    Step.ASSOCIATE: change_deeds.associate,
    Step.ISSUE_CHARGE: change_deeds.issue_charge,
    Step.DROP_FLIGHTS: change_deeds.drop_flights,
    Step.RELEASE_HOLD: change_deeds.release_hold,
    Step.RESTORE: change_deeds.restore,
    Step.RESTORE_EMD: renaming.reissue_emd,
    Step.RESTORE_NAME: renaming.rename,
    Step.CLOSE_PAGE: paying.close_page,
    Step.EXPIRE: _expire,
    Step.REACCOMMODATE: reaccommodating.reaccommodate,
    Step.REVALIDATE: reaccommodating.revalidate,
    Step.USE_COUPON: using.use_coupon,
    Step.HAND_OVER: protecting.hand_over,
    Step.LAPSE: reaccommodating.lapse,
}

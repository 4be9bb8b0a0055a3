"""Names that change: the booking's traveller, and the EMDs that go with another ticket or name.

An EMD-A ends with the ticket that it is on, and is issued anew on the next one; an EMD-S is
exchanged for another, and so is the document of a value that is left. All is done again,
backwards, where the change fails.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ndc_oms.fulfilment import names
from ndc_oms.fulfilment.booking import emd, traveller
from ndc_oms.fulfilment.deed import Ask, Deed
from ndc_oms.model.ancillary import EmdKind
from ndc_oms.model.change import residual_values
from ndc_oms.model.change_events import EmdReissued, TravellerRenamed
from ndc_oms.model.documents import FINANCIAL, RESIDUAL, Coupon, Document
from ndc_oms.model.event import Event
from ndc_oms.model.items import AncillaryItem
from ndc_oms.model.order import Order
from ndc_oms.model.status import CouponStatus
from ndc_oms.model.under_way import Change
from ndc_oms.ports.outcome import Confirmed, Outcome, Unknown
from ndc_oms.ports.pss import CouponRequest, DocumentRequest, Pnr


def rename(ask: Ask) -> Deed:
    """As the people say now: the new name, or the old one while the change is taken back."""
    passenger = next(each for each in ask.order.passengers if each.id == ask.subject)
    booking = ask.order.booking_of(passenger.id)
    if booking is None:
        raise AssertionError(f"{passenger.id} is in no booking of ours")
    named = traveller(passenger, ask.people.person(passenger.id))
    return Deed(
        lambda: ask.sides.pss.rename(ask.reference, booking.locator, named),
        lambda: ask.found(Pnr),
        lambda _, at: (TravellerRenamed(at=at, passenger_id=passenger.id),),
    )


def emds_to_reissue(order: Order, change: Change) -> Iterator[AncillaryItem]:
    """Of whoever gets another name, items whose document must be another one now: on the way forth
    those that do not bear the name yet, on the way back those that do not bear the old one.
    """
    if change.renaming is None:
        return
    back = change.failure is not None
    for item in order.live_ancillaries:
        if item.passenger_id != change.renaming.passenger_id:
            continue
        done = (item.id in change.documented) is not back
        if item.product.emd is EmdKind.ASSOCIATED:
            if CouponStatus.EXCHANGED in _states(order, item):
                yield item
        elif not done and CouponStatus.OPEN in _states(order, item):
            yield item


def _states(order: Order, item: AncillaryItem) -> set[CouponStatus]:
    return {coupon.status for _, coupon in _latest(order, item).values()}


def _latest(order: Order, item: AncillaryItem) -> dict[str, tuple[Document, Coupon]]:
    """What each service of the item stands on, by its id: the document that was issued last."""
    return {
        coupon.service_id: (document, coupon)
        for document in order.documents
        for coupon in document.coupons
        if coupon.service_id in item.service_ids and coupon.service_id is not None
    }


def values_to_reissue(order: Order, change: Change) -> Iterator[str]:
    """Of whoever gets another name, values that are left on documents, by the number that each had
    when the change was accepted. What belongs to whom flew before stays in that name.
    """
    renaming = change.renaming
    if renaming is None or renaming.another:
        return
    numbers = {each.number for each in order.documents}
    if change.failure is not None:
        yield from (each for each in change.documented if each in numbers)
        return
    for value in residual_values(order, renaming.passenger_id):
        if value.exchange_of not in change.documented:
            yield value.number


def reissue_emd(ask: Ask) -> Deed:
    """Of an ancillary item, or of a value by its document's number."""
    if any(each.number == ask.subject for each in ask.order.documents):
        return _reissue_value(ask)
    return _reissue_service(ask)


def _reissue_value(ask: Ask) -> Deed:
    """The same value, in the name that the passenger has now."""
    order = ask.order
    named = next(each for each in order.documents if each.number == ask.subject)
    live = residual_values(order, named.passenger_id)
    old = next(each for each in live if ask.subject in (each.number, each.exchange_of))
    kind = next(each.type for each in order.passengers if each.id == old.passenger_id)
    booking = order.booking_of(old.passenger_id)
    if booking is None:
        raise AssertionError(f"{old.passenger_id} is in no booking of ours")
    request = DocumentRequest(
        locator=booking.locator,
        type=old.type,
        passenger_id=old.passenger_id,
        passenger_name=names.printed(ask.people.person(old.passenger_id), kind),
        coupons=(CouponRequest(None, None, None, None, old.total, rfisc=RESIDUAL),),
        total=old.total,
        rfic=FINANCIAL,
    )
    return _exchanged(ask, (old.number,), request)


def _reissue_service(ask: Ask) -> Deed:
    """For the services that are not used yet. An EMD-A is on the passenger's ticket of now."""
    item = next(each for each in ask.order.ancillaries if each.id == ask.subject)
    associated = item.product.emd is EmdKind.ASSOCIATED
    due = CouponStatus.EXCHANGED if associated else CouponStatus.OPEN
    stands = {
        service_id: document
        for service_id, (document, coupon) in _latest(ask.order, item).items()
        if coupon.status is due
    }
    request = emd(ask.order, ask.people, item.id, frozenset(stands))
    old = tuple({document.number: document for document in stands.values()})
    return _issued(ask, request) if associated else _exchanged(ask, old, request)


def _issued(ask: Ask, request: DocumentRequest) -> Deed:
    return Deed(
        lambda: ask.sides.pss.issue(ask.reference, request),
        lambda: ask.found(tuple),
        lambda documents, at: _reissued(ask, documents, at),
    )


def _exchanged(ask: Ask, old: tuple[str, ...], request: DocumentRequest) -> Deed:
    """old: numbers of the set that is exchanged, the first one first."""
    pss = ask.sides.pss

    async def send() -> Outcome[Any]:
        made = await pss.exchange(ask.reference, old[0], request)
        return await with_old(made.value) if isinstance(made, Confirmed) else made

    async def find() -> Outcome[Any]:
        found = await ask.found(tuple)
        if not isinstance(found, Confirmed) or found.value is None:
            return found
        return await with_old(found.value)

    async def with_old(made: tuple[Document, ...]) -> Outcome[tuple[Document, ...]]:
        shown = []
        for number in old:
            answer = await pss.document(number)
            if not isinstance(answer, Confirmed):
                return answer
            if answer.value is None:
                return Unknown(f"the PSS does not show {number}")
            shown.append(answer.value)
        return Confirmed((*shown, *made))

    return Deed(send, find, lambda documents, at: _reissued(ask, documents, at))


def _reissued(ask: Ask, documents: tuple[Document, ...], at: datetime) -> tuple[Event, ...]:
    known = {document.number for document in ask.order.documents}
    changed = tuple(each for each in documents if each.number in known)
    issued = tuple(each for each in documents if each.number not in known)
    return (EmdReissued(at=at, item_id=ask.subject, changed=changed, issued=issued),)

"""What happens to an order without its seller: flights change, passengers fly or do not come, time
passes; and what the seller says to changes.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from tests.e2e.airline import asm, cancelled, retimed
from tests.sequences.life import DONE, NOT_NOW, REFUSED, Life, awaiting, flown_segments

from ndc_oms.kit.servicing import accept_cancelled, accept_change, order_reshop
from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.order import Order
from ndc_oms.model.status import COUPON, CouponStatus
from ndc_oms.ports.outcome import Confirmed, Outcome

_C = CouponStatus
_AT_AIRPORTS: Final = (_C.OPEN, _C.CHECKED_IN, _C.LIFTED, _C.FLOWN, _C.SUSPENDED, _C.IRREGULAR)
_HALTED: Final = (_C.SUSPENDED, _C.IRREGULAR)


# -- flights -----------------------------------------------------------------------------------


async def change_flight(life: Life, order: Order) -> bool | None:
    """By one schedule message or two."""
    now, own = life.house.clock.now(), order.owner
    ours = [s for s in flown_segments(order) if s.flight.operator == own]
    coming = [each for each in ours if each.flight.departure > now + timedelta(hours=30)]
    if not coming:
        return NOT_NOW
    segment = life.random.choice(coming)
    kind, messages = life.random.choice(list(_messages(segment)))
    life.told[-1] += f" {kind} {segment.flight.key}"
    return await _told(life, await life.house.pss.schedule(messages))


def _messages(segment: OrderSegment) -> Iterator[tuple[str, str]]:
    own, legs = segment.flight.legs[0].aircraft, len(segment.flight.legs)
    yield "TIM", retimed(segment, timedelta(minutes=10))
    yield "TIM", retimed(segment, timedelta(minutes=-40))
    yield "TIM", retimed(segment, timedelta(hours=3))
    yield "CNL", cancelled(segment)
    yield "EQT", asm("EQT", segment, "J 77W")
    yield "CON", asm("CON", segment, f"J {own} Y1")
    if legs == 1:
        times = retimed(segment, timedelta(hours=2)).splitlines()[4:]
        yield "RPL", asm("RPL", segment, "J 77W", *times)
    yield "CNL, RIN", "\n".join([cancelled(segment), asm("RIN", segment)])


async def _told(life: Life, outcome: Outcome[object]) -> bool:
    if not isinstance(outcome, Confirmed):
        life.told[-1] += f" {outcome}"
        return REFUSED
    await life.house.settle()
    return DONE


# -- what the seller says to it ----------------------------------------------------------------


async def accept_as_changed(life: Life, order: Order) -> bool | None:
    if not order.open_changes:
        return NOT_NOW
    live = {each.id for each in order.live}
    items = list(dict.fromkeys(i for e in order.open_changes for i in e.item_ids if i in live))
    if not items:
        return NOT_NOW
    return await life.change(order, accept_change(items), may=("182", "185"))


async def take_it_all_back(life: Life, order: Order) -> bool | None:
    """Of what the airline changed, without a fee."""
    if not order.open_changes or awaiting(order):
        return NOT_NOW
    live = {each.id for each in order.live}
    named = (i for each in order.open_changes for i in each.item_ids if i in live)
    items = list(dict.fromkeys(named))
    quoted = await life.ask(order_reshop(order.order_id, items, sender=life.sender))
    if quoted.errors:
        return life.came(quoted, ("182", "185", "324", "386", "496"))
    offer_id = quoted.text("Response/ReshopResults/ReshopOffers/Offer/OfferID")
    return await life.change(order, accept_cancelled(offer_id, owner=order.owner))


async def say_nothing(life: Life, order: Order) -> bool | None:
    """Until the limit, when what was announced is done."""
    limits = [each.limit_at for each in order.open_changes if each.limit_at is not None]
    if not limits:
        return NOT_NOW
    left = max(min(limits) - life.house.clock.now(), timedelta()) + timedelta(minutes=1)
    await life.house.wait(left)
    return DONE


# -- airports ----------------------------------------------------------------------------------


async def move_coupon(life: Life, order: Order) -> bool | None:
    """One coupon by one move of its table, in the order in which they are flown."""
    found = [
        (document, coupon, status)
        for document, coupon in _coupons(order)
        for status in _AT_AIRPORTS
        if status is not coupon.status and COUPON.may(coupon.status, status)
    ]
    if not found:
        return NOT_NOW
    halted = [each for each in found if each[1].status in _HALTED and each[2] is _C.OPEN]
    if halted and life.chance(0.7):  # so that not every order ends in a queue
        found = halted
    document, coupon, status = life.random.choice(found)
    life.told[-1] += f" {document.number}/{coupon.number} {coupon.status}→{status}"
    return await _told(life, await _set(life, document, coupon, status))


async def fly(life: Life, order: Order) -> bool | None:
    """The next flight leaves, with everybody who can board; of the others it is told that they
    did not come.
    """
    now, coming = life.house.clock.now(), life.coming(order)
    if not coming or not any(d.live for d in order.documents):
        return NOT_NOW
    left = coming[0].flight.departure - now - timedelta(hours=1)
    await life.house.wait(left)
    for document, coupon in _coupons(life.order):
        if coupon.segment_id == coming[0].id:
            await _board(life, document, coupon)
    await life.house.wait(timedelta(hours=3))
    return DONE


async def _board(life: Life, document: Document, coupon: Coupon) -> None:
    if coupon.status is _C.OPEN and life.chance(0.2):
        await life.house.pss.no_show(document.number, coupon.number)
        return
    way = {
        _C.OPEN: (_C.CHECKED_IN, _C.LIFTED, _C.FLOWN),
        _C.AIRPORT_CONTROL: (_C.CHECKED_IN, _C.LIFTED, _C.FLOWN),
        _C.CHECKED_IN: (_C.LIFTED, _C.FLOWN),
        _C.LIFTED: (_C.FLOWN,),
    }
    for status in way.get(coupon.status, ()):
        if not isinstance(await _set(life, document, coupon, status), Confirmed):
            return  # one of the flights before it was not flown


def _coupons(order: Order) -> Iterator[tuple[Document, Coupon]]:
    """Of our own tickets, those that may still move; nobody boards a flight that is not flown, or
    that a partner flies instead.
    """
    known = {segment.id for segment in order.segments}
    stranded = {
        (passenger.id, flown.segment_id)
        for passenger in order.passengers
        for change in order.airline_changes
        for bound in change.bounds
        for flown in (bound.old if not bound.new and bound.concerns(passenger.id) else ())
    }
    for document in order.documents:
        if document.type is DocumentType.TICKET and not document.issuer:
            for coupon in document.coupons:
                grounded = (document.passenger_id, coupon.segment_id) in stranded
                here = coupon.segment_id in known and not grounded
                if coupon.status not in COUPON.final and here:
                    yield document, coupon


async def _set(
    life: Life, document: Document, coupon: Coupon, status: CouponStatus
) -> Outcome[Document]:
    reference = life.key()
    return await life.house.pss.set_coupon(reference, document.number, coupon.number, status)


# -- time --------------------------------------------------------------------------------------


async def wait(life: Life, order: Order) -> bool | None:
    """Some hours; holds end meanwhile, offers and void windows too."""
    hours = life.random.choice((1, 1, 5, 13, 26, 50))
    life.told[-1] += f" {hours} h"
    await life.house.wait(timedelta(hours=hours))
    return DONE

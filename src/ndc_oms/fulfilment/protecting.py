"""Partners that fly passengers whom we cannot: which is asked, what is left behind, and the end of
what we had booked and ticketed ourselves. Booking and documents are as of any partner's part.

A partner that does not say in time what it has, has nothing: the next one is asked.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ndc_oms.fulfilment.asking import answer_of
from ndc_oms.fulfilment.bookings import own_bookings
from ndc_oms.fulfilment.deed import Ask, Booked, Deed, Need, Rerouting, nothing_to_find
from ndc_oms.model.airline_change import AirlineChange
from ndc_oms.model.balance import paid_back, to_forms
from ndc_oms.model.cancellation import Cancellation
from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.model.events import CouponState, Event, HandedOver, ProtectionDeclined
from ndc_oms.model.item_states import is_used
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.order import Order
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.protecting import is_of, protection_of
from ndc_oms.model.status import COUPON, CouponStatus
from ndc_oms.ports.outcome import Confirmed, Outcome, Unknown
from ndc_oms.ports.partner import Partner, PartnerOffer

SEEK_S: Final = 6.0  # for all partners together, so that the step ends within its lease
FIRM: Final = 3  # offers of one partner that are made firm until one is

_OPENED_FIRST: Final = frozenset({CouponStatus.IRREGULAR, CouponStatus.NOTIFICATION})
_LEFT_BEHIND: Final = "A partner airline flies instead of ours, and has none of it on board."


async def sought(
    partners: Mapping[str, Partner], known: Rerouting, order: Order, made: Sequence[Booked]
) -> PartnerPart | None:
    """What is to be booked next at a partner; None where nothing is missing, or nobody has it."""
    try:
        async with asyncio.timeout(SEEK_S):
            for need in known.needs(order, made):
                for name, within_s in need.partners:
                    partner = partners.get(name)
                    found = partner and await _best(partner, known, need, within_s)
                    if found:
                        return known.part(order, need, name, found)
    except TimeoutError:
        pass
    return None


async def _best(
    partner: Partner, known: Rerouting, need: Need, within_s: float
) -> PartnerOffer | None:
    """Firm, and still for the very passengers."""
    offers: list[tuple[int, PartnerOffer]] = []
    for at, seek in enumerate(need.seeks):
        answer = await answer_of(partner.search(seek), within_s)
        if not isinstance(answer, Confirmed):
            return None
        offers += [(at, each) for each in answer.value]
    asked = {id(offer): need.seeks[at] for at, offer in offers}
    for offer in known.fitting(need, [each for _, each in offers])[:FIRM]:
        firm = await answer_of(partner.price(asked[id(offer)], offer), within_s)
        if isinstance(firm, Confirmed) and known.fitting(need, [firm.value]):
            return firm.value
    return None


def unneeded(
    order: Order, changes: Sequence[AirlineChange], at: datetime
) -> Iterator[ProtectionDeclined]:
    """Partners that have seats for us which the order does not take: a flight of ours was found
    after all.
    """
    new = {each.segment_id for c in changes for bound in c.bounds for each in bound.new}
    for part in order.parts:
        known = part.protection
        waits = known is not None and not known.placed and not known.given_up
        if waits and new.isdisjoint(part.segment_ids):
            yield ProtectionDeclined(at=at, part_id=part.id)


def left_behind(order: Order, changes: Sequence[AirlineChange]) -> Cancellation | None:
    """Services and seats on flights that a partner flies from now on: all of what was paid for
    them comes back. The partner is asked for the others.
    """
    taken_over = {
        (passenger_id, old.segment_id)
        for part in order.parts
        if part.protection is not None
        for change in changes
        for bound in change.bounds
        if is_of(bound, part)
        for old in bound.old
        for passenger_id in part.passenger_ids
    }
    given_up = tuple(
        paid_back(order, item)
        for item in order.live_ancillaries
        if not is_used(item)
        and not item.goes_along
        and any((item.passenger_id, s.segment_id) in taken_over for s in item.services)
    )
    if not given_up:
        return None
    return Cancellation(given_up, _LEFT_BEHIND, refunds=to_forms(order, given_up))


def hand_over(ask: Ask) -> Deed:
    """The old flights leave our bookings, and their coupons are exchanged: the partner's document
    is what the passenger flies on. Each call confirms however often it is sent.
    """
    order, part = ask.order, ask.order.part(ask.subject)
    leaving = _old_flights(order, part)
    passengers = set(part.passenger_ids)
    documents = tuple(d for d in order.documents if _coupons(part, d))

    async def send() -> Outcome[Any]:
        for own in own_bookings(order):
            if passengers.isdisjoint(own.passenger_ids):
                continue
            reference = f"{ask.reference}/{own.locator}"
            done = await ask.sides.pss.reaccommodate(reference, own.locator, leaving, ())
            if not isinstance(done, Confirmed):
                return done
        return await _ended(ask, part, documents)

    def handed_over(coupons: tuple[CouponState, ...], at: datetime) -> tuple[Event, ...]:
        return (HandedOver(at=at, part_id=part.id, coupons=coupons),)

    return Deed(send, nothing_to_find, handed_over)


async def _ended(ask: Ask, part: PartnerPart, documents: Sequence[Document]) -> Outcome[Any]:
    """Coupons as they are then: what was used, or is ended otherwise, stays as it is."""
    states: list[CouponState] = []
    for document in documents:
        shown = await ask.sides.pss.document(document.number)
        if not isinstance(shown, Confirmed):
            return shown
        if shown.value is None:
            return Unknown(f"the PSS does not show {document.number}")
        now = {coupon.number: coupon.status for coupon in shown.value.coupons}
        for number in _coupons(part, document):
            ended = await _exchanged(ask, document.number, number, now[number])
            if not isinstance(ended, Confirmed):
                return ended
            states.append(CouponState(document.number, number, ended.value))
    return Confirmed(tuple(states))


async def _exchanged(
    ask: Ask, number: str, coupon: int, status: CouponStatus
) -> Outcome[CouponStatus]:
    """What it is then. A coupon of irregular operations is opened first: it ends as others do."""
    reference = f"{ask.reference}/{number}/{coupon}"
    moves = [(reference, CouponStatus.EXCHANGED)]
    if status in _OPENED_FIRST:
        moves.insert(0, (f"{reference}/open", CouponStatus.OPEN))
    for under, new in moves:
        if not COUPON.may(status, new):
            break
        done = await ask.sides.pss.set_coupon(under, number, coupon, new)
        if not isinstance(done, Confirmed):
            return done
        status = new
    return Confirmed(status)


def _old_flights(order: Order, part: PartnerPart) -> tuple[FlightKey, ...]:
    replaces = protection_of(part).replaces
    found = {
        old.segment_id: old.flight.key
        for change in order.airline_changes
        for bound in change.bounds
        for old in bound.old
    }
    return tuple(found[each] for each in replaces if each in found)


def _coupons(part: PartnerPart, document: Document) -> tuple[int, ...]:
    """Numbers of the coupons of ours that were good for what the partner flies, and can still
    move.
    """
    known = protection_of(part)
    if (
        document.issuer
        or document.type is not DocumentType.TICKET
        or document.passenger_id not in part.passenger_ids
    ):
        return ()
    return tuple(
        coupon.number
        for coupon in document.coupons
        if coupon.status not in COUPON.final and coupon.segment_id in known.replaces
    )

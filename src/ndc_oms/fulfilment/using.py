"""Coupons that are used, as a provider told of it: the PSS is told in turn, one move at a time."""

from datetime import datetime
from typing import Any

from ndc_oms.fulfilment.deed import Ask, Deed
from ndc_oms.model.documents import Document
from ndc_oms.model.events import CouponMoved, CouponUseRefused, Event
from ndc_oms.model.reported import next_use
from ndc_oms.ports.outcome import Confirmed, Outcome, Unknown


def use_coupon(ask: Ask) -> Deed:
    due = next_use(ask.order)
    if due is None:
        raise AssertionError("a coupon is used, and nobody told of it")
    use, status = due

    async def find() -> Outcome[Any]:
        found = await ask.found(tuple)
        if not isinstance(found, Confirmed) or found.value is None:
            return found
        named = [each for each in found.value if each.number == use.document]
        return Confirmed(named[0]) if named else Unknown(f"the PSS does not show {use.document}")

    def used(document: Document, at: datetime) -> tuple[Event, ...]:
        """What the PSS says now: somebody at the airport may have moved it back meanwhile."""
        now = next(each.status for each in document.coupons if each.number == use.coupon)
        if now is not status:
            reason = f"{use.document}/{use.coupon} was moved to {status}, and is {now} by now"
            return (CouponUseRefused(at=at, use=use, reason=reason),)
        moved = CouponMoved(
            at=at, document=use.document, coupon=use.coupon, status=status, ancillary=True
        )
        return (moved,)

    return Deed(
        lambda: ask.sides.pss.set_coupon(ask.reference, use.document, use.coupon, status),
        find,
        used,
    )

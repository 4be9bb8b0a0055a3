# ruff: noqa: S101  # tests are made of asserts; these are shipped for adapter authors to run
"""References and the feed, as part of kit/pss_contract.py."""

from collections.abc import Iterable

import pytest

from ndc_oms.kit.pss_bench import HOLD_TIME, Bench, done, refused
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.pss import (
    PssEvent,
)


@pytest.mark.asyncio
class FeedContract:
    """A reference is answered for, whatever the verb; the feed tells what changed."""

    async def test_what_was_never_sent_is_not_found(self, bench: Bench) -> None:
        assert done(await bench.pss.find(bench.reference("never"))) is None

    async def test_a_refused_call_is_not_found(self, bench: Bench) -> None:
        reference = bench.reference("hold")
        sales = [bench.sale(bench.seats + 1)]
        refused(await bench.pss.hold(reference, sales, bench.now() + HOLD_TIME))
        assert done(await bench.pss.find(reference)) is None

    async def test_find_answers_for_every_verb(self, bench: Bench) -> None:
        kept = await bench.hold(bench.sale())
        assert done(await bench.pss.find(kept.reference)) == kept
        book, issue = bench.reference("book"), bench.reference("issue")
        booking = bench.booking(kept.reference, bench.sale())
        pnr = done(await bench.pss.book(book, booking))
        assert done(await bench.pss.find(book)) == pnr
        made = done(await bench.pss.issue(issue, bench.ticket(pnr)))
        assert done(await bench.pss.find(issue)) == made
        coupon, void, cancel = (bench.reference(v) for v in ("coupon", "void", "cancel"))
        number = made[0].number
        for status in (CouponStatus.AIRPORT_CONTROL, CouponStatus.OPEN):
            coupon = bench.reference("coupon")
            changed = done(await bench.pss.set_coupon(coupon, number, 1, status))
            assert done(await bench.pss.find(coupon)) == (changed,)
        voided = done(await bench.pss.void(void, number))
        assert done(await bench.pss.find(void)) == (voided,)
        cancelled = done(await bench.pss.cancel(cancel, pnr.locator))
        assert done(await bench.pss.find(cancel)) == cancelled

    async def test_a_released_hold_is_not_found_and_not_booked(self, bench: Bench) -> None:
        kept = await bench.hold(bench.sale())
        done(await bench.pss.release(kept.reference))
        assert done(await bench.pss.find(kept.reference)) is None
        booking = bench.booking(kept.reference, bench.sale())
        refused(await bench.pss.book(bench.reference("book"), booking))
        assert await bench.left() == bench.seats

    async def test_the_feed_grows_and_tells_what_changed(self, bench: Bench) -> None:
        before = done(await bench.pss.events(0, 1000))
        start = before[-1].cursor if before else 0
        (ticket,) = await bench.issue()
        control = CouponStatus.AIRPORT_CONTROL
        done(await bench.pss.set_coupon(bench.reference("coupon"), ticket.number, 1, control))
        new = done(await bench.pss.events(start, 1000))
        cursors = [event.cursor for event in new]
        assert cursors == sorted(set(cursors))
        assert all(cursor > start for cursor in cursors)
        assert _latest_seats(new, bench.flights[0], bench.rbd) == bench.seats - 1
        coupons = [(e.document, e.coupon, e.status) for e in new if e.kind == "coupon"]
        assert (ticket.number, 1, control) in coupons
        assert done(await bench.pss.events(cursors[-1], 1000)) == ()
        assert done(await bench.pss.events(start, 1)) == new[:1]

    async def test_the_head_of_the_feed_is_its_newest_cursor(self, bench: Bench) -> None:
        before = done(await bench.pss.head())
        assert done(await bench.pss.events(before, 1000)) == ()
        await bench.hold(bench.sale())
        new = done(await bench.pss.events(before, 1000))
        assert _latest_seats(new, bench.flights[0], bench.rbd) == bench.seats - 1
        assert done(await bench.pss.head()) == new[-1].cursor


def _latest_seats(events: Iterable[PssEvent], flight: FlightKey, rbd: str) -> int | None:
    """Seats of the class by the feed's last word on the flight."""
    latest = None
    for event in events:
        if event.kind == "availability" and event.flight == flight and event.seats is not None:
            latest = event.seats[rbd]
    return latest

# ruff: noqa: S101  # tests are made of asserts; these are shipped for adapter authors to run
"""Bookings made, shown and cancelled, as part of kit/pss_contract.py."""

import asyncio

import pytest

from ndc_oms.kit.pss_bench import HOLD_TIME, Bench, done, refused


@pytest.mark.asyncio
class BookingContract:
    """A hold becomes a booking, or a booking is sold afresh; cancelling gives seats back once."""

    async def test_booking_turns_the_hold_into_sold_seats(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(2), bench.sale(2, flight=1))
        assert len(pnr.locator) == 6
        assert {segment.code for segment in pnr.segments} <= {"HK", "KK"}
        assert not pnr.cancelled
        assert [s.flight for s in pnr.segments] == list(bench.flights[:2])
        assert await bench.left(0) == bench.seats - 2
        assert await bench.left(1) == bench.seats - 2
        assert done(await bench.pss.pnr(pnr.locator)) == pnr

    async def test_booking_sells_afresh_where_the_hold_has_lapsed(self, bench: Bench) -> None:
        if bench.advance is None:
            pytest.skip("this PSS's clock cannot be moved")
        kept = await bench.hold(bench.sale())
        bench.advance(HOLD_TIME)
        booking = bench.booking(kept.reference, bench.sale())
        done(await bench.pss.book(bench.reference("book"), booking))
        assert await bench.left() == bench.seats - 1

    async def test_a_lapsed_hold_books_nothing_when_sold_out(self, bench: Bench) -> None:
        if bench.advance is None:
            pytest.skip("this PSS's clock cannot be moved")
        kept = await bench.hold(bench.sale())
        bench.advance(HOLD_TIME)
        await bench.hold(bench.sale(bench.seats))
        booking = bench.booking(kept.reference, bench.sale())
        refused(await bench.pss.book(bench.reference("book"), booking))

    async def test_the_same_booking_again_is_one_pnr(self, bench: Bench) -> None:
        kept = await bench.hold(bench.sale())
        booking, reference = bench.booking(kept.reference, bench.sale()), bench.reference("book")
        answers = await asyncio.gather(*(bench.pss.book(reference, booking) for _ in range(8)))
        assert len({done(answer).locator for answer in answers}) == 1
        assert await bench.left() == bench.seats - 1

    async def test_locators_differ(self, bench: Bench) -> None:
        locators = {(await bench.book(bench.sale())).locator for _ in range(bench.seats)}
        assert len(locators) == bench.seats

    async def test_cancelling_gives_the_seats_back_once(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(2))
        reference = bench.reference("cancel")
        first = done(await bench.pss.cancel(reference, pnr.locator))
        assert first.cancelled
        assert {segment.code for segment in first.segments} == {"HX"}
        assert done(await bench.pss.cancel(reference, pnr.locator)) == first
        done(await bench.pss.cancel(bench.reference("cancel"), pnr.locator))
        assert await bench.left() == bench.seats

    async def test_an_unknown_pnr_is_none_and_cannot_be_cancelled(self, bench: Bench) -> None:
        assert done(await bench.pss.pnr("ZZZZZZ")) is None
        refused(await bench.pss.cancel(bench.reference("cancel"), "ZZZZZZ"))

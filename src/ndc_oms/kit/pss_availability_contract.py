# ruff: noqa: S101  # tests are made of asserts; these are shipped for adapter authors to run
"""Availability and holds, as part of kit/pss_contract.py."""

import asyncio
from datetime import timedelta

import pytest

from ndc_oms.kit.pss_bench import HOLD_TIME, Bench, done, refused
from ndc_oms.ports.outcome import Confirmed, Rejected
from ndc_oms.ports.pss import (
    SegmentSale,
)


@pytest.mark.asyncio
class AvailabilityContract:
    """Seats are held all or none, never oversold, and given back once."""

    async def test_a_day_and_a_check_say_the_same(self, bench: Bench) -> None:
        flight = bench.flights[0]
        day = done(await bench.pss.availability(flight.day))
        assert day[flight] == done(await bench.pss.check([flight]))[flight]
        assert await bench.left() == bench.seats

    async def test_an_unknown_flight_is_absent_and_cannot_be_held(self, bench: Bench) -> None:
        unknown = bench.flights[0]._replace(number="9999Z")
        assert done(await bench.pss.check([unknown])) == {}
        sale = SegmentSale(unknown, bench.rbd, 1)
        refused(await bench.pss.hold(bench.reference("hold"), [sale], bench.now() + HOLD_TIME))

    async def test_a_hold_takes_its_seats_and_gives_them_back(self, bench: Bench) -> None:
        kept = await bench.hold(bench.sale(2))
        assert await bench.left() == bench.seats - 2
        done(await bench.pss.release(kept.reference))
        assert await bench.left() == bench.seats

    async def test_a_hold_is_all_or_none(self, bench: Bench) -> None:
        sales = [bench.sale(1, flight=0), bench.sale(bench.seats + 1, flight=1)]
        answer = await bench.pss.hold(bench.reference("hold"), sales, bench.now() + HOLD_TIME)
        rejected = refused(answer)
        assert rejected.final
        assert bench.flights[1].number in rejected.reason
        assert await bench.left(0) == bench.seats
        assert await bench.left(1) == bench.seats

    async def test_fifty_holds_at_once_never_oversell(self, bench: Bench) -> None:
        until = bench.now() + HOLD_TIME
        answers = await asyncio.gather(
            *(bench.pss.hold(f"contract:race:{n}", [bench.sale()], until) for n in range(50))
        )
        assert sum(isinstance(answer, Confirmed) for answer in answers) == bench.seats
        assert sum(isinstance(answer, Rejected) for answer in answers) == 50 - bench.seats
        assert await bench.left() == 0

    async def test_the_same_hold_again_is_one_hold(self, bench: Bench) -> None:
        reference, until = bench.reference("hold"), bench.now() + HOLD_TIME
        answers = await asyncio.gather(
            *(bench.pss.hold(reference, [bench.sale()], until) for _ in range(8))
        )
        assert len({done(answer) for answer in answers}) == 1
        assert await bench.left() == bench.seats - 1

    async def test_a_release_is_repeatable_and_needs_no_hold(self, bench: Bench) -> None:
        kept = await bench.hold(bench.sale())
        for _ in range(3):
            done(await bench.pss.release(kept.reference))
        done(await bench.pss.release(bench.reference("never")))
        assert await bench.left() == bench.seats

    async def test_an_expired_hold_is_released_once(self, bench: Bench) -> None:
        if bench.advance is None:
            pytest.skip("this PSS's clock cannot be moved")
        kept = await bench.hold(bench.sale(2))
        bench.advance(HOLD_TIME - timedelta(seconds=1))
        assert await bench.left() == bench.seats - 2
        bench.advance(timedelta(seconds=1))
        assert await bench.left() == bench.seats
        done(await bench.pss.release(kept.reference))
        assert await bench.left() == bench.seats
        assert done(await bench.pss.find(kept.reference)) is None

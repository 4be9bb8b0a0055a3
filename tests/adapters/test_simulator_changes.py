"""Revalidation in the simulator: the same route, an open coupon, and its EMD stays with it."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.adapters.simulated_airline import FLIGHTS, MovingClock, TinyInventory, settings

from ndc_oms.kit.pss_bench import Bench, done, refused
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.pss import CabinInventory, Revalidation
from ndc_pss_simulator.simulator import Simulator

LATER = FLIGHTS[0]._replace(number="900")


class OneRouteTwice(TinyInventory):
    """The first flight flies twice."""

    def cabins(self, flight: FlightKey) -> tuple[CabinInventory, ...]:
        return super().cabins(FLIGHTS[0] if flight == LATER else flight)


@pytest.fixture
async def bench(tmp_path: Path):
    clock = MovingClock()
    pss = Simulator(replace(settings(str(tmp_path), clock), inventory=OneRouteTwice()))
    yield Bench(pss, (FLIGHTS[0], LATER, *FLIGHTS[1:6]), "Q", 3, clock.now, clock.advance)
    await pss.close()


async def test_the_number_stays_and_the_flight_is_another(bench: Bench) -> None:
    pnr = await bench.book(bench.sale(), bench.sale(flight=1))
    asked = bench.ticket(pnr)
    (old,) = done(await bench.pss.issue(bench.reference("issue"), asked))
    becomes = replace(asked.coupons[0], segment_id="SEG2", flight=LATER)
    wanted, reference = [Revalidation("SEG1", becomes)], bench.reference("revalidate")
    (after,) = done(await bench.pss.revalidate(reference, old.number, wanted))
    assert (after.number, after.total) == (old.number, old.total)
    assert [(c.segment_id, c.flight) for c in after.coupons] == [("SEG2", LATER)]
    assert done(await bench.pss.revalidate(reference, old.number, wanted)) == (after,)
    assert done(await bench.pss.find(reference)) == (after,)
    # and back again
    back = [Revalidation("SEG2", asked.coupons[0])]
    (again,) = done(await bench.pss.revalidate(bench.reference("back"), old.number, back))
    assert again == old


async def test_what_is_checked_in_is_not_revalidated(bench: Bench) -> None:
    pnr = await bench.book(bench.sale(), bench.sale(flight=1))
    asked = bench.ticket(pnr)
    (old,) = done(await bench.pss.issue(bench.reference("issue"), asked))
    done(await bench.pss.set_coupon(bench.reference("c"), old.number, 1, CouponStatus.CHECKED_IN))
    becomes = replace(asked.coupons[0], segment_id="SEG2", flight=LATER)
    wanted = [Revalidation("SEG1", becomes)]
    refused(await bench.pss.revalidate(bench.reference("revalidate"), old.number, wanted))

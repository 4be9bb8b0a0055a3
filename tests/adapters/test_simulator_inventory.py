"""Nested seats: what may be sold by class, and that no order of events breaks the counters."""

import asyncio
import tempfile
from datetime import timedelta

from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.adapters.simulated_airline import FLIGHTS, LIMITS, SOLD, MovingClock, settings

from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import Cabin
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import Booking, CabinInventory, SegmentSale, Traveller
from ndc_pss_simulator.inventory import nested, opening_rows
from ndc_pss_simulator.simulator import Simulator


def test_a_class_has_the_least_of_what_it_and_higher_ones_have_left() -> None:
    cabin = CabinInventory(Cabin.ECONOMY, 9, LIMITS, SOLD)
    rows = [(rbd, top, used) for rbd, _, top, used, _ in opening_rows(cabin)]
    assert rows == [("Y", 9, 2), ("B", 6, 2), ("Q", 4, 1)]
    assert nested(rows) == {"Y": 7, "B": 4, "Q": 3}


def test_a_sale_in_a_low_class_takes_from_higher_ones_and_not_the_other_way() -> None:
    limits = (("Y", 9), ("B", 6), ("Q", 4))
    low = CabinInventory(Cabin.ECONOMY, 9, limits, (("Y", 0), ("B", 0), ("Q", 4)))
    high = CabinInventory(Cabin.ECONOMY, 9, limits, (("Y", 6), ("B", 0), ("Q", 0)))
    assert nested((r, t, u) for r, _, t, u, _ in opening_rows(low)) == {"Y": 5, "B": 2, "Q": 0}
    assert nested((r, t, u) for r, _, t, u, _ in opening_rows(high)) == {"Y": 3, "B": 3, "Q": 3}


def test_a_flight_loaded_oversold_is_closed_and_not_negative() -> None:
    cabin = CabinInventory(Cabin.ECONOMY, 4, (("Y", 4), ("Q", 2)), (("Y", 3), ("Q", 3)))
    rows = [(rbd, top, used) for rbd, _, top, used, _ in opening_rows(cabin)]
    assert nested(rows) == {"Y": 0, "Q": 0}


class Seats(RuleBasedStateMachine):
    """Holds, releases, bookings, cancellations and time, against a list of who has what.

    I7 (never oversold), I9 (counters are the sum of holders), I10 (a hold ends once).
    """

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = MovingClock()
        self.pss = Simulator(settings(self.folder.name, self.clock))
        self.serial = 0
        self.held: dict[str, tuple[SegmentSale, object]] = {}
        self.sold: dict[str, SegmentSale] = {}

    def teardown(self) -> None:
        self.loop.run_until_complete(self.pss.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.folder.cleanup()

    def left(self) -> dict[str, int]:
        """By the model: who has seats now, and what nesting leaves."""
        self.lapse()
        taken = dict(SOLD)
        for sale in [*(sale for sale, _ in self.held.values()), *self.sold.values()]:
            taken[sale.rbd] += sale.seats
        seats: dict[str, int] = {}
        for at, (rbd, _) in enumerate(LIMITS):
            seats[rbd] = min(
                top - sum(taken[lower] for lower, _ in LIMITS[place:])
                for place, (_, top) in enumerate(LIMITS[: at + 1])
            )
        return seats

    def lapse(self) -> None:
        now = self.clock.now()
        self.held = {r: (s, until) for r, (s, until) in self.held.items() if until > now}  # type: ignore[operator]

    @rule(rbd=st.sampled_from("YBQ"), seats=st.integers(1, 4), minutes=st.integers(1, 9))
    def hold(self, rbd: str, seats: int, minutes: int) -> None:
        self.serial += 1
        reference, sale = f"hold:{self.serial}", SegmentSale(FLIGHTS[0], rbd, seats)
        fits = self.left()[rbd] >= seats
        until = self.clock.now() + timedelta(minutes=minutes)
        answer = self.loop.run_until_complete(self.pss.hold(reference, [sale], until))
        assert isinstance(answer, Confirmed) is fits, answer
        if fits:
            self.held[reference] = (sale, until)

    @rule(pick=st.integers(1, 12))
    def release(self, pick: int) -> None:
        reference = f"hold:{pick}"
        if pick > self.serial:
            return
        answer = self.loop.run_until_complete(self.pss.release(reference))
        assert isinstance(answer, Confirmed)
        self.held.pop(reference, None)

    @rule(pick=st.integers(0, 9))
    def book(self, pick: int) -> None:
        self.lapse()
        if not self.held:
            return
        reference = sorted(self.held)[pick % len(self.held)]
        sale, _ = self.held.pop(reference)
        people = tuple(
            Traveller(f"PAX{n}", PassengerType.ADULT, "HANSEN", "MAREN") for n in range(sale.seats)
        )
        booking = Booking(f"order {reference}", reference, (sale,), people)
        for _ in range(2):  # the second time, as after a lost reply
            answer = self.loop.run_until_complete(self.pss.book(f"book:{reference}", booking))
            assert isinstance(answer, Confirmed), answer
        self.sold[answer.value.locator] = sale

    @rule(pick=st.integers(0, 9))
    def cancel(self, pick: int) -> None:
        if not self.sold:
            return
        locator = sorted(self.sold)[pick % len(self.sold)]
        for at in range(2):
            answer = self.loop.run_until_complete(self.pss.cancel(f"{at}:{locator}", locator))
            assert isinstance(answer, Confirmed), answer
        del self.sold[locator]

    @rule(minutes=st.integers(1, 6))
    def wait(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @invariant()
    def agrees(self) -> None:
        shown = self.loop.run_until_complete(self.pss.check(FLIGHTS[:1]))
        assert isinstance(shown, Confirmed)
        seats = shown.value[FLIGHTS[0]]
        assert {rbd: seats[rbd] for rbd in "YBQ"} == self.left()
        assert self.loop.run_until_complete(self.pss.audit()) == []


TestSeats = Seats.TestCase
TestSeats.settings = hypothesis_settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

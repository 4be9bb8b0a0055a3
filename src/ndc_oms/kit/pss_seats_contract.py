# ruff: noqa: S101  # tests are made of asserts; these are shipped for adapter authors to run
"""The contract of chosen seats in `ports/pss.py`, beside kit/pss_contract.py and run like it:

    class TestMineSeats(SeatContract):
        pass

The bench's flights have a seat map with at least four free seats in the cabin of its class.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ndc_oms.kit.pss_bench import HOLD_TIME, Bench, done, refused
from ndc_oms.model.seat import Seat, SeatChoice
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import Pnr

NOWHERE = Seat(999, "Z")


async def free_seats(bench: Bench, flight: int = 0) -> list[Seat]:
    """Seats that a hold was granted for: the port says which are taken, not which there are."""
    found: list[Seat] = []
    gone = done(await bench.pss.taken(bench.flights[flight]))
    for seat in (Seat(row, column) for row in range(1, 60) for column in "ABCDEFGHJK"):
        if len(found) == 4:
            break
        if seat in gone:
            continue
        reference = bench.reference("probe")
        asked = [SeatChoice(bench.flights[flight], "PAX1", seat)]
        held = await bench.pss.hold_seats(reference, asked, bench.now() + HOLD_TIME)
        if isinstance(held, Confirmed):
            done(await bench.pss.release(reference))
            found.append(seat)
    assert len(found) == 4
    return found


@pytest.mark.asyncio
class SeatContract:
    """One live holder a seat, whatever happens."""

    async def test_a_held_seat_is_taken_until_it_is_released(self, bench: Bench) -> None:
        seat, *_ = await free_seats(bench)
        choice, reference = SeatChoice(bench.flights[0], "PAX1", seat), bench.reference("seats")
        done(await bench.pss.hold_seats(reference, [choice], bench.now() + HOLD_TIME))
        done(await bench.pss.hold_seats(reference, [choice], bench.now() + HOLD_TIME))
        assert seat in done(await bench.pss.taken(bench.flights[0]))
        assert seat not in done(await bench.pss.taken(bench.flights[1]))
        other = bench.reference("seats")
        no = refused(await bench.pss.hold_seats(other, [choice], bench.now() + HOLD_TIME))
        assert str(seat) in no.reason
        done(await bench.pss.release(reference))
        done(await bench.pss.hold_seats(other, [choice], bench.now() + HOLD_TIME))

    async def test_seats_are_held_all_or_none(self, bench: Bench) -> None:
        seat, *_ = await free_seats(bench)
        wanted = [SeatChoice(bench.flights[0], "PAX1", seat)]
        wanted.append(SeatChoice(bench.flights[0], "PAX2", NOWHERE))
        reference = bench.reference("seats")
        refused(await bench.pss.hold_seats(reference, wanted, bench.now() + HOLD_TIME))
        assert seat not in done(await bench.pss.taken(bench.flights[0]))

    async def test_twenty_at_once_and_one_gets_the_seat(self, bench: Bench) -> None:
        seat, *_ = await free_seats(bench)
        choice, until = SeatChoice(bench.flights[0], "PAX1", seat), bench.now() + HOLD_TIME
        answers = await asyncio.gather(
            *(bench.pss.hold_seats(f"contract:seat:{n}", [choice], until) for n in range(20))
        )
        assert sum(isinstance(answer, Confirmed) for answer in answers) == 1

    async def test_a_held_seat_lapses(self, bench: Bench) -> None:
        if bench.advance is None:
            pytest.skip("this PSS's clock cannot be moved")
        seat, *_ = await free_seats(bench)
        choice, reference = SeatChoice(bench.flights[0], "PAX1", seat), bench.reference("seats")
        done(await bench.pss.hold_seats(reference, [choice], bench.now() + HOLD_TIME))
        bench.advance(HOLD_TIME - timedelta(seconds=1))
        assert seat in done(await bench.pss.taken(bench.flights[0]))
        bench.advance(timedelta(seconds=1))
        assert seat not in done(await bench.pss.taken(bench.flights[0]))

    async def test_a_released_reference_holds_no_seat_any_more(self, bench: Bench) -> None:
        seat, *_ = await free_seats(bench)
        kept = await bench.hold(bench.sale())
        done(await bench.pss.release(kept.reference))
        choice = SeatChoice(bench.flights[0], "PAX1", seat)
        until = bench.now() + HOLD_TIME
        refused(await bench.pss.hold_seats(kept.reference, [choice], until))

    async def test_booking_keeps_the_seats_and_cancelling_frees_them(self, bench: Bench) -> None:
        one, two, *_ = await free_seats(bench)
        pnr = await seated(bench, one, two)
        assert {each.seat for each in pnr.choices} == {one, two}
        if bench.advance is not None:
            bench.advance(HOLD_TIME)
        assert {one, two} <= done(await bench.pss.taken(bench.flights[0]))
        after = done(await bench.pss.cancel(bench.reference("cancel"), pnr.locator))
        assert not after.choices
        assert not {one, two} & done(await bench.pss.taken(bench.flights[0]))

    async def test_seats_are_assigned_anew(self, bench: Bench) -> None:
        one, two, three, four = await free_seats(bench)
        pnr = await seated(bench, one, two)
        held, flight = bench.reference("seats"), bench.flights[0]
        wanted = (SeatChoice(flight, "PAX1", two), SeatChoice(flight, "PAX2", three))
        done(await bench.pss.hold_seats(held, [wanted[1]], bench.now() + HOLD_TIME))
        reference = bench.reference("assign")
        after = done(await bench.pss.assign_seats(reference, pnr.locator, held, wanted))
        assert after.choices == wanted
        assert done(await bench.pss.assign_seats(reference, pnr.locator, held, wanted)) == after
        assert done(await bench.pss.find(reference)) == after
        gone = done(await bench.pss.taken(flight))
        assert one not in gone
        assert {two, three} <= gone
        elsewhere = [SeatChoice(bench.flights[1], "PAX1", four)]
        stranger = [SeatChoice(flight, "PAX9", four)]
        for wrong in (elsewhere, stranger):
            refused(await bench.pss.assign_seats(bench.reference("a"), pnr.locator, "", wrong))

    async def test_what_is_held_for_another_booking_stays_held(self, bench: Bench) -> None:
        """Travellers who were divided off choose seats together with those who stayed."""
        one, two, *_ = await free_seats(bench)
        pnr = await seated(bench, one, two)
        done(await bench.pss.assign_seats(bench.reference("none"), pnr.locator, "", ()))
        other = done(await bench.pss.divide(bench.reference("divide"), pnr.locator, ["PAX2"]))
        held, flight = bench.reference("seats"), bench.flights[0]
        mine, hers = SeatChoice(flight, "PAX1", one), SeatChoice(flight, "PAX2", two)
        done(await bench.pss.hold_seats(held, [mine, hers], bench.now() + HOLD_TIME))
        done(await bench.pss.assign_seats(bench.reference("a"), pnr.locator, held, [mine]))
        assert {one, two} <= done(await bench.pss.taken(flight))
        third = bench.reference("seats")
        refused(await bench.pss.hold_seats(third, [hers], bench.now() + HOLD_TIME))
        after = done(
            await bench.pss.assign_seats(bench.reference("b"), other.locator, held, [hers])
        )
        assert after.choices == (hers,)

    async def test_a_seat_of_another_booking_is_not_assigned(self, bench: Bench) -> None:
        one, two, *_ = await free_seats(bench)
        await seated(bench, one)
        second = await seated(bench, two)
        wanted = [SeatChoice(bench.flights[0], "PAX1", one)]
        refused(await bench.pss.assign_seats(bench.reference("a"), second.locator, "", wanted))
        shown = done(await bench.pss.pnr(second.locator))
        assert shown is not None
        assert {each.seat for each in shown.choices} == {two}

    async def test_who_leaves_frees_the_seat(self, bench: Bench) -> None:
        one, two, *_ = await free_seats(bench)
        pnr = await seated(bench, one, two)
        asked = bench.pss.cancel_part(bench.reference("part"), pnr.locator, [], ["PAX1"])
        after = done(await asked)
        assert {each.seat for each in after.choices} == {two}
        gone = done(await bench.pss.taken(bench.flights[0]))
        assert one not in gone
        assert two in gone

    async def test_a_flight_that_is_dropped_frees_its_seats(self, bench: Bench) -> None:
        one, two, *_ = await free_seats(bench)
        pnr = await seated(bench, one, two)
        kept = await bench.hold(bench.sale(2, flight=1))
        added = bench.pss.add_flights(
            bench.reference("add"), pnr.locator, kept.reference, [bench.sale(2, flight=1)]
        )
        assert done(await added).choices == pnr.choices
        dropped = bench.pss.drop_flights(bench.reference("drop"), pnr.locator, [bench.sale(2)])
        assert done(await dropped).choices == ()
        assert not {one, two} & done(await bench.pss.taken(bench.flights[0]))

    async def test_who_gets_a_booking_of_its_own_keeps_the_seat(self, bench: Bench) -> None:
        one, two, *_ = await free_seats(bench)
        pnr = await seated(bench, one, two)
        asked = bench.pss.divide(bench.reference("divide"), pnr.locator, ("PAX2",))
        new = done(await asked)
        assert {each.seat for each in new.choices} == {two}
        old = done(await bench.pss.pnr(pnr.locator))
        assert old is not None
        assert {each.seat for each in old.choices} == {one}
        done(await bench.pss.cancel(bench.reference("cancel"), new.locator))
        gone = done(await bench.pss.taken(bench.flights[0]))
        assert one in gone
        assert two not in gone


async def seated(bench: Bench, *seats: Seat) -> Pnr:
    """A booking of as many travellers, with these seats on its first flight, held before."""
    sale = bench.sale(len(seats))
    kept = await bench.hold(sale)
    choices = tuple(
        SeatChoice(bench.flights[0], f"PAX{n}", seat) for n, seat in enumerate(seats, 1)
    )
    done(await bench.pss.hold_seats(kept.reference, choices, bench.now() + HOLD_TIME))
    booking = replace(bench.booking(kept.reference, sale), choices=choices)
    return done(await bench.pss.book(bench.reference("book"), booking))

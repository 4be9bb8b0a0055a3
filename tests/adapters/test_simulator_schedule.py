"""Schedule messages at the simulator: flights, seats, bookings, and what the feed tells."""

from datetime import UTC, datetime

import pytest
from tests.adapters.simulated_airline import DAY, FLIGHTS

from ndc_oms.model.passenger import PassengerType
from ndc_oms.ports.outcome import Confirmed, Rejected
from ndc_oms.ports.pss import Booking, Pnr, PssEvent, SegmentSale, Traveller
from ndc_pss_simulator.simulator import Simulator

FLIGHT, OTHER = FLIGHTS[0], FLIGHTS[1]
UNTIL = datetime(2031, 5, 1, 13, tzinfo=UTC)
NAME = f"T8{FLIGHT.number}/{DAY:%d%b%y}".upper()


@pytest.fixture
def pss(simulator: Simulator) -> Simulator:
    return simulator


def asm(action: str, *lines: str) -> str:
    return "\n".join(["ASM", action, NAME, *lines])


async def booked(pss: Simulator, seats: int = 2, rbd: str = "Y") -> Pnr:
    names = tuple(
        Traveller(f"PAX{n}", PassengerType.ADULT, "HANSEN", f"A{n}") for n in range(seats)
    )
    sale = SegmentSale(FLIGHT, rbd, seats)
    made = await pss.book(
        f"book {seats}{rbd}", Booking(f"ORDER{seats}{rbd}", "none", (sale,), names)
    )
    assert isinstance(made, Confirmed), made
    return made.value


async def carried_out(pss: Simulator, text: str) -> None:
    done = await pss.schedule(text)
    assert isinstance(done, Confirmed), done


async def segment_codes(pss: Simulator, pnr: Pnr) -> list[str]:
    shown = await pss.pnr(pnr.locator)
    assert isinstance(shown, Confirmed)
    assert shown.value is not None
    return [segment.code for segment in shown.value.segments]


async def lines(pss: Simulator, kind: str) -> list[PssEvent]:
    found = await pss.events(0, 1000)
    assert isinstance(found, Confirmed)
    return [line for line in found.value if line.kind == kind]


async def test_a_cancelled_flight_has_no_seats_and_its_bookings_are_unable(pss: Simulator) -> None:
    pnr = await booked(pss)
    await carried_out(pss, asm("CNL"))
    assert await segment_codes(pss, pnr) == ["UN"]
    checked = await pss.check([FLIGHT])
    assert checked == Confirmed({})
    day = await pss.availability(DAY)
    assert isinstance(day, Confirmed)
    assert FLIGHT not in day.value
    held = await pss.hold("h", [SegmentSale(FLIGHT, "Y", 1)], UNTIL)
    assert isinstance(held, Rejected)
    (told,) = await lines(pss, "schedule")
    assert told.change is not None
    assert (told.change.key, told.change.new, told.change.message) == (FLIGHT, None, "CNL")
    assert (await lines(pss, "availability"))[-1].seats == {}
    assert await pss.audit() == []


async def test_a_reinstated_flight_has_its_seats_back_and_nobody_on_it(pss: Simulator) -> None:
    before = await pss.check([FLIGHT])
    pnr = await booked(pss)
    await carried_out(pss, asm("CNL"))
    await carried_out(pss, asm("RIN"))
    assert await pss.check([FLIGHT]) == before
    assert await segment_codes(pss, pnr) == ["UN"]
    assert isinstance(await pss.schedule(asm("RIN")), Rejected)


async def test_a_retimed_flight_keeps_its_bookings(pss: Simulator) -> None:
    pnr = await booked(pss)
    await carried_out(pss, asm("TIM", f"YYZ1100 {FLIGHT.destination}1300"))
    assert await segment_codes(pss, pnr) == ["TK"]
    (told,) = await lines(pss, "schedule")
    assert told.change is not None
    assert told.change.new is not None
    assert told.change.new.departure.hour == 11
    confirmed = await pss.reaccommodate("r", pnr.locator, (), ())
    assert isinstance(confirmed, Confirmed)
    assert await segment_codes(pss, pnr) == ["HK"]


async def test_smaller_equipment_takes_seats_from_strangers_first(pss: Simulator) -> None:
    first, second = await booked(pss, 2), await booked(pss, 3)
    await carried_out(pss, asm("CON", "J 789 Y5"))
    assert await segment_codes(pss, first) == await segment_codes(pss, second) == ["HK"]
    await carried_out(pss, asm("CON", "J 789 Y4"))
    assert sorted(await segment_codes(pss, first) + await segment_codes(pss, second)) == [
        "HK",
        "UN",
    ]
    assert await pss.audit() == []


async def test_a_cabin_that_is_gone_has_nobody_in_it(pss: Simulator) -> None:
    pnr = await booked(pss, 1, "J")
    await carried_out(pss, asm("EQT", "J 789 Y9"))
    assert await segment_codes(pss, pnr) == ["UN"]
    checked = await pss.check([FLIGHT])
    assert isinstance(checked, Confirmed)
    assert "J" not in checked.value[FLIGHT]
    assert await pss.audit() == []


async def test_other_flights_come_in_all_or_none(pss: Simulator) -> None:
    pnr = await booked(pss)
    await carried_out(pss, asm("CNL"))
    too_many = await pss.reaccommodate("r1", pnr.locator, [FLIGHT], [SegmentSale(OTHER, "Q", 9)])
    assert isinstance(too_many, Rejected)
    assert await segment_codes(pss, pnr) == ["UN"]
    sale = [SegmentSale(OTHER, "Y", 2)]
    made = await pss.reaccommodate("r2", pnr.locator, [FLIGHT], sale)
    assert await pss.reaccommodate("r2", pnr.locator, [FLIGHT], sale) == made
    assert await segment_codes(pss, pnr) == ["HX", "HK"]
    assert await pss.find("r2") == made
    assert await pss.audit() == []


async def test_a_wrong_text_changes_nothing(pss: Simulator) -> None:
    done = await pss.schedule(asm("CNL") + "\n//\nCNL\nT8999/20MAY31")
    assert isinstance(done, Rejected)
    assert "line 5" in done.reason
    assert FLIGHT in (await pss.availability(DAY)).value  # type: ignore[union-attr]  # confirmed
    assert await lines(pss, "schedule") == []


async def test_a_new_flight_is_for_sale(pss: Simulator) -> None:
    await carried_out(pss, "ASM\nNEW\nT8900/20MAY31\nJ 789 Y7\nYYZ0800 BBA1000")
    day = await pss.availability(DAY)
    assert isinstance(day, Confirmed)
    (key,) = [key for key in day.value if key.number == "900"]
    assert day.value[key] == {"Y": 7, "B": 7, "Q": 7}
    held = await pss.hold("h", [SegmentSale(key, "Y", 3)], UNTIL)
    assert isinstance(held, Confirmed)
    assert await pss.audit() == []

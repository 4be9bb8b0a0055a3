"""The timetable after schedule messages: cancelled, retimed, new, back; for one house only."""

from dataclasses import replace
from datetime import date, timedelta

from ndc_oms.model.airline_change import FlightChange
from ndc_oms.model.journey import FlightKey, Leg, Segment
from ndc_oms.offers.search import Search
from ndc_oms.world.timetable import Timetable
from ndc_oms.world.world import World

DAY = date(2027, 3, 9)


def some_flight(timetable: Timetable) -> Segment:
    return timetable.flights("YYZ", "LHR", DAY)[0]


def cancelled(flight: Segment) -> FlightChange:
    return FlightChange("CNL", flight.key, flight, None)


def later(flight: Segment, by: timedelta) -> Segment:
    legs = tuple(
        replace(leg, departure=leg.departure + by, arrival=leg.arrival + by) for leg in flight.legs
    )
    return replace(flight, legs=legs)


def keys(timetable: Timetable) -> list[FlightKey]:
    return [each.key for each in timetable.flights("YYZ", "LHR", DAY)]


def test_a_cancelled_flight_is_nowhere_and_comes_back(world: World) -> None:
    mine = world.timetable.apart()
    flight = some_flight(mine)
    mine.change(cancelled(flight))
    assert flight.key not in keys(mine)
    assert flight.key not in mine.on(DAY)
    assert flight not in mine.departures("YYZ", DAY)
    assert mine.find(flight.carrier, flight.number, DAY, "YYZ", "LHR") is None
    assert flight.key in keys(world.timetable)  # another house's stays as it was
    mine.change(FlightChange("RIN", flight.key, None, flight))
    assert keys(mine) == keys(world.timetable)
    assert mine.segment(flight.key) == flight


def test_a_retimed_flight_is_found_at_its_new_times(world: World) -> None:
    mine = world.timetable.apart()
    flight = some_flight(mine)
    new = later(flight, timedelta(minutes=25))
    mine.change(FlightChange("TIM", flight.key, flight, new))
    assert mine.segment(flight.key) == new
    assert mine.find(flight.carrier, flight.number, DAY, "YYZ", "LHR") == new
    assert new in mine.departures("YYZ", DAY)
    count = mine.changes.count
    mine.change(FlightChange("TIM", flight.key, flight, new))
    assert mine.changes.count == count  # told again: nothing changes


def test_a_new_flight_may_join_airports_that_nothing_joined(world: World) -> None:
    mine = world.timetable.apart()
    sample = some_flight(mine)
    assert "PHX" not in mine.destinations("LHR")
    leg = Leg("LHR", "PHX", sample.departure, sample.departure + timedelta(hours=11), "789")
    new = Segment("T8", "9001", "T8", "9001", (leg,))
    mine.change(FlightChange("NEW", new.key, None, new))
    assert mine.flights("LHR", "PHX", DAY) == (new,)
    assert "PHX" in mine.destinations("LHR")
    assert "LHR" in mine.origins("PHX")
    assert new.key in mine.on(DAY)
    assert mine.find("T8", "9001", DAY) == new
    mine.change(cancelled(new))
    assert mine.flights("LHR", "PHX", DAY) == ()


def test_a_search_looks_anew_after_a_change(world: World) -> None:
    house = replace(world, timetable=world.timetable.apart())
    search = Search(house)
    flight = some_flight(house.timetable)

    def direct() -> list[Segment]:
        found = search.journeys("YYZ", "LHR", DAY)
        return [j.segments[0] for each in found for j in each.journeys if len(j.segments) == 1]

    assert flight in direct()
    house.timetable.change(cancelled(flight))
    assert flight not in direct()

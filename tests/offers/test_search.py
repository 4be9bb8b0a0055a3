"""Search: connections, nights, the date line, cities; over a timetable of a few flights."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import cast

import pytest
from tests.offers.offer_fakes import DAY, demo_world

from ndc_oms.model.journey import Journey
from ndc_oms.offers.search import CONNECTIONS_KEPT, Search
from ndc_oms.world.timetable import Calendar, LegTimes, Pattern, Timetable, zone_of
from ndc_oms.world.world import World

ZONES = {
    "AAA": "Europe/London",
    "BBB": "Europe/London",
    "BBC": "Europe/London",
    "HUB": "Europe/London",
    "MID": "Europe/London",
    "FAR": "Europe/London",
    "TYO": "Asia/Tokyo",
    "HNL": "Pacific/Honolulu",
}
COUNTRIES = {"TYO": "JP", "HNL": "US"}
DAILY = Calendar.of(date(2020, 1, 1), None, 127, 1)


def flight(number: int, *stops: str, days: int = 127) -> Pattern:
    """stops: `AAA 0900`, `HUB 1000 1040`, …: arrival, then departure; +1 for the next day."""
    words = [stop.split() for stop in stops]
    legs = tuple(
        LegTimes(a[0], b[0], _minutes(a[-1]), _minutes(b[1]), _zone(a), _zone(b), "320", None, None)
        for a, b in pairwise(words)
    )
    calendar = Calendar.of(date(2020, 1, 1), None, days, 1)
    return Pattern("T8", str(number), "T8", str(number), calendar, legs, False, 1)


def _zone(word: list[str]):  # type: ignore[no-untyped-def]  # tzinfo of whatever zoneinfo gives
    return zone_of(ZONES[word[0]])


def _minutes(text: str) -> int:
    clock, _, days = text.partition("+")
    return int(clock[:2]) * 60 + int(clock[2:]) + 1440 * int(days or 0)


def search(*patterns: Pattern) -> Search:
    def minimum(airport: str, origin: str, destination: str) -> timedelta:
        home = COUNTRIES.get(airport, "GB")
        return timedelta(minutes=60 if {origin, destination} == {home} else 90)

    world = SimpleNamespace(
        timetable=Timetable(patterns, 330),
        airports={
            code: SimpleNamespace(country=COUNTRIES.get(code, "GB"), zone=zone)
            for code, zone in ZONES.items()
        },
        locate=lambda code: ("BBB", "BBC") if code == "BOT" else (code,),
        minimum_connection=minimum,
    )
    return Search(cast(World, world))


def flown(found: Search, origin: str, destination: str, day: date = DAY) -> list[str]:
    """Flight numbers of each journey, as `1`, `1-2`."""
    pages = found.journeys(origin, destination, day)
    return ["-".join(s.number for s in j.segments) for page in pages for j in page.journeys]


def test_direct_flights_by_departure() -> None:
    found = search(flight(2, "AAA 1200", "BBB 1300"), flight(1, "AAA 0900", "BBB 1000"))
    assert flown(found, "AAA", "BBB") == ["1", "2"]
    assert flown(found, "BBB", "AAA") == []


@pytest.mark.parametrize(("departure", "fits"), [("1059", False), ("1100", True), ("1101", True)])
def test_minimum_connection_domestic_to_the_minute(departure: str, fits: bool) -> None:
    found = search(flight(1, "AAA 0900", "HUB 1000"), flight(2, f"HUB {departure}", "BBB 1200"))
    assert flown(found, "AAA", "BBB") == (["1-2"] if fits else [])


def test_minimum_connection_is_longer_from_abroad() -> None:
    # arrives at 10:00 London time; 11:00 would do at home, abroad takes 90 minutes
    found = search(
        flight(1, "TYO 0400", "HUB 1000"),
        flight(2, "HUB 1100", "BBB 1200"),
        flight(3, "HUB 1130", "BBB 1230"),
    )
    assert flown(found, "TYO", "BBB")[0] == "1-3"


def test_overnight_when_nothing_leaves_the_same_day() -> None:
    found = search(flight(1, "AAA 2100", "HUB 2200"), flight(2, "HUB 0700", "BBB 0800"))
    (page,) = found.journeys("AAA", "BBB", DAY)
    (only,) = page.journeys
    assert only.segments[1].departure.date() == DAY + timedelta(days=1)
    assert page.days == {DAY, DAY + timedelta(days=1)}


def test_a_connection_lasts_24_hours_at_most() -> None:
    weekly = 1 << (DAY + timedelta(days=2)).weekday()
    found = search(
        flight(1, "AAA 0900", "HUB 1000"), flight(2, "HUB 0900", "BBB 1000", days=weekly)
    )
    assert flown(found, "AAA", "BBB") == []


def test_the_next_few_connections_are_kept() -> None:
    onward = [flight(10 + n, f"HUB {11 + n}00", f"BBB {12 + n}00") for n in range(6)]
    found = search(flight(1, "AAA 0900", "HUB 1000"), *onward)
    assert flown(found, "AAA", "BBB") == [f"1-{10 + n}" for n in range(CONNECTIONS_KEPT)]


def test_what_takes_absurdly_long_is_left_out() -> None:
    found = search(
        flight(1, "AAA 0900", "BBB 1000"),
        flight(2, "AAA 0900", "HUB 1000"),
        flight(3, "HUB 1200", "BBB 1300"),
        flight(4, "HUB 1400", "BBB 1500"),
    )
    assert flown(found, "AAA", "BBB") == ["1", "2-3"]


def test_date_line_arrives_the_day_before_and_connects_there() -> None:
    # leaves Tokyo at 22:00, is in Honolulu at 10:00 of the same day; a connection goes on at noon
    found = search(flight(1, "TYO 0030", "HNL 1200+-1"), flight(2, "HNL 1400", "FAR 1100+1"))
    (page,) = found.journeys("TYO", "FAR", DAY)
    first, second = page.journeys[0].segments
    assert first.arrival.date() == DAY - timedelta(days=1)
    assert second.departure - first.arrival == timedelta(hours=2)
    assert page.days == {DAY, DAY - timedelta(days=1)}


def test_a_city_is_all_its_airports() -> None:
    found = search(flight(1, "AAA 0900", "BBB 1000"), flight(2, "AAA 0900", "BBC 1000"))
    assert sorted(flown(found, "AAA", "BOT")) == ["1", "2"]
    assert found.pairs("BBB", "BOT") == [("BBB", "BBC")]


def test_no_airport_is_seen_twice() -> None:
    found = search(
        flight(1, "AAA 0700", "MID 0800 0830", "HUB 0900"),
        flight(2, "HUB 1100", "MID 1130 1200", "BBB 1300"),
        flight(3, "HUB 1100", "BBB 1200"),
    )
    assert flown(found, "AAA", "BBB") == ["1-2", "1-3"] or "1-3" in flown(found, "AAA", "BBB")
    for page in found.journeys("AAA", "BBB", DAY):
        for journey in page.journeys:
            assert len(set(_seen(journey))) == len(_seen(journey))


def _seen(journey: Journey) -> list[str]:
    stops = [leg.destination for segment in journey.segments for leg in segment.legs]
    return [journey.origin, *stops]


def test_two_connections_only_when_nothing_else() -> None:
    chain = (
        flight(1, "AAA 0700", "HUB 0800"),
        flight(2, "HUB 0900", "MID 1000"),
        flight(3, "MID 1100", "BBB 1200"),
    )
    assert flown(search(*chain), "AAA", "BBB") == ["1-2-3"]
    shorter = flight(4, "HUB 1500", "BBB 1600")
    assert flown(search(*chain, shorter), "AAA", "BBB") == ["1-4"]


def test_what_the_network_joins() -> None:
    found = search(
        flight(1, "AAA 0700", "HUB 0800"),
        flight(2, "HUB 0900", "MID 1000"),
        flight(3, "MID 1100", "BBB 1200"),
    )
    assert found.connected("AAA", "HUB")
    assert found.connected("AAA", "MID")
    assert found.connected("AAA", "BBB")
    assert not found.connected("BBB", "AAA")


def test_the_same_page_is_the_same_object() -> None:
    found = search(flight(1, "AAA 0900", "BBB 1000"))
    assert found.journeys("AAA", "BBB", DAY)[0] is found.journeys("AAA", "BBB", DAY)[0]


@pytest.mark.parametrize(
    ("origin", "destination"), [("YOW", "YVR"), ("LHR", "NRT"), ("SYD", "LHR")]
)
def test_demo_journeys_keep_the_rules(origin: str, destination: str) -> None:
    world = demo_world()
    pages = Search(world).journeys(origin, destination, DAY)
    journeys = [journey for page in pages for journey in page.journeys]
    assert journeys
    fastest = min(each.duration for each in journeys)
    for each in journeys:
        assert (each.origin, each.destination) == (origin, destination)
        assert each.departure.date() == DAY
        assert each.duration <= fastest * 2.5 + timedelta(hours=2)
        for one, two in pairwise(each.segments):
            wait = two.departure - one.arrival
            least = world.minimum_connection(
                one.destination,
                world.airports[one.origin].country,
                world.airports[two.destination].country,
            )
            assert least <= wait <= timedelta(hours=24)


def test_times_are_instants_across_a_change_of_clocks() -> None:
    # on the night of 28 March 2027 London loses the hour from 01:00
    found = search(flight(1, "AAA 0030", "BBB 0230"))
    (page,) = found.journeys("AAA", "BBB", date(2027, 3, 28))
    assert page.journeys[0].duration == timedelta(hours=1)
    assert page.journeys[0].departure.replace(tzinfo=None) == datetime(2027, 3, 28, 0, 30)  # noqa: DTZ001 — its wall clock

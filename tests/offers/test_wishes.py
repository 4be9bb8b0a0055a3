"""What a journey or a fare has, and what a level makes of it; and what preferences do to a rank."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ndc_oms.model.journey import Journey, Leg, Segment
from ndc_oms.offers.flight_wishes import (
    Aircraft,
    Arrival,
    ArrivalDay,
    Carriers,
    Character,
    Characteristic,
    Connections,
    ConnectionTime,
    Departure,
    FlightTime,
    JourneyTime,
    OneCarrier,
    Via,
)
from ndc_oms.offers.wishes import Feature, Level, Wish

MORNING = datetime(2027, 4, 14, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def flight(
    start: str,
    end: str,
    at: datetime = MORNING,
    hours: float = 2,
    *,
    carrier: str = "T8",
    operator: str = "",
    aircraft: str = "7M8",
) -> Segment:
    leg = Leg(start, end, at, at + hours * HOUR, aircraft)
    return Segment(carrier, "1", operator or carrier, "1", (leg,))


DIRECT = Journey((flight("AAA", "BBB"),))
LATER = MORNING + 4 * HOUR
ONE = Journey((flight("AAA", "HUB"), flight("HUB", "BBB", LATER)))
TWO = Journey(
    (
        flight("AAA", "HUB"),
        flight("HUB", "MID", LATER, carrier="XA", aircraft="320"),
        flight("MID", "BBB", MORNING + 20 * HOUR, hours=6, operator="XA"),
    )
)
STOPS = Journey(
    (
        Segment(
            "T8",
            "1",
            "T8",
            "1",
            (
                Leg("AAA", "MID", MORNING, MORNING + HOUR, "7M8"),
                Leg("MID", "BBB", LATER, LATER + HOUR, "7M8"),
            ),
        ),
    )
)
HUBS = frozenset({"HUB"})


@pytest.mark.parametrize(
    ("feature", "meets", "touches"),
    [
        (Connections(0), [DIRECT, STOPS], [DIRECT, STOPS]),
        (Connections(1), [DIRECT, ONE, STOPS], [DIRECT, ONE, STOPS]),
        (Via(HUBS), [ONE], [ONE, TWO]),
        (Via(frozenset({"HUB", "MID"})), [ONE, TWO], [ONE, TWO]),
        (ConnectionTime(3 * HOUR, None), [DIRECT, STOPS, TWO][:2], [DIRECT, STOPS]),
        (ConnectionTime(None, 2 * HOUR), [DIRECT, ONE, STOPS], [DIRECT, ONE, STOPS]),
        (JourneyTime(5 * HOUR), [DIRECT, STOPS], [DIRECT, STOPS]),
        (FlightTime(2 * HOUR), [DIRECT, ONE], [DIRECT, ONE, TWO]),
        (Carriers(frozenset({"T8"})), [DIRECT, ONE, STOPS], [DIRECT, ONE, TWO, STOPS]),
        (Carriers(frozenset({"XA"})), [], [TWO]),
        (Carriers(frozenset({"T8", "XA"})), [DIRECT, ONE, TWO, STOPS], [DIRECT, ONE, TWO, STOPS]),
        (Carriers(frozenset(), "nobody"), [], []),
        (OneCarrier(), [DIRECT, ONE, STOPS], [DIRECT, ONE, STOPS]),
        (Departure(480, 480), [DIRECT, ONE, TWO, STOPS], [DIRECT, ONE, TWO, STOPS]),
        (Departure(481, 600), [], []),
        (Arrival(10 * 60, 11 * 60), [DIRECT, TWO], [DIRECT, TWO]),
        (Arrival(10 * 60, 11 * 60, 0), [DIRECT], [DIRECT]),
        (Arrival(10 * 60, 11 * 60, 1), [TWO], [TWO]),
        (ArrivalDay(1), [TWO], [TWO]),
        (Characteristic(Character.DIRECT), [DIRECT, STOPS], [DIRECT, STOPS]),
        (Characteristic(Character.NON_STOP), [DIRECT], [DIRECT]),
        (Characteristic(Character.OVERNIGHT_STOP), [TWO], [TWO]),
        (Characteristic(Character.RED_EYE), [], []),
        (Characteristic(Character.AIRPORT_CHANGE), [], []),
        (Aircraft(frozenset({"320"})), [], [TWO]),
    ],
)
def test_features(feature: Feature[Journey], meets: list[Journey], touches: list[Journey]) -> None:
    every = [DIRECT, ONE, TWO, STOPS]
    assert [each for each in every if feature.meets(each)] == [e for e in every if e in meets]
    assert [each for each in every if feature.touches(each)] == [e for e in every if e in touches]
    assert feature.label


def test_a_flight_through_the_night() -> None:
    late = Journey((flight("AAA", "BBB", MORNING.replace(hour=22), hours=8),))
    early = Journey((flight("AAA", "BBB", MORNING.replace(hour=2), hours=5),))
    noon = Journey((flight("AAA", "BBB", MORNING.replace(hour=22), hours=14),))
    red_eye = Characteristic(Character.RED_EYE)
    assert [red_eye.meets(each) for each in (late, early, noon)] == [True, True, False]


def test_a_change_of_airport() -> None:
    changing = Journey((flight("AAA", "HUB"), flight("HUC", "BBB", LATER)))
    assert Characteristic(Character.AIRPORT_CHANGE).meets(changing)


@pytest.mark.parametrize(
    ("level", "admitted"),
    [
        (Level.REQUIRED, [ONE]),
        (Level.PREFERRED, [DIRECT, ONE, TWO, STOPS]),
        (Level.EXCLUDED, [DIRECT, STOPS]),
    ],
)
def test_levels_mean_what_they_say(level: Level, admitted: list[Journey]) -> None:
    wish = Wish(Via(HUBS), level)
    assert [each for each in (DIRECT, ONE, TWO, STOPS) if wish.admits(each)] == admitted


def test_a_path_is_no_part_of_a_wish() -> None:
    one, other = (Wish(Via(HUBS), Level.REQUIRED, path) for path in ("/a", "/b"))
    assert (one, hash(one)) == (other, hash(other))


@given(st.integers(0, 1439), st.integers(0, 600), st.integers(0, 600), st.integers(0, 1439))
def test_an_arrival_of_any_day_is_judged_by_the_clock(
    time: int, before: int, after: int, arrives: int
) -> None:
    start = MORNING.replace(hour=0) + timedelta(minutes=arrives) - 2 * HOUR
    journey = Journey((flight("AAA", "BBB", start),))
    near = min((arrives - time) % 1440, 1440) <= after or (time - arrives) % 1440 <= before
    assert Arrival(time - before, time + after).meets(journey) is near

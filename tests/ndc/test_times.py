"""Times and durations of a request: what is read, and what is refused with its path."""

from datetime import timedelta

import pytest
from lxml import etree

from ndc_oms.errors import Invalid
from ndc_oms.ndc.envelope import COMMON
from ndc_oms.ndc.levels import level_of
from ndc_oms.ndc.times import find_duration, find_measured_time, find_minutes
from ndc_oms.offers.wishes import Level


def node(inside: str) -> etree._Element:
    return etree.fromstring(f'<Wish xmlns="{COMMON}">{inside}</Wish>')


@pytest.mark.parametrize(
    ("sent", "length"),
    [
        ("PT8H30M", timedelta(hours=8, minutes=30)),
        ("P1DT2H", timedelta(days=1, hours=2)),
        ("PT90M", timedelta(minutes=90)),
        ("PT30.5S", timedelta(seconds=30)),
        ("P7D", timedelta(days=7)),
        ("PT0S", timedelta()),
    ],
)
def test_durations(sent: str, length: timedelta) -> None:
    assert find_duration(node(f"<Length>{sent}</Length>"), "Length") == length


@pytest.mark.parametrize(
    "sent", ["P1Y", "P2M", "-PT1H", "PT", "P", "P9999D", "PT99999999999H", "P1DT", "8h", ""]
)
def test_durations_that_are_none(sent: str) -> None:
    with pytest.raises(Invalid) as caught:
        find_duration(node(f"<Length>{sent}</Length>"), "Length")
    assert (caught.value.code, caught.value.path) == ("912", "/Wish/Length")


@pytest.mark.parametrize(
    ("sent", "minutes"),
    [("08:30:00", 510), ("23:59:59.5", 1439), ("00:00:00Z", 0), ("12:00:00+02:00", 720)],
)
def test_times_of_day(sent: str, minutes: int) -> None:
    assert find_minutes(node(f"<Time>{sent}</Time>"), "Time") == minutes


def test_a_time_that_is_none() -> None:
    with pytest.raises(Invalid) as caught:
        find_minutes(node("<Time>noon</Time>"), "Time")
    assert caught.value.code == "386"


@pytest.mark.parametrize(("unit", "minutes"), [("MIN", 90), ("HUR", 5400), ("", 90), ("h", 5400)])
def test_measured_times(unit: str, minutes: int) -> None:
    found = find_measured_time(node(f'<Most UnitCode="{unit}">90</Most>'), "Most")
    assert found == timedelta(minutes=minutes)


@pytest.mark.parametrize(("unit", "value"), [("DAY", "1"), ("MIN", "-1"), ("MIN", "1" * 30)])
def test_measures_that_are_none(unit: str, value: str) -> None:
    with pytest.raises(Invalid):
        find_measured_time(node(f'<Most UnitCode="{unit}">{value}</Most>'), "Most")


@pytest.mark.parametrize(
    ("inside", "level"),
    [
        ("<PrefLevel><PrefLevelCode>Exclude</PrefLevelCode></PrefLevel>", Level.EXCLUDED),
        ("<PrefLevel><PrefLevelCode>Required</PrefLevelCode></PrefLevel>", Level.REQUIRED),
        ("", Level.PREFERRED),
    ],
)
def test_levels(inside: str, level: Level) -> None:
    assert level_of(node(inside)) is level
    assert level_of(node("<PrefCode>Required</PrefCode>"), name="PrefCode") is Level.REQUIRED
    with pytest.raises(Invalid):
        level_of(node("<PrefCode>Maybe</PrefCode>"), name="PrefCode")

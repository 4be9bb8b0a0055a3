"""Flights by day: local times, instants, days of operation, stops, code shares."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ndc_oms.model.journey import FlightKey, Segment
from ndc_oms.world.airports import Airport
from ndc_oms.world.problems import Problems
from ndc_oms.world.schedule import load_schedule
from ndc_oms.world.ssim_records import Flight, LegRecord, Schedule, SegmentRecord
from ndc_oms.world.ssim_writer import write
from ndc_oms.world.timetable import Timetable
from ndc_oms.world.world import World

ZONES = {"LIS": "Europe/Lisbon", "FNC": "Atlantic/Madeira", "GRU": "America/Sao_Paulo"}
ZONES |= {"HND": "Asia/Tokyo", "HNL": "Pacific/Honolulu", "YYZ": "America/Toronto"}
AIRPORTS = {
    code: Airport(code, code, code, code, "XX", zone, 0.0, 0.0) for code, zone in ZONES.items()
}
DAILY = 0b1111111


def leg(  # noqa: PLR0917 — reads like a line of a timetable
    number: str,
    origin: str,
    departure: str,
    destination: str,
    arrival: str,
    shifts: tuple[int | None, int | None] = (0, 0),
    offsets: tuple[int, int] = (0, 0),
    **more: object,
) -> LegRecord:
    values: dict[str, object] = {
        "flight": Flight("XX", number, 1), "sequence": 1, "service": "J",
        "first": date(2026, 1, 1), "last": None, "days": DAILY, "weeks": 1,
        "origin": origin, "departure": int(departure[:2]) * 60 + int(departure[2:]),
        "departure_offset": offsets[0], "destination": destination,
        "arrival": int(arrival[:2]) * 60 + int(arrival[2:]), "arrival_offset": offsets[1],
        "aircraft": "320", "departure_day": shifts[0], "arrival_day": shifts[1],
    }  # fmt: skip
    return LegRecord(**{**values, **more})  # type: ignore[arg-type]  # a test's shorthand


def timetable(
    folder: Path, *records: LegRecord | SegmentRecord, mode: str = "L"
) -> tuple[Timetable, Problems]:
    problems = Problems()
    made = Schedule("XX", mode, date(2026, 1, 1), None, date(2026, 1, 1), "A TEST", records)
    (folder / "schedule.ssim").write_text(write(made), encoding="ascii")
    return Timetable(load_schedule(folder, AIRPORTS, problems), 330), problems


def only(segments: tuple[Segment, ...]) -> Segment:
    (segment,) = segments
    return segment


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_date_line_is_crossed_both_ways(tmp_path: Path) -> None:
    found, problems = timetable(
        tmp_path,
        leg("1", "HND", "2155", "HNL", "1000", (0, 0), (540, -600)),
        leg("2", "HNL", "1230", "HND", "1630", (0, 1), (-600, 540)),
    )
    assert problems.found == []
    there = only(found.flights("HND", "HNL", date(2026, 5, 1)))
    assert there.departure.isoformat() == "2026-05-01T21:55:00+09:00"
    assert there.arrival.isoformat() == "2026-05-01T10:00:00-10:00"
    assert there.duration == timedelta(hours=7, minutes=5)
    back = only(found.flights("HNL", "HND", date(2026, 5, 1)))
    assert back.arrival.isoformat() == "2026-05-02T16:30:00+09:00"
    assert back.duration == timedelta(hours=9)


@pytest.mark.parametrize(
    ("day", "departure", "hours"),
    [
        (date(2026, 3, 7), "2026-03-08T04:00:00", 8),  # clocks go forward in the night of it
        (date(2026, 3, 8), "2026-03-09T03:00:00", 9),
        (date(2026, 10, 31), "2026-11-01T03:00:00", 9),
        (date(2026, 11, 1), "2026-11-02T04:00:00", 8),
    ],
)
def test_daylight_saving_time_moves_the_instant(
    tmp_path: Path, day: date, departure: str, hours: int
) -> None:
    found, _ = timetable(tmp_path, leg("5", "YYZ", "2300", "GRU", "0900", (0, 1), (-300, -180)))
    segment = only(found.flights("YYZ", "GRU", day))
    assert segment.departure == utc(departure)
    assert segment.duration == timedelta(hours=hours)
    assert segment.departure.strftime("%H:%M") == "23:00"


def test_the_airports_zone_counts_and_the_records_offset_only_where_it_is_unknown(
    tmp_path: Path,
) -> None:
    found, _ = timetable(tmp_path, leg("9", "LIS", "1000", "ZZZ", "1400", (0, 0), (-660, 330)))
    segment = only(found.flights("LIS", "ZZZ", date(2026, 7, 1)))
    assert segment.departure.isoformat() == "2026-07-01T10:00:00+01:00"
    assert segment.arrival.isoformat() == "2026-07-01T14:00:00+05:30"


def test_stops_give_every_pair_on_its_own_days(tmp_path: Path) -> None:
    monday, tuesday = 0b0000001, 0b0000010
    found, problems = timetable(
        tmp_path,
        leg("3", "LIS", "2300", "FNC", "0045", (0, 1), days=monday),
        leg("3", "FNC", "0200", "GRU", "0800", (1, 1), (0, -180), sequence=2, days=tuesday),
    )
    assert problems.found == []
    day = date(2026, 6, 1)
    after = date(2026, 6, 2)
    through = only(found.flights("LIS", "GRU", day))
    assert [leg.origin for leg in through.legs] == ["LIS", "FNC"]
    assert only(found.flights("FNC", "GRU", after)).departure == through.legs[1].departure
    assert found.flights("FNC", "GRU", day) == ()
    assert found.on(day) == (
        FlightKey("XX", "3", day, "LIS", "FNC"), FlightKey("XX", "3", day, "LIS", "GRU"),
    )  # fmt: skip
    assert found.on(after) == (FlightKey("XX", "3", after, "FNC", "GRU"),)
    assert found.find("XX", "3", day) == through
    assert found.find("XX", "3", day, destination="FNC") == found.segment(found.on(day)[0])
    assert found.find("XX", "3", after, origin="LIS") is None
    assert found.destinations("LIS") == {"FNC", "GRU"}
    assert found.origins("GRU") == {"LIS", "FNC"}


def test_no_local_traffic_between_two_points_is_not_sold(tmp_path: Path) -> None:
    found, _ = timetable(
        tmp_path,
        leg("3", "LIS", "0800", "FNC", "0945", restrictions="A"),
        leg("3", "FNC", "1100", "GRU", "1700", (0, 0), (0, -180), sequence=2),
    )
    assert found.destinations("LIS") == {"GRU"}


def test_dates_that_a_record_leaves_open_follow_from_the_clocks(tmp_path: Path) -> None:
    found, problems = timetable(
        tmp_path, leg("2", "HNL", "1230", "HND", "1630", (None, None), (-600, 540))
    )
    assert problems.found == []
    assert only(found.flights("HNL", "HND", date(2026, 5, 1))).arrival.day == 2


def test_periods_days_and_every_other_week(tmp_path: Path) -> None:
    found, problems = timetable(
        tmp_path,
        leg("1", "LIS", "0800", "FNC", "0945", last=date(2026, 1, 31), weeks=2),
        leg("1", "LIS", "0900", "FNC", "1045", first=date(2026, 2, 1), days=0b1000000,
            flight=Flight("XX", "1", 2)),
    )  # fmt: skip
    assert problems.found == []
    assert found.flights("LIS", "FNC", date(2025, 12, 31)) == ()
    assert len(found.flights("LIS", "FNC", date(2026, 1, 7))) == 1
    assert found.flights("LIS", "FNC", date(2026, 1, 8)) == ()
    assert len(found.flights("LIS", "FNC", date(2026, 1, 15))) == 1
    assert only(found.flights("LIS", "FNC", date(2199, 12, 29))).departure.hour == 9
    assert found.flights("LIS", "FNC", date(2199, 12, 30)) == ()


def test_a_file_in_utc_is_found_by_local_days(tmp_path: Path) -> None:
    found, _ = timetable(tmp_path, leg("2", "HND", "2330", "HNL", "0630", (0, 1)), mode="U")
    segment = only(found.flights("HND", "HNL", date(2026, 5, 2)))
    assert segment.departure.isoformat() == "2026-05-02T08:30:00+09:00"
    assert segment.departure == utc("2026-05-01T23:30:00")
    assert segment.key in found.on(date(2026, 5, 2))


def test_a_code_share_names_who_flies_it(tmp_path: Path) -> None:
    shared = SegmentRecord(Flight("XX", "700", 1), 1, "J", "A", "B", "050", "LIS", "FNC", "YY 0042")
    found, _ = timetable(tmp_path, leg("700", "LIS", "0800", "FNC", "0945"), shared)
    segment = only(found.flights("LIS", "FNC", date(2026, 5, 1)))
    assert (segment.carrier, segment.number) == ("XX", "700")
    assert (segment.operator, segment.operator_number) == ("YY", "42")
    assert found.on(date(2026, 5, 1)) == ()
    with pytest.raises(KeyError):
        found.segment(segment.key)


def test_legs_that_do_not_join_and_days_flown_twice_are_problems(tmp_path: Path) -> None:
    _, problems = timetable(
        tmp_path,
        leg("1", "LIS", "0800", "FNC", "0945"),
        leg("1", "LIS", "0900", "FNC", "1045", flight=Flight("XX", "1", 2)),
        leg("3", "LIS", "0800", "FNC", "0945"),
        leg("3", "YYZ", "1100", "GRU", "1700", sequence=2),
        leg("4", "LIS", "0800", "FNC", "0745"),
    )
    assert [(each.line, each.field) for each in problems.found] == [
        (4, "first"), (6, "sequence"), (7, "arrival"),
    ]  # fmt: skip


def test_freight_is_not_sold(tmp_path: Path) -> None:
    found, _ = timetable(tmp_path, leg("1", "LIS", "0800", "FNC", "0945", service="F"))
    assert found.destinations("LIS") == frozenset()


def test_the_demo_airline_is_a_hub_carrier_of_300_flights_a_day(world: World) -> None:
    day = date(2027, 3, 17)
    keys = world.timetable.on(day)
    assert len(keys) >= 300
    assert len(set(keys)) == len(keys)
    assert 95 <= len(world.airports) <= 120
    segments = [world.timetable.segment(key) for key in keys]
    assert all(segment.key == key for segment, key in zip(segments, keys, strict=True))
    hours = [segment.duration / timedelta(hours=1) for segment in segments]
    assert min(hours) < 1.2
    assert max(hours) > 12
    assert all(0.6 < each < 26 for each in hours)
    asia = world.timetable.flights("YYZ", "HND", day)
    assert all(each.arrival.date() > each.departure.date() for each in asia)
    home = only(world.timetable.flights("SYD", "YYZ", day))
    assert len(home.legs) == 2
    assert home.arrival.date() == day


def test_the_demo_airlines_block_times_hold_all_year_and_never_end(world: World) -> None:
    for origin, destination in (("YYZ", "HND"), ("LHR", "YYZ"), ("PHX", "YYZ"), ("YYZ", "GRU")):
        blocks = Counter(
            (segment.number, segment.duration)
            for at in range(366)
            for segment in world.timetable.flights(
                origin, destination, date(2027, 1, 1) + timedelta(days=at)
            )
        )
        usual = {number: block for (number, block), count in blocks.items() if count > 180}
        for (number, block), count in blocks.items():
            # Only flights of the nights in which clocks change may differ.
            assert block == usual[number] or count <= 2
    assert world.timetable.flights("YYZ", "HND", date(2060, 1, 1))


def test_what_is_on_sale_ends_with_sell_days(world: World) -> None:
    today = date(2027, 1, 1)
    assert world.timetable.first_day(today) == today
    assert world.timetable.last_day(today) == date(2027, 11, 27)


def test_departures_are_all_flights_of_an_airport_by_time(world: World) -> None:
    day = date(2027, 3, 17)
    found = world.timetable.departures("YYZ", day)
    assert list(found) == sorted(found, key=lambda each: each.departure)
    assert {each.key for each in found} == {
        key for key in world.timetable.on(day) if key.origin == "YYZ"
    }
    assert world.timetable.departures("XXX", day) == ()

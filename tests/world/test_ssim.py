"""SSIM data sets: what is read is written back byte by byte; wrong records are named."""

from datetime import date
from pathlib import Path

import pytest

from ndc_oms.world.problems import Problems
from ndc_oms.world.ssim import read
from ndc_oms.world.ssim_records import LEG, WIDTH, Flight, LegRecord, Schedule, SegmentRecord
from ndc_oms.world.ssim_writer import write

LEG_1 = LegRecord(
    Flight("XX", "12A", 1), 1, "J", date(2026, 3, 29), date(2026, 10, 24), 0b0010101, 1,
    "YYZ", 1410, -240, "KEF", 515, 0, "7M8", "1", "", "", "J016Y153", 0, 1,
)  # fmt: skip
LEG_2 = LegRecord(
    Flight("XX", "12A", 1), 2, "J", date(2026, 3, 30), date(2026, 10, 25), 0b0101010, 1,
    "KEF", 580, 0, "CPH", 880, 120, "7M8", "", "3", "A", "J016Y153", 1, 1,
)  # fmt: skip
SHARED = SegmentRecord(Flight("XX", "12A", 1), 1, "J", "A", "B", "050", "YYZ", "KEF", "YY 0700")
OPEN = LegRecord(
    Flight("XX", "7", 123), 1, "J", date(2026, 1, 1), None, 0b1111111, 2,
    "SYD", 660, 660, "HNL", 60, -600, "789", departure_day=0, arrival_day=0,
)  # fmt: skip


def schedule(*records: LegRecord | SegmentRecord) -> Schedule:
    return Schedule("XX", "L", date(2026, 1, 1), None, date(2026, 1, 1), "A TEST", records)


def without_lines(records: tuple[LegRecord | SegmentRecord, ...]) -> list[str]:
    return [repr(record).split(", line=")[0] for record in records]


def test_records_come_back_as_they_were_written() -> None:
    problems = Problems()
    text = write(schedule(LEG_1, LEG_2, SHARED, OPEN))
    found = read(text, "a.ssim", problems)
    assert problems.found == []
    assert found is not None
    assert without_lines(found.records) == without_lines((LEG_1, LEG_2, SHARED, OPEN))
    assert {len(line) for line in text.splitlines()} == {WIDTH}
    assert [line[0] for line in text.splitlines()] == ["1", "2", "3", "3", "4", "3", "5"]


def test_the_demo_airlines_file_is_written_back_byte_by_byte(folder: Path) -> None:
    problems = Problems()
    text = (folder / "schedule.ssim").read_text(encoding="ascii")
    found = read(text, "schedule.ssim", problems)
    assert problems.found == []
    assert found is not None
    assert write(found) == text
    assert any(leg.last is None for leg in found.legs)
    assert found.segments


def test_bytes_stand_where_the_manual_puts_them() -> None:
    line = write(schedule(LEG_1)).splitlines()[2]
    assert line[:14] == "3AXX   120101J"
    assert line[14:36] == "29MAR2624OCT261 3 5   "
    assert line[36:54] == "YYZ23302330-04001 "
    assert line[54:75] == "KEF08350835+0000  7M8"
    assert line[172:200] == "J016Y153            01000003"


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("first", "31FEB26", "a date"),
        ("last", "00XXX01", "a date"),
        ("days", "7654321", "1 to 7"),
        ("days", "       ", "at least one day"),
        ("departure", "2460", "a time"),
        ("arrival", "25 0", "a time"),
        ("origin", "yyz", "an airport"),
        ("arrival_offset", " 0000", "a UTC variation"),
        ("aircraft", "7_8", "an aircraft type"),
        ("number", "12x4", "digits"),
        ("date_variation", "0X", "0 to 7"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(field: str, value: str, rule: str) -> None:
    lines = write(schedule(LEG_1, OPEN)).splitlines()
    at = LEG[field]
    lines[3] = lines[3][: at.first - 1] + value + lines[3][at.last :]
    problems = Problems()
    found = read("\n".join(lines), "a.ssim", problems)
    (problem,) = problems.found
    assert (problem.file, problem.line) == ("a.ssim", 4)
    assert problem.field == f"{field} (bytes {at.first} to {at.last})"
    assert rule in problem.rule
    assert found is not None
    assert len(found.legs) == 1


def test_short_lines_unknown_types_and_a_missing_end_are_named() -> None:
    lines = write(schedule(LEG_1)).splitlines()
    problems = Problems()
    read("\n".join([*lines[:3], lines[2][:150], "9" + " " * 199, "0" * 200]), "a.ssim", problems)
    assert [problem.line for problem in problems.found] == [4, 5, 0]
    assert "150" in problems.found[0].rule
    assert "'9'" in problems.found[1].rule
    assert "trailer" in problems.found[2].rule


def test_a_file_without_a_carrier_is_none() -> None:
    problems = Problems()
    assert read("", "a.ssim", problems) is None
    assert len(problems.found) == 2

"""Reads SSIM chapter 7 data sets: any airline's schedule, line by line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

from ndc_oms.world.problems import Problems
from ndc_oms.world.ssim_records import (
    CARRIER,
    HEADER,
    LEG,
    MONTHS,
    OPEN_END,
    SEGMENT,
    SERIAL,
    TITLE,
    WIDTH,
    Bytes,
    Flight,
    LegRecord,
    Schedule,
    SegmentRecord,
)

_AIRPORT: Final = re.compile(r"[A-Z]{3}")
_CARRIER: Final = re.compile(r"[A-Z0-9]{2} |[A-Z]{3}")
_TYPE: Final = re.compile(r"[A-Z0-9]{3}")
_DATE_VARIATION: Final = {"A": -1, "J": -1, **{str(day): day for day in range(8)}}


@dataclass(slots=True)
class _Line:
    """One record under way. Every reader notes what is wrong and gives a stand-in."""

    file: str
    number: int
    text: str
    fields: Mapping[str, Bytes]
    problems: Problems
    ok: bool = field(default=True)

    def fail(self, name: str, rule: str) -> None:
        self.ok = False
        at = self.fields.get(name, SERIAL)
        where = f"{name} (bytes {at.first} to {at.last})"
        self.problems.add(self.file, self.number, where, f"{rule}, not {at.of(self.text)!r}")

    def raw(self, name: str) -> str:
        return self.fields[name].of(self.text)

    def match(self, name: str, pattern: "re.Pattern[str]", rule: str) -> str:
        value = self.raw(name)
        if not pattern.fullmatch(value):
            self.fail(name, rule)
        return value.rstrip()

    def integer(self, name: str) -> int:
        value = self.raw(name).strip()
        if not (value.isascii() and value.isdigit()):
            self.fail(name, "digits")
            return 0
        return int(value)

    def day(self, name: str) -> date:
        found = _date(self.raw(name))
        if found is None:
            self.fail(name, "a date as 01JAN25")
            return date(2000, 1, 1)
        return found

    def end(self, name: str) -> date | None:
        return None if self.raw(name) == OPEN_END else self.day(name)

    def minutes(self, name: str) -> int:
        value = self.raw(name)
        found = _minutes(value)
        if found is None:
            self.fail(name, "a time from 0000 to 2400")
            return 0
        return found

    def offset(self, name: str) -> int:
        value = self.raw(name)
        found = _minutes(value[1:])
        if value[0] not in "+-" or found is None:
            self.fail(name, "a UTC variation as +0530")
            return 0
        return -found if value[0] == "-" else found

    def days(self, name: str) -> int:
        mask = 0
        for at, letter in enumerate(self.raw(name)):
            if letter == str(at + 1):
                mask |= 1 << at
            elif letter != " ":
                self.fail(name, "1 to 7, each at its place or blank")
                return 1
        if not mask:
            self.fail(name, "at least one day")
            return 1
        return mask

    def flight(self) -> Flight:
        carrier = self.match("carrier", _CARRIER, "an airline designator")
        number = self.integer("number")
        overflow = self.raw("overflow").strip() or "0"
        if not (overflow.isascii() and overflow.isdigit()):
            self.fail("overflow", "a digit or blank")
            overflow = "0"
        suffix = self.raw("suffix").strip()
        variation = int(overflow) * 100 + self.integer("variation")
        return Flight(carrier, f"{number}{suffix}", variation)


@lru_cache(maxsize=4096)
def _date(text: str) -> date | None:
    day, month, year = text[:2], text[2:5], text[5:]
    if month not in MONTHS or not (day + year).isdigit():
        return None
    try:
        return date(2000 + int(year), MONTHS.index(month) + 1, int(day))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _minutes(text: str) -> int | None:
    if not (text.isascii() and text.isdigit()) or len(text) != 4:
        return None
    hours, minutes = int(text[:2]), int(text[2:])
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= 24 * 60 else None


def _leg(line: _Line) -> LegRecord:
    variation = [_day_shift(line, letter) for letter in line.raw("date_variation")]
    return LegRecord(
        line.flight(),
        line.integer("sequence"),
        line.raw("service"),
        line.day("first"),
        line.end("last"),
        line.days("days"),
        2 if line.raw("weeks") == "2" else 1,
        line.match("origin", _AIRPORT, "an airport"),
        line.minutes("departure"),
        line.offset("departure_offset"),
        line.match("destination", _AIRPORT, "an airport"),
        line.minutes("arrival"),
        line.offset("arrival_offset"),
        line.match("aircraft", _TYPE, "an aircraft type"),
        line.raw("departure_terminal").strip(),
        line.raw("arrival_terminal").strip(),
        line.raw("restrictions").rstrip(),
        line.raw("configuration").rstrip(),
        variation[0],
        variation[1],
        line.number,
    )


def _day_shift(line: _Line, letter: str) -> int | None:
    if letter == " ":
        return None
    if letter not in _DATE_VARIATION:
        line.fail("date_variation", "0 to 7, or A for the day before")
        return None
    return _DATE_VARIATION[letter]


def _segment(line: _Line) -> SegmentRecord:
    return SegmentRecord(
        line.flight(),
        line.integer("sequence"),
        line.raw("service"),
        line.raw("board"),
        line.raw("off"),
        line.raw("element"),
        line.match("origin", _AIRPORT, "an airport"),
        line.match("destination", _AIRPORT, "an airport"),
        line.raw("data").rstrip(),
        line.number,
    )


def read(text: str, file: str, problems: Problems) -> Schedule | None:
    """The data set, of one carrier, in a text of 200-byte lines.

    Lines of zeros (block filling) are passed over. Notes every record that breaks a rule, and
    gives None where no carrier record stands.
    """
    records: list[LegRecord | SegmentRecord] = []
    carrier: _Line | None = None
    ended = False
    for number, content in enumerate(text.splitlines(), 1):
        kind = content[:1]
        if not content.strip("0 \x1a"):
            continue
        if len(content) != WIDTH:
            rule = f"a record has {WIDTH} bytes, this one {len(content)}"
            problems.add(file, number, "", rule)
        elif kind == "1":
            _Line(file, number, content, HEADER, problems).match(
                "title", re.compile(TITLE), f"{TITLE!r}"
            )
        elif kind == "2":
            if carrier is not None:
                problems.add(file, number, "", "a second carrier record; one carrier is read")
            carrier = _Line(file, number, content, CARRIER, problems)
        elif kind in {"3", "4"}:
            line = _Line(file, number, content, LEG if kind == "3" else SEGMENT, problems)
            record = _leg(line) if kind == "3" else _segment(line)
            if line.ok:
                records.append(record)
        elif kind == "5":
            ended = True
        else:
            problems.add(file, number, "", f"no record type {kind!r}; 1 to 5 are known")
    if not ended:
        problems.add(file, 0, "", "no trailer record (type 5): the file is cut short")
    if carrier is None:
        problems.add(file, 0, "", "no carrier record (type 2)")
        return None
    return _schedule(carrier, tuple(records))


def _schedule(line: _Line, records: tuple[LegRecord | SegmentRecord, ...]) -> Schedule:
    if line.raw("time_mode") not in {"L", "U"}:
        line.fail("time_mode", "L or U")
    return Schedule(
        carrier=line.match("carrier", _CARRIER, "an airline designator"),
        time_mode=line.raw("time_mode"),
        first=line.day("first"),
        last=line.end("last"),
        created=line.day("created"),
        title=line.raw("title").rstrip(),
        records=records,
        season=line.raw("season").rstrip(),
        creator=line.raw("creator").rstrip(),
        status=line.raw("status"),
    )

"""SSM and ASM messages: text to records. Source: SSIM chapters 4 (SSM) and 5 (ASM), as far as
flights of one airline need it.

    SSM                     ASM
    LT                      UTC               time mode; UTC where none is said
    TIM                     CNL               NEW CNL TIM EQT RPL RIN CON
    T8101                   T8101/15JAN27     flight; with its date in an ASM
    10JAN27 20JAN27 135                       period and days of the week (1 is Monday), SSM only
    J 789 C30Y220                             service type, aircraft, seats: NEW RPL EQT CON
    YYZ0830 LHR2030                           legs: NEW RPL TIM; /1 after a time: a day later
    //                                        another message follows, with the same head

A wrong line is a WrongLineError that says which and why; nothing of the text is carried out then.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from ndc_oms.model.product import Cabin

ACTIONS: Final = ("NEW", "CNL", "TIM", "EQT", "RPL", "RIN", "CON")
_NEEDS_EQUIPMENT: Final = frozenset({"NEW", "RPL", "EQT", "CON"})
_NEEDS_LEGS: Final = frozenset({"NEW", "RPL", "TIM"})
MAX_DAYS: Final = 366  # a period is not longer: each day is carried out
_MONTHS: Final = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
_DAY: Final = r"(\d{2})(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)(\d{2})?"
_FLIGHT: Final = re.compile(rf"([A-Z0-9]{{2}})(\d{{1,4}}[A-Z]?)(?:/({_DAY}))?")
_PERIOD: Final = re.compile(rf"({_DAY})\s+({_DAY})\s+([1-7]{{1,7}})")
_EQUIPMENT: Final = re.compile(r"([A-Z])\s+([A-Z0-9]{3})(?:\s+((?:[A-Z]\d{1,3})+))?")
_POINT: Final = re.compile(r"([A-Z]{3})(\d{2})(\d{2})(?:/(\d))?")
_SEATS: Final = re.compile(r"([A-Z])(\d{1,3})")
# Cabins by the class that stands for them in an aircraft's configuration.
_CABINS: Final = {
    "F": Cabin.FIRST,
    "J": Cabin.BUSINESS,
    "C": Cabin.BUSINESS,
    "W": Cabin.PREMIUM_ECONOMY,
    "Y": Cabin.ECONOMY,
}


class WrongLineError(ValueError):
    """line: from 1."""

    def __init__(self, line: int, rule: str) -> None:
        super().__init__(f"line {line}: {rule}")
        self.line = line
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Equipment:
    """seats: None for those that the type has by itself."""

    aircraft: str
    seats: tuple[tuple[Cabin, int], ...] | None


@dataclass(frozen=True, slots=True)
class LegTimes:
    """Minutes after midnight of the itinerary's first day, on the clocks that the mode says."""

    origin: str
    departs: int
    destination: str
    arrives: int


@dataclass(frozen=True, slots=True)
class ScheduleMessage:
    """days: local dates (or UTC, as the mode says) on which the itinerary begins."""

    line: int
    action: str
    local: bool
    carrier: str
    number: str
    days: tuple[date, ...]
    equipment: Equipment | None = None
    legs: tuple[LegTimes, ...] = ()


@dataclass
class _Draft:
    line: int
    action: str
    local: bool
    single: bool  # an ASM: one date a flight
    flight: tuple[str, str] | None = None
    days: list[date] = field(default_factory=list)
    equipment: Equipment | None = None
    legs: list[LegTimes] = field(default_factory=list)


def parse(text: str, today: date) -> tuple[ScheduleMessage, ...]:
    """today: dates without a year are the next such. Raises WrongLineError."""
    found: list[ScheduleMessage] = []
    for start, lines in _messages(text):
        found.extend(_read(start, lines, today))
    if not found:
        raise WrongLineError(1, "an SSM or ASM message is needed")
    return tuple(found)


def _messages(text: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Head (SSM or ASM, and time mode) and the numbered lines below, message by message."""
    head, mode, body = "", "UTC", list[tuple[int, str]]()
    for number, raw in enumerate(text.splitlines(), 1):
        line = " ".join(raw.upper().split())
        if not line or line.startswith("#"):
            continue
        if line in {"SSM", "ASM"}:
            if body:
                yield f"{head} {mode}", body
            head, mode, body = line, "UTC", []
        elif line in {"LT", "UTC"} and not body:
            mode = line
        elif line == "//":
            if body:
                yield f"{head} {mode}", body
            body = []
        elif not head:
            raise WrongLineError(number, "a message begins with SSM or ASM")
        else:
            body.append((number, line))
    if body:
        yield f"{head} {mode}", body


def _read(head: str, lines: list[tuple[int, str]], today: date) -> Iterator[ScheduleMessage]:
    kind, mode = head.split(" ")
    number, action = lines[0]
    if action not in ACTIONS:
        raise WrongLineError(number, f"{action[:20]!r} is none of {', '.join(ACTIONS)}")
    draft = _Draft(number, action, mode == "LT", kind == "ASM")
    for at, line in lines[1:]:
        _take(draft, at, line, today)
    yield _made(draft)


def _take(draft: _Draft, at: int, line: str, today: date) -> None:
    if draft.flight is None:
        _take_flight(draft, at, line, today)
    elif not draft.single and not draft.days:
        _take_period(draft, at, line, today)
    elif (match := _EQUIPMENT.fullmatch(line)) is not None and not draft.legs:
        draft.equipment = _equipment(at, match)
    else:
        _take_legs(draft, at, line)


def _take_flight(draft: _Draft, at: int, line: str, today: date) -> None:
    match = _FLIGHT.fullmatch(line)
    if match is None:
        raise WrongLineError(at, "a flight is needed, as T8101 or T8101/15JAN27")
    draft.flight = (match[1], match[2].lstrip("0") or "0")
    if draft.single:
        if match[3] is None:
            raise WrongLineError(at, "an ASM names the flight's date, as T8101/15JAN27")
        draft.days = [_date(at, match[4], match[5], match[6], today)]


def _take_period(draft: _Draft, at: int, line: str, today: date) -> None:
    match = _PERIOD.fullmatch(line)
    if match is None:
        raise WrongLineError(at, "a period is needed, as 10JAN27 20JAN27 1234567")
    first = _date(at, match[2], match[3], match[4], today)
    last = _date(at, match[6], match[7], match[8], today)
    if not first <= last <= first + timedelta(days=MAX_DAYS):
        raise WrongLineError(at, f"a period ends after it begins, and within {MAX_DAYS} days")
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    draft.days = [day for day in span if str(day.isoweekday()) in match[9]]
    if not draft.days:
        raise WrongLineError(at, "no such day of the week lies in the period")


def _date(at: int, day: str, month: str, year: str | None, today: date) -> date:
    number = _MONTHS.index(month) // 4 + 1
    try:
        if year is not None:
            return date(2000 + int(year), number, int(day))
        this = date(today.year, number, int(day))
        return this if this >= today else date(today.year + 1, number, int(day))
    except ValueError:
        raise WrongLineError(at, f"{day}{month}{year or ''} is no date") from None


def _equipment(at: int, match: re.Match[str]) -> Equipment:
    if match[3] is None:
        return Equipment(match[2], None)
    seats: dict[Cabin, int] = {}
    for letter, count in _SEATS.findall(match[3]):
        if letter not in _CABINS or _CABINS[letter] in seats:
            raise WrongLineError(at, f"{letter} is no cabin, or is there twice")
        seats[_CABINS[letter]] = int(count)
    return Equipment(match[2], tuple((cabin, many) for cabin, many in seats.items() if many))


def _take_legs(draft: _Draft, at: int, line: str) -> None:
    parts = line.split(" ")
    points = [_POINT.fullmatch(part) for part in parts]
    if len(parts) != 2 or points[0] is None or points[1] is None:
        raise WrongLineError(at, "a leg is needed, as YYZ0830 LHR2030 or YYZ2230 LHR1030/1")
    leg = LegTimes(points[0][1], _minutes(at, points[0]), points[1][1], _minutes(at, points[1]))
    if draft.legs and draft.legs[-1].destination != leg.origin:
        raise WrongLineError(at, f"a leg from {draft.legs[-1].destination} is needed")
    draft.legs.append(leg)


def _minutes(at: int, match: re.Match[str]) -> int:
    hour, minute = int(match[2]), int(match[3])
    if hour > 23 or minute > 59:
        raise WrongLineError(at, f"{match[2]}{match[3]} is no time")
    return int(match[4] or 0) * 1440 + hour * 60 + minute


def _made(draft: _Draft) -> ScheduleMessage:
    if draft.flight is None or not draft.days:
        raise WrongLineError(draft.line, f"{draft.action} names no flight, or no day")
    for needs, has, what in (
        (_NEEDS_EQUIPMENT, draft.equipment is not None, "an equipment line"),
        (_NEEDS_LEGS, bool(draft.legs), "a leg"),
    ):
        if (draft.action in needs) is not has:
            need = "needs" if draft.action in needs else "takes no"
            raise WrongLineError(draft.line, f"{draft.action} {need} {what.removeprefix('an ')}")
    return ScheduleMessage(
        draft.line,
        draft.action,
        draft.local,
        *draft.flight,
        tuple(draft.days),
        draft.equipment,
        tuple(draft.legs),
    )

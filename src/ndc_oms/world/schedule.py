"""From the records of an SSIM data set to the patterns of the timetable."""

from collections.abc import Iterator, Mapping
from datetime import timedelta, tzinfo
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final

from ndc_oms.world.airports import Airport
from ndc_oms.world.problems import Problems
from ndc_oms.world.ssim import read
from ndc_oms.world.ssim_records import Flight, LegRecord, Schedule
from ndc_oms.world.timetable import Calendar, LegTimes, Pattern, fixed_offset, zone_of

FILE: Final = "schedule.ssim"
# Passenger service types; the rest is mail, freight, positioning. Source: SSIM appendix C.
_PASSENGER: Final = frozenset("JSUQGBRCOL")
_OPERATED_BY: Final = "050"  # DEI: the operational leg that a duplicate leg stands for
_NO_LOCAL_TRAFFIC: Final = "A"  # traffic restriction code. Source: SSIM appendix G


def load_schedule(
    folder: Path, airports: Mapping[str, Airport], problems: Problems
) -> tuple[Pattern, ...]:
    """Every board-to-off pair on sale. Airports that `airports` lacks take the records' offsets."""
    try:
        text = (folder / FILE).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        problems.add(FILE, 0, "", f"cannot be read: {error}")
        return ()
    schedule = read(text, FILE, problems)
    return tuple(_patterns(schedule, airports, problems)) if schedule else ()


def _patterns(
    schedule: Schedule, airports: Mapping[str, Airport], problems: Problems
) -> Iterator[Pattern]:
    operators = _operators(schedule, problems)
    seen: dict[tuple[str, str], list[tuple[Calendar, Flight]]] = {}
    itineraries = groupby(schedule.legs, key=lambda leg: leg.flight)
    for flight, group in itineraries:
        legs = [leg for leg in group if leg.service in _PASSENGER]
        if not legs or not _joined(legs, problems):
            continue
        first = legs[0]
        calendar = Calendar.of(first.first, first.last, first.days, first.weeks)
        others = seen.setdefault((flight.carrier, flight.number), [])
        for other, of in others:
            if of == flight or other.meets(calendar):
                rule = f"operates on days that variation {of.variation:02} has already"
                problems.add(FILE, first.line, "first", rule)
        others.append((calendar, flight))
        times = _times(legs, airports, local=schedule.time_mode == "L", problems=problems)
        yield from _pairs(
            flight,
            legs,
            times,
            calendar,
            in_utc=schedule.time_mode == "U",
            operators=operators,
        )


def _operators(
    schedule: Schedule, problems: Problems
) -> dict[tuple[Flight, str, str], tuple[str, str]]:
    """Who flies a code share, by flight and board-to-off pair: designator and number."""
    found = {}
    for record in schedule.segments:
        if record.element == _OPERATED_BY:
            carrier, number = record.data[:3].strip(), record.data[3:].strip().lstrip("0")
            if not carrier or not number[:1].isdigit():
                rule = f"an airline designator and a flight number, not {record.data!r}"
                problems.add(FILE, record.line, "data (bytes 40 to 194)", rule)
                continue
            key = (record.flight, record.origin, record.destination)
            found[key] = (carrier, number)
    return found


def _joined(legs: list[LegRecord], problems: Problems) -> bool:
    """Whether the legs of an itinerary follow one another and operate on as many days."""
    for before, after in pairwise(legs):
        if after.sequence != before.sequence + 1 or after.origin != before.destination:
            rule = f"leg {after.sequence} from {after.origin} does not follow the one before"
            problems.add(
                FILE, after.line, "sequence", f"{rule}, which ends at {before.destination}"
            )
            return False
        if after.days.bit_count() != before.days.bit_count():
            rule = "every leg of an itinerary operates on as many days of the week"
            problems.add(FILE, after.line, "days", rule)
            return False
    return True


def _times(
    legs: list[LegRecord], airports: Mapping[str, Airport], *, local: bool, problems: Problems
) -> list[LegTimes]:
    """Minutes from midnight of the first leg's day. Where a record says no date variation, a leg
    departs at the first such time after the arrival before it, and arrives at the first after that.
    """
    made = []
    start = legs[0].departure_day or 0
    earliest = -(10**6)  # of this event: instants, as minutes in UTC after that midnight
    for leg in legs:
        from_utc = leg.departure_offset if local else 0
        to_utc = leg.arrival_offset if local else 0
        if leg.departure_day is not None:
            departs = (leg.departure_day - start) * 1440 + leg.departure
        else:
            departs = leg.departure if leg is legs[0] else _next(leg.departure, from_utc, earliest)
        if leg.arrival_day is not None:
            arrives = (leg.arrival_day - start) * 1440 + leg.arrival
        else:
            arrives = _next(leg.arrival, to_utc, departs - from_utc)
        if arrives - to_utc <= departs - from_utc:
            problems.add(FILE, leg.line, "arrival", "is not after the departure")
        earliest = arrives - to_utc
        made.append(
            LegTimes(
                leg.origin,
                leg.destination,
                departs,
                arrives,
                _zone(airports, leg.origin, leg.departure_offset),
                _zone(airports, leg.destination, leg.arrival_offset),
                leg.aircraft,
                leg.departure_terminal or None,
                leg.arrival_terminal or None,
            )
        )
    return made


def _next(clock: int, offset: int, earliest: int) -> int:
    """The first time that a clock at `offset` shows after an instant."""
    behind = earliest - (clock - offset)
    return clock + (behind // 1440 + 1) * 1440


def _zone(airports: Mapping[str, Airport], code: str, offset: int) -> tzinfo:
    airport = airports.get(code)
    return zone_of(airport.zone) if airport else fixed_offset(timedelta(minutes=offset))


def _pairs(
    flight: Flight,
    legs: list[LegRecord],
    times: list[LegTimes],
    calendar: Calendar,
    *,
    in_utc: bool,
    operators: Mapping[tuple[Flight, str, str], tuple[str, str]],
) -> Iterator[Pattern]:
    count = len(legs)
    share = max((at + 1) * (count - at) for at in range(count))
    for board in range(count):
        for off in range(board, count):
            if legs[board].restrictions[off - board : off - board + 1] == _NO_LOCAL_TRAFFIC:
                continue
            part = tuple(times[board : off + 1])
            key = (flight, part[0].origin, part[-1].destination)
            operator, number = operators.get(key, (flight.carrier, flight.number))
            yield Pattern(
                flight.carrier, flight.number, operator, number, calendar, part, in_utc, share
            )

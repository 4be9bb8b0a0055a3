"""Writes SSIM chapter 7 data sets: what `ssim.read` gives, back to lines of 200 bytes."""

from collections.abc import Mapping
from datetime import date

from ndc_oms.world.ssim_records import (
    CARRIER,
    HEADER,
    LEG,
    MONTHS,
    OPEN_END,
    SEGMENT,
    SERIAL,
    TITLE,
    TRAILER,
    WIDTH,
    Bytes,
    Flight,
    LegRecord,
    Schedule,
    SegmentRecord,
)


def _put(kind: str, fields: Mapping[str, Bytes], values: Mapping[str, str], serial: int) -> str:
    line = [" "] * WIDTH
    line[0] = kind
    for name, value in values.items():
        at = fields[name]
        if len(value) > at.width:
            raise ValueError(f"{name} takes {at.width} bytes, not {value!r}")
        line[at.first - 1 : at.last] = value.ljust(at.width)
    line[SERIAL.first - 1 :] = f"{serial:06}"
    return "".join(line)


def _day_text(day: date | None) -> str:
    return OPEN_END if day is None else f"{day.day:02}{MONTHS[day.month - 1]}{day.year % 100:02}"


def _time_text(minutes: int) -> str:
    return f"{minutes // 60:02}{minutes % 60:02}"


def _offset_text(minutes: int) -> str:
    return ("-" if minutes < 0 else "+") + _time_text(abs(minutes))


def _shift_text(day: int | None) -> str:
    return " " if day is None else "A" if day < 0 else str(day)


def _flight_fields(flight: Flight) -> dict[str, str]:
    digits = flight.number.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return {
        "suffix": flight.number[len(digits) :],
        "carrier": flight.carrier,
        "number": f"{int(digits):4}",
        "variation": f"{flight.variation % 100:02}",
        "overflow": str(flight.variation // 100) if flight.variation > 99 else "",
    }


def _leg_fields(leg: LegRecord) -> dict[str, str]:
    departure, arrival = _time_text(leg.departure), _time_text(leg.arrival)
    return _flight_fields(leg.flight) | {
        "sequence": f"{leg.sequence:02}",
        "service": leg.service,
        "first": _day_text(leg.first),
        "last": _day_text(leg.last),
        "days": "".join(str(at + 1) if leg.days >> at & 1 else " " for at in range(7)),
        "weeks": "2" if leg.weeks == 2 else "",
        "origin": leg.origin,
        "departure": departure,
        "aircraft_departure": departure,
        "departure_offset": _offset_text(leg.departure_offset),
        "departure_terminal": leg.departure_terminal,
        "destination": leg.destination,
        "arrival": arrival,
        "aircraft_arrival": arrival,
        "arrival_offset": _offset_text(leg.arrival_offset),
        "arrival_terminal": leg.arrival_terminal,
        "aircraft": leg.aircraft,
        "restrictions": leg.restrictions,
        "configuration": leg.configuration,
        "date_variation": _shift_text(leg.departure_day) + _shift_text(leg.arrival_day),
    }


def _segment_fields(segment: SegmentRecord) -> dict[str, str]:
    return _flight_fields(segment.flight) | {
        "sequence": f"{segment.sequence:02}",
        "service": segment.service,
        "board": segment.board,
        "off": segment.off,
        "element": segment.element,
        "origin": segment.origin,
        "destination": segment.destination,
        "data": segment.data,
    }


def write(schedule: Schedule) -> str:
    """The data set as a file's text, with serial numbers, one line a record."""
    carrier = {
        "time_mode": schedule.time_mode,
        "carrier": schedule.carrier,
        "season": schedule.season,
        "first": _day_text(schedule.first),
        "last": _day_text(schedule.last),
        "created": _day_text(schedule.created),
        "title": schedule.title,
        "status": schedule.status,
        "creator": schedule.creator,
    }
    lines = [
        _put("1", HEADER, {"title": TITLE, "data_set": "001"}, 1),
        _put("2", CARRIER, carrier, 2),
    ]
    for record in schedule.records:
        serial = len(lines) + 1
        if isinstance(record, LegRecord):
            lines.append(_put("3", LEG, _leg_fields(record), serial))
        else:
            lines.append(_put("4", SEGMENT, _segment_fields(record), serial))
    last = len(lines)
    trailer = {"carrier": schedule.carrier, "check": f"{last:06}", "end": "E"}
    lines.append(_put("5", TRAILER, trailer, last + 1))
    return "\n".join(lines) + "\n"

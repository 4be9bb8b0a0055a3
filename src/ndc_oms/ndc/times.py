"""Times and durations of a request, capped before they are parsed.

Source: xs:time, xs:dateTime and xs:duration, as far as journeys use them.
"""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.ndc.parts import Node, find, path_of, text

MAX_DURATION: Final = timedelta(days=366)
_MINUTES_A_UNIT: Final = {"": 1, "MIN": 1, "H": 60, "HR": 60, "HUR": 60}  # UN/ECE rec. 20 and kin
_TIME: Final = re.compile(
    r"([0-9]{2}):([0-9]{2}):[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_DURATION: Final = re.compile(
    r"P(?:([0-9]{1,4})D)?(?:T(?=[0-9])(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,8})(?:\.[0-9]{1,9})?S)?)?"
)
_MEASURE: Final = re.compile(r"\+?[0-9]{1,6}(\.[0-9]{1,6})?")


def find_minutes(node: Node, name: str) -> int | None:
    """A local time of day as minutes after midnight; a zone is dropped, since the airport's own
    clock is meant. Raises Invalid (386).
    """
    found = find(node, name)
    if found is None:
        return None
    match = _TIME.fullmatch(text(found))
    if match is None:
        raise _malformed(found, "Send a time as HH:MM:SS.", "386")
    return (int(match[1]) * 60 + int(match[2])) % (24 * 60)


def find_duration(node: Node | None, name: str) -> timedelta | None:
    """At most MAX_DURATION, in days, hours, minutes and seconds. Raises Invalid (912), also for
    months and years, which are of no fixed length.
    """
    found = None if node is None else find(node, name)
    if found is None:
        return None
    value = text(found)
    match = _DURATION.fullmatch(value)
    if match is None or not any(match.groups()):
        raise _malformed(found, "Send a duration as PT8H30M or P7D.", "912")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if length > MAX_DURATION:
        raise _malformed(found, f"Send {MAX_DURATION.days} days at most.", "912")
    return length


def find_measured_time(node: Node, name: str) -> timedelta | None:
    """A number of minutes, or of hours where UnitCode says so. Raises Invalid (912)."""
    found = find(node, name)
    if found is None:
        return None
    unit = _MINUTES_A_UNIT.get((found.get("UnitCode") or "").strip().upper())
    value = text(found)
    if unit is None or not _MEASURE.fullmatch(value):
        raise _malformed(found, "Send a number with UnitCode MIN or HUR.", "912")
    return timedelta(minutes=int(Decimal(value) * unit))


def _malformed(node: Node, remedy: str, code: str) -> Invalid:
    name = path_of(node).rpartition("/")[2]
    return Invalid(f"{name} is malformed.", code=code, path=path_of(node), remedy=remedy)

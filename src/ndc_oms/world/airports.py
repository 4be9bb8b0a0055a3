"""Airports, the cities that they serve, and how far apart they are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ndc_oms.world.problems import Problems
from ndc_oms.world.tables import Row, rows

COLUMNS: Final = ("code", "name", "city", "city_name", "country", "zone", "lat", "lon")
PARTNERS_FILE: Final = "partner_airports.csv"
UNKNOWN_COUNTRY: Final = "ZZ"  # ISO 3166-1 leaves ZZ to its users
_EARTH_MILES: Final = 3958.8
_CODE: Final = re.compile(r"[A-Z]{3}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Airport:
    """code, city: IATA; country: ISO 3166-1 alpha-2; zone: IANA name; lat, lon: degrees.

    city is the airport's own code where no city code spans several airports.
    """

    code: str
    name: str
    city: str
    city_name: str
    country: str
    zone: str
    lat: float
    lon: float


def load_airports(folder: Path, problems: Problems) -> dict[str, Airport]:
    """Our own airports, and those that only partners fly to, where there is a file of these."""
    found: dict[str, Airport] = {}
    _read(folder, "airports.csv", found, problems)
    if (folder / PARTNERS_FILE).exists():
        _read(folder, PARTNERS_FILE, found, problems)
    return found


def _read(folder: Path, name: str, found: dict[str, Airport], problems: Problems) -> None:
    for row in rows(folder, name, COLUMNS, problems):
        airport = _airport(row)
        if row.ok and airport.code in found:
            row.fail("code", f"{airport.code} stands here twice")
        if row.ok:
            found[airport.code] = airport


def _airport(row: Row) -> Airport:
    return Airport(
        row.match("code", _CODE, "three capital letters"),
        row.text("name"),
        row.match("city", _CODE, "three capital letters"),
        row.text("city_name"),
        row.match("country", _COUNTRY, "two capital letters"),
        _zone(row),
        _degrees(row, "lat", 90),
        _degrees(row, "lon", 180),
    )


def _zone(row: Row) -> str:
    name = row.text("zone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        row.fail("zone", f"an IANA time zone, not {name!r}")
    return name


def _degrees(row: Row, field: str, most: int) -> float:
    try:
        value = float(row.values[field])
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        row.fail(field, f"degrees from {-most} to {most}, not {row.values[field]!r}")
        return 0.0
    return value


def placeholder(code: str) -> Airport:
    """An airport of the schedule that airports.csv does not have: flown to, not priced."""
    return Airport(code, code, code, code, UNKNOWN_COUNTRY, "UTC", 0.0, 0.0)


def places(airports: Mapping[str, Airport]) -> dict[str, tuple[str, ...]]:
    """What a code may mean: an airport means itself, a city its airports in order of code.

    A code that is both (a city and its own airport, as DXB) means the airport first.
    """
    meaning: dict[str, list[str]] = {}
    for airport in sorted(airports.values(), key=lambda each: each.code):
        meaning.setdefault(airport.city, []).append(airport.code)
    for code in airports:
        meaning[code] = [code]
    return {code: tuple(codes) for code, codes in meaning.items()}


@lru_cache(maxsize=65536)
def miles(origin: Airport, destination: Airport) -> int:
    """Great-circle distance in statute miles, on a sphere of 3,958.8 miles."""
    lat1, lat2 = radians(origin.lat), radians(destination.lat)
    lon = radians(destination.lon - origin.lon)
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin(lon / 2) ** 2
    return round(2 * _EARTH_MILES * asin(sqrt(chord)))

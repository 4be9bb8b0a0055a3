"""Where a sale takes place: the currency and the language of a country, and airline alliances.

points_of_sale.csv and alliances.csv, both optional.
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ndc_oms.world.problems import Problems
from ndc_oms.world.tables import rows

POINTS: Final = "points_of_sale.csv"
ALLIANCES: Final = "alliances.csv"
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_ALLIANCE: Final = re.compile(r"[A-Z*][A-Z0-9]{1,3}")
_CARRIER: Final = re.compile(r"[A-Z0-9]{2}")


@dataclass(frozen=True, slots=True)
class PointOfSale:
    """What a sale in a country is priced and worded in where the request names neither."""

    currency: str
    language: str


def load_points_of_sale(
    folder: Path, currencies: Container[str], languages: Container[str], problems: Problems
) -> dict[str, PointOfSale]:
    """By country, ISO 3166-1 alpha-2."""
    found: dict[str, PointOfSale] = {}
    if not (folder / POINTS).exists():
        return found
    for row in rows(folder, POINTS, ("country", "currency", "language"), problems):
        country = row.match("country", _COUNTRY, "two capital letters")
        point = PointOfSale(row.text("currency"), row.text("language"))
        if country in found:
            row.fail("country", f"{country} stands here twice")
        if point.currency not in currencies:
            row.fail("currency", f"{point.currency!r} is not in currencies.csv")
        if point.language not in languages:
            row.fail("language", f"{point.language!r} is not in phrases.toml")
        found[country] = point
    return found


def load_alliances(folder: Path, problems: Problems) -> dict[str, frozenset[str]]:
    """Designators of the members by the alliance's code."""
    found: dict[str, frozenset[str]] = {}
    if not (folder / ALLIANCES).exists():
        return found
    for row in rows(folder, ALLIANCES, ("alliance", "carrier"), problems):
        alliance = row.match("alliance", _ALLIANCE, "an alliance's code")
        carrier = row.match("carrier", _CARRIER, "an airline designator")
        found[alliance] = found.get(alliance, frozenset()) | {carrier}
    return found

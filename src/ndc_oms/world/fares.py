"""Fares as filed: by market, season, family, booking class and days before departure.

A market is a pair of fare zones and a band of distance, whichever way it is flown; a connection
is priced by its own market, as one through fare.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from ndc_oms.model.money import exponent
from ndc_oms.world.airports import Airport, miles
from ndc_oms.world.problems import Problems
from ndc_oms.world.tables import Row, rows

_ZONE: Final = re.compile(r"[A-Z]{2,8}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_MARKET: Final = re.compile(r"[A-Z0-9-]{1,24}")
_MONTH_DAY: Final = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_SEASON: Final = re.compile(r"[A-Z]")
ANY_ZONE: Final = "*"
MAX_MILES: Final = 13000


@dataclass(frozen=True, slots=True)
class Market:
    """low, high: miles between the ends, both included."""

    code: str
    low: int
    high: int


@dataclass(frozen=True, slots=True, eq=False)
class FiledFare:
    """What an adult pays one way. advance_days: bought at least so many days before departure.

    Compared by identity: there is one object for each row of fares.csv, and things are kept by it.
    """

    market: str
    season: str
    family: str
    rbd: str
    advance_days: int
    amount: Decimal  # major units of `currency`
    currency: str


class FareTable:
    """Every filed fare, found by what a journey is. Days before departure count in steps: two
    numbers of days in one step always find the same fares.
    """

    def __init__(
        self,
        zones: Mapping[str, str],
        markets: Mapping[frozenset[str], tuple[Market, ...]],
        seasons: Mapping[str, Mapping[tuple[int, int], str]],
        fares: Iterable[FiledFare],
    ) -> None:
        self._zones = zones
        self._markets = markets
        self._seasons = seasons
        self._filed: dict[tuple[str, str, str, str], list[FiledFare]] = {}
        for each in fares:
            key = (each.market, each.season, each.family, each.rbd)
            self._filed.setdefault(key, []).append(each)
        for filed in self._filed.values():
            filed.sort(key=lambda each: -each.advance_days)
        steps = {each.advance_days for filed in self._filed.values() for each in filed}
        self._steps = sorted(steps | {0})
        self._lowest: dict[tuple[str, str, int], FiledFare | None] = {}
        self._market_of: dict[tuple[str, str], str | None] = {}  # by airports

    def zone(self, country: str) -> str | None:
        """The fare zone of a country."""
        return self._zones.get(country)

    def step(self, days: int) -> int:
        """The step that a number of days before departure is in; -1 after departure."""
        return bisect_right(self._steps, days) - 1

    def market(self, origin: Airport, destination: Airport) -> str | None:
        """The market of two airports; None where none is filed."""
        pair = (origin.code, destination.code)
        if pair not in self._market_of:
            self._market_of[pair] = self._find_market(origin, destination)
        return self._market_of[pair]

    def _find_market(self, origin: Airport, destination: Airport) -> str | None:
        ends = frozenset(
            (self._zones.get(origin.country, ""), self._zones.get(destination.country, ""))
        )
        apart = miles(origin, destination)
        for market in self._markets.get(ends, ()):
            if market.low <= apart <= market.high:
                return market.code
        return None

    def season(self, origin: Airport, destination: Airport, day: tuple[int, int]) -> str:
        """The season of a month and day: the destination zone's, else the origin's, else all's."""
        for zone in (self._zones.get(destination.country), self._zones.get(origin.country)):
            if zone is not None and zone in self._seasons:
                return self._seasons[zone][day]
        return self._seasons[ANY_ZONE][day]

    def lowest(self, market: str, season: str, step: int) -> FiledFare | None:
        """The lowest fare of any family and class, if seats were there. A market's fares must be
        filed in one currency to be compared.
        """
        key = (market, season, step)
        if key not in self._lowest:
            days = self._steps[step] if step >= 0 else -1
            self._lowest[key] = min(
                (
                    filed
                    for (of, when, _, _), several in self._filed.items()
                    if (of, when) == (market, season)
                    for filed in several
                    if filed.advance_days <= days
                ),
                key=lambda each: each.amount,
                default=None,
            )
        return self._lowest[key]

    def fare(self, market: str, season: str, family: str, rbd: str, step: int) -> FiledFare | None:
        """The fare with the longest advance purchase that is still met; None where none is."""
        days = self._steps[step] if step >= 0 else -1
        for filed in self._filed.get((market, season, family, rbd), ()):
            if filed.advance_days <= days:
                return filed
        return None

    def filed(self, market: str, season: str, family: str, rbd: str, advance_days: int) -> bool:
        """Whether there is such a fare."""
        found = self._filed.get((market, season, family, rbd), ())
        return any(each.advance_days == advance_days for each in found)


def load_fares(
    folder: Path,
    families: Mapping[str, frozenset[str]],
    currencies: Iterable[str],
    problems: Problems,
) -> FareTable:
    """families: the booking classes that each family may be sold in, those of its cabin."""
    zones = _zones(folder, problems)
    markets = _markets(folder, frozenset(zones.values()), problems)
    seasons = _seasons(folder, frozenset(zones.values()), problems)
    codes = frozenset(market.code for several in markets.values() for market in several)
    marks = frozenset(mark for year in seasons.values() for mark in year.values())
    allowed = {
        "market": codes,
        "season": marks,
        "currency": frozenset(currencies),
    }
    return FareTable(zones, markets, seasons, _fares(folder, families, allowed, problems))


def _zones(folder: Path, problems: Problems) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows(folder, "zones.csv", ("country", "zone"), problems):
        country = row.match("country", _COUNTRY, "two capital letters")
        if country in found:
            row.fail("country", f"{country} stands here twice")
        found[country] = row.match("zone", _ZONE, "a zone's letters")
    return found


def _markets(
    folder: Path, zones: frozenset[str], problems: Problems
) -> dict[frozenset[str], tuple[Market, ...]]:
    found: dict[frozenset[str], tuple[Market, ...]] = {}
    columns = ("market", "zone_a", "zone_b", "miles_from", "miles_to")
    for row in rows(folder, "markets.csv", columns, problems):
        ends = frozenset((row.choice("zone_a", sorted(zones)), row.choice("zone_b", sorted(zones))))
        market = Market(
            row.match("market", _MARKET, "a market's code"),
            row.integer("miles_from", 0, MAX_MILES),
            row.integer("miles_to", 0, MAX_MILES),
        )
        if any(market.low <= each.high and each.low <= market.high for each in found.get(ends, ())):
            row.fail("miles_from", "overlaps a market of the same zones")
        if row.ok:
            found[ends] = (*found.get(ends, ()), market)
    return found


def _seasons(
    folder: Path, zones: frozenset[str], problems: Problems
) -> dict[str, dict[tuple[int, int], str]]:
    """Every day of a leap year by zone; notes days that no row covers, or two do."""
    found: dict[str, dict[tuple[int, int], str]] = {}
    for row in rows(folder, "seasons.csv", ("zone", "season", "first", "last"), problems):
        year = found.setdefault(row.choice("zone", [ANY_ZONE, *sorted(zones)]), {})
        season = row.match("season", _SEASON, "one capital letter")
        first = row.match("first", _MONTH_DAY, "a day as 06-15")
        last = row.match("last", _MONTH_DAY, "a day as 08-31")
        for day in _days(first, last) if row.ok else ():
            if day in year:
                row.fail("first", f"{day[0]:02}-{day[1]:02} is in two seasons")
                break
            year[day] = season
    for zone, year in {ANY_ZONE: {}, **found}.items():
        if len(year) != 366:
            rule = f"the seasons of {zone} cover {len(year)} of 366 days"
            problems.add("seasons.csv", 0, "zone", rule)
    return found


def _days(first: str, last: str) -> list[tuple[int, int]]:
    leap = [date.fromordinal(date(2024, 1, 1).toordinal() + at) for at in range(366)]
    inside = [
        first <= f"{day:%m-%d}" <= last
        if first <= last
        else f"{day:%m-%d}" >= first or f"{day:%m-%d}" <= last
        for day in leap
    ]
    return [(day.month, day.day) for day, wanted in zip(leap, inside, strict=True) if wanted]


def _fares(
    folder: Path,
    families: Mapping[str, frozenset[str]],
    allowed: Mapping[str, frozenset[str]],
    problems: Problems,
) -> list[FiledFare]:
    found = []
    seen = set()
    columns = ("market", "season", "family", "rbd", "advance_days", "amount", "currency")
    for row in rows(folder, "fares.csv", columns, problems):
        filed = _fare(row, families, allowed)
        key = (filed.market, filed.season, filed.family, filed.rbd, filed.advance_days)
        if row.ok and key in seen:
            row.fail("", "the same fare stands here twice")
        if row.ok:
            seen.add(key)
            found.append(filed)
    return found


def _fare(
    row: Row, families: Mapping[str, frozenset[str]], allowed: Mapping[str, frozenset[str]]
) -> FiledFare:
    family, rbd = row.values["family"], row.values["rbd"]
    if family not in families:
        row.fail("family", f"{family!r} is not in families.toml")
    elif rbd not in families[family]:
        row.fail("rbd", f"{rbd!r} is no booking class of the cabin of {family}")
    for field, values in allowed.items():
        if row.values[field] not in values:
            row.fail(field, f"{row.values[field]!r} is not known in this world")
    amount = row.decimal("amount", Decimal(0), Decimal(1000000))
    currency = row.values["currency"]
    if amount.scaleb(exponent(currency)) % 1:
        row.fail("amount", f"is finer than the minor unit of {currency}")
    return FiledFare(
        row.values["market"],
        row.values["season"],
        family,
        rbd,
        row.integer("advance_days", 0, 365),
        amount,
        currency,
    )

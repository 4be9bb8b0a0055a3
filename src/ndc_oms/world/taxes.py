"""Taxes, fees and carrier charges: which of them a bound owes, before any currency.

A row of taxes.csv is levied `at` something: departure (from the bound's origin), arrival (at its
destination), connection (at each airport between), segment (at each boarding) or bound (once).
`place` says where: an airport, a country, or * for everywhere. `to` says what the other end is:
* anything, domestic, international, a list of countries, or ! and a list that it must not be.
"""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import Cabin
from ndc_oms.world.airports import Airport, miles
from ndc_oms.world.problems import Problems
from ndc_oms.world.products import CABINS
from ndc_oms.world.tables import Row, rows

COLUMNS: Final = (
    "code", "name", "at", "place", "to", "passengers", "cabin", "miles",
    "amount", "currency", "percent", "of", "refundable",
)  # fmt: skip
BASE: Final = "base"
_AT: Final = ("departure", "arrival", "connection", "segment", "bound")
_CODE: Final = re.compile(r"[A-Z0-9]{2}")
_PLACE: Final = re.compile(r"\*|[A-Z]{2,3}")
_TO: Final = re.compile(r"\*|domestic|international|!?[A-Z]{2}( [A-Z]{2})*")
_MILES: Final = re.compile(r"\*|[0-9]{1,5}-[0-9]{1,5}")
_EVERYBODY: Final = frozenset(PassengerType)
_EVERY_CABIN: Final = frozenset(Cabin)
_FAR: Final = 99999


@dataclass(frozen=True, slots=True)
class TaxRule:
    """One row. Either amount with currency, or percent of the charges in `of` (tax codes, or
    `base` for the fare). code: of the ticket's tax box; YQ and YR are carrier charges.
    """

    code: str
    name: str
    at: str
    place: str
    to: str
    passengers: frozenset[PassengerType]
    cabins: frozenset[Cabin]
    low: int
    high: int
    amount: Decimal
    currency: str
    percent: Decimal
    of: frozenset[str]
    refundable: bool

    def reaches(self, here: Airport, there: Airport) -> bool:
        """Whether the other end is one that this tax is for."""
        if self.to == "*":
            return True
        if self.to in {"domestic", "international"}:
            return (here.country == there.country) == (self.to == "domestic")
        if self.to.startswith("!"):
            return there.country not in self.to[1:].split()
        return there.country in self.to.split()


class TaxTable:
    """Every rule, by where it is levied."""

    def __init__(self, rules: Iterable[TaxRule]) -> None:
        self._rules: dict[tuple[str, str], list[tuple[int, TaxRule]]] = {}
        for order, rule in enumerate(rules):
            self._rules.setdefault((rule.at, rule.place), []).append((order, rule))

    @property
    def has_percents(self) -> bool:
        """Whether some tax is a part of the fare or of other charges."""
        return any(rule.percent for rules in self._rules.values() for _, rule in rules)

    def due(
        self, stops: tuple[Airport, ...], cabin: Cabin, passenger: PassengerType
    ) -> tuple[TaxRule, ...]:
        """What one passenger owes on one bound, in the order of the file, amounts before percents.

        stops: where the bound's segments begin, and where the last one ends. A rule comes as
        often as it is owed.
        """
        origin, destination = stops[0], stops[-1]
        events = [("bound", origin, destination), ("departure", origin, destination)]
        events.append(("arrival", destination, origin))
        events += [("connection", here, destination) for here in stops[1:-1]]
        events += [("segment", here, there) for here, there in itertools.pairwise(stops)]
        apart = miles(origin, destination)
        found = [
            (rule.percent != 0, order, rule)
            for at, here, there in events
            for place in (here.code, here.country, "*")
            for order, rule in self._rules.get((at, place), ())
            if rule.low <= apart <= rule.high
            and passenger in rule.passengers
            and cabin in rule.cabins
            and rule.reaches(here, there)
        ]
        found.sort(key=lambda each: each[:2])
        return tuple(rule for _, _, rule in found)


def load_taxes(folder: Path, currencies: Mapping[str, object], problems: Problems) -> TaxTable:
    rules = []
    for row in rows(folder, "taxes.csv", COLUMNS, problems):
        rule = _rule(row)
        if rule.currency and rule.currency not in currencies:
            row.fail("currency", f"{rule.currency!r} is not in currencies.csv")
        if row.ok:
            rules.append(rule)
    return TaxTable(rules)


def _rule(row: Row) -> TaxRule:
    low, high = _band(row)
    by_percent = bool(row.values["percent"])
    if by_percent == bool(row.values["amount"]):
        row.fail("amount", "either an amount with its currency, or a percent with its `of`")
    if bool(row.values["amount"]) != bool(row.values["currency"]):
        row.fail("currency", "stands with an amount, and only there")
    if by_percent != bool(row.values["of"]):
        row.fail("of", "stands with a percent, and only there")
    zero, most = Decimal(0), Decimal(1000000)
    return TaxRule(
        row.match("code", _CODE, "two letters or digits"),
        row.text("name"),
        row.choice("at", _AT),
        row.match("place", _PLACE, "an airport, a country or *"),
        row.match("to", _TO, "*, domestic, international, or countries"),
        _passengers(row),
        _cabins(row),
        low,
        high,
        zero if by_percent else row.decimal("amount", zero, most),
        row.values["currency"],
        row.decimal("percent", zero, Decimal(100)) if by_percent else zero,
        frozenset(row.values["of"].split()),
        row.choice("refundable", ("yes", "no")) == "yes",
    )


def _band(row: Row) -> tuple[int, int]:
    text = row.match("miles", _MILES, "* or a band as 0-2000")
    if not row.ok or text == "*":
        return 0, _FAR
    low, high = text.split("-")
    return int(low), int(high)


def _passengers(row: Row) -> frozenset[PassengerType]:
    text = row.text("passengers")
    if text == "*":
        return _EVERYBODY
    try:
        return frozenset(PassengerType(each) for each in text.split())
    except ValueError:
        row.fail("passengers", f"* or passenger types, not {text!r}")
        return _EVERYBODY


def _cabins(row: Row) -> frozenset[Cabin]:
    text = row.text("cabin")
    if text == "*":
        return _EVERY_CABIN
    if text not in CABINS:
        row.fail("cabin", f"* or one of {', '.join(CABINS)}, not {text!r}")
        return _EVERY_CABIN
    return frozenset({CABINS[text]})

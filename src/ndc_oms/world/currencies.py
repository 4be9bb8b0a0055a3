"""Currencies on sale: their worth in the home currency, and how each rounds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ndc_oms.model.money import exponent
from ndc_oms.world.problems import Problems
from ndc_oms.world.tables import Row, rows

COLUMNS: Final = ("code", "rate", "fare_unit", "tax_unit")
CODE: Final = re.compile(r"[A-Z]{3}")
_LEAST, _MOST = Decimal("0.000001"), Decimal(1000000)


@dataclass(frozen=True, slots=True)
class CurrencyRule:
    """rate: home units for one unit of this currency. Fares round up to a multiple of fare_unit,
    taxes to the nearest multiple of tax_unit (both in major units). Source of the two ways to
    round: IATA resolution 024d.
    """

    code: str
    rate: Decimal
    fare_unit: Decimal
    tax_unit: Decimal


def load_currencies(folder: Path, home: str, problems: Problems) -> dict[str, CurrencyRule]:
    found: dict[str, CurrencyRule] = {}
    for row in rows(folder, "currencies.csv", COLUMNS, problems):
        rule = _rule(row)
        if row.ok and rule.code in found:
            row.fail("code", f"{rule.code} stands here twice")
        if row.ok:
            found[rule.code] = rule
    if home in found and found[home].rate != 1:
        problems.add("currencies.csv", 0, "rate", f"of the home currency {home} must be 1")
    if home not in found:
        problems.add("currencies.csv", 0, "code", f"the home currency {home} is missing")
    return found


def _rule(row: Row) -> CurrencyRule:
    code = row.match("code", CODE, "an ISO 4217 code")
    return CurrencyRule(
        code,
        row.decimal("rate", _LEAST, _MOST),
        _unit(row, "fare_unit", code),
        _unit(row, "tax_unit", code),
    )


def _unit(row: Row, field: str, code: str) -> Decimal:
    unit = row.decimal(field, Decimal("0.001"), _MOST)
    if row.ok and unit.scaleb(exponent(code)) % 1:
        row.fail(field, f"is finer than the minor unit of {code}")
    return unit


def convert(
    value: Decimal, source: str, target: str, currencies: Mapping[str, CurrencyRule]
) -> Decimal:
    """`value` major units of `source` in major units of `target`, not rounded yet.

    Raises KeyError for a currency that is not on sale.
    """
    if source == target:
        return value
    return value * currencies[source].rate / currencies[target].rate

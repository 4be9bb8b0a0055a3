"""Passenger types: who they are by age, and what part of an adult's fare they pay."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ndc_oms.model.passenger import PassengerType
from ndc_oms.world.problems import Problems
from ndc_oms.world.tables import rows

COLUMNS: Final = ("type", "name", "age_from", "age_to", "fare_percent", "basis_suffix")
MAX_AGE: Final = 130


@dataclass(frozen=True, slots=True)
class PassengerRule:
    """age_from, age_to: years completed on the day of travel, both included. fare_percent: of an
    adult's fare. basis_suffix: put behind the fare basis of this type, often nothing.
    """

    type: PassengerType
    name: str
    age_from: int
    age_to: int
    fare_percent: Decimal
    basis_suffix: str


def load_passenger_types(folder: Path, problems: Problems) -> dict[PassengerType, PassengerRule]:
    """Rules by type; adults are a must."""
    found: dict[PassengerType, PassengerRule] = {}
    for row in rows(folder, "passenger_types.csv", COLUMNS, problems):
        rule = PassengerRule(
            PassengerType(row.choice("type", [each.value for each in PassengerType])),
            row.text("name"),
            row.integer("age_from", 0, MAX_AGE),
            row.integer("age_to", 0, MAX_AGE),
            row.decimal("fare_percent", Decimal(0), Decimal(100)),
            row.text("basis_suffix", optional=True),
        )
        if row.ok and rule.age_to < rule.age_from:
            row.fail("age_to", "is below age_from")
        if row.ok and rule.type in found:
            row.fail("type", f"{rule.type} stands here twice")
        if row.ok:
            found[rule.type] = rule
    if PassengerType.ADULT not in found:
        problems.add("passenger_types.csv", 0, "type", "adults (ADT) are missing")
    return found

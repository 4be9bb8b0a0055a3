"""What is sold of a flight: booking classes, fare families and their rules, cabins of aircraft."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ndc_oms.model.money import Money
from ndc_oms.model.product import Baggage, Cabin, FareFamily, Stage
from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.problems import Problems
from ndc_oms.world.tables import rows

FAMILIES: Final = "families.toml"
CABINS: Final = {
    "first": Cabin.FIRST,
    "business": Cabin.BUSINESS,
    "premium_economy": Cabin.PREMIUM_ECONOMY,
    "economy": Cabin.ECONOMY,
}
STAGES: Final = {"before": Stage.BEFORE, "after": Stage.AFTER, "no_show": Stage.NO_SHOW}
_RBD: Final = re.compile(r"[A-Z]")
_AIRCRAFT: Final = re.compile(r"[A-Z0-9]{3}")


@dataclass(frozen=True, slots=True)
class BookingClass:
    """rank: 1 is the highest of its cabin. share: percent of the cabin that this class and those
    below it may sell together (nested limits); the highest has 100.
    """

    rbd: str
    cabin: Cabin
    rank: int
    share: int


@dataclass(frozen=True, slots=True)
class StageRule:
    """One rule for changing or cancelling, as filed. fee: in the currency it was filed in; None
    where it is not permitted.
    """

    stage: Stage
    permitted: bool
    fee: Money | None
    text: str


@dataclass(frozen=True, slots=True)
class FamilyRules:
    """What a fare family says beyond `FareFamily`. basis: its part of a fare basis, as LT."""

    basis: str
    changes: tuple[StageRule, ...]
    cancellations: tuple[StageRule, ...]


def load_classes(folder: Path, problems: Problems) -> tuple[BookingClass, ...]:
    """Booking classes cabin by cabin, the highest first."""
    found: dict[str, BookingClass] = {}
    for row in rows(folder, "rbd.csv", ("rbd", "cabin", "rank", "share"), problems):
        each = BookingClass(
            row.match("rbd", _RBD, "one capital letter"),
            CABINS[row.choice("cabin", list(CABINS))],
            row.integer("rank", 1, 26),
            row.integer("share", 0, 100),
        )
        if row.ok and each.rbd in found:
            row.fail("rbd", f"{each.rbd} stands here twice")
        if row.ok:
            found[each.rbd] = each
    classes = tuple(sorted(found.values(), key=lambda each: (each.cabin, each.rank)))
    for cabin in {each.cabin for each in classes}:
        _check_nesting([each for each in classes if each.cabin is cabin], problems)
    return classes


def _check_nesting(cabin: list[BookingClass], problems: Problems) -> None:
    if cabin[0].share != 100:
        rule = f"the highest class of a cabin has 100, not {cabin[0].share} as {cabin[0].rbd} has"
        problems.add("rbd.csv", 0, "share", rule)
    for higher, lower in itertools.pairwise(cabin):
        if lower.share > higher.share:
            rule = f"{lower.rbd} must not have more than {higher.rbd} above it"
            problems.add("rbd.csv", 0, "share", rule)
        if lower.rank == higher.rank:
            problems.add("rbd.csv", 0, "rank", f"{lower.rbd} and {higher.rbd} have the same")


def load_equipment(folder: Path, problems: Problems) -> dict[str, dict[Cabin, int]]:
    """Seats by aircraft type and cabin."""
    found: dict[str, dict[Cabin, int]] = {}
    columns = ("aircraft", "name", "cabin", "seats", "range_miles")
    for row in rows(folder, "equipment.csv", columns, problems):
        aircraft = row.match("aircraft", _AIRCRAFT, "an IATA aircraft type")
        cabin = CABINS[row.choice("cabin", list(CABINS))]
        seats = row.integer("seats", 1, 900)
        row.integer("range_miles", 1, 12000)
        if row.ok and cabin in found.setdefault(aircraft, {}):
            row.fail("cabin", f"stands here twice for {aircraft}")
        if row.ok:
            found[aircraft][cabin] = seats
    return found


def load_families(
    folder: Path, home: str, problems: Problems
) -> tuple[tuple[FareFamily, ...], Mapping[str, FamilyRules]]:
    """Families by rank, and their rules by code. Fees are in the home currency."""
    families: list[FareFamily] = []
    rules: dict[str, FamilyRules] = {}
    for entry in entries(folder, FAMILIES, problems).children("family"):
        family, rule = _family(entry), _rules(entry, home)
        if family.code in rules:
            entry.fail("code", f"{family.code} stands here twice")
        if family.rank in {each.rank for each in families}:
            entry.fail("rank", f"{family.rank} stands here twice")
        families.append(family)
        rules[family.code] = rule
    if not families:
        problems.add(FAMILIES, 0, "family", "there is none: nothing could be sold")
    return tuple(sorted(families, key=lambda each: each.rank)), rules


def _family(entry: Entry) -> FareFamily:
    entry.only(
        "code", "name", "cabin", "rank", "basis", "description", "free_seat",
        "carry_on_pieces", "carry_on_kg", "checked_pieces", "checked_kg", "change", "cancellation",
    )  # fmt: skip
    return FareFamily(
        code=entry.text("code", r"[A-Z0-9]{1,10}"),
        name=entry.text("name"),
        cabin=CABINS[entry.choice("cabin", list(CABINS))],
        rank=entry.integer("rank", 1, 99),
        description=entry.texts("description"),
        baggage=Baggage(
            entry.integer("carry_on_pieces", 0, 9),
            entry.integer("carry_on_kg", 0, 99),
            entry.integer("checked_pieces", 0, 9),
            entry.integer("checked_kg", 0, 99),
        ),
        free_seat=entry.flag("free_seat"),
        refundable=any(each.flag("permitted") for each in entry.children("cancellation")),
        changeable=any(each.flag("permitted") for each in entry.children("change")),
    )


def _rules(entry: Entry, home: str) -> FamilyRules:
    return FamilyRules(
        entry.text("basis", r"[A-Z0-9]{1,3}"),
        tuple(_stage(each, home) for each in entry.children("change")),
        tuple(_stage(each, home) for each in entry.children("cancellation")),
    )


def _stage(entry: Entry, home: str) -> StageRule:
    entry.only("stage", "permitted", "fee", "text")
    permitted = entry.flag("permitted")
    fee: Money | None = None
    if permitted:
        try:
            fee = Money.parse(entry.text("fee", r"[0-9.]{1,12}"), home)
        except ValueError as error:
            entry.fail("fee", str(error))
    elif "fee" in entry.values:
        entry.fail("fee", "stands only where it is permitted")
    return StageRule(
        STAGES[entry.choice("stage", list(STAGES))], permitted, fee, entry.text("text")
    )

"""Agreements with companies and promotions: who pays less, or gets more, by quoting a code.

corporate.toml and promotions.toml, both optional. A world's places, families and sellers are
checked; a deal that includes services holds on every bound, so it has no places and no days of
travel.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.problems import Problems

AGREEMENTS: Final = "corporate.toml"
PROMOTIONS: Final = "promotions.toml"
ANY: Final = "*"
BENEFIT: Final = ("percent_off", "extra_bags", "bag_kg", "free_seat", "text", "families")
_DEAL: Final = (
    "code", "name", "designator", "sellers", "origin", "destination",
    "first", "last", "travel_first", "travel_last", *BENEFIT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Benefit:
    """What is granted. percent_off: of the fare, never of taxes. extra_bags: checked, a passenger
    with a seat; bag_kg: of each, in a family that includes none. text: a line for people.
    families: fare families that it is for; none: all.
    """

    percent_off: Decimal = Decimal(0)
    extra_bags: int = 0
    bag_kg: int = 23
    free_seat: bool = False
    text: str = ""
    families: frozenset[str] = frozenset()

    @property
    def services(self) -> bool:
        return bool(self.extra_bags or self.free_seat)

    def grants(self, family: str) -> bool:
        return not self.families or family in self.families


@dataclass(frozen=True, slots=True)
class Deal:
    """An agreement or a promotion. designator: what it adds to a fare basis, after a stroke.

    sellers: OrgIDs that may quote it; none: all. origin, destination: an airport, a country or a
    fare zone, whichever way; * for any. first, last: of booking; travel_first, travel_last: of
    departure, local days; None for no bound.
    """

    code: str
    name: str
    designator: str
    benefit: Benefit
    sellers: frozenset[str] = frozenset()
    origin: str = ANY
    destination: str = ANY
    first: date | None = None
    last: date | None = None
    travel_first: date | None = None
    travel_last: date | None = None

    def quoted(self, seller: str, day: date) -> bool:
        """Whether a seller may quote it on a day."""
        return (not self.sellers or seller in self.sellers) and _within(self.first, day, self.last)

    def binds(
        self, origin: frozenset[str], destination: frozenset[str], family: str, day: date
    ) -> bool:
        """Whether it holds for a bound. origin, destination: all codes that the ends go by."""
        if not self.benefit.grants(family) or not _within(self.travel_first, day, self.travel_last):
            return False
        return self._joins(origin, destination) or self._joins(destination, origin)

    def _joins(self, one: frozenset[str], other: frozenset[str]) -> bool:
        return (self.origin == ANY or self.origin in one) and (
            self.destination == ANY or self.destination in other
        )


def _within(first: date | None, day: date, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def load_agreements(folder: Path, families: frozenset[str], problems: Problems) -> dict[str, Deal]:
    return _deals(folder, AGREEMENTS, "agreement", families, problems)


def load_promotions(folder: Path, families: frozenset[str], problems: Problems) -> dict[str, Deal]:
    return _deals(folder, PROMOTIONS, "promotion", families, problems)


def _deals(
    folder: Path, file: str, table: str, families: frozenset[str], problems: Problems
) -> dict[str, Deal]:
    """By code, in order of the file."""
    whole = entries(folder, file, problems, optional=True)
    whole.only(table)
    found: dict[str, Deal] = {}
    for entry in whole.children(table):
        deal = _deal(entry, families)
        if deal.code in found:
            entry.fail("code", f"{deal.code} stands here twice")
        found[deal.code] = deal
    return found


def _deal(entry: Entry, families: frozenset[str]) -> Deal:
    entry.only(*_DEAL)
    deal = Deal(
        code=entry.text("code", r"[A-Z0-9-]{2,20}"),
        name=entry.text("name"),
        designator=entry.text("designator", r"[A-Z0-9]{1,6}"),
        benefit=read_benefit(entry, families),
        sellers=frozenset(entry.texts("sellers")),
        origin=entry.text("origin", r"\*|[A-Z]{2,8}", ANY),
        destination=entry.text("destination", r"\*|[A-Z]{2,8}", ANY),
        first=entry.day("first"),
        last=entry.day("last"),
        travel_first=entry.day("travel_first"),
        travel_last=entry.day("travel_last"),
    )
    local = deal.travel_first or deal.travel_last or {deal.origin, deal.destination} != {ANY}
    if deal.benefit.services and local:
        rule = "services hold on every bound: not with places or days of travel"
        entry.fail("extra_bags" if deal.benefit.extra_bags else "free_seat", rule)
    return deal


def read_benefit(entry: Entry, families: frozenset[str]) -> Benefit:
    """families: all that there are."""
    benefit = Benefit(
        entry.percent("percent_off"),
        entry.integer("extra_bags", 0, 5, 0),
        entry.integer("bag_kg", 1, 50, 23),
        entry.flag("free_seat", default=False),
        entry.text("text", r".*", ""),
        frozenset(entry.texts("families")),
    )
    for code in sorted(benefit.families - families):
        entry.fail("families", f"{code!r} is not in families.toml")
    if benefit.services and not benefit.text:
        entry.fail("text", "says what is included, for people")
    return benefit

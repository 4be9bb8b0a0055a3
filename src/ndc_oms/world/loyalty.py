"""The airline's own loyalty programme: tiers, what each is granted, and who is a member.

loyalty.toml, optional. Its members stand for a loyalty system's answers: the tier counts that the
book says, not the one that a request claims.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ndc_oms.world.deals import BENEFIT, Benefit, read_benefit
from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.problems import Problems

FILE: Final = "loyalty.toml"


@dataclass(frozen=True, slots=True)
class Tier:
    """rank: 1 is the highest. companions: one member of it is enough for the whole party; else
    every passenger with a seat must be of this tier or a higher one.
    """

    code: str
    name: str
    rank: int
    companions: bool
    benefit: Benefit


@dataclass(frozen=True, slots=True)
class Programme:
    """tiers: by code, the highest first. members: tier codes by account number."""

    name: str = ""
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)

    def tier_of(self, number: str) -> Tier | None:
        """None for an account that is not in the book."""
        return self.tiers.get(self.members.get(number, ""))


def load_programme(folder: Path, families: frozenset[str], problems: Problems) -> Programme:
    entry = entries(folder, FILE, problems, optional=True)
    entry.only("name", "tier", "member")
    tiers = sorted(
        (_tier(each, families) for each in entry.children("tier")), key=lambda each: each.rank
    )
    known = {each.code: each for each in tiers}
    if len(known) != len(tiers) or len({each.rank for each in tiers}) != len(tiers):
        problems.add(FILE, 0, "tier", "two tiers have the same code or rank")
    members: dict[str, str] = {}
    for each in entry.children("member"):
        each.only("number", "tier")
        number = each.text("number", r"[A-Z0-9]{4,20}")
        if number in members:
            each.fail("number", f"{number} stands here twice")
        members[number] = each.choice("tier", list(known) or [""])
    return Programme(entry.text("name") if known else "", known, members)


def _tier(entry: Entry, families: frozenset[str]) -> Tier:
    entry.only("code", "name", "rank", "companions", *BENEFIT)
    return Tier(
        entry.text("code", r"[A-Z0-9]{1,10}"),
        entry.text("name"),
        entry.integer("rank", 1, 14),
        entry.flag("companions", default=False),
        read_benefit(entry, families),
    )

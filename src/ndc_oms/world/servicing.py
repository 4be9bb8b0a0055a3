"""What a sold order may become, and until when: servicing.toml. A world without it holds nothing
and voids nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.name_rules import NameCorrection, NameFee, read_correction, read_fee
from ndc_oms.world.problems import Problems

FILE: Final = "servicing.toml"
_NO_CORRECTION: Final = NameCorrection()


@dataclass(frozen=True, slots=True)
class HoldRule:
    """Seats may be held unpaid. families: codes, () for all. min_days: whole days to the first
    departure, at least. limit_h: hours to pay, and not later than before_departure_h hours before
    departure. guarantee_h: hours for which the price stands.
    """

    families: tuple[str, ...]
    min_days: int
    limit_h: int
    before_departure_h: int
    guarantee_h: int

    def binds(self, family: str, departure: datetime, now: datetime) -> bool:
        return (not self.families or family in self.families) and (
            departure - now >= timedelta(days=self.min_days)
        )


@dataclass(frozen=True, slots=True)
class AirlineChangeRule:
    """What the airline does for orders whose flights it changes itself.

    small_min: minutes of a change of times that asks the seller nothing. answer_h: hours that the
    seller has to answer, and not later than before_departure_h before departure. reaccommodate:
    whether other flights are looked for. earlier_h, later_h: how much earlier these may leave,
    and later arrive. free_days: the seller may choose other flights in the same fare family, so
    many days before or after those that were booked, for nothing. partners: by their names, who
    are asked in this order where no flight of ours is found for those whose tickets are paid;
    partner_earlier_h, partner_later_h: as above, of their flights.
    """

    small_min: int = 0
    answer_h: int = 72
    before_departure_h: int = 24
    reaccommodate: bool = True
    earlier_h: int = 6
    later_h: int = 48
    free_days: int = 0
    partners: tuple[str, ...] = ()
    partner_earlier_h: int = 6
    partner_later_h: int = 24


@dataclass(frozen=True, slots=True)
class Servicing:
    """holds: the first that binds counts; none: an instant purchase. void_h: hours after issue in
    which documents are voided without a fee, until the day of departure ends. quote_ttl_s: how
    long a quote stands. page_ttl_s: how long a payer has on a provider's page. name_fees: the
    first that has a family counts; none: its names are only corrected.
    """

    holds: tuple[HoldRule, ...] = ()
    void_h: int = 0
    quote_ttl_s: int = 900
    page_ttl_s: int = 1800
    airline_change: AirlineChangeRule = field(default_factory=AirlineChangeRule)
    correction: NameCorrection = field(default_factory=NameCorrection)
    name_fees: tuple[NameFee, ...] = ()

    def name_fee(self, family: str) -> NameFee | None:
        return next((e for e in self.name_fees if not e.families or family in e.families), None)

    def hold(self, family: str, departure: datetime, now: datetime) -> HoldRule | None:
        return next((each for each in self.holds if each.binds(family, departure, now)), None)


def load_servicing(folder: Path, problems: Problems, partners: Collection[str] = ()) -> Servicing:
    """partners: the names of those that there are."""
    entry = entries(folder, FILE, problems, optional=True)
    rules = ("hold", "airline_change", "name_correction", "name_change")
    entry.only("void_h", "quote_ttl_s", "page_ttl_s", *rules)
    return Servicing(
        tuple(_hold(each) for each in entry.children("hold")),
        entry.integer("void_h", 0, 72, 0),
        entry.integer("quote_ttl_s", 60, 86_400, 900),
        entry.integer("page_ttl_s", 60, 86_400, 1800),
        next(
            (_airline_change(each, partners) for each in entry.children("airline_change")),
            AirlineChangeRule(),
        ),
        next((read_correction(each) for each in entry.children("name_correction")), _NO_CORRECTION),
        tuple(read_fee(each) for each in entry.children("name_change")),
    )


def _airline_change(entry: Entry, partners: Collection[str]) -> AirlineChangeRule:
    entry.only(
        "small_min", "answer_h", "before_departure_h", "reaccommodate", "earlier_h", "later_h",
        "free_days", "partners", "partner_earlier_h", "partner_later_h",
    )  # fmt: skip
    return AirlineChangeRule(
        entry.integer("small_min", 0, 1440, 0),
        entry.integer("answer_h", 1, 720, 72),
        entry.integer("before_departure_h", 0, 720, 24),
        entry.flag("reaccommodate", True),
        entry.integer("earlier_h", 0, 240, 6),
        entry.integer("later_h", 0, 240, 48),
        entry.integer("free_days", 0, 30, 0),
        tuple(_partner(entry, each, partners) for each in entry.texts("partners")),
        entry.integer("partner_earlier_h", 0, 240, 6),
        entry.integer("partner_later_h", 0, 240, 24),
    )


def _partner(entry: Entry, name: str, partners: Collection[str]) -> str:
    if name not in partners:
        entry.fail("partners", f"{name!r} is not in partners.toml")
    return name


def _hold(entry: Entry) -> HoldRule:
    entry.only("families", "min_days", "limit_h", "before_departure_h", "guarantee_h")
    rule = HoldRule(
        entry.texts("families"),
        entry.integer("min_days", 0, 361, 0),
        entry.integer("limit_h", 1, 720),
        entry.integer("before_departure_h", 1, 720),
        entry.integer("guarantee_h", 0, 720),
    )
    if rule.min_days * 24 < rule.before_departure_h:
        entry.fail("before_departure_h", "so near to departure no time would be left to pay")
    return rule

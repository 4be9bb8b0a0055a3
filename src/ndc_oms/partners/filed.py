"""What a file-fed partner filed with us: its schedule, its fares, the seats it leaves us.

A folder has airports.csv, schedule.ssim, families.toml, passenger_types.csv, currencies.csv and
taxes.csv as a world's folder has them, and of its own
    partner.toml     its currency, how long it keeps a price, when it closes a flight, and how long
                     it keeps seats that are not paid (`hold_h`; none: it does not), and codes of
                     the SSRs that it takes (`services`; none: none)
    fares.csv        one way, for an adult, by pair of airports, whichever way it is flown
    allotments.csv   seats on each flight and day, by class: to be sold at its own prices
                     (`interline`, in its classes) or under our number (`code-share`, in ours)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from ndc_oms.model.journey import Segment
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import FareFamily
from ndc_oms.world.airports import Airport, load_airports
from ndc_oms.world.currencies import CurrencyRule, load_currencies
from ndc_oms.world.entries import entries
from ndc_oms.world.passengers import PassengerRule, load_passenger_types
from ndc_oms.world.problems import Problems
from ndc_oms.world.products import FamilyRules, load_families
from ndc_oms.world.schedule import load_schedule
from ndc_oms.world.tables import rows
from ndc_oms.world.taxes import TaxTable, load_taxes
from ndc_oms.world.timetable import Timetable

FILE: Final = "partner.toml"
INTERLINE: Final = "interline"
CODE_SHARE: Final = "code-share"
ANY: Final = "*"
_SELL_DAYS: Final = 330
_NUMBER: Final = re.compile(r"\*|[1-9][0-9]{0,3}[A-Z]?")
_AIRPORT: Final = re.compile(r"[A-Z]{3}")
_RBD: Final = re.compile(r"[A-Z]")
_MOST: Final = Decimal(1000000)

Allotments = Mapping[tuple[str, str, str], int]  # by use, flight number or ANY, and class


@dataclass(frozen=True, slots=True)
class FiledPrice:
    """What an adult pays one way in a class. amount: major units of `currency`."""

    rbd: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, eq=False)
class Filed:
    """All of it. prices: by the two airports and the family, the cheapest first. hold: how long it
    keeps seats that are not paid; zero: not at all.
    """

    currency: str
    offer_ttl_s: int
    sale_closes: timedelta
    hold: timedelta
    airports: Mapping[str, Airport]
    timetable: Timetable
    families: tuple[FareFamily, ...]
    rules: Mapping[str, FamilyRules]
    passenger_types: Mapping[PassengerType, PassengerRule]
    currencies: Mapping[str, CurrencyRule]
    taxes: TaxTable
    prices: Mapping[tuple[frozenset[str], str], tuple[FiledPrice, ...]]
    allotments: Allotments
    services: frozenset[str] = frozenset()

    def held_until(self, segment: Segment, now: datetime) -> datetime | None:
        """Seats that are booked now and not paid; None where they are paid at once."""
        until = min(now + self.hold, segment.departure - self.sale_closes)
        return until.astimezone(UTC) if self.hold and until > now else None

    def family(self, code: str) -> FareFamily | None:
        return next((each for each in self.families if each.code == code), None)

    def authorised(self, use: str, number: str, rbd: str) -> int:
        """Seats of a class that are ours on a flight, sold or not."""
        exact = self.allotments.get((use, number, rbd))
        return self.allotments.get((use, ANY, rbd), 0) if exact is None else exact

    def classes(self, use: str, number: str) -> frozenset[str]:
        """Classes that have an allotment on a flight."""
        return frozenset(
            rbd for kind, of, rbd in self.allotments if kind == use and of in {number, ANY}
        )


def load(folder: Path) -> Filed:
    """Raises WorldError with every problem that was found."""
    problems = Problems()
    terms = entries(folder, FILE, problems)
    terms.only("currency", "offer_ttl_s", "sale_closes_min", "hold_h", "services")
    currency = terms.text("currency", r"[A-Z]{3}")
    airports = load_airports(folder, problems)
    currencies = load_currencies(folder, currency, problems)
    families, rules = load_families(folder, currency, problems)
    services = terms.texts("services")
    if not all(re.fullmatch(r"[A-Z]{4}", each) for each in services):
        terms.fail("services", "codes of SSRs: four capital letters each")
    taxes = load_taxes(folder, currencies, problems)
    if taxes.has_percents:
        problems.add("taxes.csv", 0, "percent", "a partner's taxes are amounts")
    filed = Filed(
        currency=currency,
        offer_ttl_s=terms.integer("offer_ttl_s", 60, 86400),
        sale_closes=timedelta(minutes=terms.integer("sale_closes_min", 0, 10000)),
        hold=timedelta(hours=terms.integer("hold_h", 0, 720, 0)),
        airports=airports,
        timetable=Timetable(load_schedule(folder, airports, problems), _SELL_DAYS),
        families=families,
        rules=rules,
        passenger_types=load_passenger_types(folder, problems),
        currencies=currencies,
        taxes=taxes,
        prices=_prices(folder, {each.code for each in families}, currencies, problems),
        allotments=_allotments(folder, problems),
        services=frozenset(services),
    )
    problems.raise_any()
    return filed


def _prices(
    folder: Path, families: set[str], currencies: Mapping[str, CurrencyRule], problems: Problems
) -> dict[tuple[frozenset[str], str], tuple[FiledPrice, ...]]:
    found: dict[tuple[frozenset[str], str], tuple[FiledPrice, ...]] = {}
    columns = ("origin", "destination", "family", "rbd", "amount", "currency")
    for row in rows(folder, "fares.csv", columns, problems):
        ends = frozenset(
            row.match(field, _AIRPORT, "three capital letters") for field in columns[:2]
        )
        price = FiledPrice(
            row.match("rbd", _RBD, "one capital letter"),
            row.decimal("amount", Decimal(0), _MOST),
            row.choice("currency", sorted(currencies)),
        )
        key = (ends, row.choice("family", sorted(families)))
        if any(each.rbd == price.rbd for each in found.get(key, ())):
            row.fail("rbd", "the same fare stands here twice")
        if row.ok:
            every = (*found.get(key, ()), price)
            found[key] = tuple(sorted(every, key=lambda each: each.amount))
    return found


def _allotments(folder: Path, problems: Problems) -> Allotments:
    found: dict[tuple[str, str, str], int] = {}
    for row in rows(folder, "allotments.csv", ("number", "rbd", "use", "seats"), problems):
        key = (
            row.choice("use", (INTERLINE, CODE_SHARE)),
            row.match("number", _NUMBER, "a flight number, or * for all"),
            row.match("rbd", _RBD, "one capital letter"),
        )
        if key in found:
            row.fail("number", "the same allotment stands here twice")
        found[key] = row.integer("seats", 0, 999)
    return found

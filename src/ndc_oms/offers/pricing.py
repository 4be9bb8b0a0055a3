"""What a bound costs: a pure function of the world, the flights, and the moment of booking.

A bound pays one through fare of its origin and destination, whatever it connects at, plus what
taxes.csv says of its stops. What has been worked out is kept: shopping asks the same again for
every party and every departure of a season.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from ndc_oms.errors import Invalid
from ndc_oms.model.journey import Journey
from ndc_oms.model.money import Money, round_half_up, round_up
from ndc_oms.model.offer import FOR_EVERYBODY, Conditions, Fare, Offer, PricedBound, Tax
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import Cabin, FareFamily, Restriction
from ndc_oms.offers.conditions import NO_CUT, Cut, cut, dressed
from ndc_oms.world.airports import UNKNOWN_COUNTRY
from ndc_oms.world.currencies import convert
from ndc_oms.world.fares import FiledFare
from ndc_oms.world.products import StageRule
from ndc_oms.world.taxes import BASE, TaxRule
from ndc_oms.world.world import World

# Bound memory: rates take about 13 kB (a fare each for some classes of five families), a list of
# fixed taxes 1.5.
_KEPT_RATES: Final = 1024
_KEPT_DAYS: Final = 8192  # that lead to them
_KEPT_TAXES: Final = 4096
_KEPT_BASES: Final = 4096
_KEPT_FARES: Final = 8192  # most are a rate's too; 1 kB each

Fares = Mapping[PassengerType, Fare]


def price_bound(  # noqa: PLR0917 — each is one thing that a price hangs on; none can be left out
    world: World,
    journey: Journey,
    family: FareFamily,
    rbds: tuple[str, ...],
    types: Iterable[PassengerType],
    currency: str,
    booked_at: datetime,
    conditions: Conditions = FOR_EVERYBODY,
) -> PricedBound | None:
    """One bound in one family, for each of `types`; None where no such fare is filed.

    rbds: one a segment; where they differ, the highest is paid. conditions: what they take off
    and include is in the price and in the family of the result. Raises Invalid (727) for a
    currency that is not on sale; KeyError for a booking class that the world does not have.
    """
    rbd = rbds[0] if len(set(rbds)) == 1 else min(rbds, key=lambda each: _height(world, each))
    trip = trip_of(world, journey, booked_at, frozenset(types), currency)
    bound = priced(world, trip, family, rbd, conditions)
    return bound if bound is None or bound.rbds == rbds else replace(bound, rbds=rbds)


class Rate(NamedTuple):
    """What a family costs in one booking class, and its rules."""

    fares: Fares
    changes: tuple[Restriction, ...]
    cancellations: tuple[Restriction, ...]


class Rates:
    """The rates between some stops, in one season and one step of days before departure, for some
    types of passenger, in one currency: each is worked out when it is first asked for.
    """

    def __init__(  # noqa: PLR0917 — a cache key: by position it is half as dear as by keyword
        self,
        world: World,
        stops: tuple[str, ...],
        season: str,
        step: int,
        types: frozenset[PassengerType],
        currency: str,
    ) -> None:
        self._world = world
        self._stops = stops
        self._season = season
        self._step = step
        self._types = types
        self._currency = currency
        self._made: dict[tuple[str, str, Cut, str | None], Rate | None] = {}

    def find(self, family: str, rbd: str, off: Cut, language: str | None) -> Rate | None:
        """None where no fare is filed for all of the passengers."""
        key = (family, rbd, off, language)
        try:
            return self._made[key]
        except KeyError:
            made = self._made[key] = self._make(family, rbd, off, language)
            return made

    def _make(self, family: str, rbd: str, off: Cut, language: str | None) -> Rate | None:
        world, currency = self._world, self._currency
        airports = [world.airports.get(stop) for stop in self._stops]
        if any(each is None or each.country == UNKNOWN_COUNTRY for each in airports):
            return None
        market = world.fares.market(world.airports[self._stops[0]], world.airports[self._stops[-1]])
        if market is None or not self._types <= world.passenger_types.keys():
            return None
        filed = world.fares.fare(market, self._season, family, rbd, self._step)
        if filed is None:
            return None
        fares = {
            each: _fare(world, self._stops, filed, each, currency, off)
            for each in sorted(self._types)
        }
        return Rate(MappingProxyType(fares), *restrictions(world, family, currency, language))


class Trip(NamedTuple):
    """What all the prices of a journey hang on. departs: local day of departure."""

    journey: Journey
    stops: tuple[str, ...]
    departs: date
    rates: Rates


def trip_of(
    world: World,
    journey: Journey,
    booked_at: datetime,
    types: frozenset[PassengerType],
    currency: str,
) -> Trip:
    """Raises Invalid (727) for a currency that is not on sale."""
    segments = journey.segments
    stops = (*[segment.legs[0].origin for segment in segments], segments[-1].legs[-1].destination)
    departure = segments[0].legs[0].departure
    departs = departure.date()
    step = world.fares.step((departure - booked_at).days)
    rates = _rates(world, stops, (departs.month, departs.day), step, types, currency)
    return Trip(journey, stops, departs, rates)


def priced(
    world: World,
    trip: Trip,
    family: FareFamily,
    rbd: str,
    conditions: Conditions = FOR_EVERYBODY,
) -> PricedBound | None:
    """`price_bound` in one booking class on every flight."""
    journey, stops, departs, rates = trip
    off = NO_CUT
    if conditions is not FOR_EVERYBODY:
        off = cut(world, conditions, (stops[0], stops[-1]), family.code, departs)
        family = dressed(world, family.code, conditions)
    rate = rates.find(family.code, rbd, off, conditions.language)
    if rate is None:
        return None
    rbds = (rbd,) * len(journey.segments)
    return PricedBound(
        journey, family, rbds, rate.fares, rate.changes, rate.cancellations, off.code
    )


def reworded(world: World, offer: Offer, languages: Sequence[str]) -> Offer:
    """The offer with its texts in the first of the languages that there is; itself where there is
    none, or it is in that one already. What a partner has a share in keeps its words.
    """
    known = world.phrases.languages
    language = next((each for each in languages if each in known), None)
    wanted = None if language == known[0] else language
    if language is None or wanted == offer.conditions.language:
        return offer
    conditions = replace(offer.conditions, language=wanted)
    bounds = []
    for bound in offer.bounds:
        changes, cancellations = restrictions(world, bound.family.code, offer.currency, wanted)
        family = dressed(world, bound.family.code, conditions)
        own = bound.share is None
        bounds.append(
            replace(bound, family=family, changes=changes, cancellations=cancellations)
            if own
            else bound
        )
    return replace(offer, bounds=tuple(bounds), conditions=conditions)


def _unknown_currency(world: World, currency: str) -> Invalid:
    return Invalid(
        f"Prices are not made in {currency}.",
        code="727",
        remedy=f"Ask for one of {', '.join(sorted(world.currencies))}.",
    )


def _height(world: World, rbd: str) -> tuple[str, int]:
    """Cabins by their code and classes by their rank: the least is the dearest."""
    found = world.booking_class(rbd)
    return found.cabin.value, found.rank


@lru_cache(_KEPT_DAYS)
def _rates(  # noqa: PLR0917 — the same
    world: World,
    stops: tuple[str, ...],
    day: tuple[int, int],
    step: int,
    types: frozenset[PassengerType],
    currency: str,
) -> Rates:
    """day: month and day of departure."""
    if currency not in world.currencies:
        raise _unknown_currency(world, currency)
    origin, destination = world.airports.get(stops[0]), world.airports.get(stops[-1])
    if origin is None or destination is None:
        season = ""  # of which nothing is filed
    else:
        season = world.fares.season(origin, destination, day)
    return _season_rates(world, stops, season, step, types, currency)


_season_rates: Final = lru_cache(_KEPT_RATES)(Rates)


@lru_cache(_KEPT_FARES)
def _fare(  # noqa: PLR0917 — the same
    world: World,
    stops: tuple[str, ...],
    filed: FiledFare,
    passenger: PassengerType,
    currency: str,
    off: Cut,
) -> Fare:
    """The very same for whoever else travels along: what is composed of it is kept by it."""
    basis, base = _base(world, filed, passenger, currency, off)
    cabin = world.booking_class(filed.rbd).cabin
    return Fare(basis, base, _taxes(world, stops, cabin, passenger, base))


@lru_cache(_KEPT_BASES)
def _base(
    world: World, filed: FiledFare, passenger: PassengerType, currency: str, off: Cut
) -> tuple[str, Money]:
    """Fare basis and base fare: the same wherever the fare is filed for."""
    rule = world.passenger_types[passenger]
    part = filed.amount * rule.fare_percent / 100
    for left in off.left:
        part = part * left / 100
    unit = world.currencies[currency].fare_unit
    base = round_up(convert(part, filed.currency, currency, world.currencies), unit, currency)
    basis = _basis(world, filed) + rule.basis_suffix
    return f"{basis}/{off.designator}" if off.designator else basis, base


def _basis(world: World, filed: FiledFare) -> str:
    """As KLLTOW21: class, season, family, one way, days of advance purchase."""
    advance = str(filed.advance_days) if filed.advance_days else ""
    return f"{filed.rbd}{filed.season}{world.family_rules[filed.family].basis}OW{advance}"


def _taxes(
    world: World, stops: tuple[str, ...], cabin: Cabin, passenger: PassengerType, base: Money
) -> tuple[Tax, ...]:
    """Fixed charges first; then percents of the fare and of charges before them."""
    fixed, percents = _fixed_taxes(world, stops, cabin, passenger, base.currency)
    if not percents:
        return fixed
    charged = {tax.code: tax for tax in fixed}
    for rule in percents:
        of = sum((tax.amount.decimal() for code, tax in charged.items() if code in rule.of), _ZERO)
        if BASE in rule.of:
            of += base.decimal()
        _charge(charged, rule, of * rule.percent / 100, base.currency, world)
    return tuple(charged.values())


_ZERO: Final = Decimal(0)


@lru_cache(_KEPT_TAXES)
def _fixed_taxes(
    world: World, stops: tuple[str, ...], cabin: Cabin, passenger: PassengerType, currency: str
) -> tuple[tuple[Tax, ...], tuple[TaxRule, ...]]:
    """Charges that do not hang on the fare, one a code, and the rules that do."""
    airports = tuple(world.airports[stop] for stop in stops)
    due = world.taxes.due(airports, cabin, passenger)
    charged: dict[str, Tax] = {}
    for rule in due:
        if not rule.percent:
            amount = convert(rule.amount, rule.currency, currency, world.currencies)
            _charge(charged, rule, amount, currency, world)
    return tuple(charged.values()), tuple(rule for rule in due if rule.percent)


def _charge(
    charged: dict[str, Tax], rule: TaxRule, value: Decimal, currency: str, world: World
) -> None:
    """Each charge is rounded by itself; charges under one code are then shown as one."""
    amount = round_half_up(value, world.currencies[currency].tax_unit, currency)
    before = charged.get(rule.code)
    if before:
        charged[rule.code] = Tax(
            rule.code, before.name, before.amount + amount, before.refundable and rule.refundable
        )
    elif amount:
        charged[rule.code] = Tax(rule.code, rule.name, amount, rule.refundable)


@lru_cache(256)
def restrictions(
    world: World, family: str, currency: str, language: str | None
) -> tuple[tuple[Restriction, ...], tuple[Restriction, ...]]:
    """The family's rules for changing and for cancelling, in the offer's currency and language."""
    rules = world.family_rules[family]
    return (
        tuple(_restriction(world, rule, currency, language) for rule in rules.changes),
        tuple(_restriction(world, rule, currency, language) for rule in rules.cancellations),
    )


def _restriction(world: World, rule: StageRule, currency: str, language: str | None) -> Restriction:
    fee = None
    if rule.fee is not None:
        value = convert(rule.fee.decimal(), rule.fee.currency, currency, world.currencies)
        fee = round_up(value, world.currencies[currency].fare_unit, currency)
    text = world.phrases.say(rule.text, language)
    return Restriction(rule.stage, rule.permitted, fee, text)

"""Loads a world folder, whole or not at all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final

from ndc_oms.model.product import Cabin, FareFamily
from ndc_oms.world.airline import FILE as AIRLINE_FILE
from ndc_oms.world.airline import load_airline
from ndc_oms.world.airports import Airport, load_airports, placeholder, places
from ndc_oms.world.connections import load_connections
from ndc_oms.world.controls import load_controls
from ndc_oms.world.currencies import load_currencies
from ndc_oms.world.fares import load_fares
from ndc_oms.world.inventory import SeededInventory
from ndc_oms.world.partners import load_partners
from ndc_oms.world.passengers import load_passenger_types
from ndc_oms.world.payments import load_routes
from ndc_oms.world.personal import Personal, load_personal
from ndc_oms.world.phrases import load_phrases
from ndc_oms.world.points_of_sale import load_alliances, load_points_of_sale
from ndc_oms.world.problems import Problems
from ndc_oms.world.products import FamilyRules, load_classes, load_equipment, load_families
from ndc_oms.world.providers import FILE as PROVIDERS_FILE
from ndc_oms.world.providers import load_providers
from ndc_oms.world.schedule import FILE as SCHEDULE_FILE
from ndc_oms.world.schedule import load_schedule
from ndc_oms.world.seat_maps import load_seat_maps
from ndc_oms.world.sellers import load_sellers
from ndc_oms.world.services import FILE as SERVICES_FILE
from ndc_oms.world.services import Rates, load_services
from ndc_oms.world.servicing import load_servicing
from ndc_oms.world.taxes import load_taxes
from ndc_oms.world.timetable import Pattern, Timetable
from ndc_oms.world.world import World

_SUFFIXES: Final = frozenset({".csv", ".toml", ".ssim"})
_NOT_OF_FLIGHTS: Final = frozenset({SERVICES_FILE, PROVIDERS_FILE})


def load(folder: Path, as_of: date | None = None) -> World:
    """The world in `folder`. Raises WorldError with every problem that was found.

    as_of: the day that seeded seats are loaded for (see `inventory`); None: any day.
    """
    problems = Problems()
    airline = load_airline(folder, problems)
    airports = load_airports(folder, problems)
    patterns = load_schedule(folder, airports, problems)
    equipment = load_equipment(folder, problems)
    seat_maps = load_seat_maps(folder, equipment, problems)
    currencies = load_currencies(folder, airline.currency, problems)
    classes = load_classes(folder, problems)
    families, family_rules = load_families(folder, airline.currency, problems)
    sold_in = {
        family.code: frozenset(each.rbd for each in classes if each.cabin is family.cabin)
        for family in families
    }
    fares = load_fares(folder, sold_in, currencies, problems)
    personal = load_personal(folder, sold_in, problems)
    phrases = load_phrases(folder, _shown(families, family_rules, personal), problems)
    timetable = Timetable(patterns, airline.sell_days)
    _check_equipment(patterns, equipment, problems)
    if airports and airline.hub not in airports:
        problems.add(AIRLINE_FILE, 0, "hub", f"{airline.hub!r} is not in airports.csv")
    providers = load_providers(folder, problems)
    rates = Rates(fares, _with_placeholders(airports, patterns), currencies)
    partners = load_partners(
        folder, airline.designator, airports, (each.code for each in families), problems
    )
    world = World(
        airline=airline,
        version=_version(folder),
        airports=_with_placeholders(airports, patterns),
        timetable=timetable,
        families=families,
        classes=classes,
        passenger_types=load_passenger_types(folder, problems),
        currencies=currencies,
        fares=fares,
        taxes=load_taxes(folder, currencies, problems),
        family_rules=family_rules,
        equipment=equipment,
        connecting_times=load_connections(folder, problems),
        controls=load_controls(folder, problems),
        sellers=load_sellers(folder, currencies, problems),
        inventory=SeededInventory(
            timetable,
            equipment,
            classes,
            airline.seed,
            as_of,
            zones={code: each.zone for code, each in airports.items()},
            seat_maps=seat_maps,
        ),
        seat_maps=seat_maps,
        places=places(airports),
        personal=personal,
        phrases=phrases,
        points_of_sale=load_points_of_sale(folder, currencies, phrases.languages, problems),
        alliances=load_alliances(folder, problems),
        partners=partners,
        servicing=load_servicing(folder, problems, [each.name for each in partners]),
        routes=load_routes(folder, problems),
        services=load_services(folder, frozenset(sold_in), rates, problems, frozenset(providers)),
        providers=providers,
    )
    problems.raise_any()
    return world


def _shown(
    families: Iterable[FareFamily], rules: Mapping[str, FamilyRules], personal: Personal
) -> Iterator[str]:
    """Every phrase of the world that an offer may show."""
    for family in families:
        yield from (family.name, *family.description)
        both = rules[family.code]
        yield from (rule.text for rule in (*both.changes, *both.cancellations))
    yield from (benefit.text for benefit in personal.benefits if benefit.text)


def _version(folder: Path) -> str:
    """A hash of every file's name and content: the same folder anywhere has the same. Not of the
    services: what they cost is said by their own offers, and a new one voids no flight's; nor of
    who delivers them.
    """
    digest = sha256()
    for path in sorted(folder.iterdir() if folder.is_dir() else ()):
        if path.suffix in _SUFFIXES and path.name not in _NOT_OF_FLIGHTS:
            digest.update(path.name.encode() + b"\0")
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _check_equipment(
    patterns: Sequence[Pattern],
    equipment: Mapping[str, Mapping[Cabin, int]],
    problems: Problems,
) -> None:
    flown = {leg.aircraft for pattern in patterns if pattern.own for leg in pattern.legs}
    for missing in sorted(flown - equipment.keys()):
        problems.add(SCHEDULE_FILE, 0, "aircraft", f"{missing} is not in equipment.csv")


def _with_placeholders(
    airports: Mapping[str, Airport], patterns: Sequence[Pattern]
) -> dict[str, Airport]:
    """With an entry also for airports that only the schedule knows."""
    flown = {code for each in patterns for code in (each.origin, each.destination)}
    return {code: placeholder(code) for code in sorted(flown - airports.keys())} | dict(airports)

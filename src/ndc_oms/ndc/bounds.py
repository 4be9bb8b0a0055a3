"""The bounds of a search: places, days, cabins, and what their flights should be like.

Source: OriginDestCriteriaType and FlightRelatedCriteriaType of 21.3. Criteria of the whole request
(airlines, alliances, traits of flights) hold for every bound; ConnectionCriteria hold for the
bounds that refer to them, and for all where none refers to any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.journey import Journey
from ndc_oms.model.product import Cabin
from ndc_oms.ndc.levels import level_of
from ndc_oms.ndc.parts import (
    Node,
    as_date,
    every,
    find,
    find_date,
    find_quantity,
    find_text,
    get,
    get_text,
    path_of,
    paths_of,
)
from ndc_oms.ndc.times import find_duration, find_measured_time, find_minutes
from ndc_oms.offers.flight_wishes import (
    Aircraft,
    Arrival,
    ArrivalDay,
    Carriers,
    Character,
    Characteristic,
    ConnectionTime,
    Departure,
    FlightTime,
    JourneyTime,
    OneCarrier,
    Via,
)
from ndc_oms.offers.request import BoundRequest
from ndc_oms.offers.wishes import Feature, Level, Wish

# PADIS 9873. 3 is its older word for economy, which some clients still send.
CABIN_CODES: Final = {
    "1": Cabin.FIRST,
    "2": Cabin.BUSINESS,
    "3": Cabin.ECONOMY,
    "4": Cabin.PREMIUM_ECONOMY,
    "5": Cabin.ECONOMY,
}
AROUND_A_TIME: Final = 120  # minutes to each side that count as near a time without durations

Wishes = tuple[Wish[Journey], ...]


@dataclass(frozen=True, slots=True)
class Connecting:
    """ConnectionCriteria. least: of each connection."""

    most: int | None = None
    least: timedelta = timedelta()
    wishes: Wishes = ()


def read_bounds(criteria: Node, asked: Node) -> Sequence[BoundRequest]:
    """asked: the Request. Raises Invalid with the path: 12, 102, 386, 912."""
    common = read_common(asked)
    nodes = every(criteria, "OriginDestCriteria")
    return [
        _bound(node, asked, common, path) for node, path in zip(nodes, paths_of(nodes), strict=True)
    ]


def _bound(node: Node, asked: Node, common: Wishes, path: str) -> BoundRequest:
    departure, arrival = get(node, "OriginDepCriteria"), get(node, "DestArrivalCriteria")
    origin = get_text(departure, "IATA_LocationCode")
    destination = get_text(arrival, "IATA_LocationCode")
    day = as_date(get(departure, "Date"))
    cabins, required = read_cabins(node)
    connecting = read_connecting(node, asked)
    return BoundRequest(
        origin=origin,
        destination=destination,
        day=day,
        id=find_text(node, "OriginDestID"),
        cabins=cabins,
        cabin_required=required,
        max_connections=connecting.most,
        path=path,
        wishes=(
            *common,
            *connecting.wishes,
            *read_journey_time(node),
            *_departure(departure),
            *_arrival(arrival, day),
        ),
        around=_around(node),
        least_connection=connecting.least,
    )


def read_cabins(node: Node) -> tuple[tuple[Cabin, ...], bool]:
    """Cabins wanted, and whether others are no answer. Required ones count alone; without any,
    all that are not excluded do; else preferred ones, in their order.
    """
    wanted = [(level_of(each), read_cabin(each)) for each in every(node, "CabinType")]
    required, excluded, preferred = (
        dict.fromkeys(cabin for level, cabin in wanted if level is kind)
        for kind in (Level.REQUIRED, Level.EXCLUDED, Level.PREFERRED)
    )
    if required:
        return tuple(required), True
    if excluded:
        return tuple(cabin for cabin in Cabin if cabin not in excluded), True
    return tuple(preferred), False


def read_cabin(node: Node) -> Cabin:
    """CabinTypeCode; raises Invalid (12)."""
    code = get_text(node, "CabinTypeCode")
    cabin = CABIN_CODES.get(code)
    if cabin is None:
        raise Invalid(
            f"Cabin {code[:20]} is not known.",
            code="12",
            path=f"{path_of(node)}/CabinTypeCode",
            remedy=f"Send one of: {', '.join(CABIN_CODES)}.",
        )
    return cabin


def _around(node: Node) -> tuple[int, int] | None:
    window = find(node, "CalendarDateCriteria")
    if window is None:
        return None
    before = find_quantity(window, "DaysBeforeNumber")
    after = find_quantity(window, "DaysAfterNumber")
    if before is None and after is None:
        raise Invalid(
            "A calendar needs days before or after the date.",
            code="102",
            path=path_of(window),
            remedy="Send DaysBeforeNumber, DaysAfterNumber, or both.",
        )
    return before or 0, after or 0


# -- connections -------------------------------------------------------------------------------


def read_connecting(node: Node, asked: Node) -> Connecting:
    """What the bound refers to; raises Invalid (912) for a reference that points at nothing."""
    criteria = every(find(asked, "FlightRelatedCriteria"), "ConnectionCriteria")
    wanted = find_text(node, "ConnectionCriteriaRefID")
    if wanted is None and not criteria:
        return Connecting()
    if wanted is None:
        parent = node.getparent()
        referred = any(
            find(each, "ConnectionCriteriaRefID") is not None
            for each in (() if parent is None else parent)
        )
        return _connecting(criteria[0]) if len(criteria) == 1 and not referred else Connecting()
    for each in criteria:
        if find_text(each, "ConnectionCriteriaID") == wanted:
            return _connecting(each)
    raise Invalid(
        f"ConnectionCriteriaRefID {wanted[:40]} points at nothing.",
        path=f"{path_of(node)}/ConnectionCriteriaRefID",
        remedy="Put the criteria into FlightRelatedCriteria.",
    )


def _connecting(node: Node) -> Connecting:
    least = find_duration(node, "MinimumConnectionDuration")
    most = find_duration(node, "MaximumConnectionDuration")
    wishes: list[Wish[Journey]] = []
    if least is not None or most is not None:
        wishes.append(Wish(ConnectionTime(least, most), Level.REQUIRED, path_of(node)))
    if find_text(node, "InterlineInd") in {"false", "0"}:
        wishes.append(Wish(OneCarrier(), Level.REQUIRED, path_of(node)))
    stations: dict[Level, set[str]] = {}
    for each in every(node, "StationCriteria"):
        named = {get_text(station, "IATA_LocationCode") for station in every(each, "Station")}
        stations.setdefault(level_of(each), set()).update(named)
    wishes += [
        Wish(Via(frozenset(codes)), level, f"{path_of(node)}/StationCriteria")
        for level, codes in stations.items()
    ]
    return Connecting(find_quantity(node, "MaximumConnectionQty"), least or timedelta(), (*wishes,))


# -- times -------------------------------------------------------------------------------------


def read_journey_time(node: Node) -> Iterator[Wish[Journey]]:
    criteria = find(node, "JourneyDurationCriteria")
    most = find_duration(criteria, "MaximumTimeDuration")
    if criteria is not None and most is not None:
        yield Wish(JourneyTime(most), level_of(criteria, name="PrefCode"), path_of(criteria))


def _departure(node: Node) -> Iterator[Wish[Journey]]:
    window = _window(node)
    if window is not None:
        first, last, level = window
        yield Wish(Departure(first, last), level, path_of(node))


def _arrival(node: Node, departs: date) -> Iterator[Wish[Journey]]:
    day = find_date(node, "Date")
    days = None if day is None else (day - departs).days
    window = _window(node)
    if window is not None:
        first, last, level = window
        yield Wish(Arrival(first, last, days), level, path_of(node))
        if level is Level.REQUIRED:
            return
    if days is not None:
        yield Wish(ArrivalDay(days), Level.REQUIRED, path_of(node))


def _window(node: Node) -> tuple[int, int, Level] | None:
    """Minutes after midnight. What is said to be welcome bounds it; a time alone is a preference
    for what is near.
    """
    time = find_minutes(node, "Time")
    if time is None:
        return None
    before = find_duration(node, "TimeBeforeDuration")
    after = find_duration(node, "TimeAfterDuration")
    if before is None and after is None:
        return time - AROUND_A_TIME, time + AROUND_A_TIME, Level.PREFERRED
    return time - _minutes(before), time + _minutes(after), Level.REQUIRED


def _minutes(span: timedelta | None) -> int:
    return 0 if span is None else int(span.total_seconds()) // 60


# -- of the whole request ----------------------------------------------------------------------


def read_common(asked: Node) -> Wishes:
    """Airlines, alliances, length and traits of flights, aircraft."""
    related = find(asked, "FlightRelatedCriteria")
    if related is None:
        return ()
    return (*_carriers(related), *_alliances(related), *_flights(related))


def _carriers(related: Node) -> Iterator[Wish[Journey]]:
    """Of one level they are alternatives."""
    wanted: dict[Level, set[str]] = {}
    path = ""
    for node in every(related, "CarrierCriteria"):
        path = path or path_of(node)
        code = get_text(get(node, "Carrier"), "AirlineDesigCode")
        wanted.setdefault(level_of(node), set()).add(code)
    for level, codes in wanted.items():
        yield Wish(Carriers(frozenset(codes)), level, path)


def _alliances(related: Node) -> Iterator[Wish[Journey]]:
    """Members are those that the sender lists, and those that the world knows."""
    for node in every(related, "AllianceCriteria"):
        alliance = get(node, "Alliance")
        listed = {get_text(each, "AirlineDesigCode") for each in every(alliance, "Carrier")}
        feature = Carriers(frozenset(listed), get_text(alliance, "AllianceCode"))
        yield Wish(feature, level_of(node), path_of(node))


def _flights(related: Node) -> Iterator[Wish[Journey]]:
    for node in every(related, "SegmentDurationCriteria"):
        most = find_measured_time(node, "MaximumTimeMeasure")
        if most is not None:
            yield Wish(FlightTime(most), level_of(node, name="PrefCode"), path_of(node))
    for node in every(related, "FlightCriteria"):
        for each in every(node, "FlightCharacteristicsCriteria"):
            feature: Feature[Journey] = Characteristic(_character(each))
            yield Wish(feature, level_of(each), path_of(each))
        types = [
            get_text(each, "IATA_AircraftTypeCode") for each in every(node, "IATA_AircraftType")
        ]
        if types:
            yield Wish(Aircraft(frozenset(types)), Level.PREFERRED, path_of(node))


def _character(node: Node) -> Character:
    code = get_text(node, "CharacteristicCode")
    try:
        return Character(code)
    except ValueError:
        raise Invalid(
            f"{code[:20]} is no trait of flights.",
            path=f"{path_of(node)}/CharacteristicCode",
            remedy=f"Send one of: {', '.join(Character)}.",
        ) from None

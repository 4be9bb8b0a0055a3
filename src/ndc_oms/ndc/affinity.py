"""Searching by affinity: a budget, a region, a stay, no fixed place or day.

Source: AffinityShoppingCriteriaType of 21.3. One AffinityOriginDest is the way there; a stay, or a
second one, asks for the way back too. A region is one of the world's fare zones: KeywordPref with
the key REGION.
"""

from datetime import date
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.ndc.bounds import read_cabins, read_common, read_connecting, read_journey_time
from ndc_oms.ndc.levels import level_of
from ndc_oms.ndc.parts import (
    Node,
    as_date,
    every,
    find,
    find_at,
    find_date,
    find_text,
    get_money,
    get_text,
    path_of,
    text,
)
from ndc_oms.ndc.times import find_duration
from ndc_oms.offers.request import Affinity, Notice, Place
from ndc_oms.offers.wishes import Level

REGION: Final = "REGION"
_MILES_A_UNIT: Final = {"": 1.0, "MI": 1.0, "SMI": 1.0, "KM": 0.621371, "KMT": 0.621371}
_MAX_MILES: Final = 6000
_LONGEST: Final = 60  # nights; of a stay whose end is open


def read_affinity(node: Node, asked: Node, unmet: list[Notice]) -> Affinity:
    """asked: the Request. unmet: what is not looked at is added. Raises Invalid with the path:
    12, 102, 290, 386, 727, 912.
    """
    ways = every(node, "AffinityOriginDest")
    if len(ways) > 2:
        raise Invalid(
            f"{len(ways)} bounds; a search by affinity has a way there and a way back.",
            code="724",
            path=path_of(ways[2]),
            remedy="Send one AffinityOriginDest, or two.",
        )
    there = ways[0]
    departure, arrival = find(there, "AffinityDepRequest"), find(there, "AffinityArrivalRequest")
    origin = _place(departure, unmet)
    if origin == Place():
        raise Invalid(
            "A search by affinity needs to know where from.",
            path=f"{path_of(there)}/AffinityDepRequest",
            remedy="Send AffinityDepRequest with a Station or a Country.",
        )
    cabins, required = read_cabins(there)
    connecting = read_connecting(there, asked)
    first, last = _day(departure, "DateTimeFrom"), _day(departure, "DateTimeTo")
    stay, begins, ends = _stay(node, back=len(ways) > 1)
    home = find(ways[-1], "AffinityDepRequest") if len(ways) > 1 else None
    return Affinity(
        origin=origin,
        destination=_place(arrival, unmet, regions=_regions(node, unmet)),
        first=first or begins,
        last=last or (first or begins),
        stay=stay,
        home_from=_day(home, "DateTimeFrom"),
        home_by=_day(home, "DateTimeTo") or ends,
        least=get_money(node, "MinimumAmount") if find(node, "MinimumAmount") is not None else None,
        most=get_money(node, "MaximumAmount") if find(node, "MaximumAmount") is not None else None,
        cabins=cabins,
        cabin_required=required,
        max_connections=connecting.most,
        wishes=(*read_common(asked), *connecting.wishes, *read_journey_time(there)),
        path=path_of(node),
    )


def _place(node: Node | None, unmet: list[Notice], regions: tuple[str, ...] = ()) -> Place:
    if node is not None and find(node, "CountrySubDivision") is not None:
        told = "States and provinces are not looked at; the country is."
        unmet.append(Notice(told, path=f"{path_of(node)}/CountrySubDivision"))
    return Place(
        station=find_text(find_at(node, "Station"), "IATA_LocationCode"),
        miles=_miles(node),
        country=find_text(find_at(node, "Country"), "CountryCode"),
        regions=regions,
    )


def _miles(node: Node | None) -> int:
    measure = find_at(node, "ProximityDistanceMeasure")
    if measure is None:
        return 0
    unit = _MILES_A_UNIT.get((measure.get("UnitCode") or "").strip().upper())
    value = text(measure)
    if unit is None or len(value) > 12 or not 0 <= float(value) * unit <= _MAX_MILES:
        raise Invalid(
            "The distance is not one that can be looked in.",
            path=path_of(measure),
            remedy=f"Send up to {_MAX_MILES} with UnitCode SMI, or as much in KMT.",
        )
    return int(float(value) * unit)


def _regions(node: Node, unmet: list[Notice]) -> tuple[str, ...]:
    found: list[str] = []
    for keyword in every(node, "KeywordPref"):
        level = level_of(keyword)
        if get_text(keyword, "KeyText").upper() == REGION and level is not Level.EXCLUDED:
            found.append(get_text(keyword, "ValueText").upper())
        else:
            told = f"This keyword is not looked at; {REGION} is, preferred or required."
            unmet.append(Notice(told, path=path_of(keyword)))
    return tuple(found)


def _day(node: Node | None, name: str) -> date | None:
    found = None if node is None else find(node, name)
    return None if found is None else as_date(found, of_datetime=True)


def _stay(node: Node, *, back: bool) -> tuple[tuple[int, int] | None, date | None, date | None]:
    """Nights at least and at most, the first day of the stay, and the day to be home by."""
    period = find(node, "StayPeriod")
    if period is None:
        return ((1, _LONGEST) if back else None), None, None
    least = find_duration(period, "MinimumStayDuration")
    most = find_duration(period, "MaximumStayDuration")
    start, end = find_date(period, "StartDate"), find_date(period, "EndDate")
    if start is not None and end is not None and least is None and most is None:
        least = most = end - start  # the whole period
    low = 1 if least is None else least.days
    high = low + 7 if most is None else most.days
    if not 0 <= low <= high:
        raise Invalid(
            "The stay ends before it begins.",
            code="102",
            path=path_of(period),
            remedy="Send a minimum that is not above the maximum, and a start before the end.",
        )
    return (low, high), start, end

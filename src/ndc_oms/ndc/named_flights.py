"""Bounds whose flights are named one by one.

Source: FlightRequestSpecificOriginDestinations, PaxJourneyList and DatedMarketingSegmentList of
AirShoppingRQ and OrderReshopRQ. A bound may name several journeys: each is an alternative.
"""

from collections.abc import Mapping, Sequence

from ndc_oms.errors import Invalid
from ndc_oms.model.journey import Journey
from ndc_oms.model.product import Cabin
from ndc_oms.ndc.bounds import read_cabin
from ndc_oms.ndc.parts import (
    Node,
    as_date,
    every,
    find,
    find_at,
    find_text,
    get,
    get_text,
    path_of,
    texts,
)
from ndc_oms.offers.request import BoundRequest, NamedFlight
from ndc_oms.offers.wishes import Wish


def read_named(
    specific: Node, asked: Node, common: tuple[Wish[Journey], ...]
) -> Sequence[BoundRequest]:
    """asked: the Request, which has the lists. common: what holds for every bound. Raises Invalid
    with the path: 12, 102, 386, 912.
    """
    journeys = {
        get_text(node, "PaxJourneyID"): node
        for node in every(find(asked, "PaxJourneyList"), "PaxJourney")
    }
    sold = read_sold(asked)
    return [
        _bound(node, journeys, sold, common)
        for node in every(specific, "SpecificOriginDestCriteria")
    ]


def read_sold(asked: Node) -> Mapping[str, Node]:
    """Each DatedMarketingSegment of the Request by its id."""
    return {
        find_text(node, "DatedMarketingSegmentId") or "": node
        for node in every(find(asked, "DatedMarketingSegmentList"), "DatedMarketingSegment")
    }


def _bound(
    node: Node,
    journeys: Mapping[str, Node],
    sold: Mapping[str, Node],
    common: tuple[Wish[Journey], ...],
) -> BoundRequest:
    wanted = texts(node, "PaxJourneyRefID")
    named = [_referred(node, each, journeys) for each in wanted]
    if not named:
        raise _no_day(node)
    flights = tuple(_flights(journey, sold) for journey in named)
    cabins = tuple(dict.fromkeys(cabin for journey in named for cabin in _cabins(journey)))
    return BoundRequest(
        origin=get_text(node, "OriginCode"),
        destination=get_text(node, "DestCode"),
        day=flights[0][0].day,
        id=find_text(node, "OriginDestID"),
        cabins=cabins,
        cabin_required=bool(cabins),
        path=path_of(node),
        wishes=common,
        named=flights,
    )


def _referred(node: Node, wanted: str, journeys: Mapping[str, Node]) -> Node:
    if wanted not in journeys:
        raise _no_day(node)
    return journeys[wanted]


def _no_day(node: Node) -> Invalid:
    return Invalid(
        "The flights, and with them the day of departure, are not to be found.",
        code="102",
        path=path_of(node),
        remedy="Refer to a PaxJourney whose flights are in DatedMarketingSegmentList, each with "
        "Dep/AircraftScheduledDateTime.",
    )


def _flights(journey: Node, sold: Mapping[str, Node]) -> tuple[NamedFlight, ...]:
    flights = tuple(read_flight(each, sold) for each in every(journey, "PaxSegment"))
    if not flights:
        raise _no_day(journey)
    return flights


def read_flight(segment: Node, sold: Mapping[str, Node]) -> NamedFlight:
    """sold: by `read_sold`. Raises Invalid (102) where the flight is not there."""
    node = sold.get(find_text(segment, "DatedMarketingSegmentRefId") or "")
    departure = find_at(node, "Dep")
    moment = find_at(departure, "AircraftScheduledDateTime")
    if node is None or departure is None or moment is None:
        raise _no_day(segment)
    number = get_text(node, "MarketingCarrierFlightNumberText").lstrip("0")
    return NamedFlight(
        get_text(node, "CarrierDesigCode"),
        number + (find_text(node, "OperationalSuffixText") or ""),
        as_date(moment, of_datetime=True),
        get_text(departure, "IATA_LocationCode"),
        get_text(get(node, "Arrival"), "IATA_LocationCode"),
    )


def _cabins(journey: Node) -> list[Cabin]:
    """Those that its segments ask for."""
    asked = (
        find_at(segment, "CabinTypeAssociationChoice", "SegmentCabinType")
        for segment in every(journey, "PaxSegment")
    )
    return [
        read_cabin(each) for each in asked if find_text(each, "CabinTypeCode") and each is not None
    ]

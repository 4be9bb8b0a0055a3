"""AirShoppingRQ to a ShopRequest, a ShopResult to AirShoppingRS.

Source: AirShoppingRequestType and AirShoppingResponseType of 21.3.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from ndc_oms.errors import Invalid, Unavailable
from ndc_oms.model.product import Cabin
from ndc_oms.ndc.compose import reply, warnings
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.offering import Pair, Shelf
from ndc_oms.ndc.parts import (
    Node,
    as_date,
    every,
    find,
    find_at,
    find_quantity,
    find_text,
    get,
    get_text,
    is_currency,
    path_of,
    request,
)
from ndc_oms.ndc.pax import read_party
from ndc_oms.offers.request import BoundRequest, ShopRequest, ShopResult

# PADIS 9873. 3 is its older word for economy, which some clients still send.
CABIN_CODES: Final = {
    "1": Cabin.FIRST,
    "2": Cabin.BUSINESS,
    "3": Cabin.ECONOMY,
    "4": Cabin.PREMIUM_ECONOMY,
    "5": Cabin.ECONOMY,
}


def read(root: Node, envelope: Envelope) -> ShopRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid with the path: 12, 143, 386, 476, 727, 912."""
    asked = request(root)
    pax = find(asked, "PaxList")
    return ShopRequest(
        bounds=tuple(_bounds(asked)),
        party=read_party(every(pax, "Pax")),
        currency=read_currency(asked),
        limit=_limit(asked),
        party_path=path_of(asked) + "/PaxList",
    )


def read_currency(asked: Node) -> str | None:
    """The currency that prices are wanted in: the one marked Requested, else an unmarked one."""
    parameters = find(asked, "ResponseParameters")
    wanted = {find_text(node, "AppCode") or "": node for node in every(parameters, "CurParameter")}
    node = wanted.get("Requested", wanted.get(""))
    if node is None:
        node, name = find_at(parameters, "PricingParameter"), "OverrideCurCode"
    else:
        name = "CurCode"
    code = find_text(node, name)
    if code is not None and not is_currency(code):
        raise Invalid(
            f"{code[:20]} is no currency code.",
            code="727",
            path=path_of(node) + f"/{name}" if node is not None else "",
            remedy="Send an ISO 4217 alphabetic code.",
        )
    return code


def _limit(asked: Node) -> int | None:
    """The most offers wanted: PayloadRestrictions whose object is the offer."""
    for node in every(asked, "PayloadRestrictions"):
        limit = find_quantity(node, "Limit")
        if limit and find_text(node, "ObjectName") in {None, "OFFER"}:
            return limit
    return None


def _bounds(asked: Node) -> Sequence[BoundRequest]:
    flights = get(asked, "FlightRequest")
    criteria = find(flights, "FlightRequestOriginDestinationsCriteria")
    if criteria is not None:
        return [_bound(node, asked) for node in every(criteria, "OriginDestCriteria")]
    specific = find(flights, "FlightRequestSpecificOriginDestinations")
    if specific is not None:
        return [_specific(node, asked) for node in every(specific, "SpecificOriginDestCriteria")]
    raise Invalid(
        "A search needs an origin, a destination and a date; by affinity it is not served.",
        path=path_of(flights),
        remedy="Send FlightRequestOriginDestinationsCriteria.",
    )


def _bound(node: Node, asked: Node) -> BoundRequest:
    departure, arrival = get(node, "OriginDepCriteria"), get(node, "DestArrivalCriteria")
    cabins, required = _cabins(node)
    return BoundRequest(
        origin=get_text(departure, "IATA_LocationCode"),
        destination=get_text(arrival, "IATA_LocationCode"),
        day=as_date(get(departure, "Date")),
        id=find_text(node, "OriginDestID"),
        cabins=cabins,
        cabin_required=required,
        max_connections=_max_connections(node, asked),
        path=path_of(node),
    )


def _cabins(node: Node) -> tuple[tuple[Cabin, ...], bool]:
    """Cabins wanted, and whether others are no answer. Required ones count alone; without any,
    all that are not excluded do; else preferred ones, in their order.
    """
    by_level: dict[str, list[Cabin]] = {"Required": [], "Exclude": [], "Preferred": []}
    for wanted in every(node, "CabinType"):
        code = get_text(wanted, "CabinTypeCode")
        cabin = CABIN_CODES.get(code)
        if cabin is None:
            raise Invalid(
                f"Cabin {code[:20]} is not known.",
                code="12",
                path=f"{path_of(wanted)}/CabinTypeCode",
                remedy=f"Send one of: {', '.join(CABIN_CODES)}.",
            )
        level = find_text(find(wanted, "PrefLevel"), "PrefLevelCode") or "Preferred"
        by_level.setdefault(level, []).append(cabin)
    if by_level["Required"]:
        return tuple(dict.fromkeys(by_level["Required"])), True
    if by_level["Exclude"]:
        return tuple(cabin for cabin in Cabin if cabin not in by_level["Exclude"]), True
    return tuple(dict.fromkeys(by_level["Preferred"])), False


def _max_connections(node: Node, asked: Node) -> int | None:
    wanted = find_text(node, "ConnectionCriteriaRefID")
    if wanted is None:
        return None
    for criteria in every(find(asked, "FlightRelatedCriteria"), "ConnectionCriteria"):
        if find_text(criteria, "ConnectionCriteriaID") == wanted:
            return find_quantity(criteria, "MaximumConnectionQty")
    raise Invalid(
        f"ConnectionCriteriaRefID {wanted[:40]} points at nothing.",
        path=f"{path_of(node)}/ConnectionCriteriaRefID",
        remedy="Put the criteria into FlightRelatedCriteria.",
    )


def _specific(node: Node, asked: Node) -> BoundRequest:
    """A pair with the flights that are in mind: their day counts, the other flights of that day
    are shown as well (a Warning says so).
    """
    return BoundRequest(
        origin=get_text(node, "OriginCode"),
        destination=get_text(node, "DestCode"),
        day=_day_of(node, asked),
        id=find_text(node, "OriginDestID"),
        path=path_of(node),
    )


def _day_of(node: Node, asked: Node) -> date:
    """When the first segment of the journey that is referred to departs."""
    wanted = find_text(node, "PaxJourneyRefID")
    journeys = every(find(asked, "PaxJourneyList"), "PaxJourney")
    journey = next((j for j in journeys if find_text(j, "PaxJourneyID") == wanted), None)
    segment_id = find_text(find_at(journey, "PaxSegment"), "DatedMarketingSegmentRefId")
    for flight in every(find(asked, "DatedMarketingSegmentList"), "DatedMarketingSegment"):
        if segment_id and find_text(flight, "DatedMarketingSegmentId") == segment_id:
            moment = find_at(flight, "Dep", "AircraftScheduledDateTime")
            if moment is not None:
                return as_date(moment, of_datetime=True)
    raise Invalid(
        "The day of departure is not to be found.",
        code="102",
        path=path_of(node),
        remedy="Refer to a journey whose first flight states Dep/AircraftScheduledDateTime.",
    )


def write(result: ShopResult, envelope: Envelope) -> bytes:
    """AirShoppingRS. Raises Unavailable (496) with the reasons where there is no offer."""
    if not result.offers:
        raise Unavailable(
            " ".join(result.reasons) or "No flight fits what was asked for.",
            code="496",
            remedy="Try other dates, airports or cabins.",
        )
    shelf = Shelf(result.offers[0].party, _pairs(result.bounds))
    by_owner: dict[str, list[str]] = {}
    for offer in result.offers:
        shelf.put(by_owner.setdefault(offer.owner, []), offer)
    groups = ["<OffersGroup>"]
    for owner, parts in by_owner.items():
        summary = shelf.summary(owner, result.offers[0].currency)
        groups += ["<CarrierOffers>", summary, *parts, "</CarrierOffers>"]
    groups += ["</OffersGroup>", warnings(result.notices, envelope.warnings)]
    return reply("IATA_AirShoppingRS", envelope, [shelf.data_lists(), *groups])


def _pairs(bounds: Sequence[BoundRequest]) -> list[Pair]:
    """With the sender's OriginDestIDs, and others that do not collide with them."""
    given = {bound.id for bound in bounds}
    free = (made for at in range(1, 99) if (made := f"OD{at}") not in given)
    return [Pair(bound.id or next(free), bound.origin, bound.destination) for bound in bounds]

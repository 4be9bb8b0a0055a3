"""AirShoppingRQ to a ShopRequest, a ShopResult to AirShoppingRS.

Source: AirShoppingRequestType and AirShoppingResponseType of 21.3.
"""

from collections.abc import Sequence

from ndc_oms.errors import Invalid, Unavailable
from ndc_oms.ndc.affinity import read_affinity
from ndc_oms.ndc.bounds import read_bounds, read_common
from ndc_oms.ndc.compose import amount, flag, group, leaf, reply, warnings
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.named_flights import read_named
from ndc_oms.ndc.offer_criteria import (
    read_country,
    read_criteria,
    read_languages,
    read_memberships,
)
from ndc_oms.ndc.offering import Pair, Shelf, make_shared
from ndc_oms.ndc.parts import (
    Node,
    every,
    find,
    find_at,
    find_part,
    find_quantity,
    find_text,
    get,
    is_currency,
    path_of,
    request,
)
from ndc_oms.ndc.pax import read_party
from ndc_oms.offers.request import (
    Affinity,
    BoundRequest,
    CalendarPrice,
    Notice,
    ShopRequest,
    ShopResult,
)


def read(root: Node, envelope: Envelope) -> ShopRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid with the path: 12, 102, 143, 290, 386, 476, 724, 727, 912."""
    asked = request(root)
    pax = find(asked, "PaxList")
    criteria = read_criteria(asked)
    bounds, affinity = _sought(asked, criteria.unmet)
    return ShopRequest(
        bounds=tuple(bounds),
        party=read_party(every(pax, "Pax")),
        currency=read_currency(asked) or _budget_currency(affinity),
        limit=read_limit(asked),
        party_path=path_of(asked) + "/PaxList",
        fares=tuple(criteria.fares),
        agreement=criteria.agreement,
        promotion=criteria.promotion,
        memberships=tuple(read_memberships(pax)),
        languages=read_languages(asked),
        country=read_country(find_part(root, "POS")),
        affinity=affinity,
        unmet=tuple(criteria.unmet),
    )


def _budget_currency(affinity: Affinity | None) -> str | None:
    budget = affinity and (affinity.most or affinity.least)
    return budget.currency if budget else None


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


def read_limit(asked: Node) -> int | None:
    """The most offers wanted: PayloadRestrictions whose object is the offer."""
    for node in every(asked, "PayloadRestrictions"):
        limit = find_quantity(node, "Limit")
        if limit and find_text(node, "ObjectName") in {None, "OFFER"}:
            return limit
    return None


def _sought(asked: Node, unmet: list[Notice]) -> tuple[Sequence[BoundRequest], Affinity | None]:
    """Bounds, or a search by affinity: one of three forms."""
    flights = get(asked, "FlightRequest")
    criteria = find(flights, "FlightRequestOriginDestinationsCriteria")
    if criteria is not None:
        return read_bounds(criteria, asked), None
    specific = find(flights, "FlightRequestSpecificOriginDestinations")
    if specific is not None:
        return read_named(specific, asked, read_common(asked)), None
    affinity = find(flights, "AffinityShoppingCriteria")
    if affinity is not None:
        return (), read_affinity(affinity, asked, unmet)
    raise Invalid(
        "A search needs to know where and when.",
        path=path_of(flights),
        remedy="Send FlightRequestOriginDestinationsCriteria.",
    )


def write(result: ShopResult, envelope: Envelope) -> bytes:
    """AirShoppingRS. Raises Unavailable (496) with the reasons where there is no offer; a calendar
    of other days is an answer, to which they are Warnings.
    """
    if not result.offers and not result.calendar:
        raise Unavailable(
            " ".join(result.reasons) or "No flight fits what was asked for.",
            code="496",
            remedy="Try other dates, airports or cabins.",
        )
    pairs = _pairs(result.bounds)
    shelf = Shelf(result.party, pairs or None)
    by_owner: dict[str, list[bytes]] = {}
    make_shared(result.offers)
    for offer in result.offers:
        shelf.put(by_owner.setdefault(offer.owner, []), offer)
    calendar = [_calendar(each, pairs) for each in result.calendar]
    groups: list[str | bytes] = ["<OffersGroup>"]
    for owner, parts in by_owner.items():
        summary = shelf.summary(owner, result.offers[0].currency)
        groups += ["<CarrierOffers>", summary, *parts, *calendar, "</CarrierOffers>"]
        calendar = []
    if calendar:
        groups.append(group("CarrierOffers", *calendar))
    reasons = [Notice(each, "496") for each in result.reasons]
    groups += ["</OffersGroup>", warnings(reasons, result.notices, envelope.warnings)]
    return reply("IATA_AirShoppingRS", envelope, [shelf.data_lists(), *groups])


def _calendar(price: CalendarPrice, pairs: Sequence[Pair]) -> str:
    """LeadPriceInd: a preview of other days than those asked for."""
    days = [
        f"<PriceCalendarDate><Date>{day}</Date>{leaf('OriginDestRefID', pair.id)}"
        "</PriceCalendarDate>"
        for day, pair in zip(price.days, pairs, strict=True)
    ]
    return group(
        "PriceCalendar",
        flag("LeadPriceInd", not price.asked),
        *days,
        amount("TotalPriceAmount", price.total),
    )


def _pairs(bounds: Sequence[BoundRequest]) -> list[Pair]:
    """With the sender's OriginDestIDs, and others that do not collide with them."""
    given = {bound.id for bound in bounds}
    free = (made for at in range(1, 99) if (made := f"OD{at}") not in given)
    return [Pair(bound.id or next(free), bound.origin, bound.destination) for bound in bounds]

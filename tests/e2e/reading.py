"""A shopping or pricing reply as an agent's system reads it: references followed, sums at hand."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from lxml import etree
from tests.houses import demo_world

from ndc_oms.kit.client import Reply, child_text, find_all

LISTS = "Response/DataLists/"


@dataclass(frozen=True)
class Flight:
    """One PaxSegment. departs, arrives: local, in the airport's own zone."""

    name: str
    origin: str
    destination: str
    departs: datetime
    arrives: datetime
    duration: timedelta
    cabin: str


@dataclass(frozen=True)
class Item:
    """One OfferItem. taxes: by code."""

    pax: str
    base: Decimal
    taxes: dict[str, Decimal]
    total: Decimal
    basis: str
    rbds: tuple[str, ...]
    currency: str


@dataclass(frozen=True)
class Offer:
    """journeys: one a bound."""

    id: str
    journeys: tuple[tuple[Flight, ...], ...]
    families: tuple[str, ...]
    items: tuple[Item, ...]
    total: Decimal
    currency: str
    expires: datetime


def offers(reply: Reply) -> list[Offer]:
    """Those of an AirShoppingRS, or the priced one; raises AssertionError for an error."""
    assert reply.errors == ()
    journeys = _journeys(reply)
    found = reply.all("Response/OffersGroup/CarrierOffers/Offer")
    return [_offer(each, journeys) for each in found or reply.all("Response/PricedOffer")]


def span(text: str) -> timedelta:
    """Of `PT8H5M`."""
    found = re.fullmatch(r"PT(\d+)H(\d+)M", text)
    assert found, text
    return timedelta(hours=int(found[1]), minutes=int(found[2]))


def money(element: etree._Element, path: str) -> Decimal:
    return Decimal(child_text(element, path))


def _journeys(reply: Reply) -> dict[str, tuple[Flight, ...]]:
    operated = {
        child_text(each, "DatedOperatingSegmentId"): span(child_text(each, "Duration"))
        for each in reply.all(f"{LISTS}DatedOperatingSegmentList/DatedOperatingSegment")
    }
    marketed = {
        child_text(each, "DatedMarketingSegmentId"): each
        for each in reply.all(f"{LISTS}DatedMarketingSegmentList/DatedMarketingSegment")
    }
    flights = {
        child_text(each, "PaxSegmentID"): _flight(
            marketed[child_text(each, "DatedMarketingSegmentRefId")],
            operated,
            child_text(each, "CabinTypeAssociationChoice/SegmentCabinType/CabinTypeCode"),
        )
        for each in reply.all(f"{LISTS}PaxSegmentList/PaxSegment")
    }
    found = {}
    for each in reply.all(f"{LISTS}PaxJourneyList/PaxJourney"):
        flown = tuple(flights[ref.text or ""] for ref in find_all(each, "PaxSegmentRefID"))
        assert span(child_text(each, "Duration")) == flown[-1].arrives - flown[0].departs
        found[child_text(each, "PaxJourneyID")] = flown
    return found


def _flight(segment: etree._Element, operated: dict[str, timedelta], cabin: str) -> Flight:
    (origin, departs), (destination, arrives) = _point(segment, "Dep"), _point(segment, "Arrival")
    number = child_text(segment, "MarketingCarrierFlightNumberText")
    return Flight(
        child_text(segment, "CarrierDesigCode") + number,
        origin,
        destination,
        departs,
        arrives,
        operated[child_text(segment, "DatedOperatingSegmentRefId")],
        cabin,
    )


def _point(segment: etree._Element, end: str) -> tuple[str, datetime]:
    airport = child_text(segment, f"{end}/IATA_LocationCode")
    zone = ZoneInfo(demo_world().airports[airport].zone)
    moment = datetime.fromisoformat(child_text(segment, f"{end}/AircraftScheduledDateTime"))
    # as an instant, so that differences count across zones and changes of DST
    return airport, moment.replace(tzinfo=zone).astimezone(ZoneInfo("UTC")).astimezone(zone)


def _offer(element: etree._Element, journeys: dict[str, tuple[Flight, ...]]) -> Offer:
    overview = find_all(element, "JourneyOverview/JourneyPriceClass")
    total = find_all(element, "TotalPrice/TotalAmount")[0]
    return Offer(
        child_text(element, "OfferID"),
        tuple(journeys[child_text(each, "PaxJourneyRefID")] for each in overview),
        tuple(child_text(each, "PriceClassRefID") for each in overview),
        tuple(_item(each) for each in find_all(element, "OfferItem")),
        Decimal(total.text or ""),
        total.get("CurCode", ""),
        datetime.fromisoformat(child_text(element, "OfferExpirationTimeLimitDateTime")),
    )


def _item(element: etree._Element) -> Item:
    (price,) = find_all(element, "Price")
    return Item(
        child_text(element, "FareDetail/PaxRefID"),
        money(price, "BaseAmount"),
        {
            child_text(tax, "TaxCode"): money(tax, "Amount")
            for tax in find_all(price, "TaxSummary/Tax")
        },
        money(price, "TotalAmount"),
        child_text(element, "FareDetail/FareComponent/FareBasisCode"),
        tuple(each.text or "" for each in find_all(element, "//RBD_Code")),
        find_all(price, "TotalAmount")[0].get("CurCode", ""),
    )

"""Composes searches with every option, and reads what matters of the replies."""

from collections.abc import Sequence
from datetime import date

from lxml import etree
from tests.houses import Served

from ndc_oms.kit.client import Reply, child_text, find_all
from ndc_oms.kit.requests import Sender, element, envelope, optional


def level(name: str) -> str:
    return f"<PrefLevel><PrefLevelCode>{name}</PrefLevelCode></PrefLevel>"


def bound(
    origin: str,
    destination: str,
    day: date,
    *,
    name: str = "OD1",
    cabins: str = "",
    around: tuple[int | None, int | None] | None = None,
    connections: str | None = None,
    leaves: str = "",
    arrives: str = "",
    lasts: str = "",
) -> str:
    """OriginDestCriteria. leaves: what follows the departure's place; arrives: what stands around
    the arrival's, with `{}` for it; lasts: JourneyDurationCriteria.
    """
    window = ""
    if around is not None:
        before, after = around
        window = (
            f"<CalendarDateCriteria>{optional('DaysAfterNumber', after)}"
            f"{optional('DaysBeforeNumber', before)}</CalendarDateCriteria>"
        )
    place = element("IATA_LocationCode", destination)
    return (
        f"<OriginDestCriteria>{cabins}{window}{optional('ConnectionCriteriaRefID', connections)}"
        f"<DestArrivalCriteria>{(arrives or '{}').format(place)}</DestArrivalCriteria>{lasts}"
        f"<OriginDepCriteria><Date>{day}</Date>{element('IATA_LocationCode', origin)}{leaves}"
        f"</OriginDepCriteria>{element('OriginDestID', name)}</OriginDestCriteria>"
    )


def pax(
    name: str = "PAX1", kind: str = "ADT", account: str | None = None, owner: str = "T8"
) -> str:
    """account: number of a loyalty account."""
    loyalty = (
        f"<LoyaltyProgramAccount>{element('AccountNumber', account)}<LoyaltyProgram><Carrier>"
        f"{element('AirlineDesigCode', owner)}</Carrier></LoyaltyProgram></LoyaltyProgramAccount>"
        if account
        else ""
    )
    return f"<Pax>{loyalty}{element('PaxID', name)}{element('PTC', kind)}</Pax>"


def search(  # one for each part of the message
    *bounds: str,
    related: str = "",
    offers: str = "",
    party: Sequence[str] = (),
    limit: int | None = None,
    parameters: str = "",
    country: str | None = None,
    affinity: str = "",
    named: str = "",
    lists: tuple[str, str] = ("", ""),
) -> bytes:
    """IATA_AirShoppingRQ. lists: DatedMarketingSegmentList and PaxJourneyList."""
    if affinity:
        flights = f"<AffinityShoppingCriteria>{affinity}</AffinityShoppingCriteria>"
    elif named:
        flights = (
            f"<FlightRequestSpecificOriginDestinations>{named}"
            "</FlightRequestSpecificOriginDestinations>"
        )
    else:
        flights = (
            f"<FlightRequestOriginDestinationsCriteria>{''.join(bounds)}"
            "</FlightRequestOriginDestinationsCriteria>"
        )
    restrict = f"<PayloadRestrictions><Limit>{limit}</Limit></PayloadRestrictions>" if limit else ""
    around = {"FlightRelatedCriteria": related, "OfferCriteria": offers}
    criteria = {tag: f"<{tag}>{text}</{tag}>" if text else "" for tag, text in around.items()}
    body = envelope(
        "IATA_AirShoppingRQ",
        f"{lists[0]}{criteria['FlightRelatedCriteria']}<FlightRequest>{flights}</FlightRequest>"
        f"{criteria['OfferCriteria']}{lists[1]}<PaxList>{''.join(party or (pax(),))}</PaxList>"
        + restrict
        + (f"<ResponseParameters>{parameters}</ResponseParameters>" if parameters else ""),
        Sender(),
        None,
    )
    if country:
        pos = f"<m:POS><Country><CountryCode>{country}</CountryCode></Country></m:POS>"
        body = body.replace(b"<m:Request>", pos.encode() + b"<m:Request>")
    return body


def connecting(inside: str) -> str:
    """ConnectionCriteria that every bound may refer to as CC."""
    return (
        "<ConnectionCriteria><ConnectionCriteriaID>CC</ConnectionCriteriaID>"
        f"{inside}</ConnectionCriteria>"
    )


async def asked(served: Served, body: bytes) -> Reply:
    reply = await served.client.send(body)
    assert reply.status == 200, reply.body[:2000]
    return reply


async def found(served: Served, body: bytes) -> Reply:
    """An answer with offers."""
    reply = await asked(served, body)
    assert reply.errors == ()
    assert reply.all("Response/OffersGroup/CarrierOffers/Offer")
    return reply


def warnings(reply: Reply) -> list[str]:
    return [child_text(each, "DescText") for each in reply.all("Response/Warning")]


class Flight:
    """A flight of the lists, by its DatedMarketingSegment."""

    def __init__(self, node: etree._Element) -> None:
        self.name = child_text(node, "CarrierDesigCode") + child_text(
            node, "MarketingCarrierFlightNumberText"
        )
        self.carrier = child_text(node, "CarrierDesigCode")
        self.origin = child_text(node, "Dep/IATA_LocationCode")
        self.destination = child_text(node, "Arrival/IATA_LocationCode")
        self.departs = child_text(node, "Dep/AircraftScheduledDateTime")
        self.arrives = child_text(node, "Arrival/AircraftScheduledDateTime")


def journeys(reply: Reply) -> list[list[Flight]]:
    """Each journey of the answer, flight by flight, in the order of offers."""
    sold = {
        child_text(node, "DatedMarketingSegmentId"): Flight(node)
        for node in reply.all("Response/DataLists/DatedMarketingSegmentList/DatedMarketingSegment")
    }
    segments = {
        child_text(node, "PaxSegmentID"): sold[child_text(node, "DatedMarketingSegmentRefId")]
        for node in reply.all("Response/DataLists/PaxSegmentList/PaxSegment")
    }
    return [
        [segments[ref.text or ""] for ref in find_all(node, "PaxSegmentRefID")]
        for node in reply.all("Response/DataLists/PaxJourneyList/PaxJourney")
    ]


def durations(reply: Reply) -> list[str]:
    return [
        child_text(node, "Duration")
        for node in reply.all("Response/DataLists/PaxJourneyList/PaxJourney")
    ]


def families(reply: Reply) -> list[str]:
    """Family of each offer, the best offer first; of several bounds, that of the first."""
    offers = reply.all("Response/OffersGroup/CarrierOffers/Offer")
    return [
        child_text(offer, "JourneyOverview/JourneyPriceClass/PriceClassRefID") for offer in offers
    ]


def totals(reply: Reply, path: str = "Response/OffersGroup/CarrierOffers/Offer") -> list[float]:
    return [float(child_text(offer, "TotalPrice/TotalAmount")) for offer in reply.all(path)]


def classes(reply: Reply) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name and description of each family in the lists."""
    return {
        child_text(node, "PriceClassID"): (
            child_text(node, "Name"),
            tuple(child_text(each, "DescText") for each in find_all(node, "Desc")),
        )
        for node in reply.all("Response/DataLists/PriceClassList/PriceClass")
    }

"""Requests for tests of readers: an envelope of tags around the parts that a test is about."""

from lxml import etree
from tests.ndc.profile import PROFILE
from tests.ndc.samples import schema

from ndc_oms.ndc.envelope import COMMON, MESSAGE

CHAIN = (
    "<m:DistributionChain><DistributionChainLink><Ordinal>1</Ordinal><OrgRole>Seller</OrgRole>"
    "<ParticipatingOrg><OrgID>91000000</OrgID></ParticipatingOrg></DistributionChainLink>"
    "</m:DistributionChain>"
)


def request(message: str, parts: str, *, valid: bool = True) -> etree._Element:
    """The tree of `message` with `parts` in its Request. valid: by the wire profile, checked."""
    name = "Payload" if message == "IATA_OrderQuoteRQ" else "Request"
    root = etree.fromstring(
        f'<m:{message} xmlns:m="{MESSAGE}" xmlns="{COMMON}">{CHAIN}'
        f"<m:{name}>{parts}</m:{name}></m:{message}>"
    )
    found = schema(PROFILE).check(root)
    assert bool(found) is not valid, found
    return root


def pax(pax_id: str = "PAX1", ptc: str | None = "ADT", more: str = "", before: str = "") -> str:
    kind = f"<PTC>{ptc}</PTC>" if ptc else ""
    return f"<Pax>{before}<PaxID>{pax_id}</PaxID>{more}{kind}</Pax>"


def pax_list(*each: str) -> str:
    return f"<PaxList>{''.join(each or (pax(),))}</PaxList>"


def bound(
    origin: str = "YYZ",
    destination: str = "LON",
    day: str = "2026-09-01",
    *,
    before: str = "",
    connection: str = "",
    named: str = "",
) -> str:
    return (
        f"<OriginDestCriteria>{before}{connection}<DestArrivalCriteria>"
        f"<IATA_LocationCode>{destination}</IATA_LocationCode></DestArrivalCriteria>"
        f"<OriginDepCriteria><Date>{day}</Date><IATA_LocationCode>{origin}</IATA_LocationCode>"
        f"</OriginDepCriteria>{named}</OriginDestCriteria>"
    )


def flights(*bounds: str) -> str:
    inside = "".join(bounds or (bound(),))
    return (
        "<FlightRequest><FlightRequestOriginDestinationsCriteria>"
        f"{inside}</FlightRequestOriginDestinationsCriteria></FlightRequest>"
    )


def cabin(code: str, level: str = "Required") -> str:
    return (
        f"<CabinType><CabinTypeCode>{code}</CabinTypeCode><PrefLevel>"
        f"<PrefLevelCode>{level}</PrefLevelCode></PrefLevel></CabinType>"
    )


def selected(tag: str = "SelectedOffer", *items: str, more: str = "") -> str:
    return (
        f"<{tag}><OfferRefID>OFFER</OfferRefID><OwnerCode>T8</OwnerCode>"
        f"{''.join(items or (item(),))}{more}</{tag}>"
    )


def item(item_id: str = "OFFER-1", pax_ids: tuple[str, ...] = ("PAX1",), more: str = "") -> str:
    refs = "".join(f"<PaxRefID>{each}</PaxRefID>" for each in pax_ids)
    return (
        f"<SelectedOfferItem><OfferItemRefID>{item_id}</OfferItemRefID>{refs}{more}"
        "</SelectedOfferItem>"
    )


def create(*, lists: str = "", payments: str = "", offers: str = "") -> str:
    offers = offers or selected("SelectedPricedOffer")
    return (
        "<CreateOrder><AcceptSelectedQuotedOfferList>"
        f"{offers}</AcceptSelectedQuotedOfferList></CreateOrder>"
        f"<DataLists>{lists or pax_list()}</DataLists>{payments}"
    )


def payment(method: str, *, amount: str = '<Amount CurCode="CAD">120.50</Amount>') -> str:
    return (
        f"<PaymentFunctions><PaymentProcessingDetails>{amount}<PaymentMethod>{method}"
        "</PaymentMethod></PaymentProcessingDetails></PaymentFunctions>"
    )

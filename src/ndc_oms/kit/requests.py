"""Composes NDC 21.3 requests as a seller's client would: for the demo, scenarios and tests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape  # escaping only; nothing is parsed here

MESSAGE = "http://www.iata.org/IATA/2015/EASD/00/IATA_OffersAndOrdersMessage"
COMMON = "http://www.iata.org/IATA/2015/EASD/00/IATA_OffersAndOrdersCommonTypes"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the Seller's OrgID, and the carrier that is asked."""

    org_id: str = "91000000"
    carrier: str = "T8"


@dataclass(frozen=True, slots=True)
class Pax:
    """One passenger of a request. holder: PaxID of the adult, for an infant on a lap."""

    id: str
    type: str = "ADT"
    surname: str = "Hansen"
    given: str = "Maren"
    birthdate: date | None = None
    title: str | None = None
    holder: str | None = None
    gender: str | None = None


def element(name: str, text: object) -> str:
    return f"<{name}>{escape(str(text))}</{name}>"


def optional(name: str, text: object | None) -> str:
    return "" if text is None else element(name, text)


def envelope(message: str, request: str, sender: Sender, trx_id: str | None) -> bytes:
    """The whole document around a Request's content."""
    links = "".join(
        f"<DistributionChainLink><Ordinal>{n}</Ordinal><OrgRole>{role}</OrgRole>"
        f"<ParticipatingOrg><OrgID>{escape(org)}</OrgID></ParticipatingOrg></DistributionChainLink>"
        for n, (role, org) in enumerate(
            (("Seller", sender.org_id), ("Carrier", sender.carrier)), start=1
        )
    )
    attributes = optional("TrxID", trx_id) + "<VersionNumber>21.3</VersionNumber>"
    stated = f"<m:PayloadAttributes>{attributes}</m:PayloadAttributes>"
    asked = (
        f"<m:Payload>{request}</m:Payload>{stated}"  # its own name, and its own place
        if message == "IATA_OrderQuoteRQ"
        else f"{stated}<m:Request>{request}</m:Request>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<m:{message} xmlns:m="{MESSAGE}" '
        f'xmlns="{COMMON}"><m:DistributionChain>{links}</m:DistributionChain>'
        f"{asked}</m:{message}>"
    ).encode()


def origin_dests(bounds: Iterable[tuple[str, str, date]], cabin: str | None = None) -> str:
    """OriginDestCriteria of each bound: origin, destination, day of departure. cabin: required."""
    wanted = (
        f"<CabinType><CabinTypeCode>{cabin}</CabinTypeCode><PrefLevel><PrefLevelCode>Required"
        "</PrefLevelCode></PrefLevel></CabinType>"
        if cabin
        else ""
    )
    return "".join(
        f"<OriginDestCriteria>{wanted}<DestArrivalCriteria>"
        f"{element('IATA_LocationCode', destination)}</DestArrivalCriteria>"
        f"<OriginDepCriteria><Date>{day}</Date>{element('IATA_LocationCode', origin)}"
        f"</OriginDepCriteria><OriginDestID>OD{n}</OriginDestID></OriginDestCriteria>"
        for n, (origin, destination, day) in enumerate(bounds, start=1)
    )


def air_shopping(
    bounds: Sequence[tuple[str, str, date]],
    party: Iterable[Pax] = (Pax("PAX1"),),
    *,
    cabin: str | None = None,
    currency: str | None = None,
    limit: int | None = None,
    sender: Sender = Sender(),
    trx_id: str | None = None,
) -> bytes:
    """IATA_AirShoppingRQ. bounds: (origin, destination, day of departure)."""
    criteria = origin_dests(bounds, cabin)
    restrict = (
        f"<PayloadRestrictions><Limit>{limit}</Limit><ObjectName>OFFER</ObjectName>"
        "</PayloadRestrictions>"
        if limit
        else ""
    )
    parameters = (
        f"<ResponseParameters><CurParameter>{element('CurCode', currency)}</CurParameter>"
        "</ResponseParameters>"
        if currency
        else ""
    )
    request = (
        "<FlightRequest><FlightRequestOriginDestinationsCriteria>"
        f"{criteria}</FlightRequestOriginDestinationsCriteria></FlightRequest>"
        f"<PaxList>{''.join(map(_anonymous, party))}</PaxList>{restrict}{parameters}"
    )
    return envelope("IATA_AirShoppingRQ", request, sender, trx_id)


def _anonymous(pax: Pax) -> str:
    return (
        f"<Pax>{element('PaxID', pax.id)}{optional('PaxRefID', pax.holder)}"
        f"{element('PTC', pax.type)}</Pax>"
    )


def _selection(
    offer: str, items: Iterable[tuple[str, Sequence[str]]], owner: str, name: str
) -> str:
    chosen = "".join(
        f"<SelectedOfferItem>{element('OfferItemRefID', item)}"
        f"{''.join(element('PaxRefID', pax) for pax in passengers)}</SelectedOfferItem>"
        for item, passengers in items
    )
    return f"<{name}>{element('OfferRefID', offer)}{element('OwnerCode', owner)}{chosen}</{name}>"


def offer_price(
    offer: str,
    items: Iterable[tuple[str, Sequence[str]]],
    party: Iterable[Pax] = (Pax("PAX1"),),
    *,
    beside: str = "",
    sender: Sender = Sender(),
    trx_id: str | None = None,
) -> bytes:
    """IATA_OfferPriceRQ for one offer. items: (OfferItemID, PaxIDs). beside: more of SelectedOffer,
    as kit/services.py composes it.
    """
    request = (
        f"<DataLists><PaxList>{''.join(map(_anonymous, party))}</PaxList></DataLists>"
        f"<PricedOffer><SelectedOfferList>"
        f"{_selection(offer, items, sender.carrier, 'SelectedOffer')}{beside}"
        "</SelectedOfferList></PricedOffer>"
    )
    return envelope("IATA_OfferPriceRQ", request, sender, trx_id)


def card(number: str, amount: str, currency: str, *, brand: str = "VI", cvv: str = "123") -> str:
    """PaymentFunctions for a card; expires far away."""
    method = (
        f"<PaymentCard><CardBrandCode>{brand}</CardBrandCode><CardHolderName>MAREN HANSEN"
        f"</CardHolderName><CardNumber>{number}</CardNumber><CardSecurityCode>{cvv}"
        "</CardSecurityCode><ExpirationDate>1235</ExpirationDate></PaymentCard>"
    )
    return payment(method, amount, currency)


def settlement_plan(agency: str, amount: str, currency: str) -> str:
    """PaymentFunctions for the settlement plan (cash through the BSP)."""
    method = (
        f"<SettlementPlan><IATA_Number>{agency}</IATA_Number><PaymentTypeCode>CA"
        "</PaymentTypeCode></SettlementPlan>"
    )
    return payment(method, amount, currency)


def payment(method: str, amount: str, currency: str) -> str:
    """PaymentFunctions around a composed PaymentMethod."""
    return (
        "<PaymentFunctions><PaymentProcessingDetails>"
        f'<Amount CurCode="{currency}">{amount}</Amount>'
        f"<PaymentMethod>{method}</PaymentMethod></PaymentProcessingDetails></PaymentFunctions>"
    )


def order_create(
    offer: str,
    items: Iterable[tuple[str, Sequence[str]]],
    party: Iterable[Pax],
    payment: str,
    *,
    email: str | None = "maren.hansen@example.com",
    beside: str = "",
    sender: Sender = Sender(),
    trx_id: str | None = None,
) -> bytes:
    """IATA_OrderCreateRQ for one offer, everybody named, one contact. beside: more of
    SelectedPricedOffer, as kit/services.py composes it.
    """
    contact = (
        "<ContactInfoList><ContactInfo><ContactInfoID>C1</ContactInfoID><EmailAddress>"
        f"{element('EmailAddressText', email)}</EmailAddress></ContactInfo></ContactInfoList>"
        if email is not None
        else ""
    )
    people = "".join(_named(pax, with_contact=email is not None) for pax in party)
    request = (
        "<CreateOrder><AcceptSelectedQuotedOfferList>"
        f"{_selection(offer, items, sender.carrier, 'SelectedPricedOffer')}{beside}"
        f"</AcceptSelectedQuotedOfferList></CreateOrder><DataLists>{contact}"
        f"<PaxList>{people}</PaxList></DataLists>{payment}"
    )
    return envelope("IATA_OrderCreateRQ", request, sender, trx_id)


def _named(pax: Pax, *, with_contact: bool) -> str:
    individual = (
        f"<Individual>{optional('Birthdate', pax.birthdate)}{optional('GenderCode', pax.gender)}"
        f"{element('GivenName', pax.given)}{element('Surname', pax.surname)}"
        f"{optional('TitleName', pax.title)}</Individual>"
    )
    contact = "<ContactInfoRefID>C1</ContactInfoRefID>" if with_contact else ""
    return (
        f"<Pax>{contact}{individual}{element('PaxID', pax.id)}"
        f"{optional('PaxRefID', pax.holder)}{element('PTC', pax.type)}</Pax>"
    )


def order_retrieve(
    order_id: str | None = None,
    *,
    locator: str | None = None,
    surname: str | None = None,
    sender: Sender = Sender(),
    trx_id: str | None = None,
) -> bytes:
    """IATA_OrderRetrieveRQ by order id, or by booking reference and surname."""
    booking = (
        f"<BookingRefFilterCriteria>{element('BookingID', locator)}</BookingRefFilterCriteria>"
        if locator
        else ""
    )
    order = (
        f"<OrderFilterCriteria>{element('OrderID', order_id)}"
        f"{element('OwnerCode', sender.carrier)}</OrderFilterCriteria>"
        if order_id
        else ""
    )
    passenger = (
        f"<PaxFilterCriteria><Individual>{element('Surname', surname)}</Individual>"
        "</PaxFilterCriteria>"
        if surname
        else ""
    )
    request = (
        f"<OrderValidationFilterCriteria>{booking}{order}{passenger}"
        "</OrderValidationFilterCriteria>"
    )
    return envelope("IATA_OrderRetrieveRQ", request, sender, trx_id)

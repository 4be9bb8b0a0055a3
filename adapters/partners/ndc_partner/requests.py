"""Composes what is sent: AirShopping, OfferPrice, OrderCreate, OrderRetrieve, OrderReshop,
which asks what cancelling gives back, and OrderChange, which pays, cancels or renames. Elements
stand in the order of the 21.3 schemas.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final
from xml.sax.saxutils import escape  # escaping only; nothing is parsed here

from ndc_oms.model.money import Money
from ndc_oms.model.passenger import Contact, Passenger, PassengerType, People, Person
from ndc_oms.ports.partner import PartnerOrder, Seek
from ndc_partner.connection import Access

MESSAGE: Final = "http://www.iata.org/IATA/2015/EASD/00/IATA_OffersAndOrdersMessage"
COMMON: Final = "http://www.iata.org/IATA/2015/EASD/00/IATA_OffersAndOrdersCommonTypes"

Items = Sequence[tuple[str, PassengerType]]  # the partner's OfferItemIDs, and for whom each is


def _leaf(name: str, value: object | None) -> str:
    return "" if value in {None, ""} else f"<{name}>{escape(str(value))}</{name}>"


def _message(name: str, request: str, access: Access, trx_id: str | None) -> bytes:
    links = "".join(
        f"<DistributionChainLink><Ordinal>{n}</Ordinal><OrgRole>{role}</OrgRole>"
        f"<ParticipatingOrg>{_leaf('OrgID', org)}</ParticipatingOrg></DistributionChainLink>"
        for n, (role, org) in enumerate((("Seller", access.org_id), ("Carrier", access.carrier)), 1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<m:{name} xmlns:m="{MESSAGE}" '
        f'xmlns="{COMMON}"><m:DistributionChain>{links}</m:DistributionChain>'
        f"<m:PayloadAttributes>{_leaf('TrxID', trx_id)}<VersionNumber>21.3</VersionNumber>"
        f"</m:PayloadAttributes><m:Request>{request}</m:Request></m:{name}>"
    ).encode()


def air_shopping(access: Access, seek: Seek, limit: int) -> bytes:
    criteria = (
        "<OriginDestCriteria><DestArrivalCriteria>"
        f"{_leaf('IATA_LocationCode', seek.destination)}</DestArrivalCriteria>"
        f"<OriginDepCriteria><Date>{seek.day}</Date>{_leaf('IATA_LocationCode', seek.origin)}"
        "</OriginDepCriteria><OriginDestID>OD1</OriginDestID></OriginDestCriteria>"
    )
    request = (
        "<FlightRequest><FlightRequestOriginDestinationsCriteria>"
        f"{criteria}</FlightRequestOriginDestinationsCriteria></FlightRequest>"
        f"<PaxList>{_anonymous(seek)}</PaxList>"
        f"<PayloadRestrictions><Limit>{limit}</Limit><ObjectName>OFFER</ObjectName>"
        "</PayloadRestrictions><ResponseParameters>"
        f"<CurParameter>{_leaf('CurCode', seek.currency)}</CurParameter></ResponseParameters>"
    )
    return _message("IATA_AirShoppingRQ", request, access, None)


def party(seek: Seek) -> list[Passenger]:
    """Passengers under ids of our own, ADT1 and on; each lap infant with an adult."""
    return [
        Passenger(f"{kind}{n}", kind, f"ADT{n}" if kind is PassengerType.INFANT else None)
        for kind, many in seek.party
        for n in range(1, many + 1)
    ]


def _anonymous(seek: Seek) -> str:
    return "".join(
        f"<Pax>{_leaf('PaxID', each.id)}{_leaf('PaxRefID', each.guardian)}"
        f"{_leaf('PTC', each.type)}</Pax>"
        for each in party(seek)
    )


def _selection(
    access: Access, offer: str, items: Items, travelling: Iterable[Passenger], name: str
) -> str:
    """Whoever of a type takes the next item of that type."""
    ids: dict[PassengerType, list[str]] = {}
    for each in travelling:
        ids.setdefault(each.type, []).append(each.id)
    chosen = "".join(
        f"<SelectedOfferItem>{_leaf('OfferItemRefID', item)}"
        f"{_leaf('PaxRefID', ids[kind].pop(0))}</SelectedOfferItem>"
        for item, kind in items
    )
    owner = _leaf("OwnerCode", access.carrier)
    return f"<{name}>{_leaf('OfferRefID', offer)}{owner}{chosen}</{name}>"


def offer_price(access: Access, seek: Seek, offer: str, items: Items) -> bytes:
    request = (
        f"<DataLists><PaxList>{_anonymous(seek)}</PaxList></DataLists>"
        "<PricedOffer><SelectedOfferList>"
        f"{_selection(access, offer, items, party(seek), 'SelectedOffer')}"
        "</SelectedOfferList></PricedOffer>"
    )
    return _message("IATA_OfferPriceRQ", request, access, None)


def order_create(
    access: Access, order: PartnerOrder, offer: str, items: Items, trx_id: str
) -> bytes:
    """Paid through the settlement plan, or held. trx_id: what makes sending it again harmless."""
    selected = _selection(access, offer, items, order.passengers, "SelectedPricedOffer")
    contacts = "".join(_contact(each) for each in order.people.contacts)
    lists = f"<ContactInfoList>{contacts}</ContactInfoList>" if contacts else ""
    known = frozenset(each.id for each in order.people.contacts)
    people = "".join(_pax(each, order.people, known) for each in order.passengers)
    request = (
        f"<CreateOrder><AcceptSelectedQuotedOfferList>{selected}"
        f"</AcceptSelectedQuotedOfferList></CreateOrder><DataLists>{lists}"
        f"<PaxList>{people}</PaxList></DataLists>"
        f"{'' if order.unpaid else _payment(access, order.total)}"
    )
    return _message("IATA_OrderCreateRQ", request, access, trx_id)


def _payment(access: Access, amount: Money) -> str:
    """For the whole order."""
    return (
        "<PaymentFunctions><PaymentProcessingDetails>"
        f'<Amount CurCode="{amount.currency}">{amount.text()}</Amount>'
        f"<PaymentMethod><SettlementPlan>{_leaf('IATA_Number', access.agency_number)}"
        "<PaymentTypeCode>CA</PaymentTypeCode></SettlementPlan></PaymentMethod>"
        "</PaymentProcessingDetails></PaymentFunctions>"
    )


def _pax(passenger: Passenger, people: People, contacts: frozenset[str]) -> str:
    person = people.person(passenger.id)
    reachable = next((each for each in person.contact_ids if each in contacts), None)
    return (
        f"<Pax>{_leaf('ContactInfoRefID', reachable)}{_identity(person)}{_individual(person)}"
        f"{_leaf('PaxID', passenger.id)}{_leaf('PaxRefID', passenger.guardian)}"
        f"{_leaf('PTC', passenger.type)}</Pax>"
    )


def _individual(person: Person) -> str:
    given = "".join(_leaf("GivenName", each) for each in person.given_names)
    middle = "".join(_leaf("MiddleName", each) for each in person.middle_names)
    return (
        f"<Individual>{_leaf('Birthdate', person.birthdate)}{_leaf('GenderCode', person.gender)}"
        f"{given}{middle}{_leaf('SuffixName', person.suffix)}{_leaf('Surname', person.surname)}"
        f"{_leaf('TitleName', person.title)}</Individual>"
    )


def _identity(person: Person) -> str:
    return "".join(
        f"<IdentityDoc>{_leaf('Birthdate', each.birthdate)}"
        f"{_leaf('CitizenshipCountryCode', each.citizenship)}{_leaf('ExpiryDate', each.expires_on)}"
        f"{_leaf('GenderCode', each.gender)}"
        f"{''.join(_leaf('GivenName', name) for name in each.given_names)}"
        f"{_leaf('IdentityDocID', each.number)}{_leaf('IdentityDocTypeCode', each.kind)}"
        f"{_leaf('IssueDate', each.issued_on)}{_leaf('IssuingCountryCode', each.issuing_country)}"
        f"{_leaf('Surname', each.surname)}</IdentityDoc>"
        for each in person.documents
    )


def _contact(contact: Contact) -> str:
    refused = "<ContactRefusedInd>true</ContactRefusedInd>" if contact.refused else ""
    emails = "".join(
        f"<EmailAddress>{_leaf('EmailAddressText', each)}</EmailAddress>" for each in contact.emails
    )
    phones = "".join(f"<Phone>{_leaf('PhoneNumber', each)}</Phone>" for each in contact.phones)
    return (
        f"<ContactInfo>{_leaf('ContactInfoID', contact.id)}{refused}{emails}{phones}</ContactInfo>"
    )


def order_retrieve(access: Access, order_id: str) -> bytes:
    request = (
        f"<OrderValidationFilterCriteria><OrderFilterCriteria>{_leaf('OrderID', order_id)}"
        f"{_leaf('OwnerCode', access.carrier)}</OrderFilterCriteria>"
        "</OrderValidationFilterCriteria>"
    )
    return _message("IATA_OrderRetrieveRQ", request, access, None)


def order_reshop(access: Access, order_id: str) -> bytes:
    """What does cancelling the whole order give back?"""
    request = (
        f"{_leaf('OrderRefID', order_id)}<UpdateOrder><CancelOrderRef>"
        f"{_leaf('OrderRefID', order_id)}</CancelOrderRef></UpdateOrder>"
    )
    return _message("IATA_OrderReshopRQ", request, access, None)


def order_cancel(
    access: Access, order_id: str, version: str | None, offer: str, trx_id: str
) -> bytes:
    """OrderChange that accepts the quoted cancellation."""
    request = (
        f"<ChangeOrderChoice><AcceptCancelledOffer>{_leaf('OfferID', offer)}"
        f"{_leaf('OwnerCode', access.carrier)}</AcceptCancelledOffer></ChangeOrderChoice>"
        f"<Order>{_leaf('OrderID', order_id)}{_leaf('OrderVersionNumber', version)}"
        f"{_leaf('OwnerCode', access.carrier)}</Order>"
    )
    return _message("IATA_OrderChangeRQ", request, access, trx_id)


def order_pay(access: Access, order_id: str, amount: Money, trx_id: str) -> bytes:
    """OrderChange that pays what is held. No version is named, here and below, so that the message
    sent again is the same.
    """
    return _change(access, order_id, "", trx_id, after=_payment(access, amount))


def order_release(access: Access, order_id: str, trx_id: str) -> bytes:
    """OrderChange that gives up an order that nobody paid."""
    choice = (
        f"<CancelUnpaidOrder>{_leaf('OrderRefID', order_id)}{_leaf('OwnerCode', access.carrier)}"
        "</CancelUnpaidOrder>"
    )
    return _change(access, order_id, choice, trx_id)


def _change(access: Access, order_id: str, choice: str, trx_id: str, *, after: str = "") -> bytes:
    chosen = f"<ChangeOrderChoice>{choice}</ChangeOrderChoice>" if choice else ""
    request = (
        f"{chosen}<Order>{_leaf('OrderID', order_id)}{_leaf('OwnerCode', access.carrier)}</Order>"
        f"{after}"
    )
    return _message("IATA_OrderChangeRQ", request, access, trx_id)


def order_rename(
    access: Access, order_id: str, passenger_id: str, person: Person, trx_id: str
) -> bytes:
    """OrderChange with UpdatePax: who is in the order is called so."""
    new = f"{passenger_id}-new"
    individual = _individual(replace(person, birthdate=None, gender=None))
    request = (
        f"<ChangeOrderChoice><UpdatePax><Current>{_leaf('PaxRefID', passenger_id)}</Current>"
        f"<New>{_leaf('PaxRefID', new)}</New></UpdatePax></ChangeOrderChoice>"
        f"<DataLists><PaxList><Pax>{individual}{_leaf('PaxID', new)}</Pax></PaxList></DataLists>"
        f"<Order>{_leaf('OrderID', order_id)}{_leaf('OwnerCode', access.carrier)}</Order>"
    )
    return _message("IATA_OrderChangeRQ", request, access, trx_id)

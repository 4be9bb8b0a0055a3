"""People as an order shows them: PaxList and ContactInfoList.

Source: PaxType and ContactInfoType of 21.3. A person who was erased is an id and a type.
"""

from collections.abc import Iterable, Iterator

from ndc_oms.model.passenger import (
    Contact,
    IdentityDocument,
    LoyaltyAccount,
    Passenger,
    People,
    Person,
)
from ndc_oms.ndc.compose import flag, group, leaf, leaves


def write_contacts(people: People) -> str:
    return group("ContactInfoList", *[_contact(contact) for contact in people.contacts])


def write_pax(party: tuple[Passenger, ...], people: People) -> str:
    persons = {person.passenger_id: person for person in people.persons}
    contacts = {contact.id for contact in people.contacts}
    return group("PaxList", *[_pax(each, persons.get(each.id), contacts) for each in party])


def _pax(passenger: Passenger, person: Person | None, contacts: set[str]) -> str:
    return group(
        "Pax",
        _known(person, contacts) if person else "",
        leaf("PaxID", passenger.id),
        leaf("PaxRefID", passenger.guardian),
        leaf("PTC", passenger.type),
    )


def _known(person: Person, contacts: set[str]) -> str:
    reachable = [each for each in person.contact_ids if each in contacts]
    return (
        leaf("CitizenshipCountryCode", person.citizenship)
        + leaves("ContactInfoRefID", reachable[:1])  # 21.3 has room for one
        + "".join([_identity(document) for document in person.documents])
        + _individual(person)
        + "".join([_loyalty(account) for account in person.loyalty])
    )


def _individual(person: Person) -> str:
    return group(
        "Individual",
        leaf("Birthdate", person.birthdate.isoformat() if person.birthdate else None),
        leaf("GenderCode", person.gender),
        leaves("GivenName", person.given_names),
        leaves("MiddleName", person.middle_names),
        leaf("SuffixName", person.suffix),
        leaf("Surname", person.surname),
        leaf("TitleName", person.title),
    )


def _identity(document: IdentityDocument) -> str:
    dates = {
        "Birthdate": document.birthdate,
        "ExpiryDate": document.expires_on,
        "IssueDate": document.issued_on,
    }
    day = {name: leaf(name, value.isoformat() if value else None) for name, value in dates.items()}
    return group(
        "IdentityDoc",
        day["Birthdate"],
        leaf("CitizenshipCountryCode", document.citizenship),
        day["ExpiryDate"],
        leaf("GenderCode", document.gender),
        leaves("GivenName", document.given_names),
        leaf("IdentityDocID", document.number),
        leaf("IdentityDocTypeCode", document.kind),
        day["IssueDate"],
        leaf("IssuingCountryCode", document.issuing_country),
        leaf("Surname", document.surname),
    )


def _loyalty(account: LoyaltyAccount) -> str:
    return group(
        "LoyaltyProgramAccount",
        leaf("AccountNumber", account.number),
        group("LoyaltyProgram", group("Carrier", leaf("AirlineDesigCode", account.carrier))),
        leaf("TierCode", account.tier),
    )


def _contact(contact: Contact) -> str:
    return group(
        "ContactInfo",
        leaf("ContactInfoID", contact.id),
        leaf("ContactPurposeText", contact.purpose),
        flag("ContactRefusedInd", True) if contact.refused else "",
        *[group("EmailAddress", leaf("EmailAddressText", email)) for email in contact.emails],
        *[group("Phone", leaf("PhoneNumber", phone)) for phone in contact.phones],
        group("PostalAddress", *_address(contact)),
    )


def _address(contact: Contact) -> Iterator[str]:
    yield leaf("CityName", contact.city)
    yield leaf("CountryCode", contact.country)
    yield leaf("PostalCode", contact.postal_code)
    yield leaves("StreetText", contact.street[:2])  # 21.3 has room for two lines


def write_types(passengers: Iterable[Passenger]) -> str:
    """PaxList by ids and types alone: no names."""
    return group(
        "PaxList",
        *[group("Pax", leaf("PaxID", each.id), leaf("PTC", each.type)) for each in passengers],
    )

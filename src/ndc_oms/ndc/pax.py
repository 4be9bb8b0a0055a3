"""Passengers in a request: the party (who is of which type), and the people that they are.

Source: PaxList and ContactInfoList of the 21.3 requests.
"""

from collections.abc import Container, Iterable
from dataclasses import replace
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.passenger import (
    Contact,
    IdentityDocument,
    LoyaltyAccount,
    Passenger,
    PassengerType,
    People,
    Person,
)
from ndc_oms.ndc.parts import (
    Node,
    by_name,
    every,
    find,
    find_at,
    find_date,
    find_text,
    get_text,
    missing,
    path_of,
    texts,
)

GENDERS: Final = frozenset("FMUX")
CARD_AS_IDENTITY: Final = "CC"  # FOID_TypeCode: a card number, which is not kept


def read_party(nodes: Iterable[Node]) -> tuple[Passenger, ...]:
    """Each Pax as a passenger. Raises Invalid: 143 for a type that is not sold here, 476 for a
    PaxID met twice, 912 for a reference to nobody.
    """
    named = by_name(nodes, "PaxID")
    return tuple([_passenger(id_, node, named) for id_, node in named.items()])


def _passenger(id_: str, node: Node, ids: Container[str]) -> Passenger:
    kind = _type(node)
    guardian = None
    if kind is PassengerType.INFANT:
        guardian = find_text(node, "PaxRefID")
        if guardian is not None and guardian not in ids:
            raise Invalid(
                f"PaxRefID {guardian[:40]} is no passenger of this message.",
                path=f"{path_of(node)}/PaxRefID",
                remedy="Name the PaxID of the adult who holds the infant.",
            )
    return Passenger(id_, kind, guardian)


def _type(node: Node) -> PassengerType:
    code = find_text(node, "PTC")
    if code is None:
        raise missing(node, "PTC", code="143")
    try:
        return PassengerType(code)
    except ValueError:
        raise Invalid(
            f"Passengers of type {code[:20]} are not sold here.",
            code="143",
            path=f"{path_of(node)}/PTC",
            remedy=f"Send one of: {', '.join(PassengerType)}.",
        ) from None


def read_people(lists: Node | None) -> People:
    """Everybody in DataLists, and how to reach them; a Pax without any surname is nobody. What an
    order demands of people is checked by `orders/`. Raises Invalid: 386 for a date that is none,
    476 for a ContactInfoID met twice, 912.
    """
    contacts = read_contacts(lists)
    persons = tuple(filter(None, map(_person, every(find_at(lists, "PaxList"), "Pax"))))
    return People(persons, contacts)


def read_contacts(lists: Node | None) -> tuple[Contact, ...]:
    """ContactInfoList. Raises Invalid: 476 for a ContactInfoID met twice, 912."""
    named = by_name(every(find_at(lists, "ContactInfoList"), "ContactInfo"), "ContactInfoID")
    return tuple([_contact(id_, node) for id_, node in named.items()])


def _person(node: Node) -> Person | None:
    """By the Individual, or where there is none by the first IdentityDoc."""
    individual, document = find(node, "Individual"), find(node, "IdentityDoc")
    named = individual if individual is not None else document
    if find_text(named, "Surname") is None:
        return None
    person = _described(node, named)
    if person.birthdate is None:
        return replace(person, birthdate=find_date(document, "Birthdate"))
    return person


def read_part(node: Node) -> Person:
    """What a Pax says of somebody who is known: by the Individual, or no name at all ("")."""
    return _described(node, find(node, "Individual"))


def _described(node: Node, named: Node | None) -> Person:
    """named: the element that has the names; None where nothing names anybody."""
    surname = find_text(named, "Surname") or ""
    return Person(
        passenger_id=get_text(node, "PaxID"),
        surname=surname,
        given_names=texts(named, "GivenName"),
        title=find_text(named, "TitleName"),
        middle_names=texts(named, "MiddleName"),
        suffix=find_text(named, "SuffixName"),
        gender=None if named is None else _gender(named),
        birthdate=find_date(find(node, "Individual"), "Birthdate") or find_date(node, "Birthdate"),
        citizenship=find_text(node, "CitizenshipCountryCode"),
        contact_ids=texts(node, "ContactInfoRefID"),
        documents=_documents(node, surname),
        loyalty=tuple(_loyalty(node)),
    )


def _gender(node: Node) -> str | None:
    gender = find_text(node, "GenderCode")
    if gender is not None and gender not in GENDERS:
        raise Invalid(
            "GenderCode is not known.",
            path=f"{path_of(node)}/GenderCode",
            remedy="Send F, M, X or U.",
        )
    return gender


def _documents(node: Node, surname: str) -> tuple[IdentityDocument, ...]:
    """Identity documents, and the FOID as one more of its kind."""
    found = [_identity(each) for each in every(node, "IdentityDoc")]
    foid = find(node, "FOID")
    if foid is not None:
        kind = get_text(foid, "FOID_TypeCode")
        if kind == CARD_AS_IDENTITY:
            raise Invalid(
                "A payment card is not kept as a form of identification.",
                path=path_of(foid),
                remedy="Send another form of identification, or none.",
            )
        found.append(IdentityDocument(kind, get_text(foid, "FOID_ID"), surname))
    return tuple(found)


def _identity(node: Node) -> IdentityDocument:
    return IdentityDocument(
        kind=get_text(node, "IdentityDocTypeCode"),
        number=get_text(node, "IdentityDocID"),
        surname=get_text(node, "Surname"),
        given_names=texts(node, "GivenName"),
        issuing_country=find_text(node, "IssuingCountryCode"),
        citizenship=find_text(node, "CitizenshipCountryCode"),
        birthdate=find_date(node, "Birthdate"),
        gender=_gender(node),
        issued_on=find_date(node, "IssueDate"),
        expires_on=find_date(node, "ExpiryDate"),
    )


def _loyalty(node: Node) -> Iterable[LoyaltyAccount]:
    """Accounts with a number; the owner is the carrier, else the programme's own code."""
    for account in every(node, "LoyaltyProgramAccount"):
        number = find_text(account, "AccountNumber")
        programme = find(account, "LoyaltyProgram")
        owner = find_text(find_at(programme, "Carrier"), "AirlineDesigCode") or find_text(
            programme, "ProgramCode"
        )
        if number and owner:
            yield LoyaltyAccount(owner, number, find_text(account, "TierCode"))


def _contact(id_: str, node: Node) -> Contact:
    address = find(node, "PostalAddress")
    return Contact(
        id=id_,
        purpose=find_text(node, "ContactPurposeText"),
        emails=tuple(get_text(each, "EmailAddressText") for each in every(node, "EmailAddress")),
        phones=tuple(filter(None, map(_phone, every(node, "Phone")))),
        refused=find_text(node, "ContactRefusedInd") in {"true", "1"},
        street=texts(address, "StreetText"),
        city=find_text(address, "CityName"),
        postal_code=find_text(address, "PostalCode"),
        country=find_text(address, "CountryCode"),
    )


def _phone(node: Node) -> str:
    """`+1 416 5550100`: dialling code, area and number as one."""
    dialling = find_text(node, "CountryDialingCode")
    if dialling is not None:
        dialling = "+" + dialling.lstrip("+")
    parts = (dialling, find_text(node, "AreaCodeNumber"), find_text(node, "PhoneNumber"))
    return " ".join(part for part in parts if part)

"""Passengers: their types, and who they are once an order names them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class PassengerType(StrEnum):
    """Passenger type codes that this house prices. Source: PADIS, as PTC on the wire."""

    ADULT = "ADT"
    CHILD = "CHD"
    INFANT = "INF"  # on an adult's lap: no seat
    INFANT_SEATED = "INS"
    YOUTH = "YTH"

    __hash__ = str.__hash__  # Enum's own is written in Python, and these are keys everywhere

    @property
    def seated(self) -> bool:
        return self is not PassengerType.INFANT


@dataclass(frozen=True, slots=True)
class Passenger:
    """One of a party. id: as the sender named it. guardian: the adult who holds an infant."""

    id: str
    type: PassengerType
    guardian: str | None = None


def seats(party: "tuple[Passenger, ...]") -> int:
    """Seats that the party takes on each flight."""
    return sum(passenger.type.seated for passenger in party)


@dataclass(frozen=True, slots=True)
class IdentityDocument:
    """A passport or the like. kind: PADIS 9750, as IdentityDocTypeCode carries it."""

    kind: str
    number: str
    surname: str
    given_names: tuple[str, ...] = ()
    issuing_country: str | None = None
    citizenship: str | None = None
    birthdate: date | None = None
    gender: str | None = None
    issued_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class LoyaltyAccount:
    """Membership of a frequent-flyer programme. carrier: the owner's designator."""

    carrier: str
    number: str
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach somebody. id: as the sender named it."""

    id: str
    purpose: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    refused: bool = False
    street: tuple[str, ...] = ()
    city: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class NewName:
    """What a person shall be called. another: it is somebody else's name, so that nothing else
    that is known of the person is true of them.
    """

    surname: str
    given_names: tuple[str, ...]
    title: str | None = None
    middle_names: tuple[str, ...] = ()
    suffix: str | None = None
    another: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Who a passenger is. Personal data: kept apart from events, erasable.

    becomes: the name that the passenger gets, while booking and documents are made to follow.
    """

    passenger_id: str
    surname: str
    given_names: tuple[str, ...]
    title: str | None = None
    middle_names: tuple[str, ...] = ()
    suffix: str | None = None
    gender: str | None = None
    birthdate: date | None = None
    citizenship: str | None = None
    contact_ids: tuple[str, ...] = ()
    documents: tuple[IdentityDocument, ...] = ()
    loyalty: tuple[LoyaltyAccount, ...] = ()
    becomes: NewName | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Everybody an order names, and how to reach them."""

    persons: tuple[Person, ...] = ()
    contacts: tuple[Contact, ...] = ()

    def person(self, passenger_id: str) -> Person:
        """Who a passenger is; raises KeyError."""
        for person in self.persons:
            if person.passenger_id == passenger_id:
                return person
        raise KeyError(passenger_id)

"""Who travels: ages against types, infants with adults, identity documents that last."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from ndc_oms.errors import Conflict, Invalid, Refusal
from ndc_oms.model.offer import Offer
from ndc_oms.model.passenger import IdentityDocument, Passenger, PassengerType, Person
from ndc_oms.orders import where
from ndc_oms.orders.request import CreateRequest
from ndc_oms.world.passengers import PassengerRule

Ages = Mapping[PassengerType, PassengerRule]

_INFANTS = frozenset({PassengerType.INFANT, PassengerType.INFANT_SEATED})


def check_ids(request: CreateRequest) -> Iterator[Refusal]:
    """143 nobody travels; 476 an identifier twice, of a passenger or a contact."""
    if not request.passengers:
        yield Invalid(
            "The request names no passengers.",
            code="143",
            path=request.passengers_path,
            remedy="Name each passenger of the offer.",
        )
    yield from _twice([p.id for p in request.passengers], request, "passenger")
    yield from _twice([c.id for c in request.people.contacts], request, "contact")


def _twice(ids: list[str], request: CreateRequest, what: str) -> Iterator[Refusal]:
    for index, each in enumerate(ids):
        if each in ids[:index]:
            at = where.passenger if what == "passenger" else where.contact
            below = "PaxID" if what == "passenger" else "ContactInfoID"
            yield Conflict(
                f"Two {what}s have the identifier {each}.",
                path=at(request, index, below),
                remedy="Give each an identifier of its own.",
            )


def completed_years(birthdate: date, day: date) -> int:
    """Whole years of age on a day; who is born on 29 February ages on 1 March."""
    return day.year - birthdate.year - ((day.month, day.day) < (birthdate.month, birthdate.day))


def check_ages(request: CreateRequest, offer: Offer, ages: Ages) -> Iterator[Refusal]:
    """73. The age that counts is that on the day of the first departure; infants must be below
    the limit on every flight, since a lap child of two has no seat to be buckled in.
    """
    persons = {person.passenger_id: person for person in request.people.persons}
    flights = [segment for bound in offer.bounds for segment in bound.journey.segments]
    first, last = flights[0].departure.date(), flights[-1].departure.date()
    for index, passenger in enumerate(request.passengers):
        rule, person = ages.get(passenger.type), persons.get(passenger.id)
        if rule is None or person is None:
            continue  # the offer's match and the names' check speak of these
        wrong = age_problem(passenger, rule, person.birthdate, first, last)
        if wrong:
            yield Invalid(
                wrong,
                code="73",
                path=where.passenger(request, index, "Individual", "Birthdate"),
                remedy="Correct the birthdate, or shop again with the type that fits the age.",
            )


def age_problem(
    passenger: Passenger, rule: PassengerRule, birthdate: date | None, first: date, last: date
) -> str:
    """Why the age on the days of the first and the last flight does not fit; "" where it does."""
    name = f"Passenger {passenger.id} ({passenger.type})"
    if birthdate is None:
        if passenger.type is PassengerType.ADULT:
            return ""
        return f"{name} needs a birthdate: the fare is for ages {rule.age_from} to {rule.age_to}."
    if birthdate > first:
        return f"{name} is not born yet on the day of departure, {first}."
    age = completed_years(birthdate, first)
    if not rule.age_from <= age <= rule.age_to:
        return f"{name} is {age} on {first}; the fare is for {rule.age_from} to {rule.age_to}."
    if passenger.type in _INFANTS and completed_years(birthdate, last) > rule.age_to:
        return f"{name} is older than {rule.age_to} on a later flight of the journey, {last}."
    return ""


def with_guardians(party: tuple[Passenger, ...]) -> tuple[Passenger, ...]:
    """The party where lap infants that named nobody have the first adults that hold no other."""
    taken = {p.guardian for p in party if p.type is PassengerType.INFANT}
    free = iter([p.id for p in party if p.type is PassengerType.ADULT and p.id not in taken])
    return tuple(
        replace(p, guardian=next(free, None))
        if p.type is PassengerType.INFANT and p.guardian is None
        else p
        for p in party
    )


def check_infants(request: CreateRequest) -> Iterator[Refusal]:
    """324: each lap infant has an adult (ADT) of this party, and each adult one at most."""
    adults = {p.id for p in request.passengers if p.type is PassengerType.ADULT}
    holding: dict[str, str] = {}
    for index, passenger in enumerate(request.passengers):
        if passenger.type is not PassengerType.INFANT:
            continue
        guardian = passenger.guardian
        text = ""
        if guardian is None:
            text = f"Infant {passenger.id} has no adult: more infants than adults."
        elif guardian not in adults:
            text = f"Infant {passenger.id} is with {guardian}, who is no adult (ADT) of this party."
        elif guardian in holding:
            text = f"Infants {holding[guardian]} and {passenger.id} are with the same adult."
        else:
            holding[guardian] = passenger.id
        if text:
            yield Invalid(
                text,
                code="324",
                path=where.passenger(request, index, "PaxRefID"),
                remedy="Refer each lap infant to an adult of its own, or shop for a seat (INS).",
            )


def check_documents(request: CreateRequest, offer: Offer) -> Iterator[Refusal]:
    """8: an identity document must last until the last arrival and be issued before today."""
    last = max(bound.journey.arrival for bound in offer.bounds).date()
    places = {passenger.id: at for at, passenger in enumerate(request.passengers)}
    for person in request.people.persons:
        if person.passenger_id in places:
            yield from _documents(request, places[person.passenger_id], person, last)


def _documents(request: CreateRequest, index: int, person: Person, last: date) -> Iterator[Refusal]:
    for number, document in enumerate(person.documents, 1):
        path = where.passenger(request, index, f"IdentityDoc[{number}]")
        yield from check_document(person, document, last, path)


def check_document(
    person: Person, document: IdentityDocument, last: date, path: str
) -> Iterator[Refusal]:
    """8, 73. last: the day on which the journey ends."""
    expires = document.expires_on
    if expires is not None and expires < last:
        yield Invalid(
            f"A document of passenger {person.passenger_id} expires on {expires}, before the "
            f"journey ends on {last}.",
            code="8",
            path=path and f"{path}/ExpiryDate",
            remedy="Send a document that is valid until the journey's end.",
        )
    born, known = document.birthdate, person.birthdate
    if born and known and born != known:
        yield Invalid(
            f"The birthdate in a document of passenger {person.passenger_id} is another.",
            code="73",
            path=path and f"{path}/Birthdate",
            remedy="Correct the one that is wrong.",
        )

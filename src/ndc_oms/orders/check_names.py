"""Names: there, writable on a ticket, short enough, each only once in a party."""

from collections.abc import Callable, Iterator
from functools import partial

from ndc_oms.errors import Conflict, Invalid, Refusal
from ndc_oms.fulfilment import names
from ndc_oms.model.passenger import Person
from ndc_oms.model.spelling import latin
from ndc_oms.orders import where
from ndc_oms.orders.request import CreateRequest

_WRITABLE = "letters of the Latin alphabet, spaces, hyphens and apostrophes"
_AS_PASSPORT = "Write the name as the machine-readable lines of the passport have it."


def check_names(request: CreateRequest) -> Iterator[Refusal]:
    """151, 152 missing; 314 characters; 149 too long; 399 two passengers of one name."""
    seen: dict[tuple[str, str, str], str] = {}
    persons = {person.passenger_id: person for person in request.people.persons}
    for index, passenger in enumerate(request.passengers):
        person = persons.get(passenger.id)
        at = partial(where.passenger, request, index, "Individual")
        found = list(check_name(passenger.id, person, at))
        yield from found
        if person is None or found:
            continue
        name = (names.surname(person), names.given(person), (person.suffix or "").upper())
        if name in seen:
            yield Conflict(
                f"Passengers {seen[name]} and {passenger.id} have the same name.",
                code="399",
                path=where.passenger(request, index, "Individual"),
                remedy="Add a middle name or a suffix, or remove the passenger named twice.",
            )
        seen.setdefault(name, passenger.id)


def check_name(
    passenger_id: str, person: Person | None, at: Callable[..., str]
) -> Iterator[Refusal]:
    """151, 152, 314, 149. at: the path of the name, or of an element below it."""
    if person is None or not person.surname.strip():
        yield Invalid(
            f"Passenger {passenger_id} has no surname.",
            code="151",
            path=at() if person is None else at("Surname"),
            remedy="Name every passenger in full: tickets are issued at once.",
        )
        return
    if not any(name.strip() for name in person.given_names):
        yield Invalid(
            f"Passenger {passenger_id} has no given name.",
            code="152",
            path=at("GivenName"),
            remedy="Repeat the surname as given name where a person has only one name.",
        )
        return
    parts = [("Surname", person.surname)]
    parts += [("GivenName", name) for name in person.given_names]
    parts += [("MiddleName", name) for name in person.middle_names]
    unwritable = [part for part in parts if latin(part[1]) is None]
    for element, _ in unwritable:
        yield Invalid(
            f"The name of passenger {passenger_id} has characters other than {_WRITABLE}.",
            code="314",
            path=at(element),
            remedy=_AS_PASSPORT,
        )
    length = len(names.surname(person)) + 1 + len(names.given(person))
    if not unwritable and length > names.LONGEST_NAME:
        yield Invalid(
            f"The name of passenger {passenger_id} takes {length} characters; "
            f"a booking has room for {names.LONGEST_NAME}.",
            code="149",
            path=at(),
            remedy="Leave out middle names, or shorten given names to initials.",
        )

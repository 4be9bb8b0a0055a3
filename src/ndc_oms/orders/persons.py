"""UpdatePax: contacts, identity documents and loyalty accounts of one passenger.

What the message shows of the passenger as it was goes, what it shows as new comes; what it does
not speak of stays. Another name is a change of its own (`name_desk.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from ndc_oms.errors import Invalid, NotAllowed, Refusal
from ndc_oms.fulfilment import names
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import (
    Contact,
    IdentityDocument,
    LoyaltyAccount,
    People,
    Person,
)
from ndc_oms.orders.check_contacts import check_contact
from ndc_oms.orders.check_passengers import check_document
from ndc_oms.orders.name_desk import travelling_passenger
from ndc_oms.orders.prepare import raise_all
from ndc_oms.orders.request import RenamePerson, UpdatePerson

T = TypeVar("T")
_NEW_PERSON: Final = "Ask the airline."


@dataclass(frozen=True, slots=True)
class Updated:
    """kinds: of personal data that changed; () where everything was so already."""

    people: People
    passenger_id: str
    kinds: tuple[str, ...]


def update(order: Order, people: People, asked: UpdatePerson) -> Updated:
    """Raises Invalid 143 (no such passenger), 8, 73 (documents), 316, 317, 318 (contacts);
    NotAllowed 137 (another birthdate), 182 (a passenger who left).
    """
    passenger = travelling_passenger(order, asked.current or asked.new or "", asked.path)
    old = people.person(passenger.id)
    if asked.person is not None:
        _check_same(old, asked)
    removed = None if asked.current == asked.new else asked.removed
    contacts = _contacts(people, old, asked, removed)
    person = _person(old, asked, removed, contacts.renamed)
    after = People(
        tuple(person if p.passenger_id == old.passenger_id else p for p in people.persons),
        contacts.kept,
    )
    raise_all(
        [*_check_documents(order, old, person, asked), *_check_contacts(people, after, asked)]
    )
    return Updated(after, passenger.id, _kinds(old, person, people, after))


def new_name(people: People, asked: UpdatePerson) -> RenamePerson | None:
    """The name that the message says, where it is spelt in another way than the passenger's."""
    passenger_id, new = asked.current or asked.new or "", asked.person
    old = next((p for p in people.persons if p.passenger_id == passenger_id), None)
    if old is None or new is None:
        return None
    spelt = replace(
        old,
        surname=new.surname or old.surname,
        given_names=new.given_names or old.given_names,
        middle_names=new.middle_names or old.middle_names,
        suffix=new.suffix or old.suffix,
        title=new.title or old.title,
    )
    if _on_ticket(spelt) == _on_ticket(old):
        return None
    return RenamePerson(
        passenger_id,
        new.surname,
        new.given_names,
        new.middle_names or None,
        new.title,
        new.suffix,
        f"{asked.path}/New" if asked.path else "",
    )


def _on_ticket(person: Person) -> tuple[str, str, str, str]:
    suffix = (person.suffix or "").upper()
    return names.surname(person), names.given(person), names.title(person), suffix


def _check_same(old: Person, asked: UpdatePerson) -> None:
    """A birthdate that is said again must be the same."""
    new = asked.person
    if new is None:
        return
    if new.birthdate not in (None, old.birthdate) and old.birthdate is not None:
        raise NotAllowed(
            "A birthdate is not corrected by an update.",
            code="137",
            path=asked.path,
            remedy=_NEW_PERSON,
        )


@dataclass(frozen=True, slots=True)
class _Contacts:
    """kept: all of the order's, after the update. renamed: ids of new ones, by those sent."""

    kept: tuple[Contact, ...]
    renamed: dict[str, str]


def _contacts(
    people: People, old: Person, asked: UpdatePerson, removed: Person | None
) -> _Contacts:
    """A new one takes the place of one that goes, or comes under the id that it was sent with, or
    another where that is somebody else's. What another passenger has as well does not go.
    """
    others = {c for p in people.persons if p is not old for c in p.contact_ids}
    gone = {c for c in (removed.contact_ids if removed else ()) if c not in others}
    gone |= {c.id for c in asked.removed_contacts if removed and c.id not in others}
    own = set(old.contact_ids) | {c.id for c in people.contacts if c.id not in others}
    sent = {contact.id for contact in asked.contacts}
    kept = [c for c in people.contacts if c.id not in gone | (sent & own)]
    taken = {contact.id for contact in kept}
    freed = iter([c.id for c in people.contacts if c.id in gone - sent])
    renamed: dict[str, str] = {}
    for contact in asked.contacts:
        new_id = contact.id if contact.id in own else next(freed, contact.id)
        while new_id in taken:
            new_id += "N"
        renamed[contact.id] = new_id
        taken.add(new_id)
        kept.append(replace(contact, id=new_id))
    return _Contacts(tuple(kept), renamed)


def _person(
    old: Person, asked: UpdatePerson, removed: Person | None, renamed: dict[str, str]
) -> Person:
    new = asked.person
    gone = removed.contact_ids if removed else ()
    wanted = tuple(renamed.get(each, each) for each in (new.contact_ids if new else ()))
    wanted = wanted or tuple(renamed.values())
    contact_ids = tuple(dict.fromkeys((*(c for c in old.contact_ids if c not in gone), *wanted)))
    return replace(
        old,
        birthdate=old.birthdate or (new.birthdate if new else None),
        gender=(new.gender if new else None) or old.gender,
        citizenship=(new.citizenship if new else None) or old.citizenship,
        contact_ids=contact_ids,
        documents=_merged(
            old.documents,
            removed.documents if removed else (),
            new.documents if new else (),
            _document_key,
        ),
        loyalty=_merged(
            old.loyalty,
            removed.loyalty if removed else (),
            new.loyalty if new else (),
            _account_key,
        ),
    )


def _document_key(document: IdentityDocument) -> object:
    return document.kind, document.number


def _account_key(account: LoyaltyAccount) -> object:
    return account.carrier, account.number


def _merged(
    old: Sequence[T], removed: Iterable[T], new: Sequence[T], key: Callable[[T], object]
) -> tuple[T, ...]:
    """What is said again replaces what was known."""
    gone = {key(each) for each in (*removed, *new)}
    return (*(each for each in old if key(each) not in gone), *new)


def _check_documents(
    order: Order, old: Person, new: Person, asked: UpdatePerson
) -> Iterator[Refusal]:
    last = max(segment.flight.arrival for segment in order.segments).date()
    for number, document in enumerate(new.documents, 1):
        if document not in old.documents:
            path = asked.path and f"{asked.path}/IdentityDoc[{number}]"
            yield from check_document(new, document, last, path)


def _check_contacts(before: People, after: People, asked: UpdatePerson) -> Iterator[Refusal]:
    for contact in after.contacts:
        if contact not in before.contacts:
            yield from check_contact(contact, lambda *_: asked.path)
    if not any(c.emails or c.phones or c.refused for c in after.contacts):
        yield Invalid(
            "Nobody of the order could be reached any more.",
            code="316",
            path=asked.path,
            remedy="Add a contact with an e-mail address or a telephone number.",
        )
    known = {contact.id for contact in after.contacts}
    for person in after.persons:
        for contact_id in person.contact_ids:
            if contact_id not in known:
                yield Invalid(
                    f"Passenger {person.passenger_id} refers to contact {contact_id}, which is "
                    "not there.",
                    code="316",
                    path=asked.path,
                    remedy="Send the contact, or leave the reference out.",
                )


def _kinds(old: Person, new: Person, before: People, after: People) -> tuple[str, ...]:
    changed = {
        "contacts": before.contacts != after.contacts or old.contact_ids != new.contact_ids,
        "documents": old.documents != new.documents
        or (old.birthdate, old.gender, old.citizenship)
        != (new.birthdate, new.gender, new.citizenship),
        "loyalty": old.loyalty != new.loyalty,
    }
    return tuple(kind for kind, differs in changed.items() if differs)

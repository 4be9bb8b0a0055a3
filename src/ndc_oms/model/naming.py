"""People whose names change: who they are meanwhile and afterwards; how far two names are apart.

Pure. The event that changes a name says whose it is; what it is stands only with the people.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from ndc_oms.model.change_events import ChangeAbandoned, NameChanged
from ndc_oms.model.event import Event
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import IdentityDocument, NewName, People, Person
from ndc_oms.model.spelling import on_ticket


def announced(people: People, passenger_id: str, name: NewName) -> People:
    """The name is accepted, and nothing shows it yet."""
    return _with(people, passenger_id, lambda person: replace(person, becomes=name))


def as_documented(order: Order, people: People) -> People:
    """Who passengers are for what is booked and issued now: under a new name while it is made to
    follow, under the old one while that is taken back.
    """
    change = order.change
    if change is None or change.renaming is None or change.failure is not None:
        return people
    return _with(people, change.renaming.passenger_id, renamed)


def people_after(people: People, events: Iterable[Event]) -> People:
    """Everybody, after events that change a name or give that up."""
    for event in events:
        if isinstance(event, NameChanged):
            people = _with(people, event.passenger_id, renamed)
        elif isinstance(event, ChangeAbandoned):
            kept = (replace(each, becomes=None) for each in people.persons)
            people = replace(people, persons=tuple(kept))
    return people


def _with(people: People, passenger_id: str, become: Callable[[Person], Person]) -> People:
    persons = (
        become(each) if each.passenger_id == passenger_id else each for each in people.persons
    )
    return replace(people, persons=tuple(persons))


def renamed(person: Person) -> Person:
    """Under the name that was accepted. Of somebody else nothing is known but how to reach
    them.
    """
    name = person.becomes
    if name is None:
        return person
    known = person if not name.another else Person(person.passenger_id, "", ())
    return replace(
        known,
        surname=name.surname,
        given_names=name.given_names,
        title=name.title,
        middle_names=name.middle_names,
        suffix=name.suffix,
        contact_ids=person.contact_ids,
        documents=tuple(_followed(each, person, name) for each in known.documents),
        becomes=None,
    )


def _followed(document: IdentityDocument, old: Person, name: NewName) -> IdentityDocument:
    """What was said in the same wrong words is said in the right ones."""
    if on_ticket(document.surname) != on_ticket(old.surname):
        return document
    same = tuple(map(on_ticket, document.given_names)) == tuple(map(on_ticket, old.given_names))
    given = name.given_names if same else document.given_names
    return replace(document, surname=name.surname, given_names=given)


def letters_apart(one: str, other: str) -> int:
    """Letters that are wrong, missing or too many, or two neighbours that changed places (the
    restricted edit distance of Damerau); spaces do not count.

    >>> letters_apart("HANSEN", "HANSSEN"), letters_apart("MEYER", "MAIER")
    (1, 2)
    >>> letters_apart("MARNE", "MAREN"), letters_apart("DE LA", "DELA")
    (1, 0)
    """
    one, other = one.replace(" ", ""), other.replace(" ", "")
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        earlier, before, row = before, row, [at]
        for to, wanted in enumerate(other, 1):
            least = min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and (letter, one[at - 2]) == (other[to - 2], wanted):
                least = min(least, earlier[to - 2] + 1)
            row.append(least)
    return row[-1]

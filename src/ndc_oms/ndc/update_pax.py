"""UpdatePax to an UpdatePerson: contacts, documents, loyalty accounts of one passenger.

Source: OrderChangeUpdatePaxType of 21.3, and IATA's worked example of changed contact details:
Current names the passenger as the order has it, and in DataLists what shall go; New names a Pax
of DataLists that says what shall come. Under one PaxID for both, DataLists say what shall come.
"""

from ndc_oms.errors import Invalid
from ndc_oms.model.passenger import Contact, Person
from ndc_oms.ndc.parts import (
    Node,
    by_name,
    every,
    find,
    find_at,
    get_text,
    missing,
    path_of,
)
from ndc_oms.ndc.pax import read_contacts, read_part
from ndc_oms.orders.request import UpdatePerson


def read_update(node: Node, lists: Node | None) -> UpdatePerson:
    """lists: the message's DataLists. Raises Invalid: 476 for IDs met twice, 912 for what is
    missing or refers to nothing.
    """
    by_id = by_name(every(find_at(lists, "PaxList"), "Pax"), "PaxID")
    contacts = {each.id: each for each in read_contacts(lists)}
    current, new = _reference(node, "Current"), _reference(node, "New")
    if current is None and new is None:
        raise missing(node, "New")
    person = None if new is None else _coming(node, by_id, new)
    going = by_id.get(current) if current is not None and current != new else None
    removed = None if going is None else read_part(going)
    if person is None and removed is None:
        raise _unsaid(node, "Current", current, "be forgotten")
    return UpdatePerson(
        current=current,
        new=new,
        person=person,
        contacts=_contacts(person, contacts),
        removed=removed,
        removed_contacts=_contacts(removed, contacts),
        path=path_of(node),
    )


def _reference(node: Node, name: str) -> str | None:
    found = find(node, name)
    return None if found is None else get_text(found, "PaxRefID")


def _coming(node: Node, by_id: dict[str, Node], new: str) -> Person:
    if new not in by_id:
        raise _unsaid(node, "New", new, "be known")
    return read_part(by_id[new])


def _unsaid(node: Node, name: str, pax_id: str | None, what: str) -> Invalid:
    return Invalid(
        f"PaxRefID {(pax_id or '')[:40]} is no passenger of this message.",
        path=f"{path_of(node)}/{name}/PaxRefID",
        remedy=f"Say in DataLists/PaxList what shall {what} of the passenger.",
    )


def _contacts(person: Person | None, contacts: dict[str, Contact]) -> tuple[Contact, ...]:
    """Of the message; a reference may also mean a contact that the order has."""
    ids = () if person is None else person.contact_ids
    return tuple(contacts[each] for each in ids if each in contacts)

"""How to reach the travellers when a flight is late. Source: resolution 830d."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from ndc_oms.errors import Invalid, Refusal
from ndc_oms.model.passenger import Contact
from ndc_oms.orders import where
from ndc_oms.orders.request import CreateRequest

MAX_EMAIL: Final = 254  # characters, RFC 5321
# What an address must look like to have a chance of arriving; only sending proves more.
_EMAIL: Final = re.compile(r"[^\s@,;<>\"()\[\]]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{0,62}")
_PHONE: Final = re.compile(r"\+?[0-9 ().\-/]{4,40}")
_DIGITS: Final = range(5, 16)  # E.164 has 15 at most


def check_contacts(request: CreateRequest) -> Iterator[Refusal]:
    """316 nobody can be reached; 317 an e-mail address, 318 a telephone number cannot be right.

    A traveller may refuse to be reached; the seller then says so (resolution 830d).
    """
    contacts = request.people.contacts
    if not any(each.emails or each.phones or each.refused for each in contacts):
        yield Invalid(
            "No contact with an e-mail address or a telephone number.",
            code="316",
            path=where.contact(request, None),
            remedy="Add a contact, or set ContactRefusedInd where the traveller refuses.",
        )
    for index, each in enumerate(contacts):
        yield from check_contact(each, partial(where.contact, request, index))
    known = {each.id for each in contacts}
    for place, passenger in enumerate(request.passengers):
        named = next((p for p in request.people.persons if p.passenger_id == passenger.id), None)
        for contact_id in named.contact_ids if named else ():
            if contact_id not in known:
                yield Invalid(
                    f"Passenger {passenger.id} refers to contact {contact_id}, which is not there.",
                    code="316",
                    path=where.passenger(request, place, "ContactInfoRefID"),
                    remedy="Send the contact, or leave the reference out.",
                )


def check_contact(contact: Contact, at: Callable[..., str]) -> Iterator[Refusal]:
    """317, 318. at: the path of what stands below the contact."""
    for number, email in enumerate(contact.emails, 1):
        if len(email) > MAX_EMAIL or not _EMAIL.fullmatch(email):
            yield Invalid(
                f"The e-mail address of contact {contact.id} cannot be one.",
                code="317",
                path=at(f"EmailAddress[{number}]", "EmailAddressText"),
                remedy="Send it as name@example.com.",
            )
    for number, phone in enumerate(contact.phones, 1):
        digits = sum(letter.isdigit() for letter in phone)
        if digits not in _DIGITS or not _PHONE.fullmatch(phone):
            yield Invalid(
                f"The telephone number of contact {contact.id} cannot be one.",
                code="318",
                path=at(f"Phone[{number}]", "PhoneNumber"),
                remedy="Send 5 to 15 digits with the country's dialling code.",
            )

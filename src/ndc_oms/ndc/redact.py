"""The copy of a message that may be stored or logged: no card number, no security code.

By element: the names under which 21.3 carries card data (PaymentCard, IATA_EasyPay and their
kin). By content: whatever else looks like a card number, 12 to 19 digits that pass the Luhn
check and begin as the card networks' ranges do, or like the track of a magnetic stripe. The
second net is wide on purpose: a telephone number that happens to fit loses digits in the copy.
"""

import re
from copy import deepcopy
from typing import Final

from lxml import etree

from ndc_oms.model.cards import last_four, without_cards

# Numbers: the last four stay, so that people can tell one card from another.
NUMBERS: Final = frozenset({"CardNumber"})
EASY_PAY: Final = frozenset({"IATA_EasyPay"})  # its AccountNumber is a card number; others' not
# Secrets: nothing stays. Encrypted ones too, since their keys are not ours to trust.
SECRETS: Final = frozenset(
    {
        "CardSecurityCode",
        "EncryptedCardNumber",
        "EncryptedCardSecurityNumber",
        "CypherValue",
        "AuthenticationValue",
        "AuthenticationTokenValue",
        "PayerAuthenticationRequestText",
        "PayerAuthenticationResponseText",
    }
)
# Numbers of the airline's own, which may pass the Luhn check by chance and must stay readable.
DOCUMENTS: Final = frozenset({"TicketNumber", "TicketID", "OrderID", "OrderRefID"})
HIDDEN: Final = "***"
_TAG_TEXT: Final = re.compile(r"\S")


def redact(root: etree._Element) -> bytes:
    """UTF-8 XML of a redacted copy; `root` itself stays as it is."""
    copy = deepcopy(root)
    for element in copy.iter(etree.Element):
        _redact_element(element)
    return etree.tostring(copy, encoding="utf-8")


def is_secret(name: str) -> bool:
    """Whether a text under this element name must not be repeated, not even in an error."""
    return name in SECRETS or name in NUMBERS or name == "AccountNumber"


def _redact_element(element: etree._Element) -> None:
    name = etree.QName(element).localname
    for key, value in element.attrib.items():
        element.set(key, without_cards(value))
    if element.tail and _TAG_TEXT.search(element.tail):
        element.tail = without_cards(element.tail)
    if not element.text or not _TAG_TEXT.search(element.text):
        return
    if name in SECRETS:
        element.text = HIDDEN
    elif name in NUMBERS or (name == "AccountNumber" and _parent(element) in EASY_PAY):
        element.text = last_four(element.text)
    elif name not in DOCUMENTS:
        element.text = without_cards(element.text)


def _parent(element: etree._Element) -> str:
    parent = element.getparent()
    return "" if parent is None else etree.QName(parent).localname

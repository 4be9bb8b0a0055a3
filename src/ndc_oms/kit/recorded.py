"""Replies as they are recorded in scenario folders, so that two runs of a story compare equal.

Ids that are made at random stand as `OfferID-1`, `OrderID-1` …, numbered as they appear in the
reply, and items of services as `ServiceItem-1`; numbers of documents as 9990000000001 …, since a
document's number has thirteen digits; so do the time of sending, the page of a payer and the id of
an internal error.
"""

import difflib
import re
from pathlib import Path
from typing import Final

from lxml import etree

PAGE: Final = "http://127.0.0.1:8080/payment/page/SESSION"  # stands for every page of a payer
SENT: Final = "2027-01-12T09:00:00Z"  # stands for every time of sending; valid by the schemas
_TICKET: Final = "TicketNumber"
# In the order in which they are replaced: an order's id is part of its items' and services'.
_RANDOM: Final = (
    ("OfferID", frozenset({"OfferID", "OfferRefID"})),
    ("OrderID", frozenset({"OrderID", "OrderRefID"})),
    ("BookingID", frozenset({"BookingID"})),
    (_TICKET, frozenset({"TicketNumber", "ConnectedDocNumber"})),
)
_ITEMS: Final = frozenset({"OfferItemID", "OfferItemRefID"})
# Texts for people name orders and offers too: an id of ours in a sentence.
_SAID: Final = {
    "OrderID": re.compile(r"\b[Oo]rder ([A-Z0-9]{2}[2-9A-HJ-NP-Z]{10})\b"),
}
# An item of a service is a signed token; other items are named after their offers.
_SERVICE: Final = "SV."
_SENTENCES: Final = frozenset({"DescText"})
_STEM: Final = 11  # characters of an offer's id that its items' ids begin with
_MOST_LINES: Final = 80  # of a difference that are shown


def readable(body: bytes) -> str:
    """Indented, with what differs from run to run replaced."""
    root = etree.fromstring(body, etree.XMLParser(remove_blank_text=True, resolve_entities=False))
    for stamp in root.iterfind("{*}PayloadAttributes/{*}Timestamp"):
        stamp.text = SENT
    for error_id in root.iterfind("{*}Error/{*}ErrorID"):
        error_id.text = "ErrorID"
    for page in root.iter("{*}PaymentGatewayURI"):
        page.text = PAGE
    tokens: dict[str, str] = {}
    for each in root.iter("{*}*"):
        value = each.text or ""
        if value.startswith(_SERVICE) and etree.QName(each).localname in _ITEMS:
            each.text = tokens.setdefault(value, f"ServiceItem-{len(tokens) + 1}")
    text = etree.tostring(root, pretty_print=True, encoding="unicode")
    for kind, names in _RANDOM:
        found = _ids(root, kind, names)
        for value in sorted(found, key=len, reverse=True):
            text = text.replace(value, found[value])
            if kind == "OfferID":
                text = text.replace(value[-_STEM:], found[value])
    return text


def _ids(root: etree._Element, kind: str, names: frozenset[str]) -> dict[str, str]:
    """What stands for each id of a kind."""
    seen: dict[str, str] = {}
    for element in root.iter("{*}*"):
        name, value = etree.QName(element).localname, element.text or ""
        said = _SAID[kind].findall(value) if name in _SENTENCES and kind in _SAID else ()
        for each in (value,) if name in names and value else said:
            seen.setdefault(each, _stands_for(kind, len(seen) + 1))
    return seen


def _stands_for(kind: str, number: int) -> str:
    return f"999{number:010d}" if kind == _TICKET else f"{kind}-{number}"


def compare(recorded: Path, body: bytes) -> None:
    """Raises AssertionError with the difference where a reply is not the recorded one.

    recorded: `NN-AirShoppingRS.xml`, named after the message.
    """
    before = recorded.read_text("utf-8") if recorded.exists() else ""
    now = readable(body)
    if before != now:
        diff = difflib.unified_diff(
            before.splitlines(), now.splitlines(), "recorded", "answered", n=2, lineterm=""
        )
        raise AssertionError(f"{recorded}:\n" + "\n".join(list(diff)[:_MOST_LINES]))


def record(recorded: Path, body: bytes) -> None:
    recorded.write_text(readable(body), "utf-8")

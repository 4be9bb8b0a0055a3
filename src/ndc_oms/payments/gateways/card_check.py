"""Whether a card can be one at all: what every gateway refuses before it asks the issuer."""

import re
from datetime import datetime
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.cards import luhn
from ndc_oms.ports.payment import CardData

_NUMBER: Final = re.compile(r"[1-6][0-9]{11,18}")
_EXPIRY: Final = re.compile(r"(0[1-9]|1[0-2])([0-9]{2})")
_SECURITY_CODE: Final = re.compile(r"[0-9]{3,4}")
# Leading digits by the two-letter code of the brand (ISO/IEC 7812 ranges that issuers publish).
_RANGES: Final = {
    "VI": re.compile(r"4"),
    "CA": re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"),
    "MC": re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"),
    "AX": re.compile(r"3[47]"),
    "DC": re.compile(r"30[0-5]|36|38|39|309"),
    "DS": re.compile(r"6011|64[4-9]|65|622"),
    "JC": re.compile(r"35"),
    "TP": re.compile(r"1"),
}
_REMEDY: Final = "Check the card's number, brand and expiry date with its holder."


def check_card(card: CardData, now: datetime) -> str:
    """The number without spaces. Raises Invalid (708), never naming what is on the card."""
    number = card.number.replace(" ", "").replace("-", "")
    if not _NUMBER.fullmatch(number) or not luhn(number):
        raise _refused("The card number is not one.")
    brand = _RANGES.get(card.brand.strip().upper())
    if brand is not None and not brand.match(number):
        raise _refused("The card number is not of the brand that is named.")
    expiry = _EXPIRY.fullmatch(card.expiry)
    if expiry is None:
        raise _refused("The card's expiry date is not month and year as MMYY.")
    if (2000 + int(expiry[2]), int(expiry[1])) < (now.year, now.month):
        raise _refused("The card has expired.")
    if card.security_code is not None and not _SECURITY_CODE.fullmatch(card.security_code):
        raise _refused("The card's security code is not 3 or 4 digits.")
    return number


def _refused(text: str) -> Invalid:
    return Invalid(text, code="708", remedy=_REMEDY)

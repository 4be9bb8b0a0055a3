"""Card numbers, and how to take them out of a text: for stored messages, logs, errors alike.

A number counts as a card's when it has 12 to 19 digits, in one run or in groups parted by single
spaces or hyphens, begins with 1 to 6 (ISO/IEC 7812: travel, banking and merchandising issuers;
0 and 7 to 9 are for others), and passes the Luhn check. One number in ten passes it by chance,
so a long number of another kind may lose its digits too: the error that can be lived with.

Three or four digits are a security code where the text calls them so.
"""

import re
from typing import Final

_RUN: Final = re.compile(r"[0-9]+(?:[ -][0-9]+)*")
_GROUP: Final = re.compile(r"[0-9]+")
_TRACK: Final = re.compile(r"%B[0-9]{12,19}\^[^?]*\??|;[0-9]{12,19}=[0-9]*\??")
_CODE: Final = re.compile(
    r"(\b(?:cvv2?|cvc2?|cvn|csc|security[ -]?code)[^0-9A-Za-z]{0,3}(?:is|no)?[^0-9A-Za-z]{0,3})"
    r"[0-9]{3,4}(?![0-9])",
    re.IGNORECASE,
)
_SHORTEST_CODE: Final = 6  # CVV123
_SHORTEST: Final = 12
_LONGEST: Final = 19


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit)
        if place % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


def last_four(number: str) -> str:
    """`************1111`: all but the last four characters hidden; short ones wholly."""
    number = number.strip()
    return "*" * len(number) if len(number) < 8 else "*" * (len(number) - 4) + number[-4:]


def without_cards(text: str) -> str:
    """The text with card numbers reduced to their last four, stripe tracks and codes gone."""
    if len(text) < _SHORTEST_CODE:
        return text
    text = _CODE.sub(r"\1***", text)
    if len(text) < _SHORTEST:
        return text
    return _RUN.sub(_masked, _TRACK.sub("[track]", text))


def _masked(found: re.Match[str]) -> str:
    text = found[0]
    if len(text) < _SHORTEST:
        return text
    groups = [g.span() for g in _GROUP.finditer(text)]
    out, copied, first = [], 0, 0
    while first < len(groups):
        end = _card_end(text, groups, first)
        if end is None:
            first += 1
            continue
        start, stop = groups[first][0], groups[end][1]
        out += [text[copied:start], last_four(re.sub("[ -]", "", text[start:stop]))]
        copied, first = stop, end + 1
    return "".join([*out, text[copied:]])


def _card_end(text: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """The last group of the card number that begins with group `first`."""
    digits = ""
    for place in range(first, len(groups)):
        digits += text[slice(*groups[place])]
        if len(digits) > _LONGEST:
            return None
        if len(digits) >= _SHORTEST and digits[0] in "123456" and luhn(digits):
            return place
    return None

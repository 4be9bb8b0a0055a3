"""Names as reservation systems and tickets print them: capital Latin letters.

Letters beyond A to Z are written as machine-readable travel documents write them (ICAO Doc 9303
part 3, section 6), so that a ticket reads like the passport.
"""

import re
import unicodedata
from typing import Final

from ndc_oms.model.passenger import PassengerType, Person

LONGEST_NAME: Final = 64  # characters of SURNAME/GIVEN in a PNR's name element (AIRIMP)
LONGEST_PRINTED: Final = 49  # characters of the passenger name on a ticket (resolution 722f)

_ALLOWED: Final = re.compile(r"[A-Z](?:[A-Z '-]*[A-Z])?")
_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-"})
_LETTERS: Final = str.maketrans(
    {
        "Ä": "AE", "Å": "AA", "Æ": "AE", "Ö": "OE", "Ø": "OE", "Œ": "OE", "Ü": "UE", "ẞ": "SS",
        "Þ": "TH", "Ð": "D", "Đ": "D", "Ł": "L", "Ħ": "H", "Ŋ": "N", "Ŧ": "T", "Ĳ": "IJ", "ı": "I",
        "ĸ": "K", "Ə": "E", "Ñ": "N",
    }
)  # fmt: skip


def latin(text: str) -> str | None:
    """A to Z, space, hyphen and apostrophe; None where the name has anything else.

    >>> latin("Müller-Łukasiewicz"), latin("O’Neill"), latin("Иванов"), latin("R2-D2")
    ('MUELLER-LUKASIEWICZ', "O'NEILL", None, None)
    """
    composed = unicodedata.normalize("NFC", text).translate(_APOSTROPHES).upper()
    spelt = unicodedata.normalize("NFKD", composed.translate(_LETTERS))
    plain = "".join(letter for letter in spelt if not unicodedata.combining(letter))
    plain = " ".join(plain.split())
    return plain if _ALLOWED.fullmatch(plain) else None


def surname(person: Person) -> str:
    """As a PNR has it. Names that no check let through leave only their Latin letters."""
    return _letters(person.surname)


def given(person: Person) -> str:
    """Given and middle names, as a PNR has them."""
    return " ".join(filter(None, map(_letters, (*person.given_names, *person.middle_names))))


def _letters(name: str) -> str:
    plain = latin(name) or "".join(c for c in name.upper() if "A" <= c <= "Z" or c == " ")
    return re.sub(r"['-]", " ", plain).strip()


_TITLES: Final = frozenset({"MR", "MRS", "MS", "MISS", "MSTR", "DR", "PROF", "REV", "SIR", "DAME"})


def title(person: Person) -> str:
    """Those titles that reservation systems know; "" for others and for none."""
    short = "".join(c for c in (person.title or "").upper() if "A" <= c <= "Z")
    return short if short in _TITLES else ""


def printed(person: Person, kind: PassengerType) -> str:
    """`SURNAME/GIVENTITLE`, with the type in brackets where a ticket names it; cut to fit."""
    mark = {PassengerType.CHILD: "(CHD)", PassengerType.INFANT: "(INF)"}.get(kind, "")
    name = f"{surname(person)}/{given(person)}"
    return name[: LONGEST_PRINTED - len(mark) - len(title(person))] + title(person) + mark

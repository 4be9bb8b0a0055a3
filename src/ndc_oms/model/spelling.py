"""Names in capital Latin letters, as tickets print them and sellers look for them.

Letters beyond A to Z are written as machine-readable travel documents write them (ICAO Doc 9303
part 3, section 6), so that a ticket reads like the passport.
"""

import re
import unicodedata
from typing import Final

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


def on_ticket(name: str) -> str:
    """As a reservation system has it, without hyphens and apostrophes. Of a name that cannot be
    spelt so, only its Latin letters are left.

    >>> on_ticket("Müller-Łukasiewicz"), on_ticket("R2-D2")
    ('MUELLER LUKASIEWICZ', 'RD')
    """
    plain = latin(name) or "".join(c for c in name.upper() if "A" <= c <= "Z" or c == " ")
    return re.sub(r"['-]", " ", plain).strip()

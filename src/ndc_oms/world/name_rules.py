"""Names in servicing.toml: which are corrected for nothing, and what another one costs."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ndc_oms.world.entries import Entry

_AMOUNT: Final = r"[0-9]{1,9}(\.[0-9]{1,3})?"


@dataclass(frozen=True, slots=True)
class NameCorrection:
    """Free, `times` times for each passenger, until before_departure_h hours before the next
    flight: at most `letters` letters differ; swapped: or surname and given name changed places;
    middle: or a middle name comes or goes.
    """

    letters: int = 0
    times: int = 0
    swapped: bool = False
    middle: bool = False
    before_departure_h: int = 0


@dataclass(frozen=True, slots=True)
class NameFee:
    """Any other name, until before_departure_h hours before the first flight. families: codes, ()
    for all. fee: for a passenger, in the home currency.
    """

    families: tuple[str, ...]
    fee: Decimal
    before_departure_h: int


def read_correction(entry: Entry) -> NameCorrection:
    entry.only("letters", "times", "swapped", "middle", "before_departure_h")
    return NameCorrection(
        entry.integer("letters", 0, 10),
        entry.integer("times", 0, 9, 1),
        entry.flag("swapped", False),
        entry.flag("middle", False),
        entry.integer("before_departure_h", 0, 720, 0),
    )


def read_fee(entry: Entry) -> NameFee:
    entry.only("families", "fee", "before_departure_h")
    fee = entry.text("fee", _AMOUNT)
    return NameFee(
        entry.texts("families"),
        Decimal(fee) if re.fullmatch(_AMOUNT, fee) else Decimal(0),
        entry.integer("before_departure_h", 0, 720, 0),
    )

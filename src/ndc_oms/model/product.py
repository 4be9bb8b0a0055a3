"""Products: cabins, booking classes, fare families and what they include."""

from dataclasses import dataclass
from enum import StrEnum

from ndc_oms.model.money import Money


class Cabin(StrEnum):
    """Cabins by their PADIS 9873 code, as CabinTypeCode carries it on the wire."""

    FIRST = "1"
    BUSINESS = "2"
    PREMIUM_ECONOMY = "4"
    ECONOMY = "5"

    __hash__ = str.__hash__  # Enum's own is written in Python, and these are keys everywhere


class Stage(StrEnum):
    """When a change or cancellation happens. Source: JourneyStageTypeCode."""

    BEFORE = "Prior To Departure"
    AFTER = "After Departure"
    NO_SHOW = "No Show"


@dataclass(frozen=True, slots=True)
class Baggage:
    """What one passenger may take on one flight. Weights in kg a piece; 0 pieces = none."""

    carry_on_pieces: int
    carry_on_kg: int
    checked_pieces: int
    checked_kg: int


@dataclass(frozen=True, slots=True)
class Restriction:
    """One rule for changing or cancelling at one stage. fee: None where it is not permitted."""

    stage: Stage
    permitted: bool
    fee: Money | None
    text: str


@dataclass(frozen=True, slots=True)
class FareFamily:
    """A branded fare (price class on the wire): a cabin and what the price includes."""

    code: str
    name: str
    cabin: Cabin
    rank: int  # 1 is the cheapest; shown in this order
    description: tuple[str, ...]
    baggage: Baggage
    free_seat: bool
    refundable: bool
    changeable: bool

"""Outcomes are values: what the other side said it did, or that nobody knows.

A time-out, a reset, a garbled reply are `Unknown`: never failed, never done. Unknown is resolved
by asking with the same reference, and only then, where absence is proven, sent again.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Confirmed(Generic[T_co]):
    """Done. value: what it made."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Rejected:
    """Certainly not done. code: the other side's own, reason: for people. final: asking again
    cannot help (sold out, card refused), as against an outage that was reported cleanly.
    """

    code: str
    reason: str
    final: bool = True


@dataclass(frozen=True, slots=True)
class Unknown:
    """Sent, perhaps done, nobody knows yet."""

    reason: str


Outcome = Confirmed[T_co] | Rejected | Unknown

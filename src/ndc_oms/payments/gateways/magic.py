"""Card numbers that make the simulated gateway behave in a known way. Nobody's cards: each has a
right check digit and an account that no issuer gives out.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ndc_oms.ports.payment import CardAuthentication


class Behaviour(StrEnum):
    APPROVES = "approves"
    DECLINES = "declines"
    EXPIRED = "expired"
    AUTHENTICATION_FAILS = "authentication-fails"
    AUTHENTICATION_DOWN = "authentication-down"
    TIMES_OUT_ONCE = "times-out-once"
    NEVER_ANSWERS = "never-answers"
    TIMES_OUT_AFTER_CHARGING = "times-out-after-charging"
    SLOW = "slow"
    CAPTURE_DECLINES = "capture-declines"
    CAPTURE_TIMES_OUT = "capture-times-out"


@dataclass(frozen=True, slots=True)
class Magic:
    """One published number. brand: as CardBrandCode. shows: for people."""

    number: str
    brand: str
    behaviour: Behaviour
    shows: str


_B = Behaviour
MAGIC: Final = (
    Magic("4111111111111111", "VI", _B.APPROVES, "approved"),
    Magic("5555555555554444", "CA", _B.APPROVES, "approved"),
    Magic("378282246310005", "AX", _B.APPROVES, "approved"),
    Magic("4000000000001000", "VI", _B.APPROVES, "approved"),
    Magic("4000000000002008", "VI", _B.DECLINES, "declined (708)"),
    Magic("4000000000003006", "VI", _B.AUTHENTICATION_FAILS, "authentication fails (921)"),
    Magic("4000000000004004", "VI", _B.AUTHENTICATION_DOWN, "authentication unavailable (923)"),
    Magic("4000000000005001", "VI", _B.TIMES_OUT_ONCE, "times out, not charged; then approved"),
    Magic("4000000000006009", "VI", _B.NEVER_ANSWERS, "times out each time, never charged"),
    Magic("4000000000007007", "VI", _B.TIMES_OUT_AFTER_CHARGING, "times out after charging"),
    Magic("4000000000008005", "VI", _B.CAPTURE_DECLINES, "approved; capture is declined (708)"),
    Magic("4000000000009003", "VI", _B.SLOW, "approved, three seconds late"),
    Magic("4000000000011009", "VI", _B.CAPTURE_TIMES_OUT, "approved; capture times out when made"),
    Magic("4000000000012007", "VI", _B.EXPIRED, "declined as expired (708)"),
)
# What the issuer said of the card's holder (transStatus of EMV 3-D Secure), and what comes of it.
STATUSES: Final = {
    "N": _B.AUTHENTICATION_FAILS,  # not authenticated
    "R": _B.AUTHENTICATION_FAILS,  # the issuer rejects it
    "C": _B.AUTHENTICATION_FAILS,  # a challenge was asked for and not met
    "U": _B.AUTHENTICATION_DOWN,  # could not be asked
}
_BY_NUMBER: Final = {magic.number: magic.behaviour for magic in MAGIC}


def behaviour_of(number: str) -> Behaviour:
    """Any other number that can be a card's is approved."""
    return _BY_NUMBER.get(number, Behaviour.APPROVES)


def authenticated(behaviour: Behaviour, said: CardAuthentication | None) -> Behaviour:
    """How the card behaves with what its issuer said; Y and A (attempted) change nothing."""
    status = (said.status or "").strip().upper() if said else ""
    return STATUSES.get(status, behaviour)

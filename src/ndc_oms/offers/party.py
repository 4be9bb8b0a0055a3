"""Parties: the order in which an offer lists its passengers, and which parties can be sold.

An offer knows how many passengers of each type it is for, not who they are. Its passengers, and
with them its items, stand in the order of TYPES; within a type as the sender named them. Two
passengers of one type pay the same, so whoever takes whose item of that type changes nothing.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.passenger import Passenger, PassengerType, seats

TYPES: Final = (
    PassengerType.ADULT,
    PassengerType.YOUTH,
    PassengerType.CHILD,
    PassengerType.INFANT_SEATED,
    PassengerType.INFANT,
)
MAX_SEATED: Final = 9  # PADIS 9321 code 68 names this figure

_PLACE: Final = {kind: at for at, kind in enumerate(TYPES)}
_ESCORTS: Final = frozenset({PassengerType.ADULT, PassengerType.YOUTH})

Counts = tuple[int, ...]  # passengers by the types of TYPES


def ordered(party: Sequence[Passenger]) -> tuple[Passenger, ...]:
    """The party as offers list it."""
    return tuple(sorted(party, key=lambda each: _PLACE[each.type]))


def count(party: Sequence[Passenger]) -> Counts:
    found = Counter(each.type for each in party)
    return tuple(found[kind] for kind in TYPES)


def named(counts: Counts) -> tuple[Passenger, ...]:
    """A party of these counts with ids of our own, PAX1 and on; infants go to adults in turn."""
    kinds = [kind for kind, many in zip(TYPES, counts, strict=True) for _ in range(many)]
    first_infant = len(kinds) - counts[-1]
    return tuple(
        Passenger(
            f"PAX{at + 1}", kind, f"PAX{at - first_infant + 1}" if at >= first_infant else None
        )
        for at, kind in enumerate(kinds)
    )


def matched(counts: Counts, party: Sequence[Passenger], path: str = "") -> tuple[Passenger, ...]:
    """`party` as the offer lists it; raises Invalid 914 where it is not the offer's."""
    if not party:
        return named(counts)
    if count(party) != counts:
        raise Invalid(
            f"The offer is for {worded(counts)}, the request is for {worded(count(party))}.",
            code="914",
            path=path,
            remedy="Send the passengers that the offer was made for, or shop again for these.",
        )
    return ordered(party)


def worded(counts: Counts) -> str:
    """As people read it: `2 ADT, 1 INF`."""
    parts = [f"{many} {kind}" for kind, many in zip(TYPES, counts, strict=True) if many]
    return ", ".join(parts) or "nobody"


def check_party(party: Sequence[Passenger], path: str, max_seated: int = MAX_SEATED) -> None:
    """Raises Invalid: 143 nobody or children alone, 476 an id twice, 68 too many, 324 infants."""
    if not party:
        raise Invalid(
            "The request names no passengers.",
            code="143",
            path=path,
            remedy="Name each passenger with a type: ADT, YTH, CHD, INS or INF.",
        )
    twice = [each for each, many in Counter(p.id for p in party).items() if many > 1]
    if twice:
        raise Invalid(
            f"Passenger {twice[0]} is named twice.",
            code="476",
            path=path,
            remedy="Give each passenger an id of its own.",
        )
    if seats(tuple(party)) > max_seated:
        raise Invalid(
            f"{seats(tuple(party))} passengers need a seat; {max_seated} is the most in one offer.",
            code="68",
            path=path,
            remedy="Divide the party, or ask the airline for a group offer.",
        )
    _check_infants(party, path)
    if not any(each.type in _ESCORTS for each in party):
        raise Invalid(
            "Children do not travel alone on these offers.",
            code="143",
            path=path,
            remedy="Add an adult (ADT) or a youth (YTH).",
        )


def _check_infants(party: Sequence[Passenger], path: str) -> None:
    adults = {each.id for each in party if each.type is PassengerType.ADULT}
    infants = [each for each in party if each.type is PassengerType.INFANT]
    remedy = "Give each lap infant an adult of its own, or a seat (INS)."
    if len(infants) > len(adults):
        text = f"{len(infants)} lap infants, but {len(adults)} adults."
        raise Invalid(text, code="324", path=path, remedy=remedy)
    laps = Counter(each.guardian for each in infants if each.guardian)
    for guardian, many in laps.items():
        if guardian not in adults:
            text = f"A lap infant names {guardian} as its adult, who is none of this party."
            raise Invalid(text, code="324", path=path, remedy=remedy)
        if many > 1:
            text = f"{many} lap infants name {guardian} as their adult."
            raise Invalid(text, code="324", path=path, remedy=remedy)

"""Unit function of rates: what sellers spent in one process, taken from what all of them share.

A row is a bucket of tokens that fills with time. It may go below zero: what processes let through
before they heard of each other is owed, and paid by waiting, so that over time a rate holds
exactly, however many processes there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update

from ndc_oms.ports.sellers import Spent
from ndc_oms.ports.store import Unit
from ndc_oms.store.hand import Hand
from ndc_oms.store.rows import micros
from ndc_oms.store.tables import rates

_SECOND: Final = 1_000_000
_MINE: Final = rates.c.org_id == bindparam("org_id_")
_SELECT: Final = select(rates.c.tokens, rates.c.at).where(_MINE)
_UPDATE: Final = update(rates).where(_MINE).values(tokens=bindparam("tokens_"), at=bindparam("at_"))


@dataclass(frozen=True, slots=True)
class SpendTokens(Unit[Mapping[str, float]]):
    """What each seller spent. The answer: what each has left, below zero for what it owes.

    now: of the machine's clock; a clock that is behind another's refills nothing.
    """

    spent: tuple[Spent, ...]
    now: datetime


def rate_names(unit: SpendTokens) -> tuple[str, ...]:
    """Levels are read and written."""
    return tuple(f"rate {each.org_id}" for each in unit.spent)


def spend_tokens(hand: Hand, unit: SpendTokens) -> Mapping[str, float]:
    now = micros(unit.now)
    kept = hand.rows_each(_SELECT, [{"org_id_": each.org_id} for each in unit.spent])
    left: dict[str, float] = {}
    for each, found in zip(unit.spent, kept, strict=True):
        tokens, at = found[0] if found else (each.full, now)
        filled = min(each.full, tokens + max(0, now - at) / _SECOND * each.rate_per_s)
        left[each.org_id] = filled - each.tokens
        row = {"tokens": left[each.org_id], "at": max(at, now)}
        if found:
            level = {"org_id_": each.org_id, "tokens_": row["tokens"], "at_": row["at"]}
            hand.change_one(_UPDATE, [level])
        else:
            hand.add(rates, [{"org_id": each.org_id, **row}])
    return left

"""Every status table: each state is reached, each can end, no final state moves."""

from enum import StrEnum

import pytest

from ndc_oms.model.status import (
    COUPON,
    TABLES,
    CouponStatus,
    IllegalTransitionError,
    Table,
)


def reached_from(table: Table[StrEnum], start: StrEnum) -> set[StrEnum]:
    seen, ahead = {start}, [start]
    while ahead:
        for state in table.moves[ahead.pop()]:
            if state not in seen:
                seen.add(state)
                ahead.append(state)
    return seen


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_state_is_reached_and_can_end(table: Table[StrEnum]) -> None:
    states = set(type(table.initial))
    assert set(table.moves) == states
    assert reached_from(table, table.initial) == states
    assert table.final
    for state in states:
        assert reached_from(table, state) & table.final
        assert state not in table.moves[state]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_only_what_the_table_has_is_let_through(table: Table[StrEnum]) -> None:
    for old, to in table.moves.items():
        for new in type(table.initial):
            assert table.may(old, new) == (new in to)
            if new in to:
                assert table.check(old, new) is new
            else:
                with pytest.raises(IllegalTransitionError):
                    table.check(old, new)


def test_coupon_rules() -> None:
    """Facts of the ticketing resolutions: what is final, and from where one gets there."""
    c = CouponStatus
    assert COUPON.final == {c.FLOWN, c.REFUNDED, c.VOID, c.EXCHANGED, c.PRINTED, c.CLOSED}
    may_become = {
        new: {old for old, to in COUPON.moves.items() if new in to}
        for new in (c.VOID, c.REFUNDED, c.EXCHANGED)
    }
    assert may_become == {
        c.VOID: {c.OPEN},
        c.REFUNDED: {c.OPEN, c.AIRPORT_CONTROL},
        c.EXCHANGED: {c.OPEN, c.AIRPORT_CONTROL, c.UNAVAILABLE},
    }

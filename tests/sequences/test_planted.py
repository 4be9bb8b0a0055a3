"""The sequences can fail: bugs that are planted on purpose are found, soon, whatever is not looked
at again in every step.
"""

import pytest
from tests.sequences.play import play
from tests.simulation.grounds import ground
from tests.simulation.planted import (
    Plant,
    a_ledger_leg_is_dropped,
    seats_kept_after_closing,
    sent_again_under_another_name,
    tickets_stay_valid,
    too_much_comes_back,
)
from tests.timeless import run

# Each with a seed that meets it within a few steps, and what it breaks.
PLANTED: dict[Plant, tuple[int, str]] = {
    sent_again_under_another_name: (0, "the PSS has no booking"),
    a_ledger_leg_is_dropped: (0, "I11"),
    too_much_comes_back: (6, "no money is held for it"),
    tickets_stay_valid: (6, "is cancelled and has a live coupon"),
    seats_kept_after_closing: (11, "I10"),
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_it_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    seed, says = PLANTED[plant]
    plant(monkeypatch)
    assert says in run(play(seed, ground())).broken

"""The simulation can fail: every bug that is planted on purpose is found."""

import pytest
from tests.simulation.grounds import ground
from tests.simulation.planted import PLANTED, Plant

from ndc_oms.kit.simulation.play import play

WITHIN = 1000  # seeds
# Where the search begins, so that it does not take long; from 0 it takes so many seeds more.
BEGIN = {
    "charged_twice": 71,
    "too_much_comes_back": 76,
    "tickets_stay_valid": 75,
    "paid_orders_are_given_up_for_nothing": 40,
    "the_last_reply_stands": 15,
    "another_body_passes": 15,
    "expired_offers_are_sold": 42,
}


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_it_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    first = BEGIN.get(plant.__name__, 0)
    assert any(play(seed, ground()).findings for seed in range(first, first + WITHIN))

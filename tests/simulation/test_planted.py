"""The simulation can fail: every bug that is planted on purpose is found."""

import pytest
from tests.simulation.grounds import ground
from tests.simulation.planted import PLANTED, Plant

from ndc_oms.kit.simulation.play import play

WITHIN = 1000  # seeds
# Where the search begins, so that it does not take long; from 0 it takes so many seeds more.
BEGIN = {
    "charged_twice": 51,
    "too_much_comes_back": 35,
    "paid_orders_are_given_up_for_nothing": 26,
    "the_last_reply_stands": 28,
    "expired_offers_are_sold": 121,
    "old_flights_stay_booked": 51,
    "old_tickets_stay_valid": 52,
    "a_split_shares_nothing": 85,
}


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_it_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    first = BEGIN.get(plant.__name__, 0)
    assert any(play(seed, ground()).findings for seed in range(first, first + WITHIN))

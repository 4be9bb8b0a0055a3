"""The simulation can fail: every bug that is planted on purpose is found."""

import pytest
from tests.simulation.grounds import ground
from tests.simulation.planted import PLANTED, Plant

from ndc_oms.kit.simulation.play import play

WITHIN = 1000  # seeds


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_it_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    assert any(play(seed, ground()).findings for seed in range(WITHIN))

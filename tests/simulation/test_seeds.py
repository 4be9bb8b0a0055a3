"""A thousand seeds: whatever sellers do and whatever fails, every invariant holds in the end.

`ndc-oms simulate --seeds N --first S` plays any others.
"""

from collections import Counter

import pytest
from tests.simulation.grounds import ground

from ndc_oms.kit.simulation.play import play
from ndc_oms.kit.simulation.weather import Fault

AT_ONCE = 100
ACTS = (
    "create", "pay", "give up", "cancel", "update", "reshop", "other body", "stale",
    "services", "seats", "add services", "rebook", "change flights", "rename", "split",
)  # fmt: skip


def hold(first: int, seeds: int) -> Counter[str]:
    """Plays them; how often which fault was met, which act done, and how many died."""
    met: Counter[str] = Counter()
    for seed in range(first, first + seeds):
        result = play(seed, ground())
        assert not result.findings, (
            f"seed {seed}: {result.findings}; see it with ndc-oms simulate --seeds 1 --first {seed}"
        )
        met["deaths"] += result.deaths
        met.update(result.acts)
        for (_, fault), times in result.faults.items():
            met[fault] += times
    return met


def test_a_few() -> None:
    hold(90_000, 12)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 1000, AT_ONCE))
def test_a_hundred(first: int) -> None:
    """And it is no fair-weather sailing: every kind of fault, and processes that die."""
    met = hold(first, AT_ONCE)
    assert met["deaths"] >= AT_ONCE // 10
    assert [each for each in Fault if not met[each]] == []
    assert [each for each in ACTS if not met[each]] == []

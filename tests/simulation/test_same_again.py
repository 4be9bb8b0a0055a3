"""A seed decides everything: the same trace each time, in any process."""

import os
import subprocess
import sys

import pytest
from tests.patience import PATIENCE_S
from tests.simulation.grounds import ground

from ndc_oms.kit.simulation.play import play

SEEDS = (3, 17, 58, 1234)
IN_ANOTHER_PROCESS = f"""
from ndc_oms.kit.simulation.ground import lay_ground
from ndc_oms.kit.simulation.play import play
ground = lay_ground()
print(*(play(seed, ground).digest for seed in {SEEDS}))
"""


def test_twice_in_one_process() -> None:
    once = [play(seed, ground()) for seed in SEEDS]
    again = [play(seed, ground()) for seed in SEEDS]
    assert [result.digest for result in once] == [result.digest for result in again]
    assert once == again
    assert len({result.digest for result in once}) == len(SEEDS)


@pytest.mark.slow
def test_in_a_process_that_hashes_otherwise() -> None:
    """No order of a set, and nothing that was kept from an earlier seed, decides anything."""
    here = [play(seed, ground()).digest for seed in SEEDS]
    there = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS],
        env=os.environ | {"PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    assert there.stdout.split() == here

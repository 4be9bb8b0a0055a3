"""Sequences where a partner flies what the airline cancels: the same steps as the ten thousand, on
a pair where our next flight is days away and Aster has one a day.

More of them: `NDC_OMS_SEQUENCES=500 pytest tests/sequences/test_protected_steps.py`.
"""

import os
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Final

import pytest
from tests.houses import demo_world
from tests.sequences import buying
from tests.sequences.play import STEPS, play
from tests.simulation.grounds import ground
from tests.timeless import run

from ndc_oms.kit.simulation.ground import FewSeats, Ground

PAIR: Final = ("YYZ", "EDI")
SEEDS: Final = (
    *(74, 97, 168, 185, 200),  # a partner flies; in one its flights are declined
    *(156, 225, 547, 1303),  # an infant, two bookings, a payer, irregular operations
)
MORE: Final = int(os.environ.get("NDC_OMS_SEQUENCES", "0"))
FIRST: Final = int(os.environ.get("NDC_OMS_FIRST", "200"))


@cache
def edinburgh() -> Ground:
    few = FewSeats(demo_world().inventory, frozenset({PAIR}))
    base = ground()
    return replace(base, world=replace(base.world, inventory=few), pairs=(PAIR,))


@pytest.mark.slow
def test_a_partner_flies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, often in (("change a flight", 30), ("accept as changed", 12)):
        monkeypatch.setitem(STEPS, name, (STEPS[name][0], often))
    monkeypatch.setattr(buying, "TRIES", 200)  # there is no flight on most days
    counted: Counter[str] = Counter()
    for seed in (*SEEDS, *range(FIRST, FIRST + MORE)):
        played = run(play(seed, edinburgh()))
        assert not played.broken, f"seed {seed}: {played.broken}\n" + "\n".join(played.told)
        counted.update(played.parts)
    assert counted["placed"] > counted["declined"] > 0

"""Any legal sequence of servicing, ten thousand steps of it: whatever sellers, passengers and the
airline do to orders of one to five passengers, everything holds after each step.

A step is one message that changes something, one move of a coupon, one change of a flight, one
departure, or some hours that pass; what was refused does not count. More of them, or others:
`NDC_OMS_STEPS=100000 NDC_OMS_FIRST=5000 pytest tests/sequences`.
"""

import os
from collections import Counter
from typing import Final

import pytest
from tests.sequences.play import STEPS, play
from tests.simulation.grounds import ground
from tests.timeless import run

WANTED: Final = int(os.environ.get("NDC_OMS_STEPS", "10000"))
FIRST: Final = int(os.environ.get("NDC_OMS_FIRST", "0"))
PARTS: Final = 10  # so that several processes share the work
APART: Final = 1_000_000  # seeds between two parts
WHOLE: Final = 1000  # steps of a part from which on nearly everything happens
LEAST: Final = 8  # steps of a sequence, on average: below that orders end at once
# What a part may do without: it waits for something that seldom is, or ends most orders.
RARE: Final = {
    "payer pays", "payer gives up", "say nothing", "give up unpaid", "reprice",
    "take it all back", "give back a journey", "give back a passenger",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(max(900, WANTED // 10))
@pytest.mark.parametrize("part", range(PARTS))
def test_a_part(part: int) -> None:
    counted: Counter[str] = Counter()
    passengers: Counter[int] = Counter()
    steps, seed, wanted = 0, FIRST + part * APART, -(-WANTED // PARTS)
    while steps < wanted:
        played = run(play(seed, ground()))
        assert not played.broken, f"seed {seed}: {played.broken}\n" + "\n".join(played.told)
        steps, seed = steps + played.steps, seed + 1
        passengers[played.passengers] += 1
        counted.update({name: n for (name, came), n in played.counted.items() if came == "done"})
        most = 10 + steps / LEAST
        assert sum(passengers.values()) <= most, "sequences became too short to show anything"
    assert sum(counted.values()) == steps >= wanted
    if wanted >= WHOLE:
        assert [name for name in STEPS.keys() - RARE if not counted[name]] == []
        assert passengers.keys() == {1, 2, 3, 4, 5}


def test_the_same_seed_plays_the_same() -> None:
    """Else a failure could not be seen again."""
    once, again = (run(play(3, ground())) for _ in range(2))
    assert (once.told, once.counted) == (again.told, again.counted)
    assert not once.broken

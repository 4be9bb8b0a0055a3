"""Sides that write the same, in turn, transaction by transaction."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Final, Protocol

from tests.bench.figures import Bench, middle
from tests.bench.tape import Batches

from ndc_oms.server.memory import spare_collector
from ndc_oms.store.hand import Database
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import Failed, Made, make, run_batch, write_batch

TOGETHER: Final = 32  # orders


class Side(Protocol):
    """Whoever writes transactions, each by its place among them."""

    def prepare(self, place: int) -> None:
        """What is there before the transaction begins, as it is where callers have just made it:
        not measured.
        """
        ...

    def play(self, place: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """Orders a second, of groups of 32, of the house and of the driver alone: with rows
    that are ready, and where both make them as well. ratio, ratio_making: of the house to the
    driver. Of each the middle of what the groups showed. cpu_ms: of the driver with ready rows.
    """

    ours: float
    driver: float
    ours_making: float
    driver_making: float
    ratio: float
    ratio_making: float
    cpu_ms: float

    @classmethod
    def of(cls, groups: "list[list[Cost]]") -> "Pace":
        """Of each group four sides, in the order of the fields."""
        rates = [
            middle(TOGETHER / each.wall_s for each in side) for side in zip(*groups, strict=True)
        ]
        ratios = [middle(g[at + 1].wall_s / g[at].wall_s for g in groups) for at in (0, 2)]
        cpu_s = middle(group[1].cpu_s for group in groups)
        return cls(*rates, *ratios, cpu_ms=cpu_s / TOGETHER * 1e3)

    def rows(self, name: str, driver: str) -> Iterator[tuple[object, ...]]:
        yield f"{name}: rows ready", self.ours, self.driver, self.ratio
        making = (self.ours_making, self.driver_making, self.ratio_making)
        yield f"{name}: rows made, {driver} JSON only", *making


@dataclass(slots=True)
class Cost:
    """cpu_s: of this thread, the kernel's part included."""

    wall_s: float = 0.0
    cpu_s: float = 0.0

    def add(self, side: Side, place: int) -> None:
        side.prepare(place)
        wall, cpu = time.perf_counter(), time.thread_time()
        side.play(place)
        self.wall_s += time.perf_counter() - wall
        self.cpu_s += time.thread_time() - cpu


def in_turn(bench: Bench, sides: tuple[Side, ...], sizes: list[int]) -> list[list[Cost]]:
    """What each side takes for each group but the first, in which statements are compiled. sizes:
    transactions of each group. Sides go in every order, so that each comes after each: what one
    leaves to the next in the processor's caches, and in the disk's, differs.
    """
    orders = list(permutations(range(len(sides))))
    random.Random(0).shuffle(orders)
    spare_collector()  # as a server does
    costs: list[list[Cost]] = []
    at = 0
    for size in bench.progress.track(sizes, description="writer and driver"):
        spent = [Cost() for _ in sides]
        for place in range(at, at + size):
            for side in orders[place % len(orders)]:
                spent[side].add(sides[side], place)
        at += size
        costs.append(spent)
    return costs[1:]


class House:
    """The house's writer. makes: the rows too; else they are ready, as its callers have them."""

    def __init__(self, database: Database, batches: Batches, *, makes: bool) -> None:
        self._database = database
        self._batches = batches
        self._makes = makes
        self._ready: list[Made] = []

    def prepare(self, place: int) -> None:
        self._ready = [] if self._makes else [make(APPLY, unit) for unit in self._batches[place]]

    def play(self, place: int) -> None:
        if self._makes:
            outcomes = run_batch(self._database, APPLY, self._batches[place])
        else:
            outcomes = write_batch(self._database, APPLY, self._ready)
        failed = [each for each in outcomes if isinstance(each, Failed)]
        if failed:
            raise AssertionError(f"a unit that went through before does not now: {failed[0]}")

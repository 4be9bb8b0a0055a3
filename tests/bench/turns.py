"""Sides that write the same, in turn, transaction by transaction."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.bench.figures import Bench, middle

from ndc_oms.ports.store import Unit
from ndc_oms.store.hand import Database
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import Failed, make, run_batch, write_batch

TOGETHER: Final = 32  # orders

Batches = list[list[Unit[Any]]]
Play = Callable[[int], None]  # the transaction at that place


@dataclass(frozen=True, slots=True)
class Pace:
    """Orders a second, the median of groups of 32, of the house and of the driver alone: with rows
    that are ready, and where both make them as well. cpu_ms: of the driver with ready rows.
    """

    ours: float
    driver: float
    ours_making: float
    driver_making: float
    cpu_ms: float

    @classmethod
    def of(cls, sides: "list[Cost]") -> "Pace":
        """Of four sides, in the order of the fields."""
        rates = (TOGETHER / each.wall_s for each in sides)
        return cls(*rates, cpu_ms=sides[1].cpu_s / TOGETHER * 1e3)

    def rows(self, name: str, driver: str) -> Iterator[tuple[object, ...]]:
        making = (self.ours_making, self.driver_making)
        for how, (ours, alone) in (
            ("rows ready", (self.ours, self.driver)),
            (f"rows made, {driver} JSON only", making),
        ):
            yield f"{name}: {how}", ours, alone, ours / alone


@dataclass(slots=True)
class Cost:
    """cpu_s: of this thread, the kernel's part included."""

    wall_s: float = 0.0
    cpu_s: float = 0.0

    def add(self, play: Play, place: int) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        play(place)
        self.wall_s += time.perf_counter() - wall
        self.cpu_s += time.thread_time() - cpu


def in_turn(bench: Bench, sides: tuple[Play, ...], sizes: list[int]) -> list[Cost]:
    """What each side takes for a group, the median. sizes: transactions of each group."""
    costs: list[list[Cost]] = []
    at = 0
    for size in bench.progress.track(sizes, description="writer and driver"):
        spent = [Cost() for _ in sides]
        for place in range(at, at + size):
            for turn in range(len(sides)):
                side = (turn + place) % len(sides)
                spent[side].add(sides[side], place)
        at += size
        costs.append(spent)
    return [
        Cost(middle(c.wall_s for c in each), middle(c.cpu_s for c in each))
        for each in zip(*costs[1:], strict=True)
    ]


def writes(database: Database, batches: Batches, *, makes: bool) -> Play:
    """makes: the rows too; else they are made beforehand, as the writer's callers do."""
    ready = [] if makes else [[make(APPLY, unit) for unit in batch] for batch in batches]

    def play(place: int) -> None:
        if makes:
            outcomes = run_batch(database, APPLY, batches[place])
        else:
            outcomes = write_batch(database, APPLY, ready[place])
        failed = [each for each in outcomes if isinstance(each, Failed)]
        if failed:
            raise AssertionError(f"a unit that went through before does not now: {failed[0]}")

    return play

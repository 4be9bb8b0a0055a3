"""What a bench says: tables for people, the same figures as JSON for machines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Shown

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Goal:
    """A promise and how it stands. at_most: else it is a least."""

    name: str
    value: float
    bound: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        return self.value <= self.bound if self.at_most else self.value >= self.bound


@dataclass(frozen=True, slots=True)
class Table:
    """One table. note: what has to be known to read it."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    note: str = ""
    goals: list[Goal] = field(default_factory=list)

    def show(self, console: Console) -> None:
        shown = Shown(title=self.title, title_justify="left", caption=self.note or None)
        shown.caption_justify = "left"
        for at, name in enumerate(self.columns):
            shown.add_column(name, justify="right" if at else "left")
        for row in self.rows:
            shown.add_row(*map(written, row))
        console.print(shown)
        for goal in self.goals:
            sign = "[green]met[/]" if goal.met else "[red]not met[/]"
            word = "at most" if goal.at_most else "at least"
            console.print(f"  {goal.name}: {goal.value:.3g}, {word} {goal.bound:g}: {sign}")
        console.print()

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        goals = [
            {"name": g.name, "value": g.value, "bound": g.bound, "met": g.met} for g in self.goals
        ]
        return {"title": self.title, "rows": rows, "note": self.note, "goals": goals}


@dataclass
class Bench:
    """What every part needs. scale: 1.0 for the figures, less for a quick look. folder: for data,
    of this run. world: the demo airline's, with sellers that no rate limit slows. large: a million
    rows of orders too.
    """

    folder: Path
    world: Path
    progress: Progress
    scale: float = 1.0
    seed: int = 20
    large: bool = False

    def many(self, number: int, least: int = 1) -> int:
        return max(least, int(number * self.scale))

    @property
    def environment(self) -> dict[str, str]:
        """Of server processes. No failpoint is armed: reading the file that names one costs."""
        return {"NDC_OMS_WORLD": str(self.world), "NDC_OMS_FAILPOINT": ""}

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def written(value: object) -> str:
    """Three significant digits, thousands apart."""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def middle(values: Iterable[float]) -> float:
    """The mean of the middle half; of three or fewer, the median. Blocks that a neighbour disturbed
    do not count, as in a median, and chance moves it less: of 16 blocks of searches, a tenth less.
    """
    ordered = sorted(values)
    beside = len(ordered) // 4
    return fmean(ordered[beside : len(ordered) - beside]) if beside else median(ordered)


def mean(values: Iterable[float]) -> float:
    return fmean(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """Of sorted values, the least that `percent` of them do not exceed."""
    return values[min(len(values) - 1, int(len(values) * percent / 100))]


def mean_of(many: Iterable[Record]) -> Record:
    """Records of numbers as one, field by field."""
    all_of_them = list(many)
    kind = type(all_of_them[0])
    return kind(*(mean(getattr(each, f.name) for each in all_of_them) for f in fields(kind)))

"""How cost grows, as a picture: `python -m tests.bench.plot bench.json growth.svg`.

Draws the tables of the part `growth`: x by powers of ten, y in milliseconds of CPU from zero. What
does not hang on size is a level line.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log10
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 350, 270  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 40, 132, 52, 46  # RIGHT: for what the lines are called
APART: Final = 14  # pixels between two names
TICKS: Final = 4  # levels above zero, or one more or less
DARK, PALE, INK = "#26323d", "#e6eaee", "#6b7785"
COLOURS: Final = ("#1f6fb2", "#d1495b", "#2e8b57", "#8e5ea2")
SEARCH: Final = {"search ms (CPU)": "AirShopping"}
# by the column that grows: the panel's title, and what the columns that are drawn are called
LOOKED_AT: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "flights a day": ("More flights a day", SEARCH),
    "days": ("More days of availability in memory", SEARCH),
    "rows": (
        "More rows of orders in the database",
        {
            "AirShopping": "AirShopping",
            "OrderCreate": "OrderCreate",
            "OrderRetrieve by id": "Retrieve, id",
            "by reference": "Retrieve, locator",
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Panel:
    """x: what grows. lines: milliseconds by name, for each of `at`."""

    title: str
    x: str
    at: Sequence[float]
    lines: Mapping[str, Sequence[float]]

    @property
    def step(self) -> float:
        """Milliseconds between two levels: 1, 2 or 5 by a power of ten."""
        most = max(max(line) for line in self.lines.values())
        ten = 10.0 ** int(log10(most) // 1)
        return next(s for s in (ten / 5, ten / 2, ten, 2 * ten, 5 * ten) if s * TICKS >= most)

    @property
    def levels(self) -> list[float]:
        most = max(max(line) for line in self.lines.values())
        return [self.step * n for n in range(int(most / self.step - 1e-9) + 2)]

    def across(self, x: float) -> float:
        first, last = log10(self.at[0]), log10(self.at[-1])
        return LEFT + (log10(x) - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT)

    def up(self, y: float) -> float:
        return HEIGHT - BOTTOM - y / self.levels[-1] * (HEIGHT - BOTTOM - TOP)

    def drawn(self) -> Iterator[str]:
        yield _text(LEFT, 22, self.title, "start", DARK, weight="bold")
        yield _text(LEFT, 38, "CPU ms a message", "start")
        for level in self.levels:
            colour = PALE if level else INK
            yield f'<path d="M{LEFT},{self.up(level):.1f}H{WIDTH - RIGHT}" stroke="{colour}"/>'
            yield _text(LEFT - 6, self.up(level) + 4, f"{level:g}", "end")
        for x in self.at:
            yield _text(self.across(x), HEIGHT - BOTTOM + 17, _count(x), "middle")
        yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, self.x, "middle")
        ends = [self.up(line[-1]) for line in self.lines.values()]
        for colour, (name, line), at in zip(COLOURS, self.lines.items(), spread(ends)):  # noqa: B905 — more colours than lines
            yield from self._line(line, colour)
            yield _text(WIDTH - RIGHT + 10, at + 4, f"{name} {line[-1]:.2g}", "start", colour)

    def _line(self, line: Sequence[float], colour: str) -> Iterator[str]:
        points = [(self.across(x), self.up(y)) for x, y in zip(self.at, line, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield (
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5" '
            'stroke-linejoin="round" stroke-linecap="round"/>'
        )
        for x, y in points:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#fff" stroke="{colour}"/>'


def spread(ends: Sequence[float]) -> list[float]:
    """Where names stand beside the ends of their lines: none closer to another than APART, moved
    upwards where they must, since below is the axis.
    """
    places = list(ends)
    lowest = sorted(range(len(ends)), key=lambda at: -ends[at])
    for below, at in pairwise(lowest):
        places[at] = min(places[at], places[below] - APART)
    return places


def _count(x: float) -> str:
    """Short: 497, 1.5k for 1,467, 1M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if x >= 0.95 * size:
            return f"{x / size:.1f}".removesuffix(".0") + letter
    return f"{x:g}"


def _text(
    x: float, y: float, text: str, anchor: str, colour: str = INK, *, weight: str = "normal"
) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text {where} fill="{colour}">{escape(text)}</text>'


def panels(figures: Sequence[Mapping[str, Any]]) -> Iterator[Panel]:
    for table in figures:
        rows = table["rows"]
        x = next(iter(rows[0]))
        if table["part"] == "growth" and x in LOOKED_AT:
            title, names = LOOKED_AT[x]
            lines = {name: [row[column] for row in rows] for column, name in names.items()}
            yield Panel(title, x, [row[x] for row in rows], lines)


def picture(figures: Sequence[Mapping[str, Any]]) -> str:
    drawn = [
        f'<g transform="translate({at * WIDTH},0)">{"".join(panel.drawn())}</g>'
        for at, panel in enumerate(panels(figures))
    ]
    size = f'viewBox="0 0 {WIDTH * len(drawn)} {HEIGHT}" width="{WIDTH * len(drawn)}"'
    style = 'font-family="Helvetica, Arial, sans-serif" font-size="12"'
    ground = f'<rect width="100%" height="100%" rx="8" fill="#fff" stroke="{PALE}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{ground}{"".join(drawn)}</svg>\n'
    )


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(picture(json.loads(Path(sys.argv[1]).read_text())))

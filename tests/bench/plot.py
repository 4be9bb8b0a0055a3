"""How cost grows, as a picture: `python -m tests.bench.plot bench.json growth.svg`.

Draws the tables of the part `growth`: x by powers of ten, y in milliseconds of CPU from zero.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 300, 220, 46
COLOURS: Final = ("#1b6ca8", "#c0392b", "#27803b", "#8e5ea2")
LOOKED_AT: Final = {
    "flights a day": ("search ms (CPU)",),
    "days": ("search ms (CPU)",),
    "rows": ("AirShopping", "OrderCreate", "OrderRetrieve by id", "by reference"),
}


@dataclass(frozen=True, slots=True)
class Panel:
    """x: what grows. lines: milliseconds by name, for each of `at`."""

    x: str
    at: Sequence[float]
    lines: Mapping[str, Sequence[float]]

    def point(self, x: float, y: float) -> str:
        first, last = log10(self.at[0]), log10(self.at[-1])
        across = (log10(x) - first) / ((last - first) or 1)
        up = y / (1.6 * max(max(line) for line in self.lines.values()))
        return f"{MARGIN + across * (WIDTH - 2 * MARGIN):.1f},{self.bottom - up * self.tall:.1f}"

    @property
    def bottom(self) -> int:
        return HEIGHT - MARGIN

    @property
    def tall(self) -> int:
        return HEIGHT - MARGIN - 20

    def drawn(self) -> Iterator[str]:
        yield f'<path d="M{MARGIN},20V{self.bottom}H{WIDTH - 10}" fill="none" stroke="#888"/>'
        for x in self.at:
            across = self.point(x, 0).partition(",")[0]
            yield _text(float(across), self.bottom + 16, f"{x:,.0f}", "middle")
        yield _text(WIDTH / 2, self.bottom + 34, self.x, "middle")
        for at, (name, line) in enumerate(self.lines.items()):
            points = " ".join(self.point(x, y) for x, y in zip(self.at, line, strict=True))
            colour = COLOURS[at]
            yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
            across, up = map(float, points.split()[-1].split(","))
            yield _text(across + 4, up - 4, f"{line[-1]:.2g} ms", "end", colour)
            yield _text(MARGIN + 6, 14 + 12 * at, name, "start", colour)


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#444") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {where} fill="{colour}">{escape(text)}</text>'


def panels(figures: Sequence[Mapping[str, Any]]) -> Iterator[Panel]:
    for table in figures:
        rows = table["rows"]
        x = next(iter(rows[0]))
        if table["part"] == "growth" and x in LOOKED_AT:
            lines = {name: [row[name] for row in rows] for name in LOOKED_AT[x]}
            yield Panel(x, [row[x] for row in rows], lines)


def picture(figures: Sequence[Mapping[str, Any]]) -> str:
    drawn = [
        f'<g transform="translate({at * WIDTH},0)">{"".join(panel.drawn())}</g>'
        for at, panel in enumerate(panels(figures))
    ]
    size = f'width="{WIDTH * len(drawn)}" height="{HEIGHT}"'
    style = 'font-family="sans-serif" font-size="11"'
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{ground}{"".join(drawn)}</svg>\n'
    )


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(picture(json.loads(Path(sys.argv[1]).read_text())))

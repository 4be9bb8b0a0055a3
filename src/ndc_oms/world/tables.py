"""Reads the folder's CSV files: one header row, UTF-8, `#` begins a comment line.

A reader of a field that is wrong notes the problem and gives a harmless stand-in, so that one
pass over a folder finds every problem in it.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ndc_oms.world.problems import Problems

_DIGITS = re.compile(r"-?[0-9]{1,12}\Z")


@dataclass(slots=True)
class Row:
    """One row. ok: no problem was found in it so far."""

    file: str
    line: int
    values: dict[str, str]
    problems: Problems
    ok: bool = True

    def fail(self, field: str, rule: str) -> None:
        self.ok = False
        self.problems.add(self.file, self.line, field, rule)

    def text(self, field: str, *, optional: bool = False) -> str:
        value = self.values[field]
        if not value and not optional:
            self.fail(field, "must not be empty")
        return value

    def match(self, field: str, pattern: "re.Pattern[str]", rule: str) -> str:
        value = self.values[field]
        if not pattern.fullmatch(value):
            self.fail(field, f"{rule}, not {value!r}")
        return value

    def integer(self, field: str, low: int, high: int) -> int:
        value = self.values[field]
        if not _DIGITS.match(value) or not low <= int(value) <= high:
            self.fail(field, f"a whole number from {low} to {high}, not {value!r}")
            return low
        return int(value)

    def decimal(self, field: str, low: Decimal, high: Decimal) -> Decimal:
        value = self.values[field]
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not low <= number <= high:
            self.fail(field, f"a number from {low} to {high}, not {value!r}")
            return low
        return number

    def choice(self, field: str, allowed: Sequence[str]) -> str:
        value = self.values[field]
        if value not in allowed:
            self.fail(field, f"one of {', '.join(allowed)}, not {value!r}")
            return allowed[0] if allowed else ""
        return value


def rows(folder: Path, name: str, columns: Sequence[str], problems: Problems) -> Iterator[Row]:
    """Every row of `name`; notes a missing file, wrong columns, and rows of another width."""
    path = folder / name
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.add(name, 0, "", f"cannot be read: {error}")
        return
    reader = csv.reader(
        line if not line.startswith("#") else "\n" for line in text.splitlines(keepends=True)
    )
    header: list[str] | None = None
    for cells in reader:
        if not cells:
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            if header != list(columns):
                problems.add(name, reader.line_num, "", f"columns must be {','.join(columns)}")
                return
        elif len(cells) != len(header):
            rule = f"{len(header)} fields are needed, {len(cells)} stand here"
            problems.add(name, reader.line_num, "", rule)
        else:
            values = {key: cell.strip() for key, cell in zip(header, cells, strict=True)}
            yield Row(name, reader.line_num, values, problems)
    if header is None:
        problems.add(name, 0, "", "no header row")

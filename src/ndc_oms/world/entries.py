"""Reads the folder's TOML files, entry by entry, with the line that each entry begins at."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ndc_oms.world.problems import Problems


@dataclass(slots=True)
class Entry:
    """One table of a TOML file. lines: where each key and sub-table of it stands, by best effort
    (tomllib gives no positions). ok: no problem was found in it so far.
    """

    file: str
    line: int
    values: Mapping[str, Any]
    source: Sequence[str]
    problems: Problems
    ok: bool = True

    def fail(self, field: str, rule: str) -> None:
        self.ok = False
        self.problems.add(self.file, self._line_of(field), field, rule)

    def _line_of(self, field: str) -> int:
        key = re.compile(rf"\s*{re.escape(field)}\s*=")
        for at in range(max(self.line, 1), len(self.source) + 1):
            text = self.source[at - 1]
            if at > self.line and text.lstrip().startswith("["):
                break
            if key.match(text):
                return at
        return self.line

    def text(self, field: str, pattern: str = r".+", default: str | None = None) -> str:
        value = self.values.get(field, default)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            self.fail(field, f"a text like {pattern}, not {value!r}")
            return ""
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        value = self.values.get(field, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.fail(field, f"a list of texts, not {value!r}")
            return ()
        return tuple(value)

    def integer(self, field: str, low: int, high: int, default: int | None = None) -> int:
        value = self.values.get(field, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.fail(field, f"a whole number from {low} to {high}, not {value!r}")
            return low
        return value

    def flag(self, field: str, default: bool | None = None) -> bool:
        value = self.values.get(field, default)
        if not isinstance(value, bool):
            self.fail(field, f"true or false, not {value!r}")
            return False
        return value

    def choice(self, field: str, allowed: Sequence[str]) -> str:
        value = self.values.get(field)
        if value not in allowed:
            self.fail(field, f"one of {', '.join(allowed)}, not {value!r}")
            return allowed[0]
        return str(value)

    def percent(self, field: str) -> Decimal:
        """From 0 to 100 with two decimals at most, written as a number; 0 where it is left out."""
        value = self.values.get(field, 0)
        number = Decimal(str(value)) if type(value) in {int, float} else Decimal(-1)
        if not 0 <= number <= 100 or number.normalize() != round(number, 2):
            self.fail(field, f"a number from 0 to 100 with two decimals at most, not {value!r}")
            return Decimal(0)
        return number

    def day(self, field: str) -> date | None:
        value = self.values.get(field)
        if value is not None and type(value) is not date:
            self.fail(field, f"a date as 2030-12-24, not {value!r}")
            return None
        return value

    def only(self, *known: str) -> None:
        """Notes keys that nobody reads: most often a slip of the pen."""
        for key in self.values:
            if key not in known:
                self.fail(key, f"is not known here; known are {', '.join(known)}")

    def children(self, name: str) -> "list[Entry]":
        """The tables of `[[name]]` in this one, in order."""
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.fail(name, f"a list of tables [[{name}]]")
            return []
        heading = re.compile(rf"\s*\[\[(?:[\w-]+\.)*{re.escape(name)}\]\]")
        at = [n for n, text in enumerate(self.source, 1) if n >= self.line and heading.match(text)]
        return [
            Entry(
                self.file,
                at[index] if index < len(at) else self.line,
                each,
                self.source,
                self.problems,
            )
            for index, each in enumerate(value)
        ]


def entries(folder: Path, name: str, problems: Problems, *, optional: bool = False) -> Entry:
    """The whole file as one entry. One that cannot be read is noted once: the empty entry that
    stands for it says nothing more. optional: nor is a file that is not there a problem.
    """
    if optional and not (folder / name).exists():
        return Entry(name, 0, {}, (), Problems())
    try:
        text = (folder / name).read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.add(name, 0, "", f"cannot be read: {error}")
        return Entry(name, 0, {}, (), Problems(), ok=False)
    return Entry(name, 1, values, text.splitlines(), problems)

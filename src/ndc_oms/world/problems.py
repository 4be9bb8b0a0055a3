"""What is wrong with a world folder: every problem of it, each with its file, line, field, rule."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule. line: from 1; 0 where the file as a whole is meant. field: a column, a
    TOML key or an SSIM field; empty where the row as a whole is meant.
    """

    file: str
    line: int
    field: str
    rule: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.field}: {self.rule}" if self.field else f"{where}: {self.rule}"


class WorldError(Exception):
    """A folder that is no world. problems: all that one reading found, in the order of reading."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        shown = "\n".join(f"  {problem}" for problem in self.problems[:20])
        more = len(self.problems) - 20
        tail = f"\n  and {more} more" if more > 0 else ""
        super().__init__(f"{len(self.problems)} problems in the world folder:\n{shown}{tail}")


class Problems:
    """Collects problems while reading goes on, so that one reading finds them all."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, file: str, line: int, field: str, rule: str) -> None:
        self.found.append(Problem(file, line, field, rule))

    def raise_any(self) -> None:
        """Raises WorldError when something was found."""
        if self.found:
            raise WorldError(self.found)

"""Core statements to a driver's calls: compiled once, afterwards only run.

That keeps unit functions portable at the speed of the bare driver.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.base import Executable

Parameters = Mapping[str, Any]
Values = tuple[Any, ...]  # a whole row of a table, in the order of its columns
Call = tuple[str, Callable[[Parameters], tuple[Any, ...]]]


class Calls:
    """The calls of one dialect, each made when its statement is first seen."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._known: dict[Executable, Call] = {}

    def __call__(self, statement: Executable) -> Call:
        call = self._known.get(statement)
        if call is None:
            call = self._known[statement] = _compile(statement, self._dialect)
        return call


@cache
def values_of(table: Table) -> Callable[[Parameters], Values]:
    """What makes a row's values of the row by name."""
    return _binder([each.name for each in table.columns], {})


def as_values(table: Table, rows: Iterable[Parameters | Values]) -> list[Values]:
    of = values_of(table)
    return [row if isinstance(row, tuple) else of(row) for row in rows]


def _compile(statement: Executable, dialect: Dialect) -> Call:
    """Its text for the driver, and what puts named parameters into the text's order."""
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    fixed = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
    return str(compiled), _binder(compiled.positiontup or [], fixed)


def _binder(names: Sequence[str], fixed: dict[str, Any]) -> Callable[[Parameters], tuple[Any, ...]]:
    if fixed:
        return lambda given: tuple(given[name] if name in given else fixed[name] for name in names)
    if len(names) > 1:
        return itemgetter(*names)
    return lambda given: tuple(given[name] for name in names)

"""Core statements to a driver's calls: compiled once, afterwards only run.

That keeps unit functions portable at the speed of the bare driver. What a statement is given goes
by name, or as values in the order of `names_of` it: whoever makes rows before a transaction begins
puts them into that order there, and inside nothing is left to do with them. The rows of one call
are all the one, or all the other.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Final, TypeGuard

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.base import Executable

Parameters = Mapping[str, Any]
Values = tuple[Any, ...]  # of a table or a statement, in the order of `names_of`
Given = Parameters | Values
Call = tuple[str, Callable[[Given], Values]]

_IN_ORDER: Final = sqlite.dialect()  # one whose parameters have places


class Calls:
    """The calls of one dialect, each made when its statement is first seen."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._known: dict[Executable, Call] = {}
        self._straight: dict[Executable, str] = {}  # that take values as they are given

    def __call__(self, statement: Executable) -> Call:
        """Its text for the driver, and what puts that which it is given into the text's order."""
        call = self._known.get(statement)
        if call is None:
            call = self._known[statement] = _compile(statement, self._dialect)
        return call

    def for_each(
        self, statement: Executable, each: Sequence[Given]
    ) -> tuple[str, Sequence[Values]]:
        """Its text, and what the driver is to be given: once for each."""
        if is_values(each):
            straight = self._straight.get(statement)
            if straight is not None:
                return straight, each
        sql, bind = self(statement)
        if is_values(each):
            names = names_of(statement)
            if bind(names) == names:
                self._straight[statement] = sql
        return sql, [*map(bind, each)]


@cache
def names_of(what: Table | Executable) -> tuple[str, ...]:
    """A table's columns; what a statement must be given, in the order of its text."""
    if isinstance(what, Table):
        return tuple(each.name for each in what.columns)
    compiled = what.compile(dialect=_IN_ORDER)  # type: ignore[attr-defined]  # SQLAlchemy's gap
    needed = {name for bind, name in compiled.bind_names.items() if bind.required}
    return tuple(name for name in dict.fromkeys(compiled.positiontup) if name in needed)


@cache
def values_of(what: Table | Executable) -> Callable[[Any], Values]:
    """What makes values of parameters."""
    return picking(names_of(what))


def as_values(what: Table | Executable, each: Sequence[Given]) -> Sequence[Values]:
    return each if is_values(each) else [*map(values_of(what), each)]


def is_values(each: Sequence[Given]) -> TypeGuard[Sequence[Values]]:
    return bool(each) and isinstance(each[0], tuple)


def _compile(statement: Executable, dialect: Dialect) -> Call:
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # as above
    text = tuple(compiled.positiontup or ())
    fixed = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
    by_name = _completing(text, fixed) if fixed else picking(text)

    @cache
    def by_place() -> Callable[[Values], Values]:
        names = names_of(statement)
        if fixed:
            return lambda values: by_name(dict(zip(names, values, strict=True)))
        return tuple if names == text else picking([names.index(name) for name in text])

    def bind(given: Given) -> Values:
        return by_place()(given) if isinstance(given, tuple) else by_name(given)

    return str(compiled), bind


def _completing(names: Sequence[str], fixed: Parameters) -> Callable[[Parameters], Values]:
    """fixed: what stands in the statement itself."""
    return lambda given: tuple(given[name] if name in given else fixed[name] for name in names)


def picking(keys: Sequence[Any]) -> Callable[[Any], Values]:
    """What takes these out of a mapping, or at these places out of a sequence."""
    if len(keys) > 1:
        return itemgetter(*keys)
    return lambda given: tuple(given[key] for key in keys)

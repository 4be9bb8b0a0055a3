"""Two hands on one database.

`AtOnce` carries everything out where it stands. `Gathering` keeps back what needs no answer, so
that the rows of all units of a batch go to each table together: on SQLite a third less work, on
PostgreSQL one journey for the batch where there was one for each statement.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any, Final, NamedTuple

from sqlalchemy import Table
from sqlalchemy.sql import visitors
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ColumnElement

from ndc_oms.store.compiling import Given, Parameters, Values, as_values
from ndc_oms.store.hand import Database, MissedError, Rows
from ndc_oms.store.tables import metadata


class AtOnce:
    """`Hand` that carries everything out where it stands."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.rows = database.rows
        self.rows_each = database.rows_each
        self.add_where = database.insert_where

    def change(self, statement: Executable, parameters: Parameters) -> int:
        return self._database.change(statement, (parameters,))

    def add(self, table: Table, rows: Sequence[Given]) -> None:
        if rows:
            self._database.insert(table, as_values(table, rows))

    def add_if_new(self, table: Table, rows: Sequence[Given]) -> None:
        if rows:
            self._database.insert_new(table, as_values(table, rows))

    def change_one(self, statement: Executable, each: Sequence[Given]) -> None:
        for parameters in each:
            if self._database.change(statement, (parameters,)) != 1:
                raise MissedError(str(statement))

    def change_any(self, statement: Executable, each: Sequence[Given]) -> None:
        for parameters in each:
            self._database.change(statement, (parameters,))


_INSERT: Final = "insert"
_INSERT_NEW: Final = "insert new"
_CHANGE_ONE: Final = "change one"
_CHANGE_ANY: Final = "change any"
# Parents first; SQLAlchemy sorts them anew at each look.
_PLACE: Final = {table: place for place, table in enumerate(metadata.sorted_tables)}


class _Group(NamedTuple):
    """What is carried out in one go on one table. what: the table, or the statement. parts: what it
    is given, as it came.
    """

    how: str
    what: Any
    parts: list[Sequence[Values]]


class Gathering:
    """`Hand` that keeps back what needs no answer, by table. `flush` in the end.

    Tables are written parents first, so that no reference points to what is not there yet; what is
    kept back for one table stays in its order.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[Table, list[_Group]] = {}

    def rows(self, statement: Executable, parameters: Parameters) -> Rows:
        self._settle(statement)
        return self._database.rows(statement, parameters)

    def rows_each(self, statement: Executable, each: Sequence[Parameters]) -> list[Rows]:
        self._settle(statement)
        return self._database.rows_each(statement, each)

    def change(self, statement: Executable, parameters: Parameters) -> int:
        self._settle(statement)
        return self._database.change(statement, (parameters,))

    def add_where(
        self, table: Table, rows: Sequence[Given], free: ColumnElement[bool]
    ) -> list[bool]:
        if self._waiting:
            self.flush()
        return self._database.insert_where(table, rows, free)

    def add(self, table: Table, rows: Sequence[Given]) -> None:
        self._keep_back(table, _INSERT, table, rows)

    def add_if_new(self, table: Table, rows: Sequence[Given]) -> None:
        self._keep_back(table, _INSERT_NEW, table, rows)

    def change_one(self, statement: Executable, each: Sequence[Given]) -> None:
        self._keep_back(changed_table(statement), _CHANGE_ONE, statement, each)

    def change_any(self, statement: Executable, each: Sequence[Given]) -> None:
        self._keep_back(changed_table(statement), _CHANGE_ANY, statement, each)

    def _keep_back(self, table: Table, how: str, what: Any, each: Sequence[Any]) -> None:
        if not each:
            return
        values = as_values(what, each)
        groups = self._waiting.setdefault(table, [])
        if groups and groups[-1].what is what and groups[-1].how is how:
            groups[-1].parts.append(values)
        else:
            groups.append(_Group(how, what, [values]))

    def _settle(self, statement: Executable) -> None:
        if self._waiting and not self._waiting.keys().isdisjoint(tables_of(statement)):
            self.flush()

    def flush(self) -> None:
        """Carries out what waits. Raises DuplicateError, MissedError, StorageError."""
        waiting, self._waiting = self._waiting, {}
        for table in sorted(waiting, key=_PLACE.__getitem__):
            for how, what, parts in waiting[table]:
                self._carry_out(how, what, parts[0] if len(parts) == 1 else [*chain(*parts)])

    def _carry_out(self, how: str, what: Any, each: Sequence[Values]) -> None:
        if how is _INSERT:
            self._database.insert(what, each)
        elif how is _INSERT_NEW:
            self._database.insert_new(what, each)
        elif self._database.change(what, each) != len(each) and how is _CHANGE_ONE:
            raise MissedError(str(what))


@cache
def tables_of(statement: Executable) -> frozenset[Table]:
    """Those that it reads or changes."""
    found = visitors.iterate(statement)  # type: ignore[arg-type]  # every Core statement is visitable
    return frozenset(element for element in found if isinstance(element, Table))


@cache
def changed_table(statement: Executable) -> Table:
    """Of an UPDATE or a DELETE."""
    table = statement.table  # type: ignore[attr-defined]
    if not isinstance(table, Table):
        raise AssertionError(f"changes no table: {statement}")
    return table

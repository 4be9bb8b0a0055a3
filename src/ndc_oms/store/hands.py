"""Two hands on one database.

`AtOnce` carries everything out where it stands. `Gathering` keeps back what needs no answer, so
that the rows of all units of a batch go to each table together: on SQLite a third less work, on
PostgreSQL one journey for the batch where there was one for each statement.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Table
from sqlalchemy.sql import visitors
from sqlalchemy.sql.base import Executable

from ndc_oms.store.compiling import Parameters
from ndc_oms.store.hand import Database, MissedError, Rows
from ndc_oms.store.tables import metadata


class AtOnce:
    """`Hand` that carries everything out where it stands."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.rows = database.rows
        self.rows_each = database.rows_each

    def change(self, statement: Executable, parameters: Parameters) -> int:
        return self._database.change(statement, (parameters,))

    def add(self, table: Table, rows: Sequence[Parameters]) -> None:
        if rows:
            self._database.insert(table, rows)

    def add_if_new(self, table: Table, row: Parameters) -> None:
        self._database.insert_new(table, (row,))

    def change_one(self, statement: Executable, parameters: Parameters) -> None:
        if self._database.change(statement, (parameters,)) != 1:
            raise MissedError(str(statement))

    def change_any(self, statement: Executable, parameters: Parameters) -> None:
        self._database.change(statement, (parameters,))


_INSERT: Final = "insert"
_INSERT_NEW: Final = "insert new"
_CHANGE_ONE: Final = "change one"
_CHANGE_ANY: Final = "change any"
_PARENTS_FIRST: Final = tuple(metadata.sorted_tables)  # sorted anew at each look


class _Group:
    """What is carried out in one go on one table. what: the table, or the statement."""

    __slots__ = ("_keys", "_looked_at", "_names", "each", "how", "what")

    def __init__(self, table: Table, how: str, what: Any) -> None:
        self.how = how
        self.what = what
        self.each: list[Parameters] = []
        self._names = _key_names(table, how)
        self._keys: set[tuple[Any, ...]] = set()
        self._looked_at = 0

    def is_apart_from(self, key: tuple[Any, ...] | None) -> bool:
        """Whether this group certainly leaves the row alone."""
        for parameters in self.each[self._looked_at :]:
            own = _key(self._names, parameters)
            if own is None:
                return False
            self._keys.add(own)
            self._looked_at += 1
        return key is not None and key not in self._keys


class Gathering:
    """`Hand` that keeps back what needs no answer, by table. `flush` in the end.

    Tables are written parents first, so that no reference points to what is not there yet. What
    is kept back for one row stays in its order; rows have no order among each other.
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

    def add(self, table: Table, rows: Sequence[Parameters]) -> None:
        groups = self._waiting.get(table)
        if groups and groups[-1].how is _INSERT:
            groups[-1].each.extend(rows)
            return
        for row in rows:
            self._keep_back(table, _INSERT, table, row)

    def add_if_new(self, table: Table, row: Parameters) -> None:
        self._keep_back(table, _INSERT_NEW, table, row)

    def change_one(self, statement: Executable, parameters: Parameters) -> None:
        self._keep_back(changed_table(statement), _CHANGE_ONE, statement, parameters)

    def change_any(self, statement: Executable, parameters: Parameters) -> None:
        self._keep_back(changed_table(statement), _CHANGE_ANY, statement, parameters)

    def _keep_back(self, table: Table, how: str, what: Any, parameters: Parameters) -> None:
        """In the latest group of its kind that no later one for the same row stands behind."""
        groups = self._waiting.setdefault(table, [])
        key: tuple[Any, ...] | None = None
        for group in reversed(groups):
            if group.what is what and group.how is how:
                group.each.append(parameters)
                return
            key = key or _key(_key_names(table, how), parameters)
            if not group.is_apart_from(key):
                break
        made = _Group(table, how, what)
        made.each.append(parameters)
        groups.append(made)

    def _settle(self, statement: Executable) -> None:
        if self._waiting and not self._waiting.keys().isdisjoint(tables_of(statement)):
            self.flush()

    def flush(self) -> None:
        """Carries out what waits. Raises DuplicateError, MissedError, StorageError."""
        waiting, self._waiting = self._waiting, {}
        for table in _PARENTS_FIRST if len(waiting) > 1 else waiting:
            for group in waiting.get(table, ()):
                self._carry_out(group)

    def _carry_out(self, group: _Group) -> None:
        if group.how == _INSERT:
            self._database.insert(group.what, group.each)
        elif group.how == _INSERT_NEW:
            self._database.insert_new(group.what, group.each)
        else:
            changed = self._database.change(group.what, group.each)
            if group.how == _CHANGE_ONE and changed != len(group.each):
                raise MissedError(str(group.what))


def _key(names: tuple[str, ...], parameters: Parameters) -> tuple[Any, ...] | None:
    """Of the row that is meant; None where the parameters do not name one."""
    found = tuple(parameters.get(name) for name in names)
    return None if None in found else found


@cache
def _key_names(table: Table, how: str) -> tuple[str, ...]:
    """What the primary key's columns are called in rows, and (by our custom) in statements."""
    end = "" if how in {_INSERT, _INSERT_NEW} else "_"
    return tuple(f"{each.name}{end}" for each in table.primary_key.columns)


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

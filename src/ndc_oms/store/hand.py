"""The hand that writes: what a unit function may do inside the writer's open transaction.

Statements are SQLAlchemy Core, made once at import with named parameters. Which hand a unit
function has (`hands.py`), and on which database, it does not know.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import Table
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ColumnElement

from ndc_oms.store.compiling import Given, Parameters, Values

Rows = list[tuple[Any, ...]]


class DuplicateError(Exception):
    """A unique key is taken. Unit functions that expect it turn it into a refusal."""


class MissedError(Exception):
    """A row that was to be changed is not there, or not any more as it was."""


class StorageError(Exception):
    """The database itself failed: disk full, I/O error, locked for too long.

    certain: it is known that nothing of the batch was kept.
    """

    def __init__(self, text: str, *, certain: bool) -> None:
        super().__init__(text)
        self.certain = certain


class ContendedError(StorageError):
    """Another transaction was in the way (a deadlock, for one): nothing was kept, and the same
    again may go through.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text, certain=True)


class Hand(Protocol):
    """Parameters go by name; what changes or is added may also be values, as `compiling` has them.
    Raises StorageError, and what each says.

    The four that return nothing may be carried out later, before anything that could see the
    difference; where they then fail, the batch is undone and run again unit by unit at once. They
    take rows of many orders as of one, and of no rows they do nothing.
    """

    def rows(self, statement: Executable, parameters: Parameters) -> Rows: ...

    def rows_each(self, statement: Executable, each: Sequence[Parameters]) -> list[Rows]:
        """The rows for each of the parameters, in their order."""
        ...

    def change(self, statement: Executable, parameters: Parameters) -> int:
        """How many rows it changed."""
        ...

    def add(self, table: Table, rows: Sequence[Given]) -> None:
        """Whole rows; raises DuplicateError where a unique key of one is taken."""
        ...

    def add_if_new(self, table: Table, rows: Sequence[Given]) -> None:
        """Whole rows, each unless one with its key, or another unique value of it, is there."""
        ...

    def add_where(
        self, table: Table, rows: Sequence[Given], free: ColumnElement[bool]
    ) -> list[bool]:
        """Whole rows, each where `free` holds of it, before any of them is added, and none with its
        key is there; which were added. free: its parameters are named as the row's columns. No two
        rows with one key.
        """
        ...

    def change_one(self, statement: Executable, each: Sequence[Given]) -> None:
        """Once for each; raises MissedError where it does not change exactly one row."""
        ...

    def change_any(self, statement: Executable, each: Sequence[Given]) -> None:
        """Once for each: changes or deletes what it finds, also nothing."""
        ...


class Database(Protocol):
    """A connection with its transaction: what the writer drives, and hands work on."""

    def begin(self, alone: Iterable[str]) -> None:
        """alone: names of what no other transaction may hold meanwhile. A database that writes
        in one transaction at a time needs no names.
        """
        ...

    def commit(self) -> None: ...

    def rollback(self) -> None:
        """Takes everything back."""
        ...

    def mark(self) -> None:
        """Sets a savepoint, for one unit."""
        ...

    def keep(self) -> None:
        """Lets the savepoint go: what came after it stays part of the transaction."""
        ...

    def undo(self) -> None:
        """Takes back everything since the savepoint."""
        ...

    def close(self) -> None:
        """Gives the connection up; what was not committed is undone."""
        ...

    def rows(self, statement: Executable, parameters: Parameters) -> Rows: ...

    def rows_each(self, statement: Executable, each: Sequence[Parameters]) -> list[Rows]: ...

    def change(self, statement: Executable, each: Sequence[Given]) -> int:
        """The statement once for each; how many rows were changed by all of them."""
        ...

    def insert(self, table: Table, rows: Sequence[Values]) -> None: ...

    def insert_new(self, table: Table, rows: Sequence[Values]) -> None: ...

    def insert_where(
        self, table: Table, rows: Sequence[Given], free: ColumnElement[bool]
    ) -> list[bool]:
        """As `Hand.add_where`."""
        ...


class Readers(Protocol):
    """Connections that cannot write. Each statement sees what is committed when it starts."""

    async def rows(self, statement: Executable, parameters: Parameters) -> Rows:
        """Raises errors.Unavailable when the database fails."""
        ...

    async def close(self) -> None: ...

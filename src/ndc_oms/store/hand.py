"""The hand that writes: what a unit function may do inside the writer's open transaction.

Statements are SQLAlchemy Core, made once at import with named parameters; each database's hand
compiles a statement the first time it sees it and afterwards only runs it. That keeps unit
functions portable at the speed of the bare driver.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Table
from sqlalchemy.sql.base import Executable

Parameters = Mapping[str, Any]


class DuplicateError(Exception):
    """A unique key is taken. Unit functions that expect it turn it into a refusal."""


class StorageError(Exception):
    """The database itself failed: disk full, I/O error, locked for too long.

    certain: it is known that nothing of the batch was kept.
    """

    def __init__(self, text: str, *, certain: bool) -> None:
        super().__init__(text)
        self.certain = certain


class Hand(Protocol):
    """Raises DuplicateError and StorageError; parameters go by name."""

    def rows(self, statement: Executable, parameters: Parameters) -> list[tuple[Any, ...]]: ...

    def change(self, statement: Executable, parameters: Parameters) -> int:
        """How many rows it changed."""
        ...

    def change_many(self, statement: Executable, parameters: Sequence[Parameters]) -> None:
        """The statement once for each; none: nothing happens."""
        ...

    def add_if_new(self, table: Table, row: Parameters) -> bool:
        """Inserts the whole row; False where a row with its key, or another unique value of it,
        is there already.
        """
        ...


class Database(Hand, Protocol):
    """A hand with its transaction: what the writer drives."""

    def begin(self) -> None: ...

    def commit(self) -> None: ...

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


class Readers(Protocol):
    """Connections that cannot write. Each statement sees what is committed when it starts."""

    async def rows(self, statement: Executable, parameters: Parameters) -> list[tuple[Any, ...]]:
        """Raises errors.Unavailable when the database fails."""
        ...

    async def close(self) -> None: ...

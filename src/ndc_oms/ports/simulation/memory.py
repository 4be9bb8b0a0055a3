"""A simulated side's storage that keeps nothing on disk and has no thread: each call is carried
out where it is made. For simulations that must go the same way each time, and fast.
"""

import sqlite3
from functools import cache
from typing import Final, TypeVar

from ndc_oms.ports.simulation.storage import Unit

T = TypeVar("T")

MEMORY: Final = ":memory:"  # as the name of a folder: nothing is kept, as SQLite has it


class MemoryStorage:
    """As `storage.Storage`, for one process and one thread. opening, closing: as there."""

    def __init__(
        self,
        schema: str,
        *,
        opening: Unit[None] | None = None,
        closing: Unit[None] | None = None,
    ) -> None:
        self._opening = opening
        self._closing = closing
        self._connection = sqlite3.connect(MEMORY, isolation_level=None)
        self._connection.deserialize(_empty(schema))

    async def write(self, name: str, unit: Unit[T]) -> T:  # noqa: ARG002  # as Storage has it
        """What `unit` answers. Raises what it raised; then its writes are undone."""
        connection = self._connection
        connection.execute("BEGIN")
        try:
            if self._opening is not None:
                self._opening(connection)
            value = unit(connection)
            if self._closing is not None:
                self._closing(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return value

    async def read(self, query: Unit[T]) -> T:
        """What `query` answers; nothing else is under way."""
        return query(self._connection)

    async def close(self) -> None:
        """Everything is gone with it."""
        self._connection.close()


@cache
def _empty(schema: str) -> bytes:
    """Copied, since making tables takes longer than most simulations need for a sale."""
    connection = sqlite3.connect(MEMORY)
    connection.executescript(schema)
    made = connection.serialize()
    connection.close()
    return made

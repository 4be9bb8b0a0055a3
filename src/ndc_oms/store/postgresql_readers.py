"""Reading connections on PostgreSQL: straight on the driver, the Core text compiled once."""

import asyncio

import asyncpg
from sqlalchemy.engine import URL
from sqlalchemy.sql.base import Executable

from ndc_oms.errors import Unavailable
from ndc_oms.store.compiling import Parameters
from ndc_oms.store.hand import Rows, StorageError
from ndc_oms.store.postgresql import BROKEN, CALLS, connect


class PostgresqlReaders:
    """`hand.Readers` over a few connections, opened when they are first needed, and again where
    the server ended one.
    """

    def __init__(self, url: URL, connections: int) -> None:
        self._url = url
        self._connections = connections
        self._closed = False
        # Last in, first out: few connections stay warm. None: not opened yet.
        self._free: asyncio.LifoQueue[asyncpg.Connection | None] = asyncio.LifoQueue()
        for _ in range(connections):
            self._free.put_nowait(None)

    async def rows(self, statement: Executable, parameters: Parameters) -> Rows:
        connection = await self._free.get()
        try:
            if self._closed:
                raise Unavailable("The server is shutting down.", code="911", retry_after_s=5)
            known = connection is not None and not connection.is_closed()
            if connection is None or not known:
                connection = await connect(self._url, writes=False)
            try:
                return await _fetch(connection, statement, parameters)
            except BROKEN:
                if not known:
                    raise
            # the server was started anew meanwhile: a read may be asked twice
            connection.terminate()
            connection = await connect(self._url, writes=False)
            return await _fetch(connection, statement, parameters)
        except (asyncpg.PostgresError, StorageError, *BROKEN) as error:
            raise Unavailable(
                "The database cannot be read now.", code="911", retry_after_s=5
            ) from error
        finally:
            self._free.put_nowait(connection)

    async def close(self) -> None:
        """Waits for the reads that are under way; those that come later are refused. Again:
        nothing.
        """
        self._closed = True
        taken = [await self._free.get() for _ in range(self._connections)]
        for connection in taken:
            if connection is not None and not connection.is_closed():
                await connection.close()
            self._free.put_nowait(None)


async def _fetch(
    connection: asyncpg.Connection, statement: Executable, parameters: Parameters
) -> Rows:
    sql, bind = CALLS(statement)
    return [tuple(row) for row in await connection.fetch(sql, *bind(parameters))]

"""A database on a PostgreSQL server."""

from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from ndc_oms.store.hand import StorageError
from ndc_oms.store.migrate import upgrade
from ndc_oms.store.migrations import HEAD
from ndc_oms.store.postgresql import PostgresqlDatabase, connect, lock_key
from ndc_oms.store.postgresql_presence import PostgresqlPresence
from ndc_oms.store.postgresql_programs import run
from ndc_oms.store.postgresql_readers import PostgresqlReaders

_MIGRATING: Final = f"SELECT pg_advisory_xact_lock({lock_key('migrating')})"  # a second one waits


class PostgresqlPlace:
    """`place.Place` of `postgresql+asyncpg://oms@db.example/oms`; libpq's parameters may follow,
    as `?host=/run/postgresql` for a socket. The database itself must be there.
    """

    def __init__(self, url: URL) -> None:
        self.kind = "postgresql"
        self.url = url.set(drivername="postgresql+asyncpg")
        self.shown = url.render_as_string(hide_password=True)

    async def migrate(self, to: str = HEAD) -> None:
        try:
            if await self.revision() != to:
                await self._upgrade(to)
        except asyncpg.PostgresError as error:
            raise StorageError(f"{self.shown}: {error}", certain=True) from error

    async def is_there(self) -> bool:
        return await self.revision() is not None

    async def revision(self) -> str | None:
        connection = await connect(self.url, writes=False)
        try:
            found = await connection.fetchval("SELECT version_num FROM alembic_version")
        except asyncpg.UndefinedTableError:
            return None
        finally:
            await connection.close()
        return None if found is None else str(found)

    async def _upgrade(self, to: str) -> None:
        engine = create_async_engine(self.url, poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                await connection.exec_driver_sql(_MIGRATING)
                await connection.run_sync(upgrade, self.shown, to)
        finally:
            await engine.dispose()

    async def dump(self, file: Path) -> None:
        await run("pg_dump", self.url, "--format=custom", "--no-owner", f"--file={file}")

    async def load(self, file: Path) -> None:
        whole = ("--single-transaction", "--exit-on-error", "--no-owner")
        await run("pg_restore", self.url, *whole, str(file))

    def open_database(self) -> PostgresqlDatabase:
        return PostgresqlDatabase(self.url)

    def open_readers(self, connections: int) -> PostgresqlReaders:
        return PostgresqlReaders(self.url, connections)

    def snapshot_engine(self) -> AsyncEngine:
        return create_async_engine(
            self.url,
            isolation_level="REPEATABLE READ",
            connect_args={"server_settings": {"default_transaction_read_only": "on"}},
        )

    def presence(self) -> PostgresqlPresence:
        return PostgresqlPresence(self.url)

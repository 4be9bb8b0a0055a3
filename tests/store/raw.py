"""A database behind the store's back, of either kind: to look at it, and to break it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool


@asynccontextmanager
async def behind(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction, committed in the end, that no foreign key hinders."""
    made = make_url(url)
    if made.get_backend_name() == "sqlite":
        made = made.set(drivername="sqlite+aiosqlite")
    engine = create_async_engine(made, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            if made.get_backend_name() == "postgresql":
                await connection.execute(text("SET session_replication_role = replica"))
            yield connection
    finally:
        await engine.dispose()


async def rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    async with behind(url) as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]


async def change(url: str, *statements: str, **parameters: Any) -> None:
    """Each must change something, unless it changes the schema."""
    async with behind(url) as connection:
        for statement in statements:
            done = await connection.execute(text(statement), parameters)
            assert done.rowcount, statement

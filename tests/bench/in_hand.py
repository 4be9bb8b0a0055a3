"""A house in one hand: every act of the real one, with nobody to hand anything to.

No threads, no hops, no other process: statements are carried out where they stand, the simulated
PSS and gateways answer at once from memory. The store is the house's own text on a real file;
what an act writes becomes one transaction, from its first unit to its end.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy.sql.base import Executable
from tests.bench.tape import fresh

from ndc_oms.boot.adapters import open_sides
from ndc_oms.boot.rooms import Rooms, furnish, open_schema
from ndc_oms.config import load
from ndc_oms.ndc.exchange import Row
from ndc_oms.ndc.rows import rows
from ndc_oms.ndc.schema import Schema
from ndc_oms.ports.clock import Clock, SystemClock, SystemEntropy
from ndc_oms.ports.simulation.memory import MEMORY
from ndc_oms.ports.store import Unit
from ndc_oms.store.compiling import Parameters
from ndc_oms.store.hand import Rows
from ndc_oms.store.reader import Reader
from ndc_oms.store.sqlite import SqliteDatabase
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import Failed, run_batch
from ndc_oms.world.load import load as load_world

T = TypeVar("T")
SECRET: Final = "of a bench; it guards nothing"  # as it says


class OneCommit:
    """`hand.Database` whose transactions are one, until `end`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._begun = False
        self.rows_each = database.rows_each
        self.change = database.change
        self.insert = database.insert
        self.insert_new = database.insert_new
        self.insert_where = database.insert_where
        self.mark, self.keep, self.undo = database.mark, database.keep, database.undo

    def rows(self, statement: Executable, parameters: Parameters) -> Rows:
        return self._database.rows(statement, parameters)

    def begin(self, alone: Iterable[str]) -> None:
        if not self._begun:
            self._database.begin(alone)
            self._begun = True

    def commit(self) -> None:
        """Not yet."""

    def end(self) -> None:
        if self._begun:
            self._database.commit()
            self._begun = False

    def rollback(self) -> None:
        raise AssertionError("what a bench writes is not taken back")

    def close(self) -> None:
        self.end()
        self._database.close()


class _Looks:
    """`hand.Readers` on the connection that writes."""

    def __init__(self, database: OneCommit) -> None:
        self._database = database

    async def rows(self, statement: Executable, parameters: Parameters) -> Rows:
        return self._database.rows(statement, parameters)

    async def close(self) -> None:
        """The database is closed by whoever opened it."""


class HandStore(Reader):
    """`ports.store.Store` that writes each unit where it stands."""

    def __init__(self, database: OneCommit, clock: Clock) -> None:
        super().__init__(_Looks(database), clock)
        self._database = database

    async def write(self, unit: Unit[T]) -> T:
        (outcome,) = run_batch(self._database, APPLY, [unit])
        if isinstance(outcome, Failed):
            raise outcome.error
        done: T = outcome
        return done


@dataclass(frozen=True, slots=True)
class HandHouse:
    """rows: of the messages, by name. database: `end` what was written."""

    clock: Clock
    rooms: Rooms
    rows: dict[str, Row]
    database: OneCommit
    schema: Schema


@asynccontextmanager
async def house_in_hand(world: Path, file: Path) -> AsyncIterator[HandHouse]:
    """world: its folder. file: of the database, made here."""
    config = load(None, data=Path(MEMORY), secret=SECRET, log_level="error", world=world)
    clock, entropy, loaded = SystemClock(), SystemEntropy(), load_world(world)
    secret, schema = config.secret_bytes(), open_schema(config)
    database = OneCommit(await fresh(file))
    sides, partners = open_sides(config, loaded, clock, entropy, secret)
    rooms = furnish(
        config, loaded, clock, entropy, secret,
        store=HandStore(database, clock), sides=sides, partners=partners, owner="a hand",
        schema=schema,
    )  # fmt: skip
    try:
        table = {row.message: row for row in rows(rooms.acts)}
        yield HandHouse(clock, rooms, table, database, schema)
    finally:
        await rooms.availability.close()
        await rooms.board.close()
        await sides.pss.close()
        for gateway in sides.gateways.values():
            await gateway.close()
        database.close()

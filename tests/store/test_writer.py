"""The writer: batches, savepoints, failures of the database, an orderly end."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table
from tests.store import raw
from tests.store.samples import claim, creation

from ndc_oms.errors import Conflict, NotFound, Unavailable
from ndc_oms.store import sqlite
from ndc_oms.store.compiling import Parameters
from ndc_oms.store.hand import ContendedError, Database, StorageError
from ndc_oms.store.place import place_of
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import Writer

IDS = [f"ZZ{n:010d}" for n in range(8)]
LAST = "ZZ9999999999"


class Watched:
    """A database that counts, waits and fails where a test says so."""

    commits = 0
    marks = 0
    gate: threading.Event | None = None
    at_gate = threading.Event()  # a batch has been taken, and waits
    fail_at: str | None = None
    contended = 0  # so many begins more are in another's way

    def __init__(self, database: Database) -> None:
        self._database = database

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def begin(self, alone: Iterable[str]) -> None:
        if Watched.gate is not None:
            Watched.at_gate.set()
            Watched.gate.wait()
        self._fail("begin")
        self._database.begin(alone)

    def insert(self, table: Table, rows: Sequence[Parameters]) -> None:
        self._fail("unit")
        if Watched.contended:
            Watched.contended -= 1
            raise ContendedError("deadlock detected")
        self._database.insert(table, rows)

    def mark(self) -> None:
        Watched.marks += 1
        self._database.mark()

    def commit(self) -> None:
        if Watched.fail_at == "commit":
            raise StorageError("disk I/O error", certain=False)
        self._database.commit()
        Watched.commits += 1

    def _fail(self, place: str) -> None:
        if Watched.fail_at == place:
            raise StorageError("database or disk is full", certain=True)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    Watched.gate, Watched.fail_at = None, None
    Watched.at_gate.clear()
    Watched.commits = Watched.marks = Watched.contended = 0
    yield
    Watched.gate, Watched.fail_at = None, None
    Watched.contended = 0


@asynccontextmanager
async def writing(url: str, **limits: int) -> AsyncIterator[Writer]:
    place = place_of(url)
    await place.migrate()
    writer = Writer(lambda: Watched(place.open_database()), APPLY, **limits)
    yield writer
    await writer.close()


async def stored(url: str) -> list[str]:
    found = await raw.rows(url, "SELECT order_id FROM orders ORDER BY order_id")
    return [order_id for (order_id,) in found]


async def begun(writer: Writer, ids: Iterable[str]) -> list[asyncio.Future[None]]:
    """Writes whose batch is under way, and waits for the gate to open."""
    Watched.gate = threading.Event()
    Watched.at_gate.clear()
    writes = [asyncio.ensure_future(writer.write(creation(each))) for each in ids]
    while not Watched.at_gate.is_set():
        await asyncio.sleep(0.001)
    return writes


def open_gate() -> None:
    assert Watched.gate is not None
    Watched.gate.set()


async def gathered(writer: Writer, ids: list[str]) -> list[object]:
    """Writes them as one batch that waits before it begins; the answers to all."""
    writes = await begun(writer, ids)
    open_gate()
    return list(await asyncio.gather(*writes, return_exceptions=True))


async def test_what_queues_meanwhile_is_one_transaction(url: str) -> None:
    async with writing(url) as writer:
        assert await gathered(writer, IDS) == [None] * 8
        assert Watched.commits <= 2  # the first alone, or with some; then the rest
    assert await stored(url) == IDS


async def test_what_comes_in_one_turn_of_the_loop_is_one_transaction(url: str) -> None:
    async with writing(url) as writer:
        assert await asyncio.gather(*(writer.write(creation(each)) for each in IDS)) == [None] * 8
        assert Watched.commits == 1
        assert await asyncio.gather(*(writer.write(claim(each, each)) for each in IDS))
        assert Watched.commits == 2
    assert await stored(url) == IDS


async def test_a_batch_is_limited(url: str) -> None:
    async with writing(url, batch_limit=2) as writer:
        await gathered(writer, IDS)
        assert Watched.commits >= 4
    assert await stored(url) == IDS


async def test_a_unit_that_raises_harms_nobody_else(url: str) -> None:
    async with writing(url) as writer:
        answers = await gathered(writer, [*IDS[:4], IDS[0], *IDS[4:]])
    assert isinstance(answers.pop(4), Conflict)
    assert answers == [None] * 8
    assert await stored(url) == IDS


async def test_while_no_unit_raises_none_is_written_alone(url: str) -> None:
    async with writing(url) as writer:
        assert await gathered(writer, IDS) == [None] * 8
        assert Watched.marks == 0
        assert isinstance((await gathered(writer, [IDS[0], LAST]))[0], Conflict)
        assert Watched.marks > 0
    assert await stored(url) == [*IDS, LAST]


async def test_a_batch_that_was_in_anothers_way_comes_again(url: str) -> None:
    async with writing(url) as writer:
        Watched.contended = 3
        assert await gathered(writer, IDS) == [None] * 8
        Watched.contended = 1000
        with pytest.raises(Unavailable) as refused:
            await writer.write(creation(LAST))
        assert refused.value.done == "Nothing was done."
        Watched.contended = 0
        await writer.write(creation(LAST))
    assert await stored(url) == [*IDS, LAST]


async def test_a_cancelled_caller_harms_nobody_and_its_unit_is_written(url: str) -> None:
    async with writing(url) as writer:
        first, second = await begun(writer, IDS[:2])
        first.cancel()
        open_gate()
        await second
    assert first.cancelled()
    assert await stored(url) == IDS[:2]


@pytest.mark.parametrize(
    ("place", "said"),
    [("begin", "Nothing was done."), ("unit", "Nothing was done."), ("commit", "not certain")],
)
async def test_when_the_database_fails_nobody_is_promised_anything(
    url: str, place: str, said: str
) -> None:
    async with writing(url) as writer:
        Watched.fail_at = place
        answers = await gathered(writer, IDS)
        assert all(isinstance(answer, Unavailable) for answer in answers)
        assert all(said in answer.done for answer in answers if isinstance(answer, Unavailable))
        assert await stored(url) == []
        Watched.fail_at, Watched.gate = None, None
        await writer.write(creation(IDS[0]))  # and it goes on when the database is well again
    assert await stored(url) == IDS[:1]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_file_that_cannot_be_opened_refuses_every_caller(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    writer = Writer(lambda: sqlite.SqliteDatabase(str(folder)), APPLY)
    with pytest.raises(Unavailable):
        await writer.write(creation())
    await writer.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_full_database_refuses_and_recovers(url: str) -> None:
    place = place_of(url)
    await place.migrate()

    class Small(sqlite.SqliteDatabase):
        """A database that may not grow: SQLite's own answer to a full disk."""

        pages = 0

        def __init__(self, path: str) -> None:
            super().__init__(path)
            if Small.pages:
                self._run(f"PRAGMA max_page_count={Small.pages}")

    Small.pages = 1  # SQLite takes the present size instead: not one page more
    writer = Writer(lambda: Small(place.shown), APPLY)
    answers = await asyncio.gather(
        *(writer.write(creation(f"ZZ{n:010d}")) for n in range(40)), return_exceptions=True
    )
    acked = [f"ZZ{n:010d}" for n, answer in enumerate(answers) if answer is None]
    assert any(isinstance(answer, Unavailable) for answer in answers)
    assert await stored(url) == acked
    await writer.close()


async def test_closing_writes_what_is_queued_and_refuses_the_rest(url: str) -> None:
    async with writing(url) as writer:
        writes = await begun(writer, IDS)
        closing = asyncio.ensure_future(writer.close())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await writer.write(creation("ZZ9999999999"))
        open_gate()
        await closing
        assert await asyncio.gather(*writes) == [None] * 8
    assert await stored(url) == IDS


async def test_a_full_queue_makes_callers_wait(url: str) -> None:
    async with writing(url, queue_limit=2) as writer:
        writes = await begun(writer, IDS)
        open_gate()
        assert await asyncio.gather(*writes) == [None] * 8
        assert Watched.commits >= 4  # never were there more than two to be written


async def test_another_process_may_write_too(store: SqlStore, url: str) -> None:
    other = Writer(place_of(url).open_database, APPLY)
    await asyncio.gather(
        *(
            writer.write(creation(each))
            for each, writer in zip(IDS, [store, other] * 4, strict=True)
        )
    )
    await other.close()
    assert await stored(url) == IDS
    with pytest.raises(NotFound):
        await store.get_order("ZZ9999999999", None)

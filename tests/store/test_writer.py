"""The writer: batches, savepoints, failures of the database, an orderly end."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.store.samples import creation

from ndc_oms.errors import Conflict, NotFound, Unavailable
from ndc_oms.store import sqlite
from ndc_oms.store.hand import StorageError
from ndc_oms.store.migrate import migrate
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import Writer

IDS = [f"ZZ{n:010d}" for n in range(8)]


class Watched(sqlite.SqliteDatabase):
    """Counts, waits and fails where a test says so."""

    commits = 0
    gate: threading.Event | None = None
    fail_at: str | None = None

    def begin(self) -> None:
        if Watched.gate is not None:
            Watched.gate.wait(10)
        self._fail("begin")
        super().begin()

    def commit(self) -> None:
        if Watched.fail_at == "commit":
            raise StorageError("disk I/O error", certain=False)
        super().commit()
        Watched.commits += 1

    def mark(self) -> None:
        self._fail("unit")
        super().mark()

    def _fail(self, place: str) -> None:
        if Watched.fail_at == place:
            raise StorageError("database or disk is full", certain=True)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    Watched.commits, Watched.gate, Watched.fail_at = 0, None, None
    yield
    Watched.commits, Watched.gate, Watched.fail_at = 0, None, None


@asynccontextmanager
async def writing(url: str, **limits: int) -> AsyncIterator[Writer]:
    path = sqlite.path_of(url)
    migrate(path)
    writer = Writer(lambda: Watched(path), APPLY, **limits)
    yield writer
    await writer.close()


def stored(url: str) -> list[str]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    rows = connection.execute("SELECT order_id FROM orders ORDER BY order_id").fetchall()
    connection.close()
    return [order_id for (order_id,) in rows]


async def gathered(writer: Writer, ids: list[str]) -> list[object]:
    """Writes them as one batch behind a first one that waits; the answers to all."""
    Watched.gate = threading.Event()
    writes = [asyncio.ensure_future(writer.write(creation(each))) for each in ids]
    await asyncio.sleep(0.05)
    Watched.gate.set()
    return list(await asyncio.gather(*writes, return_exceptions=True))


async def test_what_queues_meanwhile_is_one_transaction(url: str) -> None:
    async with writing(url) as writer:
        assert await gathered(writer, IDS) == [None] * 8
        assert Watched.commits <= 2  # the first alone, or with some; then the rest
    assert stored(url) == IDS


async def test_a_batch_is_limited(url: str) -> None:
    async with writing(url, batch_limit=2) as writer:
        await gathered(writer, IDS)
        assert Watched.commits >= 4
    assert stored(url) == IDS


async def test_a_unit_that_raises_harms_nobody_else(url: str) -> None:
    async with writing(url) as writer:
        answers = await gathered(writer, [*IDS[:4], IDS[0], *IDS[4:]])
    assert isinstance(answers.pop(4), Conflict)
    assert answers == [None] * 8
    assert stored(url) == IDS


async def test_a_cancelled_caller_harms_nobody_and_its_unit_is_written(url: str) -> None:
    async with writing(url) as writer:
        Watched.gate = threading.Event()
        first, second = (asyncio.ensure_future(writer.write(creation(each))) for each in IDS[:2])
        await asyncio.sleep(0.05)
        first.cancel()
        Watched.gate.set()
        await second
    assert first.cancelled()
    assert stored(url) == IDS[:2]


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
        assert stored(url) == []
        Watched.fail_at, Watched.gate = None, None
        await writer.write(creation(IDS[0]))  # and it goes on when the database is well again
    assert stored(url) == IDS[:1]


async def test_a_file_that_cannot_be_opened_refuses_every_caller(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    writer = Writer(lambda: sqlite.SqliteDatabase(str(folder)), APPLY)
    with pytest.raises(Unavailable):
        await writer.write(creation())
    await writer.close()


async def test_a_full_database_refuses_and_recovers(url: str) -> None:
    path = sqlite.path_of(url)
    migrate(path)

    class Small(sqlite.SqliteDatabase):
        """A database that may not grow: SQLite's own answer to a full disk."""

        pages = 0

        def __init__(self, path: str) -> None:
            super().__init__(path)
            if Small.pages:
                self._run(f"PRAGMA max_page_count={Small.pages}")

    Small.pages = 1  # SQLite takes the present size instead: not one page more
    writer = Writer(lambda: Small(path), APPLY)
    answers = await asyncio.gather(
        *(writer.write(creation(f"ZZ{n:010d}")) for n in range(40)), return_exceptions=True
    )
    acked = [f"ZZ{n:010d}" for n, answer in enumerate(answers) if answer is None]
    assert any(isinstance(answer, Unavailable) for answer in answers)
    assert stored(url) == acked
    await writer.close()


async def test_closing_writes_what_is_queued_and_refuses_the_rest(url: str) -> None:
    async with writing(url) as writer:
        Watched.gate = threading.Event()
        writes = [asyncio.ensure_future(writer.write(creation(each))) for each in IDS]
        await asyncio.sleep(0.05)
        closing = asyncio.ensure_future(writer.close())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await writer.write(creation("ZZ9999999999"))
        Watched.gate.set()
        await closing
        assert await asyncio.gather(*writes) == [None] * 8
    assert stored(url) == IDS


async def test_a_full_queue_makes_callers_wait(url: str) -> None:
    async with writing(url, queue_limit=2) as writer:
        Watched.gate = threading.Event()
        writes = [asyncio.ensure_future(writer.write(creation(each))) for each in IDS]
        await asyncio.sleep(0.05)
        assert writer._queue.qsize() <= 2
        Watched.gate.set()
        assert await asyncio.gather(*writes) == [None] * 8


async def test_another_process_may_write_too(store: SqlStore, url: str) -> None:
    other = Writer(lambda: sqlite.SqliteDatabase(sqlite.path_of(url)), APPLY)
    await asyncio.gather(
        *(
            writer.write(creation(each))
            for each, writer in zip(IDS, [store, other] * 4, strict=True)
        )
    )
    await other.close()
    assert stored(url) == IDS
    with pytest.raises(NotFound):
        await store.get_order("ZZ9999999999", None)

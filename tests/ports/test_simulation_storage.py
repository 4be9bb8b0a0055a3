"""The durable file: grouped commits, each unit for itself, every caller answered."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ndc_oms.ports.outcome import Confirmed, Rejected, Unknown
from ndc_oms.ports.simulation.side import Refused, SimulatedSide
from ndc_oms.ports.simulation.storage import Storage, Unit

SCHEMA = "CREATE TABLE IF NOT EXISTS notes (text TEXT PRIMARY KEY);"


@pytest.fixture
async def commits() -> list[int]:
    return []


@pytest.fixture
async def storage(tmp_path: Path, commits: list[int]) -> AsyncIterator[Storage]:
    opened = Storage(
        tmp_path / "notes.sqlite3", "notes", SCHEMA, closing=lambda _: commits.append(1)
    )
    yield opened
    await opened.close()


def note(text: str) -> Unit[str]:
    def unit(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO notes VALUES (?)", (text,))
        return text

    return unit


async def notes(storage: Storage) -> list[str]:
    return await storage.read(
        lambda c: [row[0] for row in c.execute("SELECT text FROM notes ORDER BY text")]
    )


async def test_calls_that_arrive_together_share_a_commit(
    storage: Storage, commits: list[int]
) -> None:
    texts, all_are_there = [f"{n:03d}" for n in range(100)], threading.Event()

    def wait(connection: sqlite3.Connection) -> str:
        all_are_there.wait()
        return note(texts[0])(connection)

    units = [wait, *map(note, texts[1:])]  # the first is under way when the others come
    asking = asyncio.gather(*(storage.write("note", unit) for unit in units))
    await asyncio.sleep(0)
    all_are_there.set()
    assert await asking == texts
    assert await notes(storage) == texts
    assert len(commits) <= 3


async def test_a_unit_that_raises_harms_no_other(storage: Storage) -> None:
    answers = await asyncio.gather(
        *(storage.write("note", note(t)) for t in ("a", "b", "a", "c")), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [str, str, sqlite3.IntegrityError, str]
    assert await notes(storage) == ["a", "b", "c"]


async def test_a_transaction_that_fails_is_told_to_all_and_leaves_nothing(tmp_path: Path) -> None:
    def fail(_connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    broken = Storage(tmp_path / "broken.sqlite3", "notes", SCHEMA, closing=fail)
    for _ in range(2):  # the writer lives on
        with pytest.raises(sqlite3.OperationalError, match="disk I/O"):
            await broken.write("note", note("a"))
    assert await notes(broken) == []
    await broken.close()


async def test_a_caller_that_gives_up_does_not_stop_the_writer(storage: Storage) -> None:
    impatient = [asyncio.ensure_future(storage.write("note", note(f"{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    for task in impatient:
        task.cancel()
    await asyncio.gather(*impatient, return_exceptions=True)
    assert await storage.write("note", note("patient")) == "patient"


async def test_readers_cannot_write(storage: Storage) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await storage.read(note("a"))


async def test_a_closed_storage_answers_with_an_error(storage: Storage) -> None:
    await storage.close()
    await storage.close()
    with pytest.raises(sqlite3.ProgrammingError):
        await storage.write("note", note("a"))


async def test_a_sides_outcomes(tmp_path: Path) -> None:
    side = SimulatedSide(tmp_path / "side.sqlite3", "side", SCHEMA)

    def refuse(connection: sqlite3.Connection) -> str:
        note("undone")(connection)
        raise Refused("NO", "not today")

    def lose(connection: sqlite3.Connection) -> Unknown:
        note("kept")(connection)
        return Unknown("no reply")

    assert await side.change("note", note("done")) == Confirmed("done")
    assert await side.change("note", refuse) == Rejected("NO", "not today")
    assert await side.change("note", lose) == Unknown("no reply")
    with pytest.raises(sqlite3.IntegrityError):  # a bug of the simulation is not an outcome
        await side.change("note", note("done"))
    found = await side.ask("list", lambda c: c.execute("SELECT text FROM notes").fetchall())
    assert found == Confirmed([("done",), ("kept",)])
    await side.close()
    assert isinstance(await side.change("note", note("late")), Unknown)  # storage failed

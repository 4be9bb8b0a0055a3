"""Writes that fail under the server: a full disk, a database that somebody else holds. The client
hears what is known, what was acknowledged is there, and the server goes on when it can.
"""

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest
from tests import databases
from tests.faults import stories
from tests.faults.books import Books, rows
from tests.faults.failing_disk import failing
from tests.patience import PATIENCE_S
from tests.processes import Server, running, talking

from ndc_oms.cli.checking import planned_step
from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import Conversation
from ndc_oms.store.verify import verify

pytestmark = pytest.mark.skipif(
    databases.KIND != "sqlite",
    reason="files of SQLite; a server's own disk is its affair: store/test_postgresql_outage.py",
)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """It says what is known after a while, where a step cannot be written down."""
    waits = {"NDC_OMS_REPLY_DEADLINE_S": "4"}
    async with running(tmp_path / "data", tmp_path / "log", warm=True, **waits) as started:
        yield started


async def sold(talk: Conversation, number: int) -> bytes:
    """A sale that went well before the trouble."""
    body = await next_sale(talk, number)
    stories.assert_ends(await talk.client.send(body), "")
    return body


async def next_sale(talk: Conversation, number: int) -> bytes:
    offer = await stories.firm_offer(talk, stories.some_day(number))
    return stories.create_body(offer, f"sale-{number}")


def fill_disk(server: Server) -> None:
    """No write-ahead log grows any more."""
    server.limit_files(min(path.stat().st_size for path in server.data.rglob("*-wal")))


def assert_says_what_is_known(reply: Reply) -> None:
    """Refused, to be tried again, and no word of an order that might not be there."""
    assert reply.status == 200
    ((code, text),) = reply.errors
    assert code in {"911", "493"}
    assert "again" in text
    assert any(known in text for known in ("Nothing was done.", "not certain", "No order was made"))
    assert int(reply.headers["Retry-After"]) > 0


@pytest.mark.slow
async def test_a_full_disk_before_the_order(server: Server) -> None:
    books = Books(server.data)
    async with talking(server) as talk:
        before, body = await sold(talk, 1), await next_sale(talk, 2)
        kept = await talk.client.send(before)
        fill_disk(server)
        assert_says_what_is_known(await talk.client.send(body))
        assert_says_what_is_known(await talk.client.send(body))
        assert (await talk.client.send(before)).body == kept.body  # reading needs no room
        assert len(books.orders()) == 1
        server.limit_files(None)
        stories.assert_ends(await stories.sent_until_known(talk.client, body), "")
        assert (await talk.client.send(before)).body == kept.body
    assert len(books.orders()) == 2
    assert await books.findings() == []


@pytest.mark.slow
async def test_a_disk_that_fills_up_in_the_midst_of_a_sale(server: Server) -> None:
    """Authorised at the gateway, and there is no room to write it down."""
    books = Books(server.data)
    async with talking(server) as talk:
        await sold(talk, 1)
        body = await next_sale(talk, 2)
        (gateway,) = [each for each in books.gateways if authorised(each)]
        with ExitStack() as ours:
            with held(gateway):  # as long as the gateway waits, nothing goes on
                sending = asyncio.ensure_future(talk.client.send(body))
                while len(books.orders()) < 2:
                    await asyncio.sleep(0.01)
                ours.enter_context(held(books.store))
            while len(authorised(gateway)) < 2:
                await asyncio.sleep(0.01)
            fill_disk(server)
        assert_says_what_is_known(await sending)
        server.limit_files(None)
        stories.assert_ends(await stories.sent_until_known(talk.client, body), "")
        await books.settled()
    assert len(books.orders()) == 2
    assert await books.findings() == []


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Nobody else writes to it within; who tries waits, for some seconds."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=PATIENCE_S)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


def authorised(gateway: Path) -> list[tuple[str]]:
    return rows(gateway, "SELECT id FROM authorisations")


@pytest.mark.slow
async def test_killed_on_a_full_disk(server: Server) -> None:
    books = Books(server.data)
    async with talking(server) as talk:
        before, body = await sold(talk, 1), await next_sale(talk, 2)
        kept = await talk.client.send(before)
        fill_disk(server)
        assert_says_what_is_known(await talk.client.send(body))
    await server.kill()
    await server.start()
    async with talking(server) as talk:
        assert (await talk.client.send(before)).body == kept.body
        stories.assert_ends(await talk.client.send(body), "")
    assert await books.findings() == []


# What fails of the log that every commit is written to first: its writes, or their way to the disk.
BROKEN: Final = {
    "writing, no room": ("pwrite64", "ENOSPC"),
    "writing, the medium": ("pwrite64", "EIO"),
    "syncing, the medium": ("fdatasync,fsync", "EIO"),
    "growing, no room": ("ftruncate,fallocate,pwrite64", "ENOSPC"),
}


@pytest.mark.slow
@pytest.mark.parametrize("how", BROKEN)
async def test_an_error_of_the_disk_under_the_writer(server: Server, how: str) -> None:
    """Nothing acknowledged is lost, also when the process is killed before anything is well."""
    books = Books(server.data)
    log = books.store.with_name(f"{books.store.name}-wal")
    async with talking(server) as talk:
        before, body = await sold(talk, 1), await next_sale(talk, 2)
        kept = await talk.client.send(before)
        with failing(server.process.pid, log, *BROKEN[how]):
            for _ in range(3):
                assert_says_what_is_known(await talk.client.send(body))
            assert (await talk.client.send(before)).body == kept.body  # reading goes on
        again = await stories.sent_until_known(talk.client, body)
        stories.assert_ends(again, "")
        assert (await talk.client.send(before)).body == kept.body
        await books.settled()
    await server.kill()
    assert len(books.orders()) == 2
    assert await books.findings() == []
    await server.start()
    async with talking(server) as talk:
        assert (await talk.client.send(before)).body == kept.body
        assert (await talk.client.send(body)).body == again.body


@pytest.mark.slow
async def test_killed_while_the_disk_fails(server: Server) -> None:
    books = Books(server.data)
    log = books.store.with_name(f"{books.store.name}-wal")
    async with talking(server) as talk:
        before, body = await sold(talk, 1), await next_sale(talk, 2)
        kept = await talk.client.send(before)
        with failing(server.process.pid, log, "fdatasync,fsync", "EIO"):
            assert_says_what_is_known(await talk.client.send(body))
            await server.kill()
    assert await databases_hold(books)
    await server.start()
    async with talking(server) as talk:
        assert (await talk.client.send(before)).body == kept.body
        stories.assert_ends(await stories.sent_until_known(talk.client, body), "")
        await books.settled()
    assert len(books.orders()) == 2
    assert await books.findings() == []


async def databases_hold(books: Books) -> bool:
    """The file is whole, and its invariants hold, whatever was under way."""
    ((said,),) = databases.read(books.data, "PRAGMA integrity_check")
    return said == "ok" and await verify(f"sqlite:///{books.store}", next_step=planned_step) == []


@pytest.mark.slow
async def test_a_database_that_somebody_else_holds(server: Server) -> None:
    """Longer than anybody waits for it: ten seconds."""
    books = Books(server.data)
    async with talking(server) as talk:
        body = await next_sale(talk, 1)
        with held(books.store):
            assert_says_what_is_known(await talk.client.send(body))
        stories.assert_ends(await stories.sent_until_known(talk.client, body), "")
        await books.settled()
    assert len(books.orders()) == 1
    assert await books.findings() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    asked = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if subprocess.run(asked, check=False, capture_output=True).returncode != 0:
        pytest.skip("a file system cannot be mounted here; the other tests limit file sizes")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill_to_the_last_byte(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    assert os.statvfs(ballast).f_bavail == 0


@pytest.mark.slow
async def test_a_small_disk_to_its_last_byte(tmp_path: Path, small_disk: Path) -> None:
    """Not one block is left; then there is room again."""
    server = Server(small_disk / "data", tmp_path / "log", warm=True)
    books = Books(small_disk / "data")
    ballast = small_disk / "ballast"
    try:
        await server.start()
        async with talking(server) as talk:
            acknowledged = [await sold(talk, 0)]
            body = await next_sale(talk, 1)
            fill_to_the_last_byte(ballast)
            assert_says_what_is_known(await talk.client.send(body))
            ballast.unlink()
            stories.assert_ends(await stories.sent_until_known(talk.client, body), "")
            acknowledged.append(body)
            await books.settled()
        assert len(books.orders()) == len(acknowledged)
        assert await books.findings() == []
    finally:
        server.bury()

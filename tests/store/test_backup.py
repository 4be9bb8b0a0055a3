"""A backup holds what was acknowledged when it began, and is restored whole or not at all."""

import asyncio
import io
import itertools
import os
import sqlite3
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from tests import databases, postgresql
from tests.store import raw
from tests.store.samples import StoppedClock, creation, life, order, record

from ndc_oms.errors import Invalid, NotAllowed, NotFound, Unavailable
from ndc_oms.store.backup import back_up, restore
from ndc_oms.store.sql_store import SqlStore, open_store
from ndc_oms.store.verify import verify


@pytest.fixture
def data(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with the database of another side in it, and a secret."""
    if kind == "postgresql":
        monkeypatch.setenv("PATH", str(postgresql.server().bin), prepend=os.pathsep)
    folder = tmp_path / "data"
    (folder / "pss").mkdir(parents=True)
    with sqlite3.connect(folder / "pss" / "pss.sqlite3") as theirs:
        theirs.execute("PRAGMA journal_mode=WAL")
        theirs.execute("CREATE TABLE seats (sold INTEGER)")
        theirs.execute("INSERT INTO seats VALUES (7)")
    theirs.close()
    (folder / "secret").write_bytes(b"a secret of this house\n")
    (folder / "secret").chmod(0o600)
    return folder


@pytest.fixture
def other(kind: str, tmp_path: Path) -> Iterator[str]:
    """Where it is restored."""
    (tmp_path / "other").mkdir()
    with databases.new(kind, tmp_path / "other", empty=True) as url:
        yield url


async def test_what_was_acknowledged_comes_back(
    store: SqlStore, url: str, other: str, data: Path, tmp_path: Path
) -> None:
    await store.write(record(None, life(order())))

    async def sell() -> None:
        while not taken.is_set():
            await store.write(creation(f"ZZ1{next(numbers):09d}"))
            sold.set()

    numbers, sold, taken = itertools.count(), asyncio.Event(), asyncio.Event()
    selling = asyncio.create_task(sell())  # it is taken from a house at work
    await sold.wait()
    ((before,),) = await raw.rows(url, "SELECT count(*) FROM orders")
    file = tmp_path / "backups" / "monday.tar.gz"
    assert await back_up(url, data, file) == file.stat().st_size
    taken.set()
    await selling
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]

    into = tmp_path / "restored"
    manifest = await restore(other, into, file)
    assert manifest["revision"]
    assert await verify(other) == []
    ((kept,),) = await raw.rows(other, "SELECT count(*) FROM orders")
    assert 1 < before <= kept <= next(numbers) + 1
    again = await open_store(other, clock=StoppedClock())
    assert (await again.get_order("ZZ0000000001", None)).order.sequence == 6
    await again.write(creation("ZZ2000000000"))
    await again.close()
    with sqlite3.connect(into / "pss" / "pss.sqlite3") as theirs:
        assert theirs.execute("SELECT sold FROM seats").fetchall() == [(7,)]
    theirs.close()
    assert (into / "secret").read_bytes() == (data / "secret").read_bytes()
    assert stat.S_IMODE((into / "secret").stat().st_mode) == 0o600


async def test_nothing_is_overwritten(
    store: SqlStore, url: str, other: str, data: Path, tmp_path: Path
) -> None:
    await store.write(creation())
    file = tmp_path / "backup"
    await back_up(url, data, file)
    with pytest.raises(NotAllowed, match="there already"):
        await back_up(url, data, file)
    with pytest.raises(NotAllowed, match="not empty"):
        await restore(other, data, file)
    with pytest.raises(NotAllowed, match=r"has tables") as refused:
        await restore(url, tmp_path / "new", file)
    assert "empty database" in refused.value.remedy
    assert not (tmp_path / "new").exists()


async def test_of_nothing_there_is_no_backup(
    empty_url: str, data: Path, tmp_path: Path, other: str
) -> None:
    with pytest.raises(NotFound, match="no database"):
        await back_up(empty_url, data, tmp_path / "backup")
    with pytest.raises(NotFound, match="no file"):
        await restore(other, tmp_path / "new", tmp_path / "backup")


async def test_a_kind_is_restored_into_its_kind(
    store: SqlStore, url: str, data: Path, tmp_path: Path, kind: str
) -> None:
    await back_up(url, data, tmp_path / "backup")
    (tmp_path / "wrong").mkdir()
    wrong = "sqlite" if kind == "postgresql" else "postgresql"
    with (
        databases.new(wrong, tmp_path / "wrong", empty=True) as elsewhere,
        pytest.raises(Invalid, match=f"of a {kind} database"),
    ):
        await restore(elsewhere, tmp_path / "new", tmp_path / "backup")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["../out", "data/../../out", "/out", "else/file", "data/link"])
async def test_a_file_that_would_reach_out_is_refused(
    other: str, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "backup"
    with tarfile.open(file, "w:gz") as archive:
        member = tarfile.TarInfo(name)
        if name.endswith("link"):
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member, io.BytesIO())
    with pytest.raises(Invalid, match="is no backup"):
        await restore(other, tmp_path / "new", file)
    assert not (tmp_path / "new").exists()


async def test_half_a_backup_is_refused(
    store: SqlStore, url: str, other: str, data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    await back_up(url, data, file)
    whole = file.read_bytes()
    for part in (b"", b"no archive", whole[: len(whole) // 2]):
        file.write_bytes(part)
        with pytest.raises(Invalid, match="no whole backup"):
            await restore(other, tmp_path / "new", file)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_without_pg_dump_the_command_is_told(
    store: SqlStore, url: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with_password = make_url(url).set(password="hush").render_as_string(hide_password=False)
    with pytest.raises(Unavailable, match="no pg_dump") as refused:
        await back_up(with_password, data, tmp_path / "backup")
    assert "pg_dump '--dbname=postgresql://oms@/" in refused.value.remedy
    assert "--format=custom" in refused.value.remedy
    assert "hush" not in refused.value.remedy
    assert not (tmp_path / "backup").exists()

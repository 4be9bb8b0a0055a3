"""Databases for tests, of either kind: fresh, quickly, and gone afterwards.

`NDC_OMS_TEST_DATABASE=postgresql` lets every house of the tests stand on PostgreSQL.
"""

import asyncio
import atexit
import os
import shutil
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
from tests import postgresql
from tests.store import raw

from ndc_oms.store.place import place_of
from ndc_oms.store.tables import metadata

T = TypeVar("T")

KIND: Final = os.environ.get("NDC_OMS_TEST_DATABASE", "sqlite")
_names: dict[Path, str] = {}  # of the databases of folders
_adopted: dict[Path, str] = {}  # URLs of those that another process made for us


@contextmanager
def new(kind: str, folder: Path, *, empty: bool = False) -> Iterator[str]:
    """The URL of a database with the newest schema; empty: without any table. Skips the test, and
    says why, where no PostgreSQL server can be started.
    """
    if kind == "sqlite":
        file = folder / "store.sqlite3"
        if not empty:
            shutil.copy(_template_file(), file)
        yield f"sqlite:///{file}"
        return
    name = _new_on_postgresql(empty=empty)
    yield postgresql.url(name)
    postgresql.drop_database(name)


def _new_on_postgresql(*, empty: bool = False) -> str:
    try:
        return postgresql.new_database("template1" if empty else _template_database())
    except postgresql.NoServerError as reason:
        pytest.skip(f"no PostgreSQL server for tests: {reason}")


def of_folder(data: Path) -> str:
    """The setting `database` of a house on this folder, the same each time."""
    if KIND == "sqlite":
        return ""
    if data in _adopted:
        return _adopted[data]
    if data not in _names:
        _names[data] = _new_on_postgresql()
    return postgresql.url(_names[data])


def adopt(data: Path, url: str) -> None:
    """For a process of a test's own: the folder's database, as the test has it by `of_folder`."""
    _adopted[data] = url


def drop_below(folder: Path) -> None:
    """Databases of folders that lie in this one. Nobody uses them any more."""
    for data in [each for each in _names if each.is_relative_to(folder)]:
        postgresql.drop_database(_names.pop(data))


def read(data: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of the database of a house on this folder, running or not."""
    url = of_folder(data) or f"sqlite:///{data / 'ndc-oms.sqlite3'}"
    return _in_thread(raw.rows(url, sql))


def contents(data: Path) -> dict[str, bytes]:
    """Every table of a house's database by its name, each value as it is, where its files are not
    in the folder.
    """
    if not of_folder(data):
        return {}
    return {
        table: b"\n".join(
            value if isinstance(value, bytes) else str(value).encode()
            for row in read(data, f"SELECT * FROM {table}")  # noqa: S608 — a name of ours
            for value in row
        )
        for table in metadata.tables
    }


@cache
def _template_file() -> Path:
    """Copied: an eighth of what making one takes."""
    folder = Path(tempfile.mkdtemp(prefix="ndc-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "template.sqlite3"
    _migrate(f"sqlite:///{file}")
    return file


@cache
def _template_database() -> str:
    name = postgresql.new_database("template1")
    _migrate(postgresql.url(name))
    return name


def _migrate(url: str) -> None:
    _in_thread(place_of(url).migrate())


def _in_thread(work: Coroutine[Any, Any, T]) -> T:
    """What it answers; this thread may have a loop that runs."""
    answers: list[T] = []
    thread = threading.Thread(target=lambda: answers.append(asyncio.run(work)))
    thread.start()
    thread.join()
    return answers[0]

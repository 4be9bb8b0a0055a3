"""A store on a new database of each kind, with a clock that stands still."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests import databases
from tests.store.samples import StoppedClock

from ndc_oms.store.sql_store import SqlStore, open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str, tmp_path: Path) -> Iterator[str]:
    """Of a database with the newest schema that nobody else uses."""
    with databases.new(kind, tmp_path) as made:
        yield made


@pytest.fixture
def empty_url(kind: str, tmp_path: Path) -> Iterator[str]:
    """Of a database without any table; on SQLite without a file."""
    with databases.new(kind, tmp_path, empty=True) as made:
        yield made


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def store(url: str, clock: StoppedClock) -> AsyncIterator[SqlStore]:
    opened = await open_store(url, clock=clock)
    yield opened
    await opened.close()

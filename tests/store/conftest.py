"""A store on a new file, with a clock that stands still."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.store.samples import StoppedClock

from ndc_oms.store.sql_store import SqlStore, open_store


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite3'}"


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def store(url: str, clock: StoppedClock) -> AsyncIterator[SqlStore]:
    opened = await open_store(url, clock=clock)
    yield opened
    await opened.close()

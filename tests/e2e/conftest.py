"""A served house for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.houses import Served, serving


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as house:
        yield house
        assert await house.findings() == []

"""The board is tested with stand-ins alone: time is one as well."""

from typing import Any

import pytest
from tests.timeless import LOOPS

TIMELESS = {"test_board.py"}


def pytest_asyncio_loop_factories(item: pytest.Item) -> Any:
    return LOOPS if item.path.name in TIMELESS else None

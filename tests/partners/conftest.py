"""The board is tested with stand-ins alone: time is one as well."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.timeless import LOOPS, REAL

TIMELESS = {"test_board.py"}


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Any]:
    return LOOPS if item.path.name in TIMELESS else REAL

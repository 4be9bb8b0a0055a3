"""Where every side is a stand-in, time is one as well."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.timeless import LOOPS, REAL

WITH_SOCKETS = {"test_outbound.py"}


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Any]:
    return REAL if item.path.name in WITH_SOCKETS else LOOPS

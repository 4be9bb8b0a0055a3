"""Where every side is a stand-in, time is one as well."""

from typing import Any

import pytest
from tests.timeless import LOOPS

WITH_SOCKETS = {"test_outbound.py"}


def pytest_asyncio_loop_factories(item: pytest.Item) -> Any:
    return None if item.path.name in WITH_SOCKETS else LOOPS

"""Every side is a stand-in here, and so is time."""

from collections.abc import Mapping
from typing import Any

from tests.timeless import LOOPS


def pytest_asyncio_loop_factories() -> Mapping[str, Any]:
    return LOOPS

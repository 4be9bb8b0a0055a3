"""Every side is a stand-in here, and so is time."""

from typing import Any

from tests.timeless import LOOPS


def pytest_asyncio_loop_factories() -> Any:
    return LOOPS

"""What every test needs."""

import asyncio
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import pytest
import structlog
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.houses")

from tests import databases, loops, memory  # noqa: E402  # after what it imports is to be rewritten

ONE_OF: Final = 10  # cells of a wide matrix that are tested each time
ALL: Final = "NDC_OMS_TEST_ALL"

# Examples of properties are the same ones every time; other ones each time under NDC_OMS_TEST_ALL.
# How long one takes says something about the machine alone.
settings.register_profile(
    "ours",
    deadline=None,
    derandomize=not os.environ.get(ALL),
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ours")


def pytest_configure() -> None:
    """Every tmp_path in memory; TMPDIR and --basetemp go before."""
    place = memory.folder()
    if place is not None and "TMPDIR" not in os.environ:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the matrices that are marked as wide, one cell of ten, the same ones every time; all of
    them under NDC_OMS_TEST_ALL, or where one is asked for by name.
    """
    if os.environ.get(ALL) or any("::" in each for each in config.args):
        return
    left = [each for each in items if _is_left_out(each)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [each for each in items if not _is_left_out(each)]


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"steady": loops.SteadyLoop}


def _is_left_out(item: pytest.Item) -> bool:
    wide = item.get_closest_marker("wide") is not None
    return wide and zlib.crc32(item.nodeid.encode()) % ONE_OF != 0


@pytest.fixture(autouse=True)
def _databases_go_with_their_folder(request: pytest.FixtureRequest) -> Iterator[None]:
    """Those that `databases.of_folder` made for this test, where it had a folder of its own."""
    own = "tmp_path" in request.fixturenames
    folder = request.getfixturevalue("tmp_path") if own else None
    yield
    if folder is not None:
        databases.drop_below(folder)


@pytest.fixture(autouse=True)
def _logs_of_their_own() -> Iterator[None]:
    """A command that a test ran has logged to that test's captured output, which is closed now."""
    yield
    structlog.reset_defaults()

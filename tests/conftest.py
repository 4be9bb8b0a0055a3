"""What every test needs."""

from collections.abc import Iterator

import pytest
import structlog

pytest.register_assert_rewrite("tests.houses")

from tests import databases  # noqa: E402  # after what it imports is to be rewritten


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

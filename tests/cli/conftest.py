"""A command's own loop is as patient as a test's."""

import asyncio

import pytest
from tests import loops


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "run", loops.run)

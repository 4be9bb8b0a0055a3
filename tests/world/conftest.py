"""The demo airline, loaded once; and copies of its folder for spoiling."""

import shutil
from pathlib import Path

import pytest

from ndc_oms import resources
from ndc_oms.world.load import load
from ndc_oms.world.world import World


@pytest.fixture(scope="session")
def folder() -> Path:
    return resources.fixtures() / "airline"


@pytest.fixture(scope="session")
def world(folder: Path) -> World:
    return load(folder)


@pytest.fixture
def spoilt(folder: Path, tmp_path: Path) -> Path:
    """A copy of the demo airline's folder that a test may write to."""
    return Path(shutil.copytree(folder, tmp_path / "airline"))

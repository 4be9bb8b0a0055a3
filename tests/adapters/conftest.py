"""The simulated airline, fresh for each test, whose books must agree when the test is over."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.adapters.simulated_airline import FLIGHTS, MovingClock, settings

from ndc_oms.kit.pss_bench import Bench
from ndc_pss_simulator.simulator import Simulator


@pytest.fixture
async def simulator(tmp_path: Path) -> AsyncIterator[Simulator]:
    opened = Simulator(settings(str(tmp_path), MovingClock()))
    yield opened
    await opened.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    clock = MovingClock()
    opened = Simulator(settings(str(tmp_path), clock))
    yield Bench(opened, FLIGHTS, "B", 4, clock.now, clock.advance)
    assert await opened.audit() == []
    await opened.close()

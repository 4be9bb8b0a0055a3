"""Loops for tests whose every side is a stand-in: time goes by only where all of them wait, so that
a deadline that is meant to pass passes, and no other does, however slow the machine is.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, TypeVar

from ndc_oms.kit.simulation.timeline import Timeline

T = TypeVar("T")

LOOPS: Final[Mapping[str, Callable[[], asyncio.AbstractEventLoop]]] = {"timeless": Timeline}
"""For the hook `pytest_asyncio_loop_factories` of a folder's conftest. Files, sockets and threads
are nothing that this loop waits for: their tests have the loop of all others (`tests/loops.py`).
"""


def run(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` for tests that are no coroutines themselves."""
    with asyncio.Runner(loop_factory=Timeline) as runner:
        return runner.run(work)

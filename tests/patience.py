"""How long a test waits for what must come, on a machine that is shared and may stall: for minutes,
because a wait costs nothing where the thing comes, and only says sooner that it never will.
"""

import time
from collections.abc import Iterator
from typing import Final

PATIENCE_S: Final = 300.0


def tries() -> Iterator[None]:
    """For who looks again and again, pausing in between: ends when patience does."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        yield

"""How long a test waits for what must come, on a machine that is shared and may stall: for minutes,
because a wait costs nothing where the thing comes, and only says sooner that it never will.
"""

from typing import Final

PATIENCE_S: Final = 300.0

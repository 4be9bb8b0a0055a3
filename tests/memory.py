"""Where tests keep what need not outlive them: in memory, where the machine has room there.

Nothing that a test shows hangs on the disk: a killed process leaves its files as they are there
too. What the disk does is measured (tests/bench) and played (tests/faults) on the disk.
"""

import shutil
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 — folders of one's own are made below it
_ROOM: Final = 2 << 30  # bytes


def folder() -> Path | None:
    """None where there is none, or too little room in it."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    return _MEMORY if roomy else None

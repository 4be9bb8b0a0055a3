"""Which core works. Two cores of a rented machine may be halves of one, and a half is slower by a
third or more while the other half, or a stranger, works on it: for seconds at a time, now the one,
now the other. So what is compared runs on the same core, in short turns, and who only asks runs
on another. With one core there is nothing to choose.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_ALL: Final = sorted(os.sched_getaffinity(0))
MEASURED: Final = frozenset(_ALL[:1])
ASKING: Final = frozenset(_ALL[1:]) or MEASURED


def keep(pid: int, cores: frozenset[int] = MEASURED) -> None:
    """A process, with every thread that it has, and those that its first will start."""
    for each in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(each.name), cores)


@contextmanager
def on(cores: frozenset[int]) -> Iterator[None]:
    """This thread."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)

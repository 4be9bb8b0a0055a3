"""How a process that serves for months treats its memory: Python's collector, and glibc's heap."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

YOUNG: Final = 100_000  # more objects than a search holds at once; to look at so many takes 80 ms
OLDER: Final = 100  # such looks before it looks again at all that outlived one

_TRIM_THRESHOLD: Final = -1  # numbers of glibc's mallopt (malloc.h)
_MMAP_THRESHOLD: Final = -3
_LARGEST: Final = 32 * 1024 * 1024  # bytes; glibc takes no greater one


@contextmanager
def collector_held() -> Iterator[None]:
    """Until `spare_collector`, or the end: loading a world makes half a million objects that all
    stay, and walking through them again and again is a tenth of the whole start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def spare_collector() -> None:
    """What is here by now, the airline's world above all, stays: the garbage collector need not
    walk through it again. And it shall look for cycles rarely: requests leave none behind (a test
    counts them), while what searches keep for the next (flights, prices, fragments) is hundreds of
    thousands of objects. So each of those is looked at once, a few at a time: walking through
    half a million holds up every reply for 0.4 s.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, 10)
    gc.enable()


def keep_heap() -> None:
    """Replies have megabytes. glibc maps such a block by itself and gives it back at once, so that
    the kernel clears each of its pages for every reply; from the heap they are used again. At most
    _LARGEST bytes that nobody needs stay with the process. Other C libraries are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST)
        mallopt(_TRIM_THRESHOLD, _LARGEST)

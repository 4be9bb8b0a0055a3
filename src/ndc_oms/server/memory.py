"""How a process that serves for months treats its memory: Python's collector, and glibc's heap."""

import asyncio
import ctypes
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

EVERY_S: Final = 60.0  # between two looks of the collector
PATIENCE_S: Final = 10.0  # how long a look waits for a moment in which nobody waits for it
OLDER: Final = 60  # such looks before it looks again at all that outlived one
MOST: Final = 1_000_000  # new objects after which it looks by itself, whoever waits: a second or so

_TRIM_THRESHOLD: Final = -1  # numbers of glibc's mallopt (malloc.h)
_TOP_PAD: Final = -2
_MMAP_THRESHOLD: Final = -3
_LARGEST: Final = 32 * 1024 * 1024  # bytes; glibc takes no greater one
_AHEAD: Final = 96 * 1024 * 1024  # bytes of addresses; they take memory as they are used
_MAPS: Final = Path("/proc/self/maps")
_HUGE: Final = 14  # MADV_HUGEPAGE (Linux, madvise(2))


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
    walk through it again. And it shall not look for cycles by itself: requests leave none behind (a
    test counts them), while what searches keep for the next (flights, prices, fragments) is
    hundreds of thousands of objects. To look at 100,000 of them holds up every reply for 0.1 s,
    which was a twentieth of a busy server. `collect_now_and_then` looks, at calm moments.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(MOST, OLDER, 10)
    gc.enable()


async def collect_now_and_then(is_busy: Callable[[], bool], every_s: float = EVERY_S) -> None:
    """For ever. What was let go again in the meantime, which is most of it, costs nothing."""
    for look in count(1):
        await asyncio.sleep(every_s)
        await _calm(is_busy)
        gc.collect(1 if look % OLDER == 0 else 0)


async def _calm(is_busy: Callable[[], bool]) -> None:
    """A moment without work, or PATIENCE_S later."""
    patience = time.monotonic() + PATIENCE_S
    while is_busy() and time.monotonic() < patience:  # noqa: ASYNC110 — no reply shall ring a bell
        await asyncio.sleep(0.01)


def keep_heap() -> None:
    """Replies have megabytes. glibc maps such a block by itself and gives it back at once, so that
    the kernel clears each of its pages for every reply; from the heap they are used again. At most
    _LARGEST bytes that nobody needs stay with the process, and _AHEAD beyond the last in use. Other
    C libraries are left as they are.

    The heap grows that far at once, so that all of it can be asked for in large pages: what
    shopping keeps is spread all over it, and with small ones the processor looks up where a page is
    more often than what is in it (2 to 4 % of a search).
    """
    libc = ctypes.CDLL(None)
    mallopt = getattr(libc, "mallopt", None)
    if mallopt is None:
        return
    mallopt(_MMAP_THRESHOLD, _LARGEST)
    mallopt(_TRIM_THRESHOLD, _LARGEST)
    mallopt(_TOP_PAD, _AHEAD)
    libc.malloc.restype = ctypes.c_void_p
    libc.free(ctypes.c_void_p(libc.malloc(_LARGEST // 2)))
    for start, size in _heaps():
        # a hint: where it is not taken, nothing is lost
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), _HUGE)


def _heaps() -> Iterator[tuple[int, int]]:
    """Where the process's heap is: address and size, as the kernel says."""
    lines = _MAPS.read_text().splitlines() if _MAPS.exists() else []
    for line in lines:
        if line.endswith("[heap]"):
            start, end = (int(each, 16) for each in line.partition(" ")[0].split("-"))
            yield start, end - start

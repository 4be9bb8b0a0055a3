"""CPU that a process has used: all its threads, in user and kernel, whatever else the machine does.

Wall clocks say little on a shared machine; what a request costs its server does not depend on who
else is running. Linux only, as /proc is.
"""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def used_s(pid: int) -> float:
    """Seconds so far. From the scheduler's nanoseconds; where the kernel keeps none, from ticks of
    10 ms. Threads that have ended are in the ticks only: a server's threads live as long as it.
    """
    try:
        tasks = [each / "schedstat" for each in Path(f"/proc/{pid}/task").iterdir()]
        return sum(int(each.read_text().split()[0]) for each in tasks) / 1e9
    except FileNotFoundError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def kernel_s(pid: int) -> float:
    """Seconds in the kernel so far, in ticks of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[12]) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Memory that is really there, in megabytes of 10**6 bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def timed_us(work: Callable[[], T]) -> tuple[T, float]:
    """What `work` answers, and the microseconds of this thread that it took."""
    began = time.thread_time_ns()
    answer = work()
    return answer, (time.thread_time_ns() - began) / 1e3

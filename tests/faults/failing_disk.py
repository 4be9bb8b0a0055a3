"""A disk that fails under a running process: the kernel's answer to calls on a file is an error.

By `strace -e inject`, where it is installed and may trace: the calls are really made to fail, and
the process runs its own code for them.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.patience import PATIENCE_S


@contextmanager
def failing(pid: int, file: Path, calls: str, error: str) -> Iterator[None]:
    """Within it, these calls (as `pwrite64,fdatasync`) of the process on the file fail so."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed: nothing else makes a disk fail here")
    tracer = subprocess.Popen(
        [
            strace, "-f", "-qq", "-o", os.devnull, "-P", file, "-e", f"trace={calls}",
            "-e", f"inject={calls}:error={error}", "-p", str(pid),
        ],
        stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        _await_attached(tracer, pid)
        yield
    finally:
        tracer.send_signal(signal.SIGINT)  # lets the process go on untraced
        tracer.communicate()


def _await_attached(tracer: "subprocess.Popen[bytes]", pid: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not _all_traced(pid):
        if tracer.poll() is not None:
            _, said = tracer.communicate()
            pytest.skip(f"strace may not trace here: {said.decode().strip()}")
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _all_traced(pid: int) -> bool:
    states = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/status")]
    return all("TracerPid:\t0\n" not in state for state in states)

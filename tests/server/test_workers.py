"""A parent and its workers, with work that does nothing: who starts, ends and replaces whom."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from tests.patience import PATIENCE_S, tries

from ndc_oms.server.workers import reserve

SCRIPT = """
import os, select, signal, sys, time
import structlog
from ndc_oms.errors import Invalid
from ndc_oms.server.workers import Parent

structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))

def say(what):
    os.write(1, f"{what}\\n".encode())

def work(life):
    if MODE == "refuses":
        raise Invalid("Nothing of this can work.", remedy="Set something else.")
    if MODE == "fails":
        raise ZeroDivisionError
    going = []
    signal.signal(signal.SIGTERM, lambda *_: going.append(1))
    say(f"worker {os.getpid()}")
    life.ready()
    while not going:
        try:
            if select.select([life.parent], [], [], 0.05)[0]:
                break
        except InterruptedError:
            continue
    time.sleep(0.2)  # what is in flight
    say(f"done {os.getpid()}")

MODE = sys.argv[1]
ended = lambda pid: say(f"ended {pid}")
sys.exit(Parent(2, work, all_ready=lambda: say("all ready"), ended=ended).run())
"""


@contextmanager
def parent(mode: str = "works") -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, mode],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read(process: "subprocess.Popen[str]", *starts: str) -> list[int]:
    """The pids of the next lines, which start like this, in any order."""
    assert process.stdout is not None
    lines = sorted(process.stdout.readline().strip() for _ in starts)
    assert [line.rpartition(" ")[0] for line in lines] == sorted(starts), lines
    return [int(line.rpartition(" ")[2]) for line in lines if line[-1].isdigit()]


def gone(pid: int) -> bool:
    """Patiently."""
    for _ in tries():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def started(process: "subprocess.Popen[str]") -> list[int]:
    return read(process, "worker", "worker", "all")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_end_when_the_parent_is_told(number: signal.Signals) -> None:
    with parent() as process:
        pids = started(process)
        process.send_signal(number)
        out, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
        assert sorted(out.split("\n")[:-1]) == sorted(
            [f"done {pid}" for pid in pids] + [f"ended {pid}" for pid in pids]
        )


def test_told_twice_they_end_at_once() -> None:
    with parent() as process:
        started(process)
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.05)
        process.wait(PATIENCE_S)


def test_one_that_dies_is_replaced() -> None:
    with parent() as process:
        first, second = started(process)
        os.kill(first, signal.SIGKILL)
        pids = read(process, "ended", "worker")
        assert first in pids
        (third,) = set(pids) - {first}
        assert third not in {first, second}
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0


def test_workers_end_with_their_parent() -> None:
    with parent() as process:
        pids = started(process)
        process.kill()
        process.wait()
        assert all(gone(pid) for pid in pids)


@pytest.mark.parametrize(
    ("mode", "status", "said"), [("refuses", 2, "Nothing of this"), ("fails", 1, "ZeroDivision")]
)
def test_when_the_first_cannot_start_all_end(mode: str, status: int, said: str) -> None:
    with parent(mode) as process:
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == status
        assert said in out + err
        assert "Set something else." in out + err or mode == "fails"


def test_a_reserved_port_can_be_shared_and_takes_no_connection() -> None:
    with closing(reserve("127.0.0.1", 0)) as reserved:
        address = reserved.getsockname()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=PATIENCE_S)
        with closing(socket.socket()) as worker:
            worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            worker.bind(address)
            worker.listen()
            socket.create_connection(address, timeout=PATIENCE_S).close()


def test_a_port_on_which_somebody_listens_is_taken() -> None:
    with closing(socket.socket()) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            reserve("127.0.0.1", other.getsockname()[1])

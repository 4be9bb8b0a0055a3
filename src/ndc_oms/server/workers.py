"""Several processes on one port: a parent that serves nothing, and its workers.

The parent reserves the port and forks; each worker listens on the port by itself, and the kernel
deals new connections out among them (SO_REUSEPORT). What the parent loaded before is shared
memory. A worker that dies is replaced, each time a little later while replacing does not help.
SIGTERM or SIGINT to the parent ends all workers, each after what it has in flight; a worker whose
parent is gone, however it went, ends by itself.
"""

import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

import structlog

from ndc_oms.errors import Invalid, Refusal

STOPPING: Final = (signal.SIGTERM, signal.SIGINT)
HEALTHY_S: Final = 10.0  # a worker that lived so long was well; its successor comes at once
LONGEST_PAUSE_S: Final = 10.0  # between two tries to replace one that dies again and again
TICK_S: Final = 0.2

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Life:
    """What a worker has of its parent. ready: to be called when it serves. parent: a descriptor
    that can be read when the parent is gone.
    """

    ready: Callable[[], None]
    parent: int


def reserve(host: str, port: int) -> socket.socket:
    """Bound, so that the port is ours, and not listening, so that no connection lands here.

    Raises OSError where the address is taken, Invalid where a port cannot be shared.
    """
    if not hasattr(socket, "SO_REUSEPORT"):
        raise Invalid(
            "Several workers cannot share a port on this system.",
            remedy="Serve with one worker, and more processes on other ports behind a proxy.",
        )
    family, kind, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if port:  # another server's port must not be shared, even where that one would
            bound.bind(address)
            bound.close()
            bound = socket.socket(family, kind)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


@dataclass(slots=True)
class _Worker:
    started: float
    pid: int = 0
    is_ready: bool = False


class Parent:
    """count: of workers. work: what one does, until SIGTERM; its end is the worker's end.

    all_ready: called once, when every worker serves. ended: called with the pid of each that is
    gone. Use `run` from the main thread of a process that has no other.
    """

    def __init__(
        self,
        count: int,
        work: Callable[[Life], None],
        *,
        all_ready: Callable[[], None],
        ended: Callable[[int], None] = lambda _pid: None,
    ) -> None:
        self._count = count
        self._work = work
        self._all_ready = all_ready
        self._ended = ended
        self._workers: dict[int, _Worker] = {}
        self._due: list[float] = []  # when to start one more
        self._failures = 0  # workers in a row that did not live long
        self._announced = False
        self._stopping = False
        self._status = 0

    def run(self) -> int:
        """Until all workers are gone; 0 where that was asked for, else what the first one that
        could not even start ended with.
        """
        gc.collect()
        gc.freeze()  # what is there already is not looked through again, so it stays shared
        woken, self._wake = os.pipe()
        self._life, self._hold = os.pipe()  # the second end is only here: it closes with us
        said, self._say = os.pipe()
        os.set_blocking(self._wake, False)
        for number in (*STOPPING, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        self._due = [0.0] * self._count
        while self._due or self._workers:
            self._start_due()
            for found in select.select([woken, said], [], [], TICK_S)[0]:
                if found == woken:
                    self._hear(os.read(woken, 1024))
                else:
                    self._note_ready(os.read(said, 4 * 1024))
            self._bury()
        return self._status

    def stop(self) -> None:
        self._stopping = True
        self._due.clear()
        for pid in self._workers:
            os.kill(pid, signal.SIGTERM)

    def _hear(self, numbers: bytes) -> None:
        if any(number in STOPPING for number in numbers):
            log.info("stopping", workers=len(self._workers))
            self.stop()  # the second time it ends them at once

    def _note_ready(self, pids: bytes) -> None:
        """pids: four bytes each."""
        for at in range(0, len(pids), 4):
            worker = self._workers.get(int.from_bytes(pids[at : at + 4], "big"))
            if worker is not None:
                worker.is_ready = True
        ready = sum(worker.is_ready for worker in self._workers.values())
        if ready == self._count and not self._announced:
            self._announced = True
            self._all_ready()

    def _start_due(self) -> None:
        now = time.monotonic()
        while self._due and self._due[0] <= now:
            self._due.pop(0)
            pid = os.fork()
            if pid == 0:
                self._become_worker()
            self._workers[pid] = _Worker(now, pid)

    def _bury(self) -> None:
        for pid in list(self._workers):
            gone, status = os.waitpid(pid, os.WNOHANG)
            if gone:
                self._replace(self._workers.pop(pid), os.waitstatus_to_exitcode(status))
                self._ended(pid)

    def _replace(self, worker: _Worker, status: int) -> None:
        if self._stopping:
            return
        if not self._announced:  # the first ones do not come up: a wrong setting, most likely
            self._status = status if status > 0 else 1
            log.error("a worker did not start", pid=worker.pid, status=status)
            self.stop()
            return
        lived = time.monotonic() - worker.started
        self._failures = 0 if lived >= HEALTHY_S else self._failures + 1
        pause_s = min(LONGEST_PAUSE_S, 0.1 * 2**self._failures) if self._failures > 1 else 0.0
        log.error("a worker died", pid=worker.pid, status=status, replaced_after_s=pause_s)
        self._due = sorted([*self._due, time.monotonic() + pause_s])

    # -- in the worker -------------------------------------------------------------------------

    def _become_worker(self) -> NoReturn:
        status = 1
        try:
            os.setpgid(0, 0)  # Ctrl-C is the parent's to hear
            signal.set_wakeup_fd(-1)
            for number in (*STOPPING, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            os.close(self._hold)
            os.close(self._wake)
            self._work(Life(self._tell_ready, self._life))
            status = 0
        except Refusal as refused:
            sys.stderr.write(f"{refused.text} {refused.remedy}\n")
            status = 2
        except KeyboardInterrupt:
            status = 130
        except BaseException:  # whatever it is, it must not run on as a second parent
            log.exception("a worker failed")
        finally:
            _flush((sys.stdout, sys.stderr))
            os._exit(status)

    def _tell_ready(self) -> None:
        os.write(self._say, os.getpid().to_bytes(4, "big"))


def _flush(streams: Sequence[object]) -> None:
    for stream in streams:
        try:
            stream.flush()  # type: ignore[attr-defined]  # both are text files
        except OSError:
            continue

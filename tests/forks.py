"""Processes that are forked from one that has imported the house already: real ones, each with its
own memory, sockets and end, that cost a fraction of what starting an interpreter does.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

FORKS: Final = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.warm"])


class ForkedServer:
    """`ndc-oms serve`, with the verbs of `subprocess.Popen` that are used. log: where both of its
    streams go. environment: all of it.
    """

    def __init__(self, log: Path, environment: Mapping[str, str]) -> None:
        self._process: ForkServerProcess = FORKS.Process(
            target=_serve, args=(log, dict(environment)), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit status, negative where a signal ended it; None while it lives."""
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> None:
        self._process.join()


def _serve(log: Path, environment: dict[str, str]) -> None:
    from ndc_oms.cli.main import main

    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    sys.argv = ["ndc-oms", "serve"]
    main()

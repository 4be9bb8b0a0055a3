"""`ndc-oms serve` as a real process: started on any port, killed, started again on its data."""

import asyncio
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests import databases
from tests.forks import ForkedServer
from tests.houses import KEY, CheckedClient
from tests.patience import PATIENCE_S

from ndc_oms.kit.client import NdcClient
from ndc_oms.kit.conversation import Conversation
from ndc_oms.ports.failpoint import VARIABLE

# Limits of the server that hardly any test is about: of those a stall would make another answer.
PATIENT: Final = {
    "NDC_OMS_REPLY_DEADLINE_S": str(PATIENCE_S / 2),  # before a client's own patience ends
    "NDC_OMS_HEADER_TIMEOUT_S": str(PATIENCE_S),
    "NDC_OMS_BODY_TIMEOUT_S": str(PATIENCE_S),
    "NDC_OMS_SHUTDOWN_S": str(PATIENCE_S),
}
_ANNOUNCED: Final = re.compile(r" at (http://\S+/ndc)$", re.MULTILINE)


@dataclass
class Server:
    """One process on a folder. log: what it wrote on both streams, of every start. command: the
    interpreter's arguments. warm: forked from one that has imported them already, instead; for
    tests that start many.
    """

    data: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    command: Sequence[str] = ("-m", "ndc_oms.cli.main", "serve")
    warm: bool = False
    _process: "subprocess.Popen[bytes] | ForkedServer | None" = None

    @property
    def process(self) -> "subprocess.Popen[bytes] | ForkedServer":
        assert self._process is not None, "not started"
        return self._process

    @property
    def base(self) -> str:
        return self.url.removesuffix("/ndc")

    @property
    def armed(self) -> Path:
        """The file that names the failpoint: see ports/failpoint.py."""
        return self.log.with_suffix(".failpoint")

    def arm(self, failpoint: str) -> None:
        self.armed.write_text(failpoint)

    async def start(self) -> "Server":
        """Returns when it announced its address; fails with its output when it does not."""
        began = self._spawn()
        deadline = time.monotonic() + PATIENCE_S
        while not (found := _ANNOUNCED.search(self._written(began))):
            assert self.process.poll() is None, self._written(began)
            assert time.monotonic() < deadline, self._written(began)
            await asyncio.sleep(0.02)
        self.url = found[1]
        return self

    async def start_to_die(self) -> None:
        """For a failpoint that lies on the way up, or in what it takes up by itself."""
        self._spawn()
        assert await self.ended() == -signal.SIGKILL

    def _spawn(self) -> int:
        """Where its part of the log begins."""
        assert self._process is None, "started already"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        began = self.log.stat().st_size if self.log.exists() else 0
        kept = {name: v for name, v in os.environ.items() if not name.startswith("NDC_OMS")}
        ours = {
            **PATIENT,
            "NDC_OMS_DATA": str(self.data),
            "NDC_OMS_DATABASE": databases.of_folder(self.data),
            "NDC_OMS_PORT": "0",
            "NDC_OMS_LOG_FORMAT": "json",
            VARIABLE: f"@{self.armed}",
        }
        if self.warm:
            self.log.touch()
            self._process = ForkedServer(self.log, {**kept, **ours, **self.environment})
            return began
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self.command],
                env={**kept, **ours, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return began

    def _written(self, began: int) -> str:
        return self.log.read_bytes()[began:].decode()

    async def ended(self) -> int:
        """Its exit status, when it is gone."""
        async with asyncio.timeout(PATIENCE_S):
            while (status := self.process.poll()) is None:
                await asyncio.sleep(0.01)
        self._process = None
        return status

    async def kill(self) -> None:
        """SIGKILL: no handler, no flush."""
        self.process.send_signal(signal.SIGKILL)
        assert await self.ended() == -signal.SIGKILL

    async def stop(self) -> None:
        """SIGTERM: finishes what is in flight, ends with status 0."""
        self.process.send_signal(signal.SIGTERM)
        assert await self.ended() == 0, self.log.read_text()[-2000:]

    def limit_files(self, most_bytes: int | None) -> None:
        """From now on no file grows beyond `most_bytes` (None: they may again): a full disk."""
        most = resource.RLIM_INFINITY if most_bytes is None else most_bytes
        hard = resource.RLIM_INFINITY
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (most, hard))

    def memory_kb(self) -> int:
        """Resident now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        assert found is not None
        return int(found[1])

    def bury(self) -> None:
        """For the end of a test, whatever became of it."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._process = None


@asynccontextmanager
async def running(
    data: Path, log: Path, *, warm: bool = False, **environment: str
) -> AsyncIterator[Server]:
    """A started server; killed at the end unless it is gone by then. warm: see Server."""
    server = Server(data, log, environment, warm=warm)
    try:
        yield await server.start()
    finally:
        server.bury()


@asynccontextmanager
async def talking(server: Server, *, checked: bool = True) -> AsyncIterator[Conversation]:
    """The demo seller's conversation. checked: every reply is validated."""
    kind = CheckedClient if checked else NdcClient
    async with kind(server.url, KEY) as client:
        yield Conversation(client)

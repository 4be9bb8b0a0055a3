"""PostgreSQL's own programs, for what they do best: dumps."""

import asyncio
import os
import shlex
import shutil
from typing import Final

from sqlalchemy.engine import URL

from ndc_oms.errors import Unavailable
from ndc_oms.store.hand import StorageError

_LIBPQ: Final = {"ssl": "sslmode"}  # what libpq calls an option of our driver
_DRIVERS_OWN: Final = ("prepared_statement_cache_size", "statement_cache_size")


async def run(program: str, url: URL, *arguments: str) -> None:
    """Raises Unavailable with the command to run where the program is not here, StorageError with
    what it says where it fails.
    """
    command = [program, f"--dbname={_libpq(url)}", *arguments]
    if shutil.which(program) is None:
        raise Unavailable(
            f"There is no {program} on this machine.",
            remedy=f"Install PostgreSQL's client programs, or run, where they are: "
            f"{shlex.join(command)}",
        )
    password = {"PGPASSWORD": url.password} if url.password else {}  # not for `ps` to show
    started = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **password},
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await started.communicate()
    if started.returncode:
        raise StorageError(f"{program}: {said.decode().strip()}", certain=True)


def _libpq(url: URL) -> str:
    """The URL without its password, as these programs want it."""
    query = {_LIBPQ.get(k, k): v for k, v in url.query.items() if k not in _DRIVERS_OWN}
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return plain.render_as_string(hide_password=False)

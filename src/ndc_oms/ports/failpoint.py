"""Named places where a test kills the process, to prove that no moment is a bad one to die.

`NDC_OMS_FAILPOINT=pss.issue.after-commit` kills at the first passage of that place,
`NDC_OMS_FAILPOINT=pss.issue.after-commit:3` at the third, and `NDC_OMS_FAILPOINT=@/some/file`
where that file says so, so that a test can arm a process that is running. It is a SIGKILL to
ourselves: no handler, no flush, no goodbye, as when the machine is reset. Unset, a place costs a
dict lookup.
"""

import os
import signal
from pathlib import Path
from typing import Final

VARIABLE: Final = "NDC_OMS_FAILPOINT"
_passages: dict[str, int] = {}


def armed() -> bool:
    """Whether any place kills: for who passes many at once."""
    return bool(os.environ.get(VARIABLE))


def reached(name: str) -> None:
    """Dies here when the environment says so; else does nothing."""
    named = os.environ.get(VARIABLE)
    if not named:
        return
    if named.startswith("@"):
        named = _read(Path(named[1:]))
    place, _, count = named.partition(":")
    if place != name:
        return
    _passages[name] = _passages.get(name, 0) + 1
    if _passages[name] >= int(count or "1"):
        os.kill(os.getpid(), signal.SIGKILL)


def _read(file: Path) -> str:
    """What the file arms; nothing where there is none."""
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        return ""

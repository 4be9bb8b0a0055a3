"""What happened, line by line, and a digest by which two runs are compared."""

import asyncio
import hashlib
from collections import deque
from typing import Final

KEPT: Final = 400  # lines that are shown


class Trace:
    def __init__(self) -> None:
        self.lines = 0
        self._digest = hashlib.sha256()
        self._tail: deque[str] = deque(maxlen=KEPT)

    def add(self, who: str, what: str) -> None:
        line = f"{asyncio.get_running_loop().time():12.3f}  {who:<12} {what}"
        self.lines += 1
        self._digest.update(line.encode())
        self._tail.append(line)

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    def tail(self, lines: int) -> list[str]:
        return list(self._tail)[-lines:]

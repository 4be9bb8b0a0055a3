"""A clock that stands still until it is moved, and chance that is the same in every run."""

import random
from datetime import UTC, datetime, timedelta

NOW = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)


class FakeClock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def advance(self, **how_far: float) -> None:
        self.time += timedelta(**how_far)


class FakeEntropy:
    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def token(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))

"""Time, ids and randomness come from outside, so that tests can move and repeat them."""

import secrets
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Entropy(Protocol):
    def token(self, alphabet: str, length: int) -> str:
        """`length` letters of `alphabet`, unguessable."""
        ...


class SystemEntropy:
    """The machine's randomness."""

    def token(self, alphabet: str, length: int) -> str:
        many = len(alphabet)
        drawn = secrets.randbelow(many**length)  # one draw: each asks the kernel
        letters = []
        for _ in range(length):
            drawn, at = divmod(drawn, many)
            letters.append(alphabet[at])
        return "".join(letters)

"""Trials counted: how many searches and orders each arm of an experiment had, in this process."""

from collections import Counter
from collections.abc import Iterator


class Trials:
    """A trial is `experiment/arm`; None, for what is part of none, is not counted."""

    def __init__(self) -> None:
        self._searches: Counter[str] = Counter()
        self._orders: Counter[str] = Counter()

    def searched(self, trial: str | None) -> None:
        if trial:
            self._searches[trial] += 1

    def ordered(self, trial: str | None) -> None:
        if trial:
            self._orders[trial] += 1

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        """Trial, searches, orders."""
        for trial in sorted(self._searches | self._orders):
            yield trial, self._searches[trial], self._orders[trial]

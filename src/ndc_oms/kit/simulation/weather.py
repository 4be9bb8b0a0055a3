"""Which fault a call meets: drawn from the seed, by side and verb, and counted."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final


class Fault(StrEnum):
    """What happens to one call on its way. Only the first two are told cleanly."""

    REFUSED = "refused"  # the other side's no, for good; nothing done
    BUSY = "busy"  # its no for now; nothing done
    LOST = "lost"  # never arrived
    REPLY_LOST = "reply lost"  # done, and nobody hears of it
    GARBAGE = "garbage"  # done, and the reply cannot be read
    TWICE = "twice"  # the network delivers it twice
    SLOW = "slow"  # done, the answer takes seconds
    LATE = "late"  # arrives after whoever asked has given up


# How often each shows, of those that show at all. What is told cleanly for good ends most orders:
# rarely, so that they get far enough for the other faults.
_SHARES: Final = {
    Fault.REFUSED: 1,
    Fault.BUSY: 3,
    Fault.LOST: 4,
    Fault.REPLY_LOST: 5,
    Fault.GARBAGE: 2,
    Fault.TWICE: 3,
    Fault.SLOW: 2,
    Fault.LATE: 3,
}
_LOOKS: Final = (Fault.BUSY, Fault.LOST, Fault.GARBAGE, Fault.SLOW)  # what a question can meet


@dataclass(slots=True)
class Weather:
    """rate: chance that a call meets a fault, 0 to 1. met: how often which was met, by side."""

    random: Random
    rate: float = 0.0
    met: Counter[tuple[str, Fault]] = field(default_factory=Counter)

    def draw(self, side: str, *, changes: bool) -> Fault | None:
        if self.random.random() >= self.rate:
            return None
        if changes:
            fault = self.random.choices(list(_SHARES), list(_SHARES.values()))[0]
        else:
            fault = self.random.choice(_LOOKS)
        self.met[side, fault] += 1
        return fault

    def between(self, least_s: float, most_s: float) -> float:
        return self.random.uniform(least_s, most_s)

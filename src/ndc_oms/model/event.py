"""What all events have in common."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """at: when it happened, UTC. bumps: the seller must know of it before changing the order.
    tells: the seller is notified. reroutes: other flights are in the order from then on.
    resting: nothing was being carried out for the order before it; whatever was done until then the
    seller knows (see telling.py).
    """

    bumps: ClassVar[bool] = False
    tells: ClassVar[bool] = False
    reroutes: ClassVar[bool] = False
    at: datetime
    resting: bool = False

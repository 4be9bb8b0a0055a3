"""What the house asks of its storage to follow a PSS's feed: how far, and whose turn it is.

One process at a time follows a feed. What a line brings about and the step behind it are one
transaction, so that each line counts once, whoever follows and whenever it dies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from ndc_oms.model.journey import FlightKey
from ndc_oms.ports.store import OrderRecord, RecordOrder, Unit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LeaseFeed(Unit[int | None]):
    """The cursor behind which to read on; None while another follows the feed. Again by the same
    owner: for longer.
    """

    feed: str
    owner: str
    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class MoveFeed(Unit[None]):
    """Everything up to the cursor is done. Raises LeaseLost where another follows by now."""

    feed: str
    owner: str
    cursor: int


@dataclass(frozen=True, slots=True)
class RecordHeard(Unit[None]):
    """What a line of the feed does to one order. cursor: of the line, where it does nothing else.

    Raises what RecordOrder raises, LeaseLost as MoveFeed.
    """

    record: RecordOrder
    feed: str
    owner: str
    cursor: int | None


class HearingStore(Protocol):
    async def write(self, unit: Unit[T]) -> T: ...

    async def get_order(self, order_id: str, seller: str | None) -> OrderRecord: ...

    async def find_by_document(self, number: str) -> OrderRecord | None:
        """The order whose ticket or EMD it is."""
        ...

    async def list_by_flight(self, flight: FlightKey) -> Sequence[str]:
        """OrderIDs of orders that had a seat on the flight at any time."""
        ...

"""What the house asks of its storage: reads, and units of work that are plain data.

A unit is written whole or not at all, and its answer is given after it is on disk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar

from ndc_oms.errors import Conflict
from ndc_oms.model.events import Event
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.ledger import Transaction
from ndc_oms.model.offer import Offer
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import People
from ndc_oms.model.quote import Quote
from ndc_oms.model.step import Step
from ndc_oms.model.stock import StockMove
from ndc_oms.ports.search import OrderSearch

T = TypeVar("T")

# No lease is given for longer. One that seems to run on beyond this was given before the machine's
# clock was set back, and is over.
LONGEST_LEASE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Unit(Generic[T]):
    """A unit of work whose answer is a T."""


@dataclass(frozen=True, slots=True)
class Task:
    """One step of fulfilment that is due. key: our reference towards the other side.

    subject: the payment, passenger or document that it is about. attempts: how often it was
    leased, this time included; above 1 the other side is asked first.
    """

    key: str
    order_id: str
    step: Step
    subject: str
    due_at: datetime
    created_at: datetime
    attempts: int = 0
    parked: bool = False  # stands in the staff's queue; still asked, slowly
    last_error: str = ""


# -- idempotency: facts of the protocol are in orders/create.py ------------------------------


@dataclass(frozen=True, slots=True)
class Fresh:
    """The key is new, or its owner died: go on with this order id.

    taken_over: an earlier attempt may have got as far as the PSS.
    """

    order_id: str
    taken_over: bool = False


@dataclass(frozen=True, slots=True)
class Replay:
    """The key was used before with this body. reply: the bytes that were sent, if they were.

    sequence: of the order's event with which the effect of the key was recorded.
    """

    order_id: str
    reply: bytes | None
    sequence: int = 1


@dataclass(frozen=True, slots=True)
class Busy:
    """The same key is being worked on at this moment."""


@dataclass(frozen=True, slots=True)
class Differs:
    """The same key came with another body before."""


@dataclass(frozen=True, slots=True)
class OfferUsed:
    """Another order took this offer, or is taking it."""


ClaimAnswer = Fresh | Replay | Busy | Differs | OfferUsed


@dataclass(frozen=True, slots=True)
class ClaimKey(Unit[ClaimAnswer]):
    """Reserve (seller, key) and the offer for one order. changes: the order is there already, and
    the key is for one change of it. owner: the process that does it, as in leases of tasks.
    """

    seller: str
    key: str
    body_hash: str
    order_id: str
    offer_id: str
    now: datetime
    lease_until: datetime
    changes: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True)
class DropClaim(Unit[None]):
    """Nothing was done under this key: it is as if it had never come. lease_until: of whoever
    drops it; a claim that somebody else has taken over meanwhile stays. None: whoever has it.
    """

    seller: str
    key: str
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeepReply(Unit[None]):
    """The bytes that were sent for a key, and the redacted request, for replay and for staff."""

    seller: str
    key: str
    reply: bytes
    request: bytes
    now: datetime


# -- offers and orders -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeepOffer(Unit[None]):
    """A priced offer, firm until it expires."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class KeepQuote(Unit[None]):
    """What changing an order would cost or give back, firm until it expires."""

    quote: Quote


class LeaseLost(Conflict):
    """Whoever did the task took longer than its lease, and somebody else has taken it."""


class SoldOut(Conflict):
    """There is not so much left of what an event takes (model/stock.py)."""


class EffectUsed(Conflict):
    """What was asked of an order under a key was done already, by another sending of it."""


@dataclass(frozen=True, slots=True)
class RecordOrder(Unit[None]):
    """New events of one order, with all that follows from them, in one transaction.

    Raises errors.Conflict when `from_sequence` is no longer the order's (0: it must not exist),
    EffectUsed where `claimed_by`, the key whose one effect on the order this is, has had it,
    SoldOut where `stock` takes more than there is,
    LeaseLost where `done_task` is no longer at the attempt `done_attempt` (0: any; None is there).
    next_task is leased to `lease_owner` until `lease_until` where those are given.
    beside: another order that is made of a part of this one, in the same transaction.
    providers: who is told what it has to deliver now. tells_seller: what became of the order, which
    no reply tells.
    """

    order: Order  # after the events
    from_sequence: int
    events: tuple[Event, ...]
    transactions: tuple[Transaction, ...]
    people: People | None = None
    done_task: str | None = None
    next_task: Task | None = None
    lease_owner: str = ""
    lease_until: datetime | None = None
    claimed_by: str = ""  # a key of the order's seller
    done_attempt: int = 0
    stock: tuple[StockMove, ...] = ()
    beside: "RecordOrder | None" = None
    providers: tuple[str, ...] = ()
    tells_seller: bool = False


# -- outbox ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeaseTasks(Unit[tuple[Task, ...]]):
    """Due tasks, not leased by anybody alive, oldest first; theirs until `until`."""

    owner: str
    now: datetime
    until: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class FreeLeases(Unit[None]):
    """Whoever leased a key or a task is dead: they may be taken again at once. owner: who died;
    "": everybody.
    """

    owner: str = ""


@dataclass(frozen=True, slots=True)
class EnterWork(Unit[None]):
    """A process begins to lease under this name, and holds the lock that tells others whether it
    is alive.
    """

    owner: str
    now: datetime


@dataclass(frozen=True, slots=True)
class PostponeTask(Unit[None]):
    """Not done, or nobody knows: again at `due_at`. attempt: at which it must still be; 0: any."""

    key: str
    due_at: datetime
    error: str
    parked: bool = False
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class HurryTasks(Unit[None]):
    """The clock was set back, so that what waits for another try would wait for as long again:
    it is due now. What was never tried keeps its time, which may be a promise.
    """

    now: datetime


@dataclass(frozen=True, slots=True)
class DropTask(Unit[None]):
    """The order no longer needs it."""

    key: str


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order and the people it names."""

    order: Order
    people: People


class Store(Protocol):
    """Raises errors.NotFound where a get finds nothing; a seller's filter makes others' absent."""

    async def write(self, unit: Unit[T]) -> T: ...

    async def get_order(self, order_id: str, seller: str | None) -> OrderRecord:
        """seller: None for the airline's own staff."""
        ...

    async def find_by_booking(self, locator: str, seller: str | None) -> OrderRecord | None: ...

    async def search_orders(self, search: OrderSearch) -> Sequence[OrderRecord]:
        """One page. Raises NotFound where `search.after` is no order of the seller."""
        ...

    async def list_events(self, order_id: str) -> Sequence[Event]: ...

    async def find_offer(self, offer_id: str) -> Offer | None: ...

    async def find_quote(self, quote_id: str) -> Quote | None: ...

    async def find_claim(self, seller: str, key: str) -> Replay | Busy | None:
        """What a key stands at: for whoever waits for its reply."""
        ...

    async def stock_taken(self, flight: FlightKey) -> Mapping[str, int]:
        """How many are taken on a flight, by what (see model/stock.py); what nobody took is
        absent.
        """
        ...

    async def list_tasks(self, order_id: str | None) -> Sequence[Task]: ...

    async def close(self) -> None: ...

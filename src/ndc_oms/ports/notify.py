"""What the house asks of its storage to tell others of what happened: endpoints, and an outbox of
notifications that is written with the events that it tells of. Sellers are told what the airline
changed, providers what they have to deliver.

To each receiver the notifications of one order go out in their order: while one waits, later ones
wait behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from ndc_oms.model.events import Event
from ndc_oms.ports.store import Unit

T = TypeVar("T")


class NoticeState(StrEnum):
    WAITING = "waiting"
    RECEIVED = "received"
    GIVEN_UP = "given up"  # nobody took it for so long that it is not sent any more


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a receiver is told. salt: of the key that its notifications are signed with."""

    org_id: str
    url: str
    salt: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Notification:
    """What a seller or a provider is told of one event. receiver: its OrgID.

    sequence: of the event in its order. since: when it was
    to be sent first, or again by hand. attempts: how often it was sent, this time included.
    answer: what the receiver acknowledged.
    """

    order_id: str
    sequence: int
    receiver: str
    state: NoticeState
    created_at: datetime
    since: datetime
    due_at: datetime
    attempts: int = 0
    last_error: str = ""
    answer: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PutEndpoint(Unit[None]):
    """In place of the one that there was. Raises NotFound (717) for no such seller."""

    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class DropEndpoint(Unit[bool]):
    """Whether there was one."""

    org_id: str


@dataclass(frozen=True, slots=True)
class LeaseNotifications(Unit[tuple[Notification, ...]]):
    """Of one receiver: due, not leased by anybody alive, the first of its order; theirs until
    `until`.
    """

    owner: str
    receiver: str
    now: datetime
    until: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class EndNotification(Unit[None]):
    """Nothing happens where it is no longer at this attempt."""

    order_id: str
    sequence: int
    receiver: str
    attempt: int
    state: NoticeState
    now: datetime
    answer: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class PostponeNotification(Unit[None]):
    """Not received: again at `due_at`."""

    order_id: str
    sequence: int
    receiver: str
    attempt: int
    due_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class ResendNotifications(Unit[int]):
    """Of one order, one or all of them, whatever became of them; how many there are."""

    order_id: str
    sequence: int | None
    now: datetime


@dataclass(frozen=True, slots=True)
class GiveUpNotifications(Unit[int]):
    """Those that wait since before `before`, and are not being sent; how many it were."""

    before: datetime
    now: datetime


class NoticeStore(Protocol):
    async def write(self, unit: Unit[T]) -> T: ...

    async def list_events(self, order_id: str) -> Sequence[Event]: ...

    async def find_endpoint(self, org_id: str) -> Endpoint | None: ...

    async def list_due_receivers(self, now: datetime) -> Sequence[str]:
        """Who has an endpoint, and something that is due to be told."""
        ...

    async def list_notifications(self, order_id: str | None) -> Sequence[Notification]:
        """Of one order, or all, the latest first."""
        ...

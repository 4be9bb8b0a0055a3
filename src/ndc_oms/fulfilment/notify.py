"""Tells sellers what the airline changed, and providers what they have to deliver: sends what the
outbox of notifications has, at least once, in order for each order, again and again for 72 hours.

Each receiver has sendings of its own, a few at a time, so that one who is slow holds nobody up.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from ndc_oms.errors import Refusal, Unavailable
from ndc_oms.fulfilment.outbound import Outbound, Reply, UndeliveredError
from ndc_oms.fulfilment.signing import HEADER, NAME, key_of, signature
from ndc_oms.model.events import Event
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.failpoint import reached
from ndc_oms.ports.notify import (
    EndNotification,
    Endpoint,
    GiveUpNotifications,
    LeaseNotifications,
    NoticeState,
    NoticeStore,
    Notification,
    PostponeNotification,
)

KEEP_TRYING: Final = timedelta(hours=72)
LEASE: Final = timedelta(seconds=60)  # longer than a sending may take
LOOK: Final = timedelta(minutes=5)  # for what is to be given up
FOR_ONE: Final = 4  # sendings at a time
POLL_S: Final = 0.5
# Seconds before the 2nd, 3rd, … sending; then the last one again and again.
DELAYS_S: Final = (1.0, 5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0)
MAX_ERROR: Final = 300

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Words:
    """How a notification is said, and how its answer is read; both know XML, and we do not.

    compose: for a receiver, from the events of an order up to the one that is told; again: it was
    sent before.
    read: what an acknowledgement says. Raises Refusal for what is none.
    """

    compose: Callable[[str, Sequence[Event], bool], bytes]
    read: Callable[[bytes], str]


class Notifier:
    """owner: names this process in leases. secret: the house's."""

    def __init__(
        self,
        store: NoticeStore,
        outbound: Outbound,
        words: Words,
        clock: Clock,
        entropy: Entropy,
        *,
        owner: str,
        secret: bytes,
    ) -> None:
        self._store = store
        self._outbound = outbound
        self._words = words
        self._clock = clock
        self._entropy = entropy
        self._owner = owner
        self._secret = secret
        self._running: dict[str, set[asyncio.Task[None]]] = {}
        self._looked_at: datetime | None = None
        self._taking = asyncio.Lock()  # who finds nothing due knows that what was is being sent

    async def run_forever(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then the sendings under way end."""
        try:
            while not stop.is_set():
                try:
                    await self._give_up()
                    await self._take()
                except Unavailable as failed:
                    log.warning("notifications wait", error=failed.text)
                except Exception:
                    log.exception("notifications could not be taken")  # the next round tries
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), POLL_S)
        finally:
            await self.finish()

    async def run_due(self) -> int:
        """Everything that is due now, each once; how many were sent."""
        await self._give_up(at_once=True)
        taken = await self._take()
        await self.finish()
        return taken

    async def finish(self) -> None:
        """Lets the sendings under way end."""
        while running := [task for tasks in self._running.values() for task in tasks]:
            await asyncio.wait(running)

    async def close(self) -> None:
        await self.finish()
        await self._outbound.close()

    async def _take(self) -> int:
        async with self._taking:
            return await self._lease_due()

    async def _lease_due(self) -> int:
        now = self._clock.now()
        taken = 0
        for receiver in await self._store.list_due_receivers(now):
            free = FOR_ONE - len(self._running.get(receiver, ()))
            if free <= 0:
                continue
            lease = LeaseNotifications(self._owner, receiver, now, now + LEASE, free)
            for notification in await self._store.write(lease):
                self._start(notification)
                taken += 1
        return taken

    async def _give_up(self, *, at_once: bool = False) -> None:
        """Looked at now and then: it is a matter of days."""
        now = self._clock.now()
        if not at_once and self._looked_at is not None and now - self._looked_at < LOOK:
            return
        self._looked_at = now
        given_up = await self._store.write(GiveUpNotifications(now - KEEP_TRYING, now))
        if given_up:
            log.error("notifications are given up", count=given_up)

    def _start(self, notification: Notification) -> None:
        name = f"notify {notification.order_id}.{notification.sequence}"
        task = asyncio.create_task(self._carry(notification), name=name)
        running = self._running.setdefault(notification.receiver, set())
        running.add(task)
        task.add_done_callback(running.discard)

    async def _carry(self, notification: Notification) -> None:
        try:
            endpoint = await self._store.find_endpoint(notification.receiver)
            if endpoint is None:
                await self._postpone(notification, "the receiver has no endpoint any more")
                return
            reached("notify.before")
            try:
                answer = await self._send(notification, endpoint)
            except (UndeliveredError, Refusal) as failed:
                await self._postpone(notification, str(failed))
                return
            reached("notify.sent")
            await self._end(notification, NoticeState.RECEIVED, answer)
            reached("notify.recorded")
        except Exception:
            # A bug or a failing store: it is sent again when its lease has run out.
            log.exception("a notification was left", order_id=notification.order_id)

    async def _send(self, notification: Notification, endpoint: Endpoint) -> str:
        """What the receiver acknowledged. Raises UndeliveredError, Refusal."""
        events = await self._store.list_events(notification.order_id)
        told = events[: notification.sequence]
        body = self._words.compose(notification.receiver, told, notification.attempts > 1)
        headers = {
            "Content-Type": "application/xml; charset=utf-8",
            HEADER: signature(key_of(self._secret, endpoint), body, self._clock.now()),
            NAME: f"{notification.order_id}.{notification.sequence}",
        }
        return self._read(await self._outbound.post(endpoint.url, body, headers))

    def _read(self, reply: Reply) -> str:
        """An empty answer of success acknowledges without a word."""
        if not 200 <= reply.status < 300:
            raise UndeliveredError(f"HTTP {reply.status}")
        return self._words.read(reply.body) if reply.body.strip() else f"HTTP {reply.status}"

    async def _end(self, notification: Notification, state: NoticeState, answer: str) -> None:
        await self._store.write(
            EndNotification(
                notification.order_id,
                notification.sequence,
                notification.receiver,
                notification.attempts,
                state,
                self._clock.now(),
                answer=answer,
            )
        )

    async def _postpone(self, notification: Notification, error: str) -> None:
        place = min(notification.attempts, len(DELAYS_S)) - 1
        jitter = int(self._entropy.token("0123456789", 3)) / 1000  # 0 to 1
        due_at = self._clock.now() + timedelta(seconds=DELAYS_S[place] * (0.75 + jitter / 2))
        log.warning(
            "a notification waits",
            order_id=notification.order_id,
            receiver=notification.receiver,
            error=error[:MAX_ERROR],
        )
        await self._store.write(
            PostponeNotification(
                notification.order_id,
                notification.sequence,
                notification.receiver,
                notification.attempts,
                due_at,
                error[:MAX_ERROR],
            )
        )

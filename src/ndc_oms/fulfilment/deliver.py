"""The worker that carries orders on: leases tasks, calls the other sides, records what happened.

No transaction is open during a call. What a call made and the task after it are written in one
unit, guarded by the order's sequence; where somebody else wrote first, the order is read again
and decided anew. Who lost the lease meanwhile writes nothing: another has taken the task. A crash
at any moment leaves a task whose lease runs out: whoever takes it next asks the other side first
what became of it.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from ndc_oms.errors import Conflict
from ndc_oms.fulfilment.asking import answer_of
from ndc_oms.fulfilment.decide import Later, decide
from ndc_oms.fulfilment.deed import Ask, Deed, Sides
from ndc_oms.fulfilment.plan import is_due, record, settled
from ndc_oms.fulfilment.splitting import with_people
from ndc_oms.fulfilment.steps import DEEDS
from ndc_oms.fulfilment.waiting import Waiting
from ndc_oms.model.event import Event
from ndc_oms.model.naming import as_documented
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.failpoint import reached
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.store import (
    DropTask,
    HurryTasks,
    LeaseLost,
    LeaseTasks,
    OrderRecord,
    PostponeTask,
    RecordOrder,
    SoldOut,
    Store,
    Task,
)

LEASE: Final = timedelta(seconds=30)
CALL_S: Final = 12.0  # a call and the question after it end within the lease
AT_ONCE: Final = 16  # orders that one worker carries at a time
SET_BACK: Final = timedelta(seconds=1)  # less is the clock being trimmed
AGAIN_S: Final = 2.0  # until what somebody else was faster to take is looked for again
POLL_S: Final = 0.5  # how often due tasks of other processes are looked for
LOOK_S: Final = 0.1  # how often a waiting request looks at an order that others carry on

log = structlog.get_logger(__name__)


class Deliverer:
    """owner: names this process in leases; no two alive may share it.

    Used by requests (`drive`) and by the worker (`run_forever`), in one process or several.
    """

    def __init__(
        self,
        store: Store,
        sides: Sides,
        clock: Clock,
        entropy: Entropy,
        owner: str,
        *,
        call_s: float = CALL_S,
    ) -> None:
        self._store = store
        self._sides = sides
        self._clock = clock
        self._entropy = entropy
        self.owner = owner
        self._call_s = call_s
        self._waiting = Waiting()
        self._wake = asyncio.Event()
        self._stopping = False
        self._was_full = False  # when tasks were last looked for, there may have been more
        self._latest = clock.now()
        self._running: set[asyncio.Task[OrderRecord | None]] = set()

    def lease_until(self) -> datetime:
        return self._clock.now() + LEASE

    # -- for requests ------------------------------------------------------------------------

    async def drive(
        self, task: Task, known: OrderRecord | None = None, *, within_s: float
    ) -> OrderRecord:
        """Carries one order on until nothing is left to do now, or for `within_s` seconds; what
        is not done by then goes on without the caller. `task` is leased to this owner. known: the
        order as the caller wrote it a moment ago. The answer: the order as it stands then.
        """
        deadline = asyncio.get_running_loop().time() + within_s
        work = self._start(task, known)
        await asyncio.wait({work}, timeout=within_s)
        left = work.result() if work.done() and not work.cancelled() else None
        if left is not None and settled(left.order):
            return left
        return await self.watch(task.order_id, deadline)

    async def answer(
        self, task: Task, known: OrderRecord | None = None, *, within_s: float
    ) -> OrderRecord:
        """`drive` for a request of the order's seller, whose reply tells what the answer shows; the
        rest is pushed.
        """
        async with self._waiting.request(task.order_id):
            found = await self.drive(task, known, within_s=within_s)
        return found if settled(found.order) else await self._store.get_order(task.order_id, None)

    async def watch(self, order_id: str, deadline: float) -> OrderRecord:
        """The order when nothing is left to do for it now, or at `deadline` (the loop's time)."""
        loop = asyncio.get_running_loop()
        while True:
            found = await self._store.get_order(order_id, None)
            left = deadline - loop.time()
            if left <= 0 or settled(found.order):
                return found
            await asyncio.sleep(min(LOOK_S, left))

    # -- for the worker ----------------------------------------------------------------------

    async def run_forever(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then finishes the steps that are under way."""
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                await self._take()
                woken = asyncio.ensure_future(self._wake.wait())
                await asyncio.wait(
                    {woken, stopped}, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED
                )
                woken.cancel()
        finally:
            stopped.cancel()
            await self.finish()

    async def run_due(self) -> int:
        """Everything that is due now, to its end or postponement; how many tasks were taken."""
        taken = await self._take()
        while self._running:
            await asyncio.wait(self._running)
        return taken

    async def finish(self) -> None:
        """Lets the steps under way end and begins no other; their orders wait in the outbox."""
        self._stopping = True
        while self._running:
            await asyncio.wait(self._running)

    def wake(self) -> None:
        """Something may be due."""
        self._wake.set()

    async def _take(self) -> int:
        free = AT_ONCE - len(self._running)
        self._was_full = free <= 0
        if free <= 0:
            return 0
        try:
            now = self._clock.now()
            if now < self._latest - SET_BACK:
                log.warning("the clock was set back", by_s=(self._latest - now).total_seconds())
                await self._store.write(HurryTasks(now))
            self._latest = now
            tasks = await self._store.write(LeaseTasks(self.owner, now, self.lease_until(), free))
        except Exception:
            log.exception("tasks could not be leased")  # the next round tries again
            return 0
        self._was_full = len(tasks) == free
        for task in tasks:
            self._start(task)
        return len(tasks)

    def _start(
        self, task: Task, known: OrderRecord | None = None
    ) -> asyncio.Task[OrderRecord | None]:
        work = asyncio.create_task(self._carry(task, known), name=task.key)
        self._running.add(work)
        work.add_done_callback(self._ended)
        return work

    def _ended(self, work: asyncio.Task[OrderRecord | None]) -> None:
        """Looks for more only where more may be: looking is a write, and most orders that end are
        those of requests, which never waited in the outbox.
        """
        self._running.discard(work)
        if self._was_full:
            self._wake.set()

    # -- one order ---------------------------------------------------------------------------

    async def _carry(self, task: Task, known: OrderRecord | None) -> OrderRecord | None:
        """Step after step, until none is left, one must wait, or this process stops. known: as in
        `drive`. The answer: the order as we wrote it last; None where somebody else was faster.
        """
        current: Task | None = task
        try:
            while current is not None and not self._stopping:
                current, known = await self._work(current, known)
            if current is not None:
                now = self._clock.now()
                await self._store.write(
                    PostponeTask(current.key, now, "", attempt=current.attempts)
                )
        except Exception:
            # A bug or a failing store: the task stays in the outbox until its lease runs out.
            log.exception("task was left", task=current.key if current else task.key)
            return None
        return known

    async def _work(
        self, task: Task, known: OrderRecord | None
    ) -> tuple[Task | None, OrderRecord | None]:
        """One step; the task after it, leased to us, or None where nothing is to be done now, and
        the order with which that was written. known: as this process wrote it a moment ago, which
        spares reading it; who wrote since then is met when we record, by the order's sequence.
        """
        found = known or await self._store.get_order(task.order_id, None)
        if not is_due(found.order, task):
            await self._store.write(DropTask(task.key))
            return None, None
        people = as_documented(found.order, found.people)
        deed = DEEDS[task.step](Ask(self._sides, found.order, people, task.subject, task.key))
        reached(f"fulfil.{task.step}.before")
        outcome = await self._settle(task, deed)
        reached(f"fulfil.{task.step}.called")
        following = await self._record(found, task, deed, outcome)
        reached(f"fulfil.{task.step}.recorded")
        return following

    async def _settle(self, task: Task, deed: Deed) -> Outcome[Any]:
        """What became of the step, as far as anybody can know now. Asks before it sends again."""
        if task.attempts > 1:
            earlier = await answer_of(deed.find(), self._call_s)
            if isinstance(earlier, Rejected):
                return Unknown(f"asking was refused: {earlier.code}: {earlier.reason}")
            if earlier != Confirmed(None):
                return earlier
        outcome = await answer_of(deed.send(), self._call_s)
        if not isinstance(outcome, Unknown):
            return outcome
        asked = await answer_of(deed.find(), self._call_s)
        if asked == Confirmed(None):
            return Rejected("NOT DONE", outcome.reason, final=False)
        return asked if isinstance(asked, Confirmed) else outcome

    async def _record(
        self, found: OrderRecord, task: Task, deed: Deed, outcome: Outcome[Any]
    ) -> tuple[Task | None, OrderRecord | None]:
        while True:
            now = self._clock.now()
            decided = decide(found.order, task, deed, outcome, now)
            if isinstance(decided, Later):
                await self._postpone(task, decided, now)
                return None, None
            try:
                unit = await self._write(found, task, decided, now)
            except SoldOut as sold_out:  # of what the step would have taken: it looks again
                later = Later(AGAIN_S, sold_out.text, parked=False)
                await self._postpone(task, later, now)
                return None, None
            except LeaseLost:
                return None, None  # whoever has it now asks what became of it, and records that
            except Conflict:
                found = await self._store.get_order(task.order_id, None)
                if not is_due(found.order, task):
                    return None, None  # whoever was faster recorded this very step, and the rest
            else:
                leased = unit.next_task if unit.lease_owner else None
                written = OrderRecord(unit.order, unit.people or found.people)
                return replace(leased, attempts=1) if leased else None, written

    async def _write(
        self, found: OrderRecord, task: Task, events: tuple[Event, ...], now: datetime
    ) -> RecordOrder:
        async with self._waiting.recording(task.order_id) as answered:
            unit = record(
                found.order,
                events,
                now,
                done_task=task.key,
                done_attempt=task.attempts,
                lease_owner=self.owner,
                lease_until=self.lease_until(),
                answered=answered,
            )
            unit = with_people(found.order, found.people, unit, now)
            await self._store.write(unit)
        return unit

    async def _postpone(self, task: Task, later: Later, now: datetime) -> None:
        jitter = int(self._entropy.token("0123456789", 3)) / 1000  # 0 to 1
        after_s = later.after_s * (0.75 + jitter / 2)
        due_at = now + timedelta(seconds=after_s)
        log.warning("step waits", task=task.key, error=later.error, parked=later.parked)
        await self._store.write(
            PostponeTask(task.key, due_at, later.error, later.parked, attempt=task.attempts)
        )
        asyncio.get_running_loop().call_later(after_s, self._wake.set)

"""The staff's queue: orders whose next step does not end by itself, oldest first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ndc_oms.model.money import Money
from ndc_oms.model.status import PaymentState
from ndc_oms.model.step import Step
from ndc_oms.ports.store import Store, Task


@dataclass(frozen=True, slots=True)
class Standing:
    """One step that stands in the queue. captured: the customer's money that is at stake.

    waits: since the step was due first. asked: how often. next_ask_at: when it is asked again
    without anybody's doing.
    """

    order_id: str
    step: Step
    subject: str
    waits: timedelta
    asked: int
    next_ask_at: datetime
    error: str
    captured: tuple[Money, ...]


async def visible_queue(store: Store, now: datetime) -> tuple[Standing, ...]:
    """Every parked step, the longest waiting first."""
    parked = [task for task in await store.list_tasks(None) if task.parked]
    standing = [await _standing(store, task, now) for task in parked]
    return tuple(sorted(standing, key=lambda each: each.waits, reverse=True))


async def _standing(store: Store, task: Task, now: datetime) -> Standing:
    order = (await store.get_order(task.order_id, None)).order
    return Standing(
        order_id=task.order_id,
        step=task.step,
        subject=task.subject,
        waits=now - task.created_at,
        asked=task.attempts,
        next_ask_at=task.due_at,
        error=task.last_error,
        captured=tuple(p.amount for p in order.payments if p.state is PaymentState.CAPTURED),
    )

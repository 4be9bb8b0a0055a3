"""Unit functions of the outbox: tasks are leased, postponed, dropped.

A task is whoever's who leased it, until the lease ends: a worker that died loses its tasks by
itself. Delivery is therefore at least once; the task's key makes the effect happen once.
"""

from typing import Final

from sqlalchemy import Integer, bindparam, null, or_, select, update

from ndc_oms.ports.store import LONGEST_LEASE, DropTask, HurryTasks, LeaseTasks, PostponeTask, Task
from ndc_oms.store.hand import Hand
from ndc_oms.store.recording import DELETE_TASK
from ndc_oms.store.rows import TASK_COLUMNS, micros, read_task
from ndc_oms.store.tables import outbox

# A common table, so that PostgreSQL cannot choose to look for due tasks more than once.
_DUE: Final = (
    select(outbox.c.key)
    .where(
        outbox.c.due_at <= bindparam("now_"),
        or_(
            outbox.c.leased_until.is_(None),
            outbox.c.leased_until <= bindparam("now_"),
            outbox.c.leased_until > bindparam("latest_"),
        ),
    )
    .order_by(outbox.c.due_at, outbox.c.created_at, outbox.c.key)
    .limit(bindparam("limit_", type_=Integer))
    .with_for_update(skip_locked=True)  # where several writers can be at it at once
    .cte("due")
)
_LEASE: Final = (
    update(outbox)
    .where(outbox.c.key.in_(select(_DUE.c.key)))
    .values(
        attempts=outbox.c.attempts + 1,
        leased_by=bindparam("owner_"),
        leased_until=bindparam("until_"),
    )
    .returning(*(outbox.c[name] for name in TASK_COLUMNS))
)
_ANY: Final = 2**31 - 1  # attempts: more than there can be
_POSTPONE: Final = (
    update(outbox)
    .where(
        outbox.c.key == bindparam("key_"),
        outbox.c.attempts.between(bindparam("least_"), bindparam("most_")),
    )
    .values(
        due_at=bindparam("due_at_"),
        last_error=bindparam("error_"),
        parked=bindparam("parked_"),
        leased_by=null(),
        leased_until=null(),
    )
)

# Also what somebody is at: should that be a dead one, it is due when it is freed.
_HURRY: Final = (
    update(outbox)
    .where(outbox.c.attempts > 0, outbox.c.due_at > bindparam("now_"))
    .values(due_at=bindparam("now_"))
)


def lease_tasks(hand: Hand, unit: LeaseTasks) -> tuple[Task, ...]:
    leased = hand.rows(
        _LEASE,
        {
            "owner_": unit.owner,
            "now_": micros(unit.now),
            "latest_": micros(unit.now + LONGEST_LEASE),
            "until_": micros(unit.until),
            "limit_": unit.limit,
        },
    )
    return tuple(sorted(map(read_task, leased), key=lambda task: (task.due_at, task.created_at)))


def postpone_task(hand: Hand, unit: PostponeTask) -> None:
    """Nothing to do where the task is gone, or somebody else's by now."""
    postponed = {
        "key_": unit.key,
        "least_": unit.attempt,
        "most_": unit.attempt or _ANY,
        "due_at_": micros(unit.due_at),
        "error_": unit.error,
        "parked_": int(unit.parked),
    }
    hand.change_any(_POSTPONE, [postponed])


def hurry_tasks(hand: Hand, unit: HurryTasks) -> None:
    hand.change_any(_HURRY, [{"now_": micros(unit.now)}])


def drop_task(hand: Hand, unit: DropTask) -> None:
    hand.change_any(DELETE_TASK, [{"key_": unit.key}])

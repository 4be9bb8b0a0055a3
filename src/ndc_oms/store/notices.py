"""Unit functions of notifications: leased, ended, postponed, sent again; and how they are read."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Integer, bindparam, delete, null, or_, select, tuple_, update
from sqlalchemy.sql import exists

from ndc_oms.errors import NotFound
from ndc_oms.ports.notify import (
    DropEndpoint,
    EndNotification,
    Endpoint,
    GiveUpNotifications,
    LeaseNotifications,
    NoticeState,
    Notification,
    PostponeNotification,
    PutEndpoint,
    ResendNotifications,
)
from ndc_oms.store.hand import Hand
from ndc_oms.store.rows import WAITING, instant, micros
from ndc_oms.store.tables import endpoints, notifications, sellers

_COLUMNS: Final = (
    "order_id",
    "sequence",
    "receiver",
    "state",
    "created_at",
    "since",
    "due_at",
    "attempts",
    "last_error",
    "answer",
    "ended_at",
)
_n = notifications.c
_earlier = notifications.alias("earlier")
_FREE: Final = or_(_n.leased_until.is_(None), _n.leased_until <= bindparam("now_"))
_FIRST: Final = ~exists().where(
    _earlier.c.order_id == _n.order_id,
    _earlier.c.receiver == _n.receiver,
    _earlier.c.sequence < _n.sequence,
    _earlier.c.state == WAITING,
)
_DUE: Final = (
    select(_n.order_id, _n.sequence, _n.receiver)
    .where(
        _n.receiver == bindparam("receiver_"),
        _n.state == WAITING,
        _n.due_at <= bindparam("now_"),
        _FREE,
        _FIRST,
    )
    .order_by(_n.due_at, _n.order_id, _n.sequence)
    .limit(bindparam("limit_", type_=Integer))
    .with_for_update(skip_locked=True)  # where several writers can be at it at once
    .cte("due")
)
_SHOWN: Final = tuple(notifications.c[name] for name in _COLUMNS)
_LEASE: Final = (
    update(notifications)
    .where(
        tuple_(_n.order_id, _n.sequence, _n.receiver).in_(
            select(_DUE.c.order_id, _DUE.c.sequence, _DUE.c.receiver)
        )
    )
    .values(
        attempts=_n.attempts + 1, leased_by=bindparam("owner_"), leased_until=bindparam("until_")
    )
    .returning(*_SHOWN)
)
_AT = (
    _n.order_id == bindparam("order_id_"),
    _n.sequence == bindparam("sequence_"),
    _n.receiver == bindparam("receiver_"),
    _n.attempts == bindparam("attempt_"),
    _n.state == WAITING,
)
_END: Final = (
    update(notifications)
    .where(*_AT)
    .values(
        state=bindparam("state_"),
        answer=bindparam("answer_"),
        last_error=bindparam("error_"),
        ended_at=bindparam("now_"),
        leased_by=null(),
        leased_until=null(),
    )
)
_POSTPONE: Final = (
    update(notifications)
    .where(*_AT)
    .values(
        due_at=bindparam("due_at_"),
        last_error=bindparam("error_"),
        leased_by=null(),
        leased_until=null(),
    )
)
_AGAIN = {
    "state": WAITING,
    "since": bindparam("now_"),
    "due_at": bindparam("now_"),
    "ended_at": null(),
    "leased_by": null(),
    "leased_until": null(),
}
_RESEND: Final = update(notifications).where(_n.order_id == bindparam("order_id_")).values(_AGAIN)
_RESEND_ONE: Final = _RESEND.where(_n.sequence == bindparam("sequence_"))
_GIVE_UP: Final = (
    update(notifications)
    .where(_n.state == WAITING, _n.since <= bindparam("before_"), _FREE)
    .values(state=NoticeState.GIVEN_UP.value, ended_at=bindparam("now_"))
)
_DROP_ENDPOINT: Final = delete(endpoints).where(endpoints.c.org_id == bindparam("org_id_"))
_SELLER: Final = select(sellers.c.org_id).where(sellers.c.org_id == bindparam("org_id_"))
ENDPOINT: Final = select(
    endpoints.c.org_id, endpoints.c.url, endpoints.c.salt, endpoints.c.created_at
).where(endpoints.c.org_id == bindparam("org_id_"))
DUE_RECEIVERS: Final = (
    select(_n.receiver)
    .join(endpoints, endpoints.c.org_id == _n.receiver)
    .where(_n.state == WAITING, _n.due_at <= bindparam("now_"), _FREE)
    .distinct()
)
ALL: Final = select(*_SHOWN).order_by(_n.created_at.desc(), _n.order_id, _n.sequence.desc())
OF_ORDER: Final = ALL.where(_n.order_id == bindparam("order_id_"))


def put_endpoint(hand: Hand, unit: PutEndpoint) -> None:
    made = unit.endpoint
    if not hand.rows(_SELLER, {"org_id_": made.org_id}):
        raise NotFound(f"There is no seller {made.org_id}.", code="717")
    hand.change(_DROP_ENDPOINT, {"org_id_": made.org_id})
    row = {
        "org_id": made.org_id,
        "url": made.url,
        "salt": made.salt,
        "created_at": micros(made.created_at),
    }
    hand.add(endpoints, [row])


def drop_endpoint(hand: Hand, unit: DropEndpoint) -> bool:
    return hand.change(_DROP_ENDPOINT, {"org_id_": unit.org_id}) > 0


def lease_notifications(hand: Hand, unit: LeaseNotifications) -> tuple[Notification, ...]:
    asked = {
        "owner_": unit.owner,
        "receiver_": unit.receiver,
        "now_": micros(unit.now),
        "until_": micros(unit.until),
        "limit_": unit.limit,
    }
    found = map(read_notification, hand.rows(_LEASE, asked))
    return tuple(sorted(found, key=lambda each: (each.due_at, each.order_id, each.sequence)))


def end_notification(hand: Hand, unit: EndNotification) -> None:
    hand.change(
        _END,
        {
            "order_id_": unit.order_id,
            "sequence_": unit.sequence,
            "receiver_": unit.receiver,
            "attempt_": unit.attempt,
            "state_": unit.state.value,
            "answer_": unit.answer,
            "error_": unit.error,
            "now_": micros(unit.now),
        },
    )


def postpone_notification(hand: Hand, unit: PostponeNotification) -> None:
    hand.change(
        _POSTPONE,
        {
            "order_id_": unit.order_id,
            "sequence_": unit.sequence,
            "receiver_": unit.receiver,
            "attempt_": unit.attempt,
            "due_at_": micros(unit.due_at),
            "error_": unit.error,
        },
    )


def resend_notifications(hand: Hand, unit: ResendNotifications) -> int:
    asked: dict[str, Any] = {"order_id_": unit.order_id, "now_": micros(unit.now)}
    if unit.sequence is None:
        return hand.change(_RESEND, asked)
    return hand.change(_RESEND_ONE, asked | {"sequence_": unit.sequence})


def give_up_notifications(hand: Hand, unit: GiveUpNotifications) -> int:
    return hand.change(_GIVE_UP, {"before_": micros(unit.before), "now_": micros(unit.now)})


def read_endpoint(row: Sequence[Any]) -> Endpoint:
    org_id, url, salt, created_at = row
    return Endpoint(org_id, url, salt, instant(created_at))


def read_notification(row: Sequence[Any]) -> Notification:
    """From a row of _COLUMNS."""
    order_id, sequence, receiver, state, created_at, since, due_at, attempts, *rest = row
    last_error, answer, ended_at = rest
    return Notification(
        order_id=order_id,
        sequence=sequence,
        receiver=receiver,
        state=NoticeState(state),
        created_at=instant(created_at),
        since=instant(since),
        due_at=instant(due_at),
        attempts=attempts,
        last_error=last_error,
        answer=answer,
        ended_at=None if ended_at is None else instant(ended_at),
    )

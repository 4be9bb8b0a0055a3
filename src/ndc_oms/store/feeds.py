"""Unit functions of feeds: who follows one, and how far it is followed; and what is found by it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, or_, select, update

from ndc_oms.ports.hearing import LeaseFeed, MoveFeed, RecordHeard
from ndc_oms.ports.store import LeaseLost
from ndc_oms.store.hand import Hand, MissedError
from ndc_oms.store.recording import Recording, make_recording, record_order
from ndc_oms.store.rows import micros
from ndc_oms.store.tables import documents, feeds, order_flights, orders

_LEASE: Final = (
    update(feeds)
    .where(
        feeds.c.feed == bindparam("feed_"),
        or_(
            feeds.c.leased_by.is_(None),
            feeds.c.leased_by == bindparam("owner_"),
            feeds.c.leased_until <= bindparam("now_"),
        ),
    )
    .values(leased_by=bindparam("owner_"), leased_until=bindparam("until_"))
    .returning(feeds.c.reached)
)
_MOVE: Final = (
    update(feeds)
    .where(feeds.c.feed == bindparam("feed_"), feeds.c.leased_by == bindparam("owner_"))
    .values(reached=bindparam("reached_"))
)
BY_DOCUMENT: Final = select(documents.c.order_id).where(documents.c.number == bindparam("number_"))
BY_FLIGHT: Final = (
    select(order_flights.c.order_id)
    .join(orders, orders.c.order_id == order_flights.c.order_id)
    .where(order_flights.c.flight == bindparam("flight_"), orders.c.status == "OPENED")
    .order_by(orders.c.created_at, orders.c.order_id)
)


def lease_feed(hand: Hand, unit: LeaseFeed) -> int | None:
    asked = {
        "feed_": unit.feed,
        "owner_": unit.owner,
        "now_": micros(unit.now),
        "until_": micros(unit.until),
    }
    new = {"feed": unit.feed, "reached": 0, "leased_by": None, "leased_until": None}
    hand.add_if_new(feeds, [new])
    for (reached,) in hand.rows(_LEASE, asked):
        return int(reached)
    return None


def move_feed(hand: Hand, unit: MoveFeed) -> None:
    _move(hand, unit.feed, unit.owner, unit.cursor)


@dataclass(frozen=True, slots=True)
class HeardRecording:
    """A RecordHeard with its rows."""

    unit: RecordHeard
    recording: Recording


def make_heard(unit: RecordHeard) -> HeardRecording:
    return HeardRecording(unit, make_recording(unit.record))


def record_heard(hand: Hand, made: HeardRecording) -> None:
    unit = made.unit
    record_order(hand, made.recording)
    if unit.cursor is not None:
        _move(hand, unit.feed, unit.owner, unit.cursor)


def _move(hand: Hand, feed: str, owner: str, cursor: int) -> None:
    try:
        hand.change_one(_MOVE, [{"feed_": feed, "owner_": owner, "reached_": cursor}])
    except MissedError as error:
        raise LeaseLost(f"Another process follows {feed} by now.") from error

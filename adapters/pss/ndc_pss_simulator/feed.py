"""The feed of what changed: seats by flight, coupons by document. The cursor only grows."""

import sqlite3
from dataclasses import replace
from typing import Final

import msgspec

from ndc_oms.ports.pss import PssEvent

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(PssEvent)


def append(connection: sqlite3.Connection, event: PssEvent) -> None:
    """The event's own cursor is ignored: the feed gives the next."""
    connection.execute("INSERT INTO feed (body) VALUES (?)", (_ENCODER.encode(event),))


def head(connection: sqlite3.Connection) -> int:
    """The newest cursor; 0 before the first event."""
    (cursor,) = connection.execute("SELECT coalesce(max(cursor), 0) FROM feed").fetchone()
    return int(cursor)


def after(connection: sqlite3.Connection, cursor: int, limit: int) -> tuple[PssEvent, ...]:
    """Oldest first, `limit` at most."""
    rows = connection.execute(
        "SELECT cursor, body FROM feed WHERE cursor > ? ORDER BY cursor LIMIT ?", (cursor, limit)
    )
    return tuple(replace(_DECODER.decode(body), cursor=at) for at, body in rows)

"""Unit functions of replies: the bytes that were sent are kept with the key they answered."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, update

from ndc_oms.ports.store import KeepReply
from ndc_oms.store.compiling import Values, values_of
from ndc_oms.store.hand import Hand
from ndc_oms.store.rows import micros
from ndc_oms.store.tables import claims

_KEEP_REPLY: Final = (
    update(claims)
    .where(
        claims.c.seller == bindparam("seller_"),
        claims.c.key == bindparam("key_"),
        claims.c.replied_at.is_(None),  # the first reply stands: it was sent
    )
    .values(
        reply=bindparam("reply_"),
        request=bindparam("request_"),
        replied_at=bindparam("now_"),
        lease_until=bindparam("now_"),
    )
)


def make_reply(unit: KeepReply) -> Values:
    """The row of a reply that is kept."""
    return values_of(_KEEP_REPLY)(
        {
            "seller_": unit.seller,
            "key_": unit.key,
            "reply_": unit.reply,
            "request_": unit.request,
            "now_": micros(unit.now),
        }
    )


def keep_reply(hand: Hand, row: Values) -> None:
    hand.change_any(_KEEP_REPLY, (row,))


def keep_replies(hand: Hand, rows: Sequence[Values]) -> list[None]:
    hand.change_any(_KEEP_REPLY, rows)
    return [None] * len(rows)

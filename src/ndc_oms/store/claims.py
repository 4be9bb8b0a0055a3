"""Unit functions of idempotency: a key, its claim, its reply.

A claim is alive until its lease ends or its reply is kept. A dead claim whose order was never
recorded may be taken over by the next sending of the same key; it then carries on under the same
order id, so that the PSS is asked about the same references.
"""

from typing import Any, Final

from sqlalchemy import Integer, bindparam, delete, exists, insert, select, union_all, update
from sqlalchemy.sql.expression import literal_column

from ndc_oms.ports.store import (
    Busy,
    ClaimAnswer,
    ClaimKey,
    Differs,
    DropClaim,
    Fresh,
    KeepReply,
    OfferUsed,
    Replay,
)
from ndc_oms.store.hand import Hand
from ndc_oms.store.rows import micros
from ndc_oms.store.tables import claims, orders

_MINE: Final = (claims.c.seller == bindparam("seller_"), claims.c.key == bindparam("key_"))
_RECORDED: Final = exists().where(orders.c.order_id == claims.c.order_id)

# order_id, body_hash, lease_until, reply, recorded (0 or 1)
SELECT_CLAIM: Final = select(
    claims.c.order_id,
    claims.c.body_hash,
    claims.c.lease_until,
    claims.c.reply,
    select(literal_column("1", Integer))
    .where(orders.c.order_id == claims.c.order_id)
    .scalar_subquery(),
).where(*_MINE)
_SELECT_TAKERS: Final = union_all(
    select(orders.c.order_id).where(
        orders.c.offer_id == bindparam("offer_id_"), orders.c.order_id != bindparam("order_id_")
    ),
    select(claims.c.order_id).where(
        claims.c.offer_id == bindparam("offer_id_"),
        claims.c.order_id != bindparam("order_id_"),
        claims.c.lease_until > bindparam("now_"),
    ),
)
_INSERT: Final = insert(claims)
_TAKE_OVER: Final = update(claims).where(*_MINE).values(lease_until=bindparam("lease_until_"))
_DROP: Final = delete(claims).where(*_MINE, claims.c.reply.is_(None), ~_RECORDED)
_KEEP_REPLY: Final = (
    update(claims)
    .where(*_MINE, claims.c.reply.is_(None))  # the first reply stands: it was sent
    .values(
        reply=bindparam("reply_"),
        request=bindparam("request_"),
        replied_at=bindparam("now_"),
        lease_until=bindparam("now_"),
    )
)


def claim_key(hand: Hand, unit: ClaimKey) -> ClaimAnswer:
    found = hand.rows(SELECT_CLAIM, {"seller_": unit.seller, "key_": unit.key})
    now = micros(unit.now)
    if not found:
        if _offer_is_taken(hand, unit.offer_id, unit.order_id, now):
            return OfferUsed()
        hand.change(_INSERT, _row(unit))
        return Fresh(unit.order_id)
    order_id, body_hash, lease_until, reply, recorded = found[0]
    if body_hash != unit.body_hash:
        return Differs()
    standing = standing_of(order_id, lease_until, reply, recorded, now)
    if standing is not None:
        return standing
    if _offer_is_taken(hand, unit.offer_id, order_id, now):
        return OfferUsed()
    lease = {"seller_": unit.seller, "key_": unit.key, "lease_until_": micros(unit.lease_until)}
    hand.change(_TAKE_OVER, lease)
    return Fresh(order_id, taken_over=True)


def standing_of(
    order_id: str, lease_until: int, reply: bytes | None, recorded: int | None, now: int
) -> Replay | Busy | None:
    """What a claim stands at. None: its owner died before the order was recorded."""
    if reply is not None:
        return Replay(order_id, reply)
    if lease_until > now:
        return Busy()
    return Replay(order_id, None) if recorded else None


def drop_claim(hand: Hand, unit: DropClaim) -> None:
    """A claim whose order was recorded, or whose reply was sent, stays."""
    hand.change(_DROP, {"seller_": unit.seller, "key_": unit.key})


def keep_reply(hand: Hand, unit: KeepReply) -> None:
    hand.change(
        _KEEP_REPLY,
        {
            "seller_": unit.seller,
            "key_": unit.key,
            "reply_": unit.reply,
            "request_": unit.request,
            "now_": micros(unit.now),
        },
    )


def _offer_is_taken(hand: Hand, offer_id: str, order_id: str, now: int) -> bool:
    """Whether an order, or a claim that is alive, of another order id has the offer."""
    if not offer_id:
        return False  # not every message that writes accepts an offer
    asked = {"offer_id_": offer_id, "order_id_": order_id, "now_": now}
    return bool(hand.rows(_SELECT_TAKERS, asked))


def _row(unit: ClaimKey) -> dict[str, Any]:
    return {
        "seller": unit.seller,
        "key": unit.key,
        "order_id": unit.order_id,
        "offer_id": unit.offer_id,
        "body_hash": unit.body_hash,
        "lease_until": micros(unit.lease_until),
        "created_at": micros(unit.now),
        "reply": None,
        "request": None,
        "replied_at": None,
    }

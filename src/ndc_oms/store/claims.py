"""Unit functions of idempotency: a key, its claim, its reply.

A claim is alive until its lease ends or its reply is kept. A dead claim whose order was never
recorded may be taken over by the next sending of the same key; it then carries on under the same
order id, so that the PSS is asked about the same references. So may a dead claim on a change of
an order that has had no effect on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.sql.expression import literal_column

from ndc_oms.ports.store import (
    LONGEST_LEASE,
    Busy,
    ClaimAnswer,
    ClaimKey,
    Differs,
    DropClaim,
    EffectUsed,
    Fresh,
    OfferUsed,
    RecordOrder,
    Replay,
)
from ndc_oms.store.compiling import Parameters, Values, values_of
from ndc_oms.store.hand import Hand
from ndc_oms.store.rows import micros
from ndc_oms.store.tables import claims, orders

_MINE: Final = (claims.c.seller == bindparam("seller_"), claims.c.key == bindparam("key_"))
_LONGEST: Final = LONGEST_LEASE // timedelta(microseconds=1)
_MAKES: Final = claims.c.changes == literal_column("0", Integer)
_RECORDED: Final = or_(
    claims.c.effect.is_not(None),
    and_(_MAKES, exists().where(orders.c.order_id == claims.c.order_id)),
)

# order_id, body_hash, lease_until, reply, sequence of the event that was recorded; where a reply
# was sent that is not kept any more, there is one all the same; else null
SELECT_CLAIM: Final = select(
    claims.c.order_id,
    claims.c.body_hash,
    claims.c.lease_until,
    claims.c.reply,
    func.coalesce(
        claims.c.effect,
        select(literal_column("1", Integer))
        .where(_MAKES, orders.c.order_id == claims.c.order_id)
        .scalar_subquery(),
        case((claims.c.replied_at.is_not(None), literal_column("1", Integer))),
    ),
).where(*_MINE)
_SELECT_TAKERS: Final = union_all(
    select(orders.c.order_id).where(
        orders.c.offer_id == bindparam("offer_id_"), orders.c.order_id != bindparam("order_id_")
    ),
    select(claims.c.order_id).where(
        claims.c.offer_id == bindparam("offer_id_"),
        claims.c.order_id != bindparam("order_id_"),
        claims.c.lease_until > bindparam("now_"),
        claims.c.lease_until <= bindparam("latest_"),
    ),
)
_taker = claims.alias("taker")
# Of a row that is to be added: as _SELECT_TAKERS says, nobody has its offer.
_FREE: Final = or_(
    bindparam("offer_id", type_=Text) == literal_column("''", Text),
    and_(
        ~exists().where(
            orders.c.offer_id == bindparam("offer_id", type_=Text),
            orders.c.order_id != bindparam("order_id", type_=Text),
        ),
        ~exists().where(
            _taker.c.offer_id == bindparam("offer_id", type_=Text),
            _taker.c.order_id != bindparam("order_id", type_=Text),
            _taker.c.lease_until > bindparam("created_at", type_=BigInteger),
            _taker.c.lease_until - literal_column(str(_LONGEST), BigInteger)
            <= bindparam("created_at", type_=BigInteger),
        ),
    ),
)
_TAKE_OVER: Final = (
    update(claims)
    .where(*_MINE)
    .values(lease_until=bindparam("lease_until_"), owner=bindparam("owner_"))
)
HAD_EFFECT: Final = (
    update(claims)
    .where(*_MINE, claims.c.order_id == bindparam("order_id_"), claims.c.effect.is_(None))
    .values(effect=bindparam("effect_"))
)
_DROP: Final = delete(claims).where(*_MINE, claims.c.replied_at.is_(None), ~_RECORDED)
_DROP_OWN: Final = _DROP.where(claims.c.lease_until == bindparam("lease_until_"))


def claim_names(unit: ClaimKey) -> tuple[str, ...]:
    """What a claim is decided on: nobody else may claim the same key or offer meanwhile."""
    key = f"key {unit.seller} {unit.key}"
    return (key, f"offer {unit.offer_id}") if unit.offer_id else (key,)


@dataclass(frozen=True, slots=True)
class Claiming:
    """A ClaimKey with its row, and its answer where it is new."""

    unit: ClaimKey
    row: Values
    fresh: Fresh


def make_claim(unit: ClaimKey) -> Claiming:
    row = values_of(claims)(_row(unit))
    return Claiming(unit, row, Fresh(unit.order_id))


def claim_key(hand: Hand, made: Claiming) -> ClaimAnswer:
    (answer,) = _claim(hand, (made,))
    return answer


def claim_keys(hand: Hand, each: Sequence[Claiming]) -> list[ClaimAnswer]:
    """Those that have nothing to do with each other together, the others after them."""
    keys = {made.unit.key for made in each}
    offers = [made.unit.offer_id for made in each if made.unit.offer_id]
    if len(keys) == len(each) and len(set(offers)) == len(offers):
        return _claim(hand, each)
    seen: set[str] = set()
    first: list[int] = []
    for at, made in enumerate(each):
        names = claim_names(made.unit)
        if seen.isdisjoint(names):
            first.append(at)
        seen.update(names)
    answers = dict(zip(first, _claim(hand, [each[at] for at in first]), strict=True))
    for at, made in enumerate(each):
        if at not in answers:
            answers[at] = claim_key(hand, made)
    return [answers[at] for at in range(len(each))]


def _claim(hand: Hand, each: Sequence[Claiming]) -> list[ClaimAnswer]:
    """Most keys are new and their offers free: then nothing is to be read."""
    added = hand.add_where(claims, [made.row for made in each], _FREE)
    known = [made.unit for made, new in zip(each, added, strict=True) if not new]
    answers = iter(_look(hand, known) if known else ())
    return [made.fresh if new else next(answers) for made, new in zip(each, added, strict=True)]


def _look(hand: Hand, units: Sequence[ClaimKey]) -> list[ClaimAnswer]:
    """What stands in the way of each."""
    kept = hand.rows_each(SELECT_CLAIM, [{"seller_": u.seller, "key_": u.key} for u in units])
    asked = [
        {
            "offer_id_": unit.offer_id,
            "order_id_": found[0][0] if found else unit.order_id,
            "now_": micros(unit.now),
            "latest_": micros(unit.now + LONGEST_LEASE),
        }
        for unit, found in zip(units, kept, strict=True)
    ]
    takers = hand.rows_each(_SELECT_TAKERS, asked)
    return [
        # not every message that writes accepts an offer
        _decide(hand, unit, found[0] if found else None, bool(taken and unit.offer_id))
        for unit, found, taken in zip(units, kept, takers, strict=True)
    ]


def _decide(
    hand: Hand, unit: ClaimKey, found: tuple[Any, ...] | None, offer_is_taken: bool
) -> ClaimAnswer:
    """found: a row of SELECT_CLAIM. offer_is_taken: by an order, or a claim that is alive, of
    another order id.
    """
    if found is None:
        if offer_is_taken:
            return OfferUsed()
        hand.add(claims, [_row(unit)])
        return Fresh(unit.order_id)
    order_id, body_hash, lease_until, reply, recorded = found
    if body_hash != unit.body_hash:
        return Differs()
    standing = standing_of(order_id, lease_until, reply, recorded, micros(unit.now))
    if standing is not None:
        return standing
    if offer_is_taken:
        return OfferUsed()
    taken_over = {
        "seller_": unit.seller,
        "key_": unit.key,
        "lease_until_": micros(unit.lease_until),
        "owner_": unit.owner,
    }
    hand.change_any(_TAKE_OVER, [taken_over])
    return Fresh(order_id, taken_over=True)


def standing_of(
    order_id: str, lease_until: int, reply: bytes | None, recorded: int | None, now: int
) -> Replay | Busy | None:
    """What a claim stands at. recorded: as SELECT_CLAIM has it. None: its owner died before that
    was done.
    """
    if reply is not None:
        return Replay(order_id, reply, recorded or 1)
    if now < lease_until <= now + _LONGEST:
        return Busy()
    return Replay(order_id, None, recorded) if recorded else None


def effect_row(unit: RecordOrder) -> Parameters:
    """Of HAD_EFFECT: marks the one effect of a key on an order, in the transaction that records
    it.
    """
    order = unit.order
    key = {"seller_": order.seller, "key_": unit.claimed_by}
    return {**key, "order_id_": order.order_id, "effect_": order.sequence}


def effect_used(unit: RecordOrder) -> EffectUsed:
    """Where the key has had its effect, or is not claimed (any more)."""
    return EffectUsed(
        f"What was asked of order {unit.order.order_id} under this key was done already.",
        remedy="Send the same request again, with the same key, to get its answer.",
    )


def drop_claim(hand: Hand, unit: DropClaim) -> None:
    """A claim whose order was recorded, or whose reply was sent, or which is another's, stays."""
    key = {"seller_": unit.seller, "key_": unit.key}
    if unit.lease_until is None:
        hand.change_any(_DROP, [key])
    else:
        hand.change_any(_DROP_OWN, [{**key, "lease_until_": micros(unit.lease_until)}])


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
        "changes": int(unit.changes),
        "effect": None,
        "owner": unit.owner,
    }

"""What an order takes of what can run out, and gives back: guarded counters (I9)."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, delete, select, update

from ndc_oms.model.stock import StockMove
from ndc_oms.ports.store import SoldOut
from ndc_oms.store.hand import Hand, MissedError
from ndc_oms.store.tables import stock, stock_takings

_IT: Final = (stock.c.flight == bindparam("flight_"), stock.c.what == bindparam("what_"))
_TAKE: Final = (
    update(stock)
    .where(*_IT, stock.c.taken + bindparam("count_") <= bindparam("limit_"))
    .values(taken=stock.c.taken + bindparam("count_"))
)
_GIVE: Final = update(stock).where(*_IT).values(taken=stock.c.taken - bindparam("count_"))
_FORGET: Final = delete(stock_takings).where(
    stock_takings.c.order_id == bindparam("order_id_"),
    stock_takings.c.flight == bindparam("flight_"),
    stock_takings.c.what == bindparam("what_"),
)
SELECT_TAKEN: Final = select(stock.c.what, stock.c.taken).where(
    stock.c.flight == bindparam("flight_")
)


def move_stock(hand: Hand, moves: Sequence[tuple[str, StockMove]]) -> None:
    """moves: with the order's id. Raises SoldOut; then nothing of the unit is kept."""
    if not moves:
        return
    hand.add_if_new(stock, [{**_row(move), "taken": 0} for _, move in moves if move.count > 0])
    for _, move in moves:
        _count(hand, move)
    hand.change_any(_FORGET, [{**_key(move), "order_id_": order_id} for order_id, move in moves])
    has = [{**_row(m), "order_id": order_id, "count": m.has} for order_id, m in moves if m.has]
    hand.add(stock_takings, has)


def _count(hand: Hand, move: StockMove) -> None:
    if move.count <= 0:
        hand.change_one(_GIVE, [{**_key(move), "count_": -move.count}])
        return
    try:
        hand.change_one(_TAKE, [{**_key(move), "count_": move.count, "limit_": move.limit}])
    except MissedError as error:
        raise SoldOut(
            f"{move.place.what} is sold out on {move.place.flight}.",
            code="493",
            remedy="Choose something else.",
        ) from error


def _row(move: StockMove) -> dict[str, Any]:
    return {"flight": str(move.place.flight), "what": move.place.what}


def _key(move: StockMove) -> dict[str, Any]:
    return {f"{name}_": value for name, value in _row(move).items()}

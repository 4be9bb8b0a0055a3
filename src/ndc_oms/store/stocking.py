"""What an order takes of what can run out, and gives back: guarded counters (I9)."""

from collections.abc import Sequence
from typing import Final

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


def move_stock(hand: Hand, order_id: str, moves: Sequence[StockMove]) -> None:
    """Raises SoldOut; then nothing of the unit is kept."""
    for move in moves:
        row = {"flight": str(move.place.flight), "what": move.place.what}
        key = {f"{name}_": value for name, value in row.items()}
        if move.count > 0:
            _take(hand, move, row, key)
        elif not hand.change(_GIVE, {**key, "count_": -move.count}):
            continue  # the flight is long gone, and nobody counts for it any more
        hand.change_any(_FORGET, {**key, "order_id_": order_id})
        if move.has:
            hand.add(stock_takings, [{**row, "order_id": order_id, "count": move.has}])


def _take(hand: Hand, move: StockMove, row: dict[str, str], key: dict[str, str]) -> None:
    day = move.place.flight.day.toordinal()
    hand.add_if_new(stock, {**row, "taken": 0, "day": day})
    try:
        hand.change_one(_TAKE, {**key, "count_": move.count, "limit_": move.limit})
    except MissedError as error:
        raise SoldOut(
            f"{move.place.what} is sold out on {move.place.flight}.",
            code="493",
            remedy="Choose something else.",
        ) from error

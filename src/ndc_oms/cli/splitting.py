"""`ndc-oms order split`: some passengers of an order get an order of their own."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from ndc_oms.boot.house import open_house
from ndc_oms.config import Config
from ndc_oms.model.order import Order


async def split_order(
    config: Config, order_id: str, passenger_ids: Sequence[str], console: Console
) -> None:
    """Raises the refusal of the act. A server on the same database may run meanwhile."""
    async with open_house(config) as house:
        done = await house.split(order_id, passenger_ids)
        await house.deliverer.run_due()
        staying = await house.store.get_order(done.staying.order.order_id, None)
        going = await house.store.get_order(done.going.order.order_id, None)
    table = Table()
    for column in ("order", "split from", "booking", "passengers", "total", "paid"):
        table.add_column(column)
    for order in (staying.order, going.order):
        table.add_row(*_row(order))
    console.print(table)


def _row(order: Order) -> tuple[str, ...]:
    own = order.own_booking
    here = dict.fromkeys(item.passenger_id for item in order.live_items)
    paid = sum(payment.left.minor for payment in order.payments)
    return (
        order.order_id,
        order.original_order_id or "",
        own.locator if own else "",
        " ".join(here),
        str(order.total),
        str(type(order.total)(paid, order.currency)),
    )

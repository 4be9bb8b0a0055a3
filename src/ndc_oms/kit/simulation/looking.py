"""What a seller of a simulation looks at: its own orders, and those of others, which it must not
see.
"""

from collections.abc import Callable

from ndc_oms.kit.conversation import OrderSummary
from ndc_oms.kit.requests import order_retrieve
from ndc_oms.kit.servicing import cancel_unpaid, order_change, order_quote, order_reshop
from ndc_oms.kit.simulation.buying import create, shop
from ndc_oms.kit.simulation.seller import SimulatedSeller


async def retrieve(seller: SimulatedSeller) -> None:
    order = seller.some_order()
    if order is None:
        return await create(seller)
    await seen(seller, order.order_id)
    return None


async def seen(seller: SimulatedSeller, order_id: str) -> OrderSummary | None:
    body = order_retrieve(order_id, sender=seller.sender)
    reply = await seller.ask("retrieve", body)
    if reply is None:
        return None
    if reply.errors:
        seller.find(f"I1: {order_id}, which was acknowledged, cannot be read: {reply.errors}")
        return None
    return seller.learn(reply)


async def look_at_anothers(seller: SimulatedSeller) -> None:
    """Every message about an order, for one that is somebody else's."""
    order_id = seller.anothers_order()
    if not order_id:
        return await shop(seller)
    composed: tuple[tuple[str, Callable[[], bytes]], ...] = (
        ("retrieve", lambda: order_retrieve(order_id, sender=seller.sender)),
        ("reshop", lambda: order_reshop(order_id, sender=seller.sender)),
        ("quote", lambda: order_quote(order_id, sender=seller.sender)),
    )
    what, body = seller.random.choice(composed)
    seller.check_hidden(what, order_id, await seller.ask(f"another's {what}", body()))
    wanted = cancel_unpaid(order_id, owner=seller.sender.carrier)
    meant = seller.new("another's change", lambda key: changed(seller, order_id, wanted, key))
    seller.check_hidden("change", order_id, await seller.ask(meant.what, meant.body))
    return None


def changed(
    seller: SimulatedSeller,
    order_id: str,
    wanted: str,
    key: str,
    *,
    version: int | None = None,
    payments: str = "",
    lists: str = "",
) -> bytes:
    return order_change(
        order_id, wanted, version=version, payments=payments, lists=lists,
        sender=seller.sender, trx_id=key,
    )  # fmt: skip

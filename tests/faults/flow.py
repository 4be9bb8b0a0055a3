"""What a flow of servicing is: prepared, done, and how it must end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary
from ndc_oms.kit.servicing import order_change

VISA, DECLINED = "4111111111111111", "4000000000002008"
CAPTURE_DECLINES = "4000000000008005"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Prepared:
    """order_id: of the order that something is done to. body: the message that does it; else the
    callback of a payment provider; else what is done is due `later`.
    """

    order_id: str
    body: bytes = b""
    callback: tuple[bytes, dict[str, str]] | None = None
    later: timedelta = timedelta()
    schedule: str = ""  # what the airline does to flights, and tells an endpoint of the seller
    split: tuple[str, ...] = ()  # passengers whom its staff give an order of their own
    provider: str = ""  # who sends the body, where that is no seller


@dataclass(frozen=True)
class Flow:
    """ends: looks at what came of it: the reply to the repetition (None where nothing was sent),
    and the order as it is retrieved once all is settled.
    """

    prepare: Callable[[Served], Awaitable[Prepared]]
    ends: Callable[[Served, Reply | None, Reply], Awaitable[None]]


def change(
    order: OrderSummary, wanted: str = "", *, paid: str = "", lists: str = "", key: str = "act"
) -> Prepared:
    body = order_change(
        order.order_id, wanted, version=order.version, payments=paid, lists=lists, trx_id=key
    )
    return Prepared(order.order_id, body)

"""Adding services to an order: what is picked becomes items of it, paid with the same message.

An order that is still held takes them without a payment: they wait with it. One that is ticketed
takes what costs something only with its payment, since nothing of it may stay unpaid.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from ndc_oms.errors import NotAllowed
from ndc_oms.model.events import ItemsAdded
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order
from ndc_oms.offers.selection import check_total
from ndc_oms.orders.about import flown_of_order
from ndc_oms.orders.prepare import raise_all
from ndc_oms.orders.request import AddServices
from ndc_oms.orders.service_desk import ServiceDesk
from ndc_oms.orders.service_items import ancillary_items
from ndc_oms.ports.sellers import Seller


async def add_services(
    desk: ServiceDesk,
    order: Order,
    asked: AddServices,
    seller: Seller,
    now: datetime,
    *,
    paid: bool,
    hold: str,
    without: Collection[str] = (),
    credit: Money | None = None,
) -> ItemsAdded:
    """paid: the message has payments. hold: under which its seats are kept. without: items that are
    given up for them; credit: what these give back. Raises what `choose` refuses, and NotAllowed
    (495) where something is to be paid at once and is not.
    """
    chosen, refused = await desk.for_order(asked.items, order, seller, now, without=without)
    raise_all(refused)
    segment_ids = [each.ref for each in flown_of_order(order)]
    items = ancillary_items(chosen, order.order_id, segment_ids, len(order.ancillaries), at=now)
    items = tuple(replace(each, hold=hold) if each.seat else each for each in items)
    due = total((item.fare.total for item in items), order.currency)
    if asked.selection is not None:
        check_total(asked.selection, due)
    due = due if credit is None else due - credit
    if due.minor > 0 and not paid and (order.ticketed or order.payment_limit_at is None):
        raise NotAllowed(
            f"{due} is to be paid for the services, with them.",
            code="495",
            path=asked.path,
            remedy=f"Send PaymentFunctions over {due} in the same message.",
        )
    return ItemsAdded(at=now, items=items)

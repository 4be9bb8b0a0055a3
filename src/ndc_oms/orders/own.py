"""The order that a servicing request names: the seller's own, as the seller last saw it, open."""

from datetime import datetime

from ndc_oms.errors import Conflict, Expired, NotAllowed, NotFound
from ndc_oms.model.order import Order
from ndc_oms.model.status import OrderStatus
from ndc_oms.model.step import Step
from ndc_oms.orders.request import OrderReference
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import OrderRecord, Store


async def find_own(
    store: Store, owner: str, reference: OrderReference, seller: Seller
) -> OrderRecord:
    """Raises NotFound (129): no such order, another seller's, another airline's; all read alike."""
    try:
        if reference.owner not in ("", owner):
            raise NotFound("another airline's")
        return await store.get_order(reference.order_id.strip().upper(), seller.org_id)
    except NotFound:
        raise NotFound(
            "There is no such order, or it is not yours.",
            path=reference.path,
            remedy="Check the OrderID, its OwnerCode, and who made the order.",
        ) from None


def check_current(order: Order, reference: OrderReference) -> None:
    """Raises Conflict (476) for an order that was changed since the sender saw it. PADIS 9321 has
    no code of its own for a stale version; 476 is what every conflict here bears.
    """
    if reference.version not in (None, order.version):
        raise Conflict(
            f"The order stands at version {order.version}, not {reference.version}: something "
            "happened to it that you have not seen.",
            path=f"{reference.path}/OrderVersionNumber" if reference.path else "",
            remedy="Retrieve the order, look at what changed, and send the request for it anew.",
        )


def check_open(order: Order, path: str) -> None:
    """Raises Expired (303) for an order that was not paid in time, NotAllowed (182) for one that
    is closed, or being taken back, for any other reason.
    """
    if order.failure is not None and order.failure.step is Step.EXPIRE:
        raise late(order, path)
    if order.status is OrderStatus.CLOSED or order.failure is not None:
        raise NotAllowed(
            f"Order {order.order_id} is closed: nothing in it can be paid or changed any more.",
            code="182",
            path=path,
            remedy="Shop again and make a new order.",
        )


def check_time(order: Order, now: datetime, path: str) -> None:
    """Raises Expired (303) after the payment time limit of what is held, also before the seats are
    given back.
    """
    if order.held_until is not None and now >= order.held_until:
        raise late(order, path)


def late(order: Order, path: str) -> Expired:
    limit = order.payment_limit_at
    when = f" at {limit:%Y-%m-%dT%H:%MZ}" if limit else ""
    return Expired(
        f"The payment time limit of order {order.order_id} passed{when}.",
        code="303",
        path=path,
        remedy="Shop again and make a new order.",
        done="Nothing was done now; the seats of the order were given back, or will be.",
    )

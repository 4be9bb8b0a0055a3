"""A quote before anything is in it."""

from datetime import datetime

from ndc_oms.model.order import Order
from ndc_oms.model.quote import Quote, QuoteKind
from ndc_oms.offers.price import ID_LENGTH, LETTERS
from ndc_oms.ports.clock import Entropy
from ndc_oms.ports.sellers import Seller


def new_quote(
    order: Order,
    seller: Seller,
    kind: QuoteKind,
    *,
    now: datetime,
    until: datetime,
    entropy: Entropy,
) -> Quote:
    """For the order as it is now. until: to be accepted before."""
    return Quote(
        quote_id="Q" + entropy.token(LETTERS, ID_LENGTH),
        order_id=order.order_id,
        order_version=order.version,
        seller=seller.org_id,
        kind=kind,
        currency=order.currency,
        created_at=now,
        expires_at=until,
        items=(),
    )

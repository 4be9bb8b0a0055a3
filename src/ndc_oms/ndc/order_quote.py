"""OrderQuoteRQ to a QuoteRequest: what does an unpaid order cost now? The answer is OrderReshopRS
(`reshop_offers`).

Source: OrderQuotePayloadType of 21.3, which holds its request in Payload. An order is priced anew
as a whole or by items; adding to it is not quoted.
"""

from ndc_oms.errors import Unavailable
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.parts import Node, find, get_text, missing, path_of, request, texts
from ndc_oms.orders.request import OrderReference, QuoteRequest

_ADDING = ("SelectedOffers", "ExistingOrder")


def read(root: Node, envelope: Envelope) -> QuoteRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid (912) with the path; Unavailable (496) where more than the order itself is
    to be quoted.
    """
    asked = request(root, "Payload")
    for name in _ADDING:
        added = find(asked, name)
        if added is not None:
            raise Unavailable(
                "Only the price of an unpaid order is quoted, without additions.",
                code="496",
                path=path_of(added),
                remedy="Send RepricedOrder alone.",
            )
    order = find(asked, "RepricedOrder")
    if order is None:
        raise missing(asked, "RepricedOrder")
    return QuoteRequest(
        OrderReference(
            get_text(order, "OrderID"), get_text(order, "OwnerCode"), path=path_of(order)
        ),
        tuple(dict.fromkeys(texts(order, "OrderItemRefID"))),
    )

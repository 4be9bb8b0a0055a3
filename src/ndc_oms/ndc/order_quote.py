"""OrderQuoteRQ to a QuoteRequest, what does an unpaid order cost now, or to a ServicesQuoteRequest,
what do services and seats cost that are added to an order, and what do others give back? The answer
is OrderReshopRS (`reshop_offers`).

Source: OrderQuotePayloadType of 21.3, which holds its request in Payload.
"""

from collections.abc import Sequence

from ndc_oms.errors import Invalid, Unavailable
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.order_reshop import read_deleted
from ndc_oms.ndc.parts import Node, every, find, get, get_text, missing, path_of, request, texts
from ndc_oms.ndc.selecting import flights_of, read_selections, services_of
from ndc_oms.orders.request import OrderReference, QuoteRequest, ServicesQuoteRequest


def read(root: Node, envelope: Envelope) -> QuoteRequest | ServicesQuoteRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid with the path: 182, 257, 476, 912; Unavailable (496) for flights that are to
    be added.
    """
    asked = request(root, "Payload")
    order = find(asked, "RepricedOrder")
    selected = every(asked, "SelectedOffers")
    existing = find(asked, "ExistingOrder")
    if existing is not None or selected:
        if order is not None:
            raise Invalid(
                "An order is priced anew, or changed, and not both at once.",
                path=path_of(order),
                remedy="Send RepricedOrder alone, or ExistingOrder with SelectedOffers.",
            )
        return _services(get(asked, "ExistingOrder"), selected)
    if order is None:
        raise missing(asked, "RepricedOrder")
    return QuoteRequest(_reference(order), tuple(dict.fromkeys(texts(order, "OrderItemRefID"))))


def _services(existing: Node, selected: Sequence[Node]) -> ServicesQuoteRequest:
    selections = read_selections(selected)
    if flights_of(selections):
        raise Unavailable(
            "Flights are not added to an order, but take the place of others.",
            code="496",
            path=flights_of(selections)[0].path,
            remedy="Send an OrderReshop with AddOfferItems and DeleteOrderItem.",
        )
    given_up = read_deleted(existing, "AffectedOrderItem")
    if not given_up and not selections:
        raise missing(existing, "AffectedOrderItem")
    return ServicesQuoteRequest(_reference(existing), given_up, services_of(selections))


def _reference(node: Node) -> OrderReference:
    return OrderReference(
        get_text(node, "OrderID"), get_text(node, "OwnerCode"), path=path_of(node)
    )

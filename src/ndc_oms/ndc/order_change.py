"""OrderChangeRQ to a ChangeRequest. The answer is OrderViewRS (`order_view`).

Source: OrderChangeRequestType of 21.3. A message makes one change, pays, or does both.
"""

from ndc_oms.errors import Invalid, NotAllowed, Refusal
from ndc_oms.ndc.envelope import Envelope, local
from ndc_oms.ndc.parts import (
    Node,
    every,
    find,
    get,
    get_text,
    missing,
    path_of,
    request,
    texts,
)
from ndc_oms.ndc.payment_functions import read_payments
from ndc_oms.ndc.selecting import flights_of, read_selections, refuse_external, services_of
from ndc_oms.ndc.servicing import find_version, same_order
from ndc_oms.ndc.update_pax import read_update
from ndc_oms.offers.service_token import is_firm
from ndc_oms.orders.request import (
    AcceptAirlineChange,
    AcceptChange,
    AcceptQuote,
    AcceptServices,
    AddServices,
    CancelUnpaid,
    ChangeRequest,
    OrderChange,
    OrderReference,
)


def read(root: Node, envelope: Envelope) -> ChangeRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid with the path: 290, 386, 466, 476, 727, 912, 913; NotAllowed (368) for a
    kind of change that is not made here.
    """
    asked = request(root)
    named = get(asked, "Order")
    order = OrderReference(
        get_text(named, "OrderID"),
        get_text(named, "OwnerCode"),
        find_version(named),
        path_of(named),
    )
    choice = find(asked, "ChangeOrderChoice")
    change = None if choice is None else _change(choice, order, find(asked, "DataLists"))
    payments = read_payments(every(asked, "PaymentFunctions"), order.order_id)
    if change is None and not payments:
        raise Invalid(
            "The message changes nothing and pays nothing.",
            path=path_of(asked),
            remedy="Send ChangeOrderChoice, or PaymentFunctions with PaymentProcessingDetails.",
        )
    return ChangeRequest(order, change, payments)


def _change(choice: Node, order: OrderReference, lists: Node | None) -> OrderChange:
    node = next(choice.iterchildren(), None)
    if node is None:
        raise missing(choice, "CancelUnpaidOrder")
    match local(node):
        case "CancelUnpaidOrder":
            same_order(node, order.order_id)
            return CancelUnpaid(_items(node), path_of(node))
        case "AcceptCancelledOffer":
            return AcceptQuote((get_text(node, "OfferID"),), cancels=True, path=path_of(node))
        case "AcceptRepricedOrder":
            return AcceptQuote(_offers(node), cancels=False, path=path_of(node))
        case "AcceptSelectedQuotedOfferList":
            return _accepted(node)
        case "AcceptChange":
            return AcceptAirlineChange(texts(node, "OrderItemRefID"), path_of(node))
        case "UpdatePax":
            return read_update(node, lists)
        case "AcceptOrderItemList":
            refuse_external(node)
    raise _refused(node)


def _items(node: Node) -> tuple[str, ...]:
    """Every OrderItemRefID of every SelectedOrderItem, each once."""
    found = [i for each in every(node, "SelectedOrderItem") for i in texts(each, "OrderItemRefID")]
    return tuple(dict.fromkeys(found))


def _offers(node: Node) -> tuple[str, ...]:
    found = texts(node, "OfferRefID")
    if not found:
        raise missing(node, "OfferRefID")
    return found


def _accepted(node: Node) -> OrderChange:
    """Services of ServiceList, from whichever offers; or one offer of OrderReshopRS, of flights or
    of services.
    """
    selections = read_selections(every(node, "SelectedPricedOffer"))
    services = services_of(selections)
    if len(selections) == 1 and all(is_firm(each.item_id) for each in selections[0].items):
        return AcceptServices(selections[0])
    if services and not flights_of(selections):
        alone = selections[0] if len(selections) == 1 else None
        return AddServices(services, path_of(node), alone)
    if services or len(selections) != 1:
        raise Invalid(
            "An order is changed by one offer of OrderReshopRS, or by services, at a time.",
            path=path_of(node),
            remedy="Send an OrderChange for each offer, and one for all services.",
        )
    return AcceptChange(selections[0])


def _refused(node: Node) -> Refusal:
    return NotAllowed(
        f"{local(node)} is not done here.",
        path=path_of(node),
        remedy="Send one of the other elements of ChangeOrderChoice.",
    )

"""OrderReshopRQ to a ReshopRequest: what would cancelling give back, other flights or another name
cost? The answer is OrderReshopRS (`reshop_offers`).

Source: OrderReshopRequestType of 21.3. The message has no place for the order's version.
"""

from ndc_oms.errors import Invalid, NotAllowed, Refusal, Unavailable
from ndc_oms.ndc.air_shopping import read_limit
from ndc_oms.ndc.bounds import read_bounds, read_common
from ndc_oms.ndc.envelope import Envelope, local
from ndc_oms.ndc.named_flights import read_named
from ndc_oms.ndc.parts import (
    Node,
    every,
    find,
    find_text,
    get,
    get_text,
    missing,
    path_of,
    request,
    texts,
)
from ndc_oms.ndc.servicing import same_order
from ndc_oms.orders.request import OrderReference, RenamePerson, ReshopRequest, Search


def read(root: Node, envelope: Envelope) -> ReshopRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid with the path: 476 for an item named twice, 912; a Refusal for what is not
    quoted here: 137 one name for several, 182 a part of an item, 368 the sharing of data, 496 a
    search by affinity.
    """
    asked = request(root)
    order_id = get_text(asked, "OrderRefID")
    order = OrderReference(order_id, owner="", path=f"{path_of(asked)}/OrderRefID")
    update = get(asked, "UpdateOrder")
    whole = find(update, "CancelOrderRef")
    if whole is not None:
        same_order(whole, order_id)
        return ReshopRequest(order)
    choice = get(get(update, "ReshopOrder"), "ReshopOrderChoice")
    kind = next(choice.iterchildren(), None)
    if kind is None:
        raise missing(choice, "ServiceOrder")
    if local(kind) == "UpdatePaxName":
        return ReshopRequest(order, name=_name(kind))
    if local(kind) != "ServiceOrder":
        raise _not_quoted(kind)
    added = find(kind, "AddOfferItems")
    items = read_deleted(kind, "DeleteOrderItem")
    if not items:
        raise missing(kind, "DeleteOrderItem")
    return ReshopRequest(order, items, None if added is None else _search(added, asked))


def _name(node: Node) -> RenamePerson:
    """The whole name; a title or given names that it does not say stay."""
    passengers = texts(node, "PaxRefID")
    if len(passengers) != 1:
        raise NotAllowed(
            "Names are changed one by one.",
            code="137",
            path=f"{path_of(node)}/PaxRefID",
            remedy="Send an OrderReshop for each passenger.",
        )
    return RenamePerson(
        passengers[0],
        get_text(node, "Surname"),
        texts(node, "GivenName"),
        texts(node, "MiddleName"),
        find_text(node, "TitleName"),
        find_text(node, "SuffixName") or "",
        path_of(node),
    )


def _search(added: Node, asked: Node) -> Search:
    """Journey by journey, in the order of travel. asked: the Request."""
    flights = get(added, "FlightRequest")
    criteria = find(flights, "FlightRequestOriginDestinationsCriteria")
    specific = find(flights, "FlightRequestSpecificOriginDestinations")
    if criteria is not None:
        bounds = tuple(read_bounds(criteria, added))
    elif specific is not None:
        bounds = tuple(read_named(specific, asked, read_common(added)))
    else:
        raise Unavailable(
            "Flights that take the place of others are not looked for by affinity.",
            code="496",
            path=path_of(flights),
            remedy="Send FlightRequestOriginDestinationsCriteria, or name the flights with "
            "FlightRequestSpecificOriginDestinations.",
        )
    return Search(bounds, path=path_of(added), limit=read_limit(asked))


def read_deleted(node: Node, name: str) -> tuple[str, ...]:
    """From elements of AffectedOrderItemRequestType. Raises Invalid: 182 for a part of an item, 476
    for one that is named twice.
    """
    found: list[str] = []
    for each in every(node, name):
        item = _whole_item(each)
        if item in found:
            raise Invalid(
                f"OrderItem {item[:80]} is named twice.",
                code="476",
                path=f"{path_of(each)}/OrderItemRefID",
                remedy="Name each item once.",
            )
        found.append(item)
    return tuple(found)


def _whole_item(node: Node) -> str:
    kept = find(node, "RetainServiceID")
    if kept is not None:
        raise Invalid(
            "An item is cancelled with all its services, or not at all.",
            code="182",
            path=path_of(kept),
            remedy="Leave RetainServiceID out, or keep the item.",
        )
    return get_text(node, "OrderItemRefID")


def _not_quoted(node: Node) -> Refusal:
    return NotAllowed(
        "Whether data may be shared is not kept here.",
        path=path_of(node),
        remedy="Leave the preference out.",
    )

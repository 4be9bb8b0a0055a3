"""OrderHistoryRQ to a HistoryRequest, and its result to OrderHistoryRS.

Source: OrderHistoryResponseType of 21.3, in which each operation says what an event changed, Old
and New, and each group of operations who did them and to which version of the order they led. The
industry's code lists for kinds and reasons of changes are not public: kinds stand here in words,
and the reason is who wanted it.
"""

from itertools import groupby
from typing import Final

from ndc_oms.model.items import Item
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import People
from ndc_oms.ndc.compose import fare_xml, group, instant, leaf, reply
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.limits import Limits
from ndc_oms.ndc.parts import Node, get, get_text, path_of, request
from ndc_oms.ndc.payment_summary import order_price, write_payment
from ndc_oms.ndc.people_lists import write_pax
from ndc_oms.ndc.servicing import find_version
from ndc_oms.ndc.tickets import write_booking, write_brief
from ndc_oms.orders.history import (
    Actor,
    Change,
    Difference,
    HistoryRequest,
    HistoryResult,
    difference,
)
from ndc_oms.orders.request import OrderReference

_REASONS: Final = {Actor.SELLER: "REQUESTED BY SELLER", Actor.CARRIER: "DONE BY AIRLINE"}


def read(root: Node, envelope: Envelope) -> HistoryRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid (912) with the path."""
    order = get(request(root), "Order")
    return HistoryRequest(
        OrderReference(
            get_text(order, "OrderID"),
            get_text(order, "OwnerCode"),
            find_version(order),
            path_of(order),
        )
    )


def write(result: HistoryResult, envelope: Envelope) -> bytes:
    groups = groupby(result.changes, key=lambda change: (change.after.version, change.actor))
    return reply(
        "IATA_OrderHistoryRS",
        envelope,
        [
            group(
                "ChangeGroup",
                *[_group(result, version, actor, list(each)) for (version, actor), each in groups],
            ),
            leaf("OrderID", result.order.order_id),
        ],
    )


def _group(result: HistoryResult, version: int, actor: Actor, changes: list[Change]) -> str:
    org_id = result.order.seller if actor is Actor.SELLER else result.order.owner
    return group(
        "ChangeOperationGroup",
        *[_operation(change) for change in changes],
        group(
            "DistibutionChain",  # as the release spells it
            leaf("Ordinal", "1"),
            leaf("OrgRole", actor),
            group("ParticipatingOrg", leaf("OrgID", org_id)),
        ),
        leaf("OrderVersionNumber", str(version)),
    )


def _operation(change: Change) -> str:
    was, now = difference(change.before, change.after)
    return group(
        "ChangeOperation",
        leaf("ChangeDateTime", instant(change.at)),
        leaf("ChangeTypeCode", change.kind),
        group("New", _details(change.after, now, change)),
        group("Old", "" if change.before is None else _details(change.before, was, None)),
        leaf("ReasonCode", _REASONS[change.actor]),
    )


def _details(order: Order, part: Difference, told: Change | None) -> str:
    """told: the change, in the New of it, which says in words what happened."""
    first = told is not None and told.before is None
    return (
        group("DataLists", write_pax(order.passengers, People()) if first else "")
        + _order(order, part)
        + "".join([write_payment("PaymentFunctions", order, each) for each in part.payments])
        + "".join([write_brief(order, each) for each in part.documents])
        + (group("Warning", leaf("DescText", told.text), leaf("LangCode", "EN")) if told else "")
    )


def _order(order: Order, part: Difference) -> str:
    if not (part.items or part.bookings or part.whole):
        return ""
    limits = Limits.of(order)
    return group(
        "Order",
        *[write_booking(each) for each in part.bookings],
        leaf("LastModifiedDateTime", instant(order.changed_at)),
        leaf("OrderID", order.order_id),
        *[_item(order, each, limits) for each in part.items],
        leaf("OrderVersionNumber", str(order.version)),
        leaf("OwnerCode", order.owner),
        leaf("StatusCode", order.status),
        order_price(order) if part.whole else "",
    )


def _item(order: Order, item: Item, limits: Limits) -> str:
    return group(
        "OrderItem",
        leaf("OrderItemID", item.id),
        leaf("OwnerCode", order.owner),
        limits.payment(item),
        fare_xml(item.fare).price,
        *[
            group("Service", leaf("ServiceID", each.id), leaf("StatusCode", each.status))
            for each in item.services
        ],
        leaf("StatusCode", item.status),
    )

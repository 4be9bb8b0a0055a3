"""Events of an order to OrderChangeNotifRQ, and the Acknowledgement that answers it.

Source: OrderChangeNotifType and AckType of 21.3. Old and New each stand alone: an ID of the one
means nothing in the other. No names travel: passengers are the ids that the seller gave them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from ndc_oms.errors import Invalid
from ndc_oms.model.airline_change import AirlineChange, Flown, Inaction, Rerouted
from ndc_oms.model.events import AirlineChangeLapsed, Event, FlightsChanged
from ndc_oms.model.fold import apply, fold
from ndc_oms.model.order import Order, OrderItem, Service
from ndc_oms.model.split_events import OrderSplit
from ndc_oms.model.splitting import split_off
from ndc_oms.model.status import DeliveryStatus
from ndc_oms.ndc.compose import flag, group, instant, leaf
from ndc_oms.ndc.door import guard
from ndc_oms.ndc.envelope import DECLARATION, NAMESPACES, VERSION, child
from ndc_oms.ndc.flights import Flights
from ndc_oms.ndc.follow_up import follow_up
from ndc_oms.ndc.tickets import write_booking

MAX_ANSWER: Final = 64 * 1024
_MAX_KEPT: Final = 300  # characters of an Acknowledgement
_CANNOT: Final = "This flight cannot be flown, and no other was found."


def compose(events: Sequence[Event], *, again: bool) -> bytes:
    """The notification of the last of an order's events. again: it was sent before. Raises
    AssertionError for an event of which nobody is told.
    """
    before = fold(events[:-1])
    event = events[-1]
    after = apply(before, event)
    if isinstance(event, FlightsChanged):
        operations = [_flights(before, after, event, bound) for bound in event.change.bounds]
    elif isinstance(event, AirlineChangeLapsed):
        operations = [_lapsed(before, after, event)]
    elif isinstance(event, OrderSplit):
        operations = [_split(before, event)]
    else:
        raise AssertionError(f"nobody is told of {type(event).__name__}")
    version = leaf("OrderVersionNumber", str(after.version))
    told = group("ChangeOperationGroup", *operations, version)
    return "".join(
        [
            f"{DECLARATION}<m:IATA_OrderChangeNotifRQ {NAMESPACES}>",
            _chain(after),
            f"<m:Notification>{group('ChangeGroup', told)}</m:Notification>",
            _attributes(after, event, again=again),
            "</m:IATA_OrderChangeNotifRQ>",
        ]
    ).encode()


def trx_id(order_id: str, sequence: int) -> str:
    """Names a notification, however often it is sent."""
    return f"{order_id}.{sequence}"


def _chain(order: Order) -> str:
    links = ((1, "Carrier", order.owner), (2, "Seller", order.seller))
    return "".join(
        [
            "<m:DistributionChain>",
            *[
                group(
                    "DistributionChainLink",
                    leaf("Ordinal", str(ordinal)),
                    leaf("OrgRole", role),
                    group("ParticipatingOrg", leaf("OrgID", org_id)),
                )
                for ordinal, role, org_id in links
            ],
            "</m:DistributionChain>",
        ]
    )


def _attributes(order: Order, event: Event, *, again: bool) -> str:
    inside = (
        (flag("RetransmissionInd", True) if again else "")
        + leaf("Timestamp", instant(event.at))
        + leaf("TrxID", trx_id(order.order_id, order.sequence))
        + leaf("VersionNumber", VERSION)
    )
    return f"<m:PayloadAttributes>{inside}</m:PayloadAttributes>"


def _flights(before: Order, after: Order, event: FlightsChanged, bound: Rerouted) -> str:
    change = event.change
    return group(
        "ChangeOperation",
        leaf("ChangeDateTime", instant(event.at)),
        leaf("ChangeTypeCode", "FLIGHT"),
        group("New", _details(after, change, bound, bound.new or bound.old, now=True)),
        group("Old", _details(before, change, bound, bound.old, now=False)),
        leaf("ReasonCode", bound.reason.upper()),
    )


def _details(
    order: Order, change: AirlineChange, bound: Rerouted, flown: Sequence[Flown], *, now: bool
) -> str:
    flights = Flights()
    for each in flown:
        flights.put_segment(each.segment_id, each.flight, each.cabin, each.rbd)
    items = [
        item
        for item in order.items
        if item.id in change.item_ids and item.bound_index == bound.bound_index
    ]
    lists = group("DataLists", flights.operated(), _pax(order, items), flights.segments())
    ids = {each.segment_id for each in flown}
    open_ones = (change,) if now and change.open else ()
    return lists + _order(order, [_item(order, item, ids, open_ones) for item in items])


def _pax(order: Order, items: Sequence[OrderItem]) -> str:
    ids = {item.passenger_id for item in items}
    return group(
        "PaxList",
        *[
            group("Pax", leaf("PaxID", each.id), leaf("PTC", each.type))
            for each in order.passengers
            if each.id in ids
        ],
    )


def _order(order: Order, items: Sequence[str]) -> str:
    return group(
        "Order",
        leaf("OrderID", order.order_id),
        *items,
        leaf("OrderVersionNumber", str(order.version)),
        leaf("OwnerCode", order.owner),
        leaf("StatusCode", order.status),
    )


def _item(
    order: Order, item: OrderItem, segment_ids: set[str], asked: tuple[AirlineChange, ...]
) -> str:
    return group(
        "OrderItem",
        leaf("OrderItemID", item.id),
        follow_up(asked, item.id),
        *[
            _service(order, item, service)
            for service in item.services
            if service.segment_id in segment_ids
        ],
        leaf("StatusCode", item.status),
    )


def _service(order: Order, item: OrderItem, service: Service) -> str:
    unable = service.delivery is DeliveryStatus.UNABLE_TO_DELIVER
    return group(
        "Service",
        *[write_booking(each) for each in order.bookings_of(service.segment_id)[:3]],  # 21.3's
        leaf("DescText", _CANNOT if unable else None),
        group(
            "OrderServiceAssociation",
            group("PaxSegmentRef", leaf("PaxSegmentRefID", service.segment_id)),
        ),
        leaf("PaxRefID", item.passenger_id),
        leaf("ServiceID", service.id),
        leaf("StatusCode", service.status),
    )


def _lapsed(before: Order, after: Order, event: AirlineChangeLapsed) -> str:
    """The question as it stood, and that it is answered by the time limit."""
    change = next(each for each in before.open_changes if each.id == event.change_id)
    cancels = change.inaction is Inaction.CANCEL

    def side(order: Order, asked: tuple[AirlineChange, ...]) -> str:
        items = [item for item in order.items if item.id in change.item_ids]
        return _order(order, [_item(order, item, set(), asked) for item in items])

    return group(
        "ChangeOperation",
        leaf("ChangeDateTime", instant(event.at)),
        leaf("ChangeTypeCode", "CANCELLATION" if cancels else "ACCEPTANCE"),
        group("New", side(after, ())),
        group("Old", side(before, (change,))),
        leaf("ReasonCode", "NO ANSWER"),
    )


def _split(before: Order, event: OrderSplit) -> str:
    """The items in the order that they were in, and in the one that they are in now."""
    made = split_off(before, event)
    ids = {item.id for item in made.items}
    had = [_item(before, item, set(), ()) for item in before.items if item.id in ids]
    has = [_item(made, item, set(), ()) for item in made.items]
    return group(
        "ChangeOperation",
        leaf("ChangeDateTime", instant(event.at)),
        leaf("ChangeTypeCode", "SPLIT"),
        group("New", _order(made, has)),
        group("Old", _order(before, had)),
        leaf("ReasonCode", "BY THE AIRLINE"),
    )


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """As far as it is kept. status: AckType's StatusCode."""

    status: str
    text: str

    def __str__(self) -> str:
        return f"{self.status}: {self.text}" if self.text else self.status


def read_acknowledgement(body: bytes) -> Acknowledgement:
    """Raises Invalid for what is none."""
    root = guard(body, max_bytes=MAX_ANSWER)
    notification = child(root, "Notification")
    status = None if notification is None else child(notification, "StatusCode")
    named = etree.QName(root).localname == "IATA_Acknowledgement"
    if not named or notification is None or status is None:
        raise Invalid("The answer is no IATA_Acknowledgement with a StatusCode.")
    text = child(notification, "StatusMessageText")
    return Acknowledgement(_plain(status.text), "" if text is None else _plain(text.text))


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())[:_MAX_KEPT]

"""Events of an order to OrderChangeNotifRQ.

Source: OrderChangeNotifType of 21.3. Old and New each stand alone: an ID of the one
means nothing in the other. No names travel: passengers are the ids that the seller gave them.
"""

from collections.abc import Collection, Sequence
from typing import Final

from ndc_oms.model.airline_change import AirlineChange, Flown, Inaction, Reason, Rerouted
from ndc_oms.model.events import AirlineChangeLapsed, Event, FlightsChanged, SeatsReplaced
from ndc_oms.model.fold import apply, fold
from ndc_oms.model.items import AncillaryItem, OrderItem, Service
from ndc_oms.model.order import Order
from ndc_oms.model.split_events import OrderSplit
from ndc_oms.model.splitting import split_off
from ndc_oms.model.status import DeliveryStatus
from ndc_oms.ndc.ancillary_view import association
from ndc_oms.ndc.compose import group, instant, leaf
from ndc_oms.ndc.envelope import DECLARATION, NAMESPACES
from ndc_oms.ndc.flights import Flights, flights_of_items
from ndc_oms.ndc.follow_up import follow_up
from ndc_oms.ndc.outcome_notif import order_with, outcome
from ndc_oms.ndc.people_lists import write_types
from ndc_oms.ndc.pushed import attributes, chain
from ndc_oms.ndc.tickets import bookings_on

_NO_SEAT: Final = "No seat of its kind is left: what was paid for it comes back."
_CANNOT: Final = "This flight cannot be flown, and no other was found."


def compose(events: Sequence[Event], *, again: bool) -> bytes:
    """The notification of the last of an order's events: of what it says itself, or of what became
    of the order with it. again: it was sent before.
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
    elif isinstance(event, SeatsReplaced):
        operations = [_reseated(before, after, event)]
    else:
        operations = [outcome(events, after)]
    version = leaf("OrderVersionNumber", str(after.version))
    told = group("ChangeOperationGroup", *operations, version)
    return "".join(
        [
            f"{DECLARATION}<m:IATA_OrderChangeNotifRQ {NAMESPACES}>",
            chain(after.owner, after.seller),
            f"<m:Notification>{group('ChangeGroup', told)}</m:Notification>",
            attributes(after, event, again=again),
            "</m:IATA_OrderChangeNotifRQ>",
        ]
    ).encode()


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
    flying = {item.passenger_id for item in items}
    people = write_types([each for each in order.passengers if each.id in flying])
    lists = group("DataLists", flights.operated(), people, flights.segments())
    ids = {each.segment_id for each in flown}
    open_ones = (change,) if now and change.open else ()
    return lists + order_with(order, [_item(order, item, ids, open_ones) for item in items])


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
        bookings_on(order, service.segment_id),
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
        return order_with(order, [_item(order, item, set(), asked) for item in items])

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
        group("New", order_with(made, has)),
        group("Old", order_with(before, had)),
        leaf("ReasonCode", "BY THE AIRLINE"),
    )


def _reseated(before: Order, after: Order, event: SeatsReplaced) -> str:
    """Chosen seats that the airline's change took, and those in their place."""
    ids = {*event.lost, *(each.item_id for each in event.seats)}

    def side(order: Order, lost: Collection[str]) -> str:
        items = [each for each in order.ancillaries if each.id in ids]
        flights = flights_of_items(order, items)
        sitting = {item.passenger_id for item in items}
        people = write_types([each for each in order.passengers if each.id in sitting])
        lists = group("DataLists", flights.operated(), people, flights.segments())
        return lists + order_with(order, [_seat(item, lost) for item in items])

    return group(
        "ChangeOperation",
        leaf("ChangeDateTime", instant(event.at)),
        leaf("ChangeTypeCode", "SEAT"),
        group("New", side(after, event.lost)),
        group("Old", side(before, ())),
        leaf("ReasonCode", Reason.EQUIPMENT.upper()),
    )


def _seat(item: AncillaryItem, lost: Collection[str]) -> str:
    return group(
        "OrderItem",
        leaf("OrderItemID", item.id),
        *[
            group(
                "Service",
                leaf("DescText", _NO_SEAT if item.id in lost else None),
                association(item, service),
                leaf("PaxRefID", item.passenger_id),
                leaf("ServiceID", service.id),
                leaf("StatusCode", service.status),
            )
            for service in item.services
        ],
        leaf("StatusCode", item.status),
    )

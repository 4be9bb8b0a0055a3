"""An OrderView to OrderViewRS: the answer to OrderCreate, OrderRetrieve and OrderChange.

Source: OrderViewResponseType of 21.3, and IATA's worked example of a customer who views an
order, after which included baggage is a service of each passenger on each flight.
"""

from typing import Final

from ndc_oms.model.items import OrderItem, OrderSegment, Service
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import People
from ndc_oms.model.product import Baggage
from ndc_oms.ndc.ancillary_view import ancillary_definitions, write_ancillaries
from ndc_oms.ndc.compose import (
    cancellations,
    changes,
    duration,
    fare_xml,
    group,
    instant,
    leaf,
    leaves,
    reply,
    warnings,
)
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.flights import Flights
from ndc_oms.ndc.follow_up import follow_up
from ndc_oms.ndc.limits import Limits
from ndc_oms.ndc.payment_summary import order_price, write_payments
from ndc_oms.ndc.people_lists import write_contacts, write_pax
from ndc_oms.ndc.products import allowances, cabin_type, fare_components, price_class
from ndc_oms.ndc.tickets import bookings_on, write_tickets
from ndc_oms.orders.request import OrderView

# Included baggage as a service: the allowance's type, name, and its code in IATA's taxonomy.
_CARRY_ON: Final = ("CarryOn", "Carry-on baggage", "0FA0")
_CHECKED: Final = ("Checked", "Checked baggage", "13EC")


def write(view: OrderView, envelope: Envelope) -> bytes:
    """OrderViewRS; an earlier reply under the same key is sent as it was."""
    if view.replay is not None:
        return view.replay
    if view.record is None:
        raise AssertionError("an OrderView with neither an order nor a reply")
    order, people = view.record.order, view.record.people
    return reply(
        "IATA_OrderViewRS",
        envelope,
        [
            _data_lists(order, people),
            _order(order),
            write_tickets(order),
            warnings(view.notices, envelope.warnings),
        ],
        after=write_payments(order),
    )


def _data_lists(order: Order, people: People) -> str:
    flights = _flights(order)
    bags = {k: v for item in order.items for k, v in allowances(item.family.baggage).items()}
    return group(
        "DataLists",
        group("BaggageAllowanceList", *bags.values()),
        write_contacts(people),
        flights.operated(),
        _origin_dests(order),
        flights.journeys(),
        write_pax(order.passengers, people),
        flights.segments(),
        _price_classes(order),
        _definitions(order),
    )


def _flights(order: Order) -> Flights:
    """Segments under the order's own ids; a journey a bound."""
    flights = Flights()
    bounds: dict[int, list[str]] = {}
    for segment in order.segments:
        flights.put_segment(segment.id, segment.flight, segment.cabin, segment.rbd)
        bounds.setdefault(segment.bound_index, []).append(segment.id)
    for bound, ids in bounds.items():
        flown = [order.segment(each).flight for each in ids]
        begins, ends = min(s.departure for s in flown), max(s.arrival for s in flown)
        length = duration(ends - begins)
        flights.put_pax_journey(_journey_id(bound), length, tuple(ids))
    return flights


def _journey_id(bound: int) -> str:
    return f"JNY{bound + 1}"


def _origin_dests(order: Order) -> str:
    bounds: dict[int, tuple[str, str]] = {}
    for segment in order.segments:
        origin = bounds.get(segment.bound_index, (segment.flight.origin, ""))[0]
        bounds[segment.bound_index] = (origin, segment.flight.destination)
    return group(
        "OriginDestList",
        *[
            group(
                "OriginDest",
                leaf("DestCode", destination),
                leaf("OriginCode", origin),
                leaf("OriginDestID", f"OD{bound + 1}"),
                leaf("PaxJourneyRefID", _journey_id(bound)),
            )
            for bound, (origin, destination) in bounds.items()
        ],
    )


def _price_classes(order: Order) -> str:
    families = {item.family.code: item.family for item in order.items}
    return group(
        "PriceClassList",
        *[price_class(f.code, f.name, f.cabin, f.description) for f in families.values()],
    )


def _included(baggage: Baggage) -> list[tuple[str, tuple[str, str, str], str]]:
    """Of each kind of which a piece is included: BaggageAllowanceID, kind, words for its size."""
    ids = list(allowances(baggage))
    kinds = (
        (ids[0], _CARRY_ON, baggage.carry_on_pieces, baggage.carry_on_kg),
        (ids[1], _CHECKED, baggage.checked_pieces, baggage.checked_kg),
    )
    return [(id_, kind, f"{n} × {kg} kg") for id_, kind, n, kg in kinds if n]


def _definitions(order: Order) -> str:
    made: dict[str, str] = {}
    for item in order.items:
        for allowance_id, (_, name, taxonomy), size in _included(item.family.baggage):
            made[allowance_id] = group(
                "ServiceDefinition",
                group("AirlineTaxonomy", leaf("TaxonomyCode", taxonomy)),
                leaf("Name", f"{name}, {size}"),
                leaf("OwnerCode", order.owner),
                group(
                    "ServiceDefinitionAssociation",
                    group("BaggageAllowanceRef", leaf("BaggageAllowanceRefID", allowance_id)),
                ),
                leaf("ServiceDefinitionID", f"def.{allowance_id}"),
            )
    made.update(ancillary_definitions(order, order.ancillaries))
    return group("ServiceDefinitionList", *made.values())


def _order(order: Order) -> str:
    limits = Limits.of(order)
    return group(
        "Order",
        leaf("CreationDateTime", instant(order.created_at)),
        leaf("LastModifiedDateTime", instant(order.changed_at)),
        leaf("OrderID", order.order_id),
        *[_item(order, item, limits) for item in order.items],
        write_ancillaries(order, limits),
        leaf("OrderVersionNumber", str(order.version)),
        leaf("OriginalOrderID", order.original_order_id),
        leaf("OwnerCode", order.owner),
        leaf("StatusCode", order.status),
        order_price(order),
    )


def _item(order: Order, item: OrderItem, limits: Limits) -> str:
    segments = [order.segment(service.segment_id) for service in item.services]
    fare = fare_xml(item.fare)
    components = "".join([_component(order, item, segment) for segment in segments])
    return group(
        "OrderItem",
        cancellations(item.cancellations),
        changes(item.changes),
        leaf("CreationDateTime", instant(order.created_at)),
        group("FareDetail", components, leaf("PaxRefID", item.passenger_id)),
        leaf("OrderItemID", item.id),
        leaf("OwnerCode", order.owner),
        limits.payment(item),
        fare.price,
        limits.guarantee(item),
        follow_up(order.open_changes, item.id),
        *[_services(order, item, service) for service in item.services],
        leaf("StatusCode", item.status),
    )


def _component(order: Order, item: OrderItem, segment: OrderSegment) -> str:
    """A flight's part of the fare; a partner's flights are under its own fare basis."""
    part = order.part_of(segment.id)
    theirs = part.fare_of(item.passenger_id) if part else None
    return fare_components(
        cabin_type(segment.cabin),
        fare_xml(theirs or item.fare).basis,
        leaf("PriceClassRefID", item.family.code),
        [leaf("PaxSegmentRefID", segment.id)],
        [segment.rbd],
    )


def _services(order: Order, item: OrderItem, flown: Service) -> str:
    """The flight, and the baggage that is included on it: one delivery, several services."""
    segment = group("PaxSegmentRef", leaf("PaxSegmentRefID", flown.segment_id))
    made = [_service(order, item, flown, flown.id, segment)]
    for allowance_id, (kind, _, _), _ in _included(item.family.baggage):
        bag = group(
            "ServiceDefinitionRef",
            group("OrderFlightAssociations", segment),
            leaf("ServiceDefinitionRefID", f"def.{allowance_id}"),
        )
        made.append(_service(order, item, flown, f"{flown.id}-{kind.upper()}", bag))
    return "".join(made)


def _service(
    order: Order, item: OrderItem, flown: Service, service_id: str, association: str
) -> str:
    return group(
        "Service",
        bookings_on(order, flown.segment_id),
        leaf("DeliveryStatusCode", flown.delivery),
        group("OrderServiceAssociation", association),
        leaf("PaxRefID", item.passenger_id),
        leaf("ServiceID", service_id),
        leaves("ServiceRefID", () if service_id == flown.id else (flown.id,)),
        leaf("StatusCode", flown.status),
    )

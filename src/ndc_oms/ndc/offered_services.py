"""Services and seats that were priced, as items of an offer.

Source: NewOfferItemType and AddedOfferItemType of 21.3, whose Service says what it is, for whom,
on which flights. One item is one passenger's; it may be left out of what is accepted.
"""

from collections.abc import Sequence

from ndc_oms.model.money import Money, less
from ndc_oms.model.offer import OfferedService
from ndc_oms.model.order import Order
from ndc_oms.model.quote import Quote
from ndc_oms.ndc.compose import amount, fare_xml, flag, group, instant, leaf, leaves
from ndc_oms.ndc.service_definitions import definition_id, definitions_of
from ndc_oms.ndc.service_list import cancelling, lists_of
from ndc_oms.orders.about import flown_of_order


def offered_item(
    owner: str,
    service: OfferedService,
    segment_refs: Sequence[str],
    payment_limit: str = "",
    guarantee: str = "",
) -> str:
    """OfferItem. segment_refs: composed PaxSegmentRefIDs of its flights, in order. payment_limit,
    guarantee: composed limits.
    """
    return group(
        "OfferItem",
        cancelling(service.product) if service.fare.total else "",
        flag("MandatoryInd", value=False),
        leaf("OfferItemID", service.id),
        leaf("OwnerCode", owner),
        payment_limit,
        fare_xml(service.fare).price,
        guarantee,
        offered_service(service, segment_refs),
    )


def offered_service(service: OfferedService, segment_refs: Sequence[str]) -> str:
    """Service."""
    return group(
        "Service",
        group("OfferServiceAssociation", _what(service, segment_refs)),
        leaf("PaxRefID", service.passenger_id),
        leaf("ServiceID", f"{service.id}.S"),
    )


def _what(service: OfferedService, segment_refs: Sequence[str]) -> str:
    defined_by = leaf("ServiceDefinitionRefID", definition_id(service.product, service.quantity))
    seat = service.seat
    if seat is None:
        flights = group("PaxSegmentReferences", *segment_refs)
        return group("ServiceDefinitionRef", group("OfferFlightAssociations", flights), defined_by)
    return group(
        "SeatAssignment",
        group(
            "Seat",
            leaf("ColumnID", seat.column),
            leaf("RowNumber", str(seat.row)),
            leaves("SeatCharacteristicCode", service.traits),
        ),
        group("SeatAssignmentAssociations", group("PaxSegmentRef", *segment_refs)),
        defined_by,
    )


# -- for an order ------------------------------------------------------------------------------


def service_offer(
    order: Order, quote: Quote, key: str, removed: Sequence[str], penalties: str
) -> list[str]:
    """The parts of OrderReshopRS's Response, in order, from DataLists on. key: its Order. removed:
    composed DeleteOrderItems, penalties: the PenaltyList that they refer to. What is due for each
    is what is left when what comes back is set off.
    """
    due = less((each.fare.total for each in quote.added), quote.refund)
    flown = flown_of_order(order)
    refs = [leaf("PaxSegmentRefID", each.ref) for each in flown]
    defined = dict(
        one for e in quote.added for one in definitions_of(e.product, order.owner, e.quantity)
    )
    return [
        group(
            "DataLists",
            lists_of(flown, order.passengers),
            penalties,
            group("ServiceDefinitionList", *defined.values()),
        ),
        key,
        group(
            "ReshopResults",
            group(
                "ReshopOffers",
                group(
                    "Offer",
                    *[
                        _added(order, each, [refs[at] for at in each.places], left)
                        for each, left in zip(quote.added, due, strict=True)
                    ],
                    *removed,
                    group("Desc", leaf("DescText", _in_words(quote))),
                    leaf("OfferExpirationTimeLimitDateTime", instant(quote.expires_at)),
                    leaf("OfferID", quote.quote_id),
                    leaf("OwnerCode", order.owner),
                    group("TotalPrice", amount("TotalAmount", quote.difference)),
                ),
            ),
        ),
    ]


def _in_words(quote: Quote) -> str:
    if quote.difference.minor < 0:
        said = f"{-quote.difference} comes back"
    else:
        said = f"{quote.difference or 'Nothing'} is to be paid"
    credit = f", {quote.refund} for what is given up set off" if quote.refund else ""
    return f"{said}{credit}."


def _added(order: Order, service: OfferedService, segment_refs: Sequence[str], due: Money) -> str:
    """AddedOfferItem: the old price is nothing, so the difference is all of the new one."""
    return group(
        "AddedOfferItem",
        cancelling(service.product) if service.fare.total else "",
        flag("MandatoryInd", value=True),
        leaf("OfferItemID", service.id),
        leaf("OwnerCode", order.owner),
        group(
            "ReshopPrice",
            group(
                "PriceDifferential",
                leaf("DifferentialTypeCode", "AddCol" if service.fare.total else "EvenExchange"),
                group("DiffPrice", _difference(service, due)),
                group("NewPrice", fare_xml(service.fare).price),
            ),
        ),
        offered_service(service, segment_refs),
    )


def _difference(service: OfferedService, due: Money) -> str:
    fare = service.fare
    nothing = Money.zero(fare.base.currency)
    return group(
        "Price",
        amount("BaseAmount", fare.base),
        amount("DueByAirlineAmount", nothing),
        amount("DueToAirlineAmount", due),
        group("TaxSummary", amount("TotalTaxAmount", fare.total - fare.base)),
        amount("TotalAmount", fare.total),
    )

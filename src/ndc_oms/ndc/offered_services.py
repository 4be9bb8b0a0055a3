"""Services and seats that were priced, as items of an offer, and what they are.

Source: NewOfferItemType and AddedOfferItemType of 21.3, whose Service says what it is, for whom,
on which flights. One item is one passenger's; it may be left out of what is accepted.
"""

from collections.abc import Sequence

from ndc_oms.model.offer import OfferedService
from ndc_oms.ndc.compose import fare_xml, flag, group, leaf, leaves
from ndc_oms.ndc.service_list import cancelling, definition


def offered_item(
    owner: str,
    service: OfferedService,
    segment_refs: Sequence[str],
    payment_limit: str = "",
    guarantee: str = "",
) -> str:
    """OfferItem. segment_refs: composed PaxSegmentRefIDs of its flights, in order. payment_limit:
    composed; guarantee: until when its price stands.
    """
    return group(
        "OfferItem",
        cancelling(service.product) if service.fare.total else "",
        flag("MandatoryInd", value=False),
        leaf("OfferItemID", service.id),
        leaf("OwnerCode", owner),
        payment_limit,
        fare_xml(service.fare).price,
        leaf("PriceGuaranteeTimeLimitDateTime", guarantee),
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
    defined_by = leaf("ServiceDefinitionRefID", _definition_id(service))
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


def defined(owner: str, service: OfferedService) -> tuple[str, str]:
    """ServiceDefinitionID and ServiceDefinition."""
    definition_id, name = _definition_id(service), service.product.name
    if service.quantity > 1:
        name = f"{service.quantity} × {name}"
    return definition_id, definition(service.product, owner, definition_id=definition_id, name=name)


def _definition_id(service: OfferedService) -> str:
    return f"def.{service.product.code}.{service.quantity}"

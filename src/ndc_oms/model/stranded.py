"""Flights of an order that cannot be flown, and for which none were found."""

from ndc_oms.model.order import Order


def stranded(order: Order) -> frozenset[tuple[str, str]]:
    """(passenger, segment) of those about which the seller is asked. No document is issued for
    them: the booking has no seats there.
    """
    return frozenset(
        (passenger.id, old.segment_id)
        for change in order.open_changes
        for bound in change.bounds
        if not bound.new
        for passenger in order.passengers
        if bound.concerns(passenger.id)
        for old in bound.old
    )

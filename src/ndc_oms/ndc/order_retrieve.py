"""OrderRetrieveRQ to a RetrieveRequest. The answer is OrderViewRS (`order_view`).

Source: OrderValidationFilterCriteriaType of 21.3. An order is found by its id, or by a booking
reference together with a surname; further criteria are not weighed.
"""

from ndc_oms.errors import Invalid
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.parts import Node, find, find_at, find_text, get, get_text, path_of, request
from ndc_oms.orders.request import RetrieveRequest


def read(root: Node, envelope: Envelope) -> RetrieveRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid: 912 where neither an order nor a booking is named."""
    criteria = get(request(root), "OrderValidationFilterCriteria")
    order, booking = (
        find(criteria, "OrderFilterCriteria"),
        find(criteria, "BookingRefFilterCriteria"),
    )
    if order is None and booking is None:
        raise Invalid(
            "Neither an order nor a booking is named.",
            path=path_of(criteria),
            remedy="Send OrderFilterCriteria, or BookingRefFilterCriteria with PaxFilterCriteria.",
        )
    name = find_at(criteria, "PaxFilterCriteria", "Individual")
    return RetrieveRequest(
        order_id=None if order is None else get_text(order, "OrderID"),
        owner=find_text(order, "OwnerCode"),
        locator=None if booking is None else get_text(booking, "BookingID"),
        surname=find_text(name, "Surname"),
        given_name=find_text(name, "GivenName"),
        path=path_of(criteria),
    )

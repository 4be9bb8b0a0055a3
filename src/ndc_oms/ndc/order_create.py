"""OrderCreateRQ to a CreateRequest. The answer is OrderViewRS (`order_view`).

Source: OrderCreateRequestType of 21.3.
"""

from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.parts import Node, every, find, find_at, get, missing, path_of, request
from ndc_oms.ndc.pax import read_party, read_people
from ndc_oms.ndc.payment_functions import read_payments
from ndc_oms.ndc.selecting import flights_of, read_selections, refuse_external, services_of
from ndc_oms.orders.request import CreateRequest


def read(root: Node, envelope: Envelope) -> CreateRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid with the path: 12, 143, 207, 290, 386, 466, 476, 727, 912, 913."""
    asked = request(root)
    created = get(asked, "CreateOrder")
    refuse_external(find(created, "AcceptOrderItemList"))
    accepted = find(created, "AcceptSelectedQuotedOfferList")
    selections = read_selections(every(accepted, "SelectedPricedOffer"))
    if not selections:
        raise missing(created, "AcceptSelectedQuotedOfferList/SelectedPricedOffer")
    lists = find(asked, "DataLists")
    party = read_party(every(find_at(lists, "PaxList"), "Pax"))
    if not party:
        raise missing(asked, "DataLists/PaxList", code="143")
    flights = flights_of(selections)
    if not flights:
        raise missing(created if accepted is None else accepted, "SelectedPricedOffer")
    return CreateRequest(
        selections=flights,
        passengers=party,
        people=read_people(lists),
        payments=read_payments(every(asked, "PaymentFunctions")),
        passengers_path=f"{path_of(asked)}/DataLists/PaxList",
        services=services_of(selections),
    )

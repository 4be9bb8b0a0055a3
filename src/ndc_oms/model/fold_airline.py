"""What changes by the airline make of an order, and what its people answer."""

from typing import Final

from ndc_oms.model import protecting, rerouting
from ndc_oms.model.airline_change import Answer
from ndc_oms.model.effects import Effects
from ndc_oms.model.events import (
    AirlineChangeAccepted,
    AirlineChangeLapsed,
    DocumentsRevalidated,
    FlightChangeHeard,
    FlightChangesSettled,
    FlightsChanged,
    HandedOver,
    ProtectionChosen,
    ProtectionDeclined,
    ProtectionFailed,
)
from ndc_oms.model.fold_documents import with_coupons
from ndc_oms.model.order import Order


def _flight_changes_settled(order: Order, event: FlightChangesSettled) -> Order:
    return rerouting.settled(order, event.heard)


def _flights_changed(order: Order, event: FlightsChanged) -> Order:
    return protecting.placed(rerouting.changed(order, event), event.change)


def _protection_chosen(order: Order, event: ProtectionChosen) -> Order:
    return protecting.chosen(order, event.part)


def _protection_failed(order: Order, event: ProtectionFailed) -> Order:
    return protecting.failed(order, event.part_id, event.reason)


def _protection_declined(order: Order, event: ProtectionDeclined) -> Order:
    return protecting.declined(order, event.part_id)


def _handed_over(order: Order, event: HandedOver) -> Order:
    return protecting.handed_over(with_coupons(order, event.coupons), event.part_id)


def _airline_change_accepted(order: Order, event: AirlineChangeAccepted) -> Order:
    return rerouting.answered(order, event.change_id, Answer.ACCEPTED, event.at)


def _airline_change_lapsed(order: Order, event: AirlineChangeLapsed) -> Order:
    return rerouting.answered(order, event.change_id, Answer.LAPSED, event.at)


def _documents_revalidated(order: Order, event: DocumentsRevalidated) -> Order:
    return rerouting.revalidated(order, event.documents)


AIRLINE_EFFECTS: Final[Effects] = {
    FlightChangeHeard: rerouting.heard,
    FlightChangesSettled: _flight_changes_settled,
    FlightsChanged: _flights_changed,
    ProtectionChosen: _protection_chosen,
    ProtectionFailed: _protection_failed,
    ProtectionDeclined: _protection_declined,
    HandedOver: _handed_over,
    AirlineChangeAccepted: _airline_change_accepted,
    AirlineChangeLapsed: _airline_change_lapsed,
    DocumentsRevalidated: _documents_revalidated,
}

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


def _flight_change_heard(event: FlightChangeHeard, order: Order) -> Order:
    return rerouting.heard(order, event)


def _flight_changes_settled(event: FlightChangesSettled, order: Order) -> Order:
    return rerouting.settled(order, event.heard)


def _flights_changed(event: FlightsChanged, order: Order) -> Order:
    return protecting.placed(rerouting.changed(order, event), event.change)


def _protection_chosen(event: ProtectionChosen, order: Order) -> Order:
    return protecting.chosen(order, event.part)


def _protection_failed(event: ProtectionFailed, order: Order) -> Order:
    return protecting.failed(order, event.part_id, event.reason)


def _protection_declined(event: ProtectionDeclined, order: Order) -> Order:
    return protecting.declined(order, event.part_id)


def _handed_over(event: HandedOver, order: Order) -> Order:
    return protecting.handed_over(with_coupons(order, event.coupons), event.part_id)


def _airline_change_accepted(event: AirlineChangeAccepted, order: Order) -> Order:
    return rerouting.answered(order, event.change_id, Answer.ACCEPTED, event.at)


def _airline_change_lapsed(event: AirlineChangeLapsed, order: Order) -> Order:
    return rerouting.answered(order, event.change_id, Answer.LAPSED, event.at)


def _documents_revalidated(event: DocumentsRevalidated, order: Order) -> Order:
    return rerouting.revalidated(order, event.documents)


AIRLINE_EFFECTS: Final[Effects] = {
    FlightChangeHeard: _flight_change_heard,
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

"""What tests of paying for holds look at."""

from tests.orders.servicing import Desk

from ndc_oms.model.balance import unpaid_items
from ndc_oms.model.status import PaymentState


def states(house: Desk) -> list[PaymentState]:
    return [payment.state for payment in house.order.payments]


def is_ticketed(house: Desk) -> bool:
    order = house.order
    return (
        all(order.tickets_of(item.passenger_id) for item in order.live_items)
        and not house.store.tasks
        and unpaid_items(order) == ()
    )

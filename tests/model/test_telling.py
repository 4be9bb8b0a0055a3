"""Since when there is something in an order that nobody told its seller."""

from dataclasses import replace

from tests.fulfilment.test_plan import forward, order_of
from tests.orders.fake_clock import NOW
from tests.orders.offered import T

from ndc_oms.fulfilment.plan import record
from ndc_oms.model.events import (
    AirlineChangeLapsed,
    BookingUpdated,
    CouponMoved,
    Event,
    OrderCreated,
    PaymentCaptured,
    PeopleUpdated,
)
from ndc_oms.model.order import Order
from ndc_oms.model.status import CouponStatus
from ndc_oms.model.telling import is_news, known_after
from ndc_oms.ports.store import RecordOrder

FLOWN = CouponMoved(at=NOW, document="9990000000000", coupon=1, status=CouponStatus.CHECKED_IN)


def told(units: list[RecordOrder]) -> list[bool]:
    return [each.tells_seller for each in units]


def carry_on(order: Order, *events: Event, answered: bool = False) -> list[RecordOrder]:
    units: list[RecordOrder] = []
    for event in events:
        units.append(record(order, (event,), NOW, answered=answered))
        order = units[-1].order
    return units


def test_what_a_reply_tells_is_not_pushed() -> None:
    order = order_of(T.ADULT)
    first = record(None, (OrderCreated(at=NOW, order=order),), NOW, answered=True)
    ways = [event for _, event in forward(order)]
    assert told(carry_on(first.order, *ways, answered=True)) == [False] * len(ways)


def test_what_no_reply_tells_is_pushed_once_at_its_end() -> None:
    order = order_of(T.ADULT, T.ADULT)
    first = record(None, (OrderCreated(at=NOW, order=order),), NOW, answered=True)
    ways = [event for _, event in forward(order)]
    units = carry_on(first.order, *ways)
    assert told(units) == [False] * (len(ways) - 1) + [True]
    assert (units[-1].order.rested, units[-1].order.news) == (0, True)


def test_what_was_told_is_not_told_with_what_comes_later() -> None:
    order = order_of(T.ADULT)
    first = record(None, (OrderCreated(at=NOW, order=order),), NOW, answered=True)
    done = carry_on(first.order, *(event for _, event in forward(order)), answered=True)[-1].order
    (checked_in,) = carry_on(done, FLOWN)
    assert checked_in.events[0].resting
    assert not checked_in.tells_seller  # how far it is flown is no change of the order
    assert (checked_in.order.rested, checked_in.order.news) == (done.sequence, False)


def test_a_refused_update_is_news_and_one_that_was_taken_is_none() -> None:
    assert is_news(BookingUpdated(at=NOW, changes=1, refused="no such name"))
    assert not is_news(BookingUpdated(at=NOW, changes=1))
    assert is_news(PeopleUpdated(at=NOW, passenger_id="P1", kinds=("contacts",)))
    assert not is_news(FLOWN)


def test_what_tells_itself_is_known_by_then() -> None:
    order = replace(order_of(T.ADULT), sequence=7, rested=3, news=True)
    assert known_after(order, AirlineChangeLapsed(at=NOW, change_id="C1")) == (8, False)


def test_an_order_of_an_earlier_version_has_no_news_before_it_rests() -> None:
    order = replace(order_of(T.ADULT), sequence=7, rested=None)
    captured = PaymentCaptured(at=NOW, payment_id="PAY1", capture="C", amount=order.total)
    assert known_after(order, captured) == (None, False)
    assert known_after(order, AirlineChangeLapsed(at=NOW, change_id="C1")) == (None, False)
    assert known_after(order, replace(captured, resting=True)) == (7, True)

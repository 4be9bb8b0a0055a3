"""Events: the order is their fold; a stream that cannot be is refused."""

import pytest
from tests.fulfilment.test_plan import forward, order_of, undo
from tests.orders.fake_clock import NOW
from tests.orders.offered import T

from ndc_oms.fulfilment.plan import next_step, record, turn_round
from ndc_oms.model.events import (
    EVENTS,
    DocumentsIssued,
    Event,
    OrderCreated,
    PaymentCaptured,
    PaymentReleased,
)
from ndc_oms.model.fold import EFFECTS, ROOMS, apply, fold
from ndc_oms.model.ledger import Account, Posting, Transaction, transaction
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order
from ndc_oms.model.status import (
    DeliveryStatus,
    IllegalTransitionError,
    ItemStatus,
    ServiceStatus,
)
from ndc_oms.model.step import Failure, Step


def life(order: Order, *, fails: bool) -> list[Event]:
    """Every event of an order that is sold, or sold and taken back."""
    events: list[Event] = [OrderCreated(at=NOW, order=order)]
    for _, event in forward(order):
        events.append(event)
        order = apply(order, event)
    if fails:
        unit = record(order, turn_round(order, Failure(Step.CAPTURE, "708", "no"), NOW), NOW)
        events += unit.events
        while (planned := next_step(unit.order)) is not None:
            unit = record(unit.order, (undo(unit.order, planned),), NOW)
            events += unit.events
    return events


def test_every_event_has_one_effect() -> None:
    assert set(EFFECTS) == set(EVENTS.values()) - {OrderCreated}
    assert len(EFFECTS) == sum(map(len, ROOMS))


def test_fold_counts_events_and_versions() -> None:
    start = order_of(T.ADULT, T.CHILD)
    events = life(start, fails=True)
    order = fold(events)
    assert order.sequence == len(events)
    assert order.version == 1 + sum(type(event).bumps for event in events) == 3


def test_sold_services_are_ready() -> None:
    order = fold(life(order_of(T.ADULT, T.INFANT), fails=False))
    services = [s for item in order.items for s in item.services]
    assert {s.delivery for s in services} == {DeliveryStatus.READY_TO_PROCEED}
    assert order.version == 1


def test_closed_services_are_removed() -> None:
    order = fold(life(order_of(T.ADULT, T.INFANT), fails=True))
    services = [s for item in order.items for s in item.services]
    assert {s.status for s in services} == {ServiceStatus.CANCELLED}
    assert {s.delivery for s in services} == {DeliveryStatus.REMOVED}
    assert {item.status for item in order.items} == {ItemStatus.CANCELLED}


def test_every_kind_of_event_has_its_name() -> None:
    assert {kind.__name__ for kind in Event.__subclasses__()} == set(EVENTS)


def test_streams_that_cannot_be() -> None:
    order = order_of(T.ADULT)
    created = OrderCreated(at=NOW, order=order)
    with pytest.raises(AssertionError):
        fold([])
    with pytest.raises(AssertionError):
        fold([PaymentReleased(at=NOW, payment_id="PAY1")])
    with pytest.raises(AssertionError):
        fold([created, created])
    with pytest.raises(KeyError):
        fold([created, PaymentReleased(at=NOW, payment_id="PAY9")])
    captured = PaymentCaptured(at=NOW, payment_id="PAY1", capture="c", amount=order.total)
    with pytest.raises(IllegalTransitionError):
        fold([created, captured])  # never authorised
    events = life(order, fails=True)
    issued = next(event for event in events if isinstance(event, DocumentsIssued))
    with pytest.raises(IllegalTransitionError):
        fold([*events, *events[-2:]])  # closed twice
    with pytest.raises(IllegalTransitionError):
        fold([*events[:4], issued])  # issued twice for one passenger


@pytest.mark.parametrize("fails", [False, True])
def test_ledger_of_a_life(fails: bool) -> None:
    balance: dict[Account, int] = {}
    order: Order | None = None
    for event in life(order_of(T.ADULT, T.CHILD, payments=2), fails=fails):
        after = apply(order, event)
        posted = transaction(order, event, after)
        order = after
        for posting in posted.postings if posted else ():
            balance[posting.account] = balance.get(posting.account, 0) + posting.amount.minor
        assert sum(balance.values()) == 0
    assert order is not None
    assert balance[Account.RECEIVABLE] == 0
    owed = 0 if fails else sum(p.amount.minor for p in order.payments)
    assert balance[Account.CLEARING] == owed
    assert balance[Account.UNEARNED] + balance[Account.TAXES] == -owed


def test_an_unbalanced_transaction_is_a_bug() -> None:
    one_sided = (Posting(Account.RECEIVABLE, Money(1, "EUR")),)
    two_currencies = (*one_sided, Posting(Account.UNEARNED, Money(-1, "USD")))
    for postings in (one_sided, two_currencies):
        with pytest.raises(AssertionError, match="balance"):
            Transaction("XX1", 1, postings)

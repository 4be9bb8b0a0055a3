"""An order in two: whoever goes and however it was paid, the sums are what they were."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.fulfilment.test_plan import forward, order_of
from tests.orders.fake_clock import NOW
from tests.orders.offered import T

from ndc_oms.model.events import Event, OrderCreated, PaymentRefunded
from ndc_oms.model.fold import apply, fold
from ndc_oms.model.ledger import Account, Transaction, transaction
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.passenger import Contact, People, Person
from ndc_oms.model.split_events import OrderSplit, SplitAccepted
from ndc_oms.model.splitting import people_apart, shares, split_off
from ndc_oms.model.status import PaymentState, ServiceStatus
from ndc_oms.model.under_way import Split

NEW = "XX3333333333"
KINDS = (T.ADULT, T.ADULT, T.YOUTH, T.CHILD)


def sold(kinds: tuple[T, ...], payments: int) -> tuple[Order, list[Event]]:
    order = order_of(*kinds, payments=payments)
    events: list[Event] = [OrderCreated(at=NOW, order=order)]
    for _, event in forward(order):
        events.append(event)
        order = apply(order, event)
    return order, events


def sums(*posted: Transaction | None) -> Counter[Account]:
    found: Counter[Account] = Counter()
    for each in posted:
        for line in each.postings if each else ():
            found[line.account] += line.amount.minor
    return found


@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=2, max_size=6).map(lambda k: (T.ADULT, *k)),
    payments=st.integers(1, 3),
    chosen=st.sets(st.integers(0, 6), min_size=1),
)
def test_sums_are_what_they_were(kinds: tuple[T, ...], payments: int, chosen: set[int]) -> None:
    order, events = sold(kinds, payments)
    going = tuple(p.id for n, p in enumerate(order.passengers) if n in chosen)
    if not going or len(going) == len(order.passengers):
        going = (order.passengers[0].id,)
    accepted = SplitAccepted(at=NOW, split=Split(NEW, going))
    before = apply(order, accepted)
    booking = BookingReference("XX", "DEF567", going)
    parted = OrderSplit(at=NOW, booking=booking, shares=shares(before, going))
    after, made = apply(before, parted), split_off(before, parted)
    assert fold([*events, accepted, parted]) == after
    assert fold([OrderCreated(at=NOW, order=made)]) == made

    assert after.total + made.total == order.total
    assert total((p.left for p in made.payments), "EUR") == made.total
    captured = [p for p in after.payments if p.state is PaymentState.CAPTURED]
    assert total((p.left for p in captured), "EUR") == after.total
    assert {d.number for d in after.documents}.isdisjoint(d.number for d in made.documents)
    assert len(after.documents) + len(made.documents) == len(order.documents)
    assert {i.passenger_id for i in made.items} == set(going)
    assert {i.passenger_id for i in after.live_items}.isdisjoint(going)
    gone = [s for i in after.items if i.passenger_id in going for s in i.services]
    assert {s.status for s in gone} == {ServiceStatus.TRANSFERRED}

    old = transaction(before, parted, after)
    new = transaction(None, OrderCreated(at=NOW, order=made), made)
    assert not +sums(old, new)
    assert not -sums(old, new)
    assert sums(new)[Account.RECEIVABLE] == 0


def test_what_came_back_before_stays_where_it_was() -> None:
    """A share is of what is left of a payment."""
    order, _ = sold((T.ADULT, T.ADULT), 1)
    back = Money(100, "EUR")
    (payment,) = order.payments
    refunded = PaymentRefunded(at=NOW, payment_id=payment.id, refund="R", amount=back)
    dearer = replace(order, payments=(replace(payment, amount=payment.amount + back),))
    order = apply(dearer, refunded)
    before = apply(order, SplitAccepted(at=NOW, split=Split(NEW, ("PAX2",))))
    parted = OrderSplit(
        at=NOW,
        booking=BookingReference("XX", "DEF567", ("PAX2",)),
        shares=shares(before, ("PAX2",)),
    )
    after, made = apply(before, parted), split_off(before, parted)
    assert (after.payments[0].returned, made.payments[0].returned) == (back, Money.zero("EUR"))
    assert after.payments[0].left == after.total
    assert made.payments[0].left == made.total


def test_contacts_go_with_who_is_reached_by_them() -> None:
    persons = tuple(
        Person(name, "HANSEN", (name,), contact_ids=ids)
        for name, ids in (("PAX1", ("C1", "C2")), ("PAX2", ("C2",)))
    )
    contacts = tuple(Contact(name, emails=(f"{name}@example.com",)) for name in ("C1", "C2", "C3"))
    staying, going = people_apart(People(persons, contacts), ["PAX2"])
    assert [p.passenger_id for p in going.persons] == ["PAX2"]
    assert [c.id for c in going.contacts] == ["C2", "C3"]
    assert [c.id for c in staying.contacts] == ["C1", "C2", "C3"]

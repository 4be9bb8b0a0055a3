"""Ancillary items in an order's life: added, paid apart, counted, given back."""

from dataclasses import replace
from datetime import timedelta

from tests.store.samples import NOW, life, order

from ndc_oms.model.ancillary import EmdKind, Product
from ndc_oms.model.balance import covered, outstanding, unpaid_items
from ndc_oms.model.cancellation import Cancellation, GivenUp
from ndc_oms.model.events import CancellationAccepted, Event, ItemsAdded, ItemsCancelled
from ndc_oms.model.fold import apply, fold
from ndc_oms.model.items import AncillaryItem, Service
from ndc_oms.model.ledger import Account, transaction
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare
from ndc_oms.model.order import Order
from ndc_oms.model.seat import Seat
from ndc_oms.model.status import DeliveryStatus, ItemStatus
from ndc_oms.model.stock import Place, moves, seat_place, taken

LATER = NOW + timedelta(days=1)
BAG = Product("BAG", "Bag", rfic="C", rfisc="0CC", emd=EmdKind.ASSOCIATED, stock=5)
CHAIR = Product("WCHR", "Wheelchair", ssr="WCHR")


def item(number: int, product: Product = BAG, minor: int = 2500, **more: object) -> AncillaryItem:
    made = AncillaryItem(
        f"A{number}",
        f"SV.{number}",
        "P1",
        product,
        Fare("", Money(minor, "EUR"), ()),
        (Service(f"A{number}S1", "S1"),),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def ticketed() -> Order:
    return fold(life(order()))


def then(before: Order, event: Event) -> Order:
    return apply(before, event)


def test_what_is_added_later_is_not_paid_by_what_was_paid_before() -> None:
    before = ticketed()
    assert covered(before)
    after = then(before, ItemsAdded(at=LATER, items=(item(1), item(2, CHAIR, 0))))
    assert after.total == before.total + Money(2500, "EUR")
    assert [each.id for each in unpaid_items(after)] == ["A1"]
    assert outstanding(after) == Money(2500, "EUR")
    assert after.version == before.version + 1
    assert after.item("A1").added == after.sequence


def test_what_is_free_can_be_delivered_once_the_booking_shows_it() -> None:
    after = then(ticketed(), ItemsAdded(at=LATER, items=(item(1), item(2, CHAIR, 0))))
    assert after.people_changes == after.people_booked + 1
    deliveries = [each.services[0].delivery for each in after.ancillaries]
    assert deliveries == [DeliveryStatus.CONFIRMED] * 2


def test_the_sale_is_posted_and_taken_back() -> None:
    before = ticketed()
    added = ItemsAdded(at=LATER, items=(item(1),))
    after = then(before, added)
    sale = transaction(before, added, after)
    assert sale is not None
    assert {(each.account, each.amount.minor) for each in sale.postings if each.amount} == {
        (Account.RECEIVABLE, 2500),
        (Account.UNEARNED, -2500),
    }
    nothing = Money.zero("EUR")
    given_up = Cancellation((GivenUp("A1", nothing, nothing),), "no more")
    accepted = then(after, CancellationAccepted(at=LATER, cancellation=given_up))
    ended = ItemsCancelled(at=LATER)
    final = then(accepted, ended)
    back = transaction(accepted, ended, final)
    assert back is not None
    assert {(each.account, each.amount.minor) for each in back.postings if each.amount} == {
        (Account.RECEIVABLE, -2500),
        (Account.UNEARNED, 2500),
    }
    assert final.ancillaries[0].status is ItemStatus.CANCELLED
    assert final.total == before.total


def test_stock_moves_by_what_changes() -> None:
    before = ticketed()
    flight = before.segments[0].flight.key
    seat = item(2, replace(CHAIR, ssr=None), 0, seat=Seat(12, "A"))
    after = then(before, ItemsAdded(at=LATER, items=(item(1, quantity=2), seat)))
    assert taken(after) == {Place(flight, "BAG"): (2, 5), seat_place(flight, "12A"): (1, 1)}
    assert {(m.place.what, m.count, m.has) for m in moves(before, after)} == {
        ("BAG", 2, 2),
        ("seat 12A", 1, 1),
    }
    assert moves(after, after) == ()
    assert {(m.place.what, m.count, m.has) for m in moves(after, before)} == {
        ("BAG", -2, 0),
        ("seat 12A", -1, 0),
    }

"""An order in two: what stays, and what goes with some passengers into an order of their own. Pure.

What goes: their items that are not cancelled, under the ids that they have; all their documents,
which keep their numbers; their seats; their booking; and of each payment what it paid for these
items. What was cancelled before, and what was kept of it, stays where it happened. Of what goes,
the order that stays shows the items as cancelled and their services as transferred.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, TypeVar

from ndc_oms.model.balance import pays_for, to_forms
from ndc_oms.model.cancellation import GivenUp, RefundDue
from ndc_oms.model.effects import Effects
from ndc_oms.model.items import AncillaryItem, Item, OrderItem, Service
from ndc_oms.model.money import Money
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.passenger import People
from ndc_oms.model.payment import Payment
from ndc_oms.model.split_events import (
    OrderSplit,
    PartnerDivided,
    SplitAbandoned,
    SplitAccepted,
)
from ndc_oms.model.status import (
    ITEM,
    PAYMENT,
    SERVICE,
    ItemStatus,
    PaymentState,
    ServiceStatus,
)
from ndc_oms.model.under_way import Split
from ndc_oms.model.with_partners import flying, parted

Either = TypeVar("Either", OrderItem, AncillaryItem)


def under_way(order: Order) -> Split:
    if order.split is None:
        raise AssertionError("no split is under way")
    return order.split


def moving(order: Order, passenger_ids: Iterable[str]) -> tuple[Item, ...]:
    """Everything of these passengers that is not cancelled."""
    ids = frozenset(passenger_ids)
    return tuple(item for item in order.live if item.passenger_id in ids)


def shares(order: Order, passenger_ids: Iterable[str]) -> tuple[RefundDue, ...]:
    """Of each captured payment, what it paid for what goes. Exact: the sum is what that costs."""
    captured = [p for p in order.payments if p.state is PaymentState.CAPTURED]
    nothing = Money.zero(order.currency)
    paid = tuple(
        GivenUp(item.id, item.fare.total, nothing)
        for item in moving(order, passenger_ids)
        if any(pays_for(each, item) for each in captured)
    )
    return to_forms(order, paid)


# -- what goes ---------------------------------------------------------------------------------


def split_off(order: Order, event: OrderSplit) -> Order:
    """The order that is made. order: before the event. Its booking is to be brought up to date:
    what nobody in particular is reached by was shown with somebody else.
    """
    split = under_way(order)
    going = moving(order, split.passenger_ids)
    ids = frozenset(split.passenger_ids)
    theirs = _parts_of(order, ids)
    flown = {service.segment_id for item in going for service in item.services}
    released = (each.id for each in order.segments if each.id not in flown)
    return Order(
        order_id=split.order_id,
        owner=order.owner,
        seller=order.seller,
        offer_id=f"{order.offer_id}/{split.order_id}",  # one order an offer; this is a part of one
        currency=order.currency,
        created_at=event.at,
        changed_at=event.at,
        passengers=tuple(each for each in order.passengers if each.id in ids),
        segments=order.segments,
        items=tuple(replace(i, added=1) for i in going if isinstance(i, OrderItem)),
        payments=tuple(_paid(order, event.shares, going)),
        hold_reference=order.hold_reference,
        documents=tuple(each for each in order.documents if each.passenger_id in ids),
        bookings=tuple(dict.fromkeys(_bookings(event, theirs))),
        payment_limit_at=order.payment_limit_at,
        price_guarantee_until=order.price_guarantee_until,
        segments_released=tuple(released),
        people_changes=1,
        conditions=order.conditions,
        ancillaries=tuple(replace(i, added=1) for i in going if isinstance(i, AncillaryItem)),
        seated=tuple(each for each in order.seated if each.passenger_id in ids),
        seatings=order.seatings,
        corrected=tuple(each for each in order.corrected if each in ids),
        original_order_id=order.order_id,
        rested=1,  # the split is told
        parts=(
            *(each for each in order.parts if not each.live and each.protection is None),
            *(replace(each, passenger_ids=()) for each in theirs),
        ),
    )


def _parts_of(order: Order, ids: frozenset[str]) -> tuple[PartnerPart, ...]:
    """What partners fly of them, and of nobody else."""
    parts = ((each, flying(order, each)) for each in order.parts if each.live)
    return tuple(each for each, here in parts if here and here <= ids)


def _bookings(event: OrderSplit, theirs: Iterable[PartnerPart]) -> Iterable[BookingReference]:
    yield BookingReference(event.booking.carrier, event.booking.locator)
    for part in theirs:
        yield BookingReference(part.carrier, part.locator or "")


def _paid(order: Order, shared: Iterable[RefundDue], going: Iterable[Item]) -> Iterable[Payment]:
    items = tuple(going)
    for number, share in enumerate(shared, 1):
        payment = order.payment(share.payment_id)
        yield replace(
            payment,
            id=f"PAY{number}",
            amount=share.amount,
            item_ids=tuple(item.id for item in items if pays_for(payment, item)),
            refunded=None,
            batch=1,
            routes=(),
            tried=(),
        )


def people_apart(people: People, passenger_ids: Iterable[str]) -> tuple[People, People]:
    """(those who stay, those who go). A contact goes with who names it, and stays with whoever
    else does; one that nobody names is everybody's.
    """
    ids = frozenset(passenger_ids)

    def of(*, going: bool) -> People:
        persons = tuple(p for p in people.persons if (p.passenger_id in ids) is going)
        named = {c for person in persons for c in person.contact_ids}
        free = {c.id for c in people.contacts} - {c for p in people.persons for c in p.contact_ids}
        kept = tuple(each for each in people.contacts if each.id in named | free)
        return People(persons, kept or people.contacts)

    return of(going=False), of(going=True)


# -- what stays --------------------------------------------------------------------------------


def _accepted(order: Order, event: SplitAccepted) -> Order:
    if order.split is not None or order.change is not None or order.cancellation is not None:
        raise AssertionError("something is under way")
    return replace(order, split=event.split, failed_split=None)


def _abandoned(order: Order, event: SplitAbandoned) -> Order:
    under_way(order)
    return replace(order, split=None, failed_split=event.failure)


def _divided(order: Order, event: PartnerDivided) -> Order:
    under_way(order)
    part = order.part(event.part_id)
    halves = parted(order, part, event.booking.passenger_ids)
    new = replace(
        halves[1],
        id=event.new_part_id,
        reference=event.reference,
        locator=event.booking.locator,
    )
    parts = ((halves[0], new) if each.id == part.id else (each,) for each in order.parts)
    return replace(
        order,
        parts=tuple(each for some in parts for each in some),
        bookings=(*order.bookings, event.booking),
    )


def _split(order: Order, event: OrderSplit) -> Order:
    split = under_way(order)
    ids = frozenset(split.passenger_ids)
    going = {item.id for item in moving(order, ids)}
    theirs = _parts_of(order, ids)
    gone = {(event.booking.carrier, event.booking.locator)}
    gone |= {(each.carrier, each.locator or "") for each in theirs}
    items = tuple(_transferred(i) if i.id in going else i for i in order.items)
    ancillaries = tuple(_transferred(i) if i.id in going else i for i in order.ancillaries)
    after = replace(
        order,
        items=items,
        ancillaries=ancillaries,
        payments=tuple(_less(each, event.shares) for each in order.payments),
        documents=tuple(each for each in order.documents if each.passenger_id not in ids),
        bookings=tuple(b for b in order.bookings if (b.carrier, b.locator) not in gone),
        parts=tuple(each for each in order.parts if each not in theirs),
        passengers_released=(*order.passengers_released, *split.passenger_ids),
        seated=tuple(each for each in order.seated if each.passenger_id not in ids),
        corrected=tuple(each for each in order.corrected if each not in ids),
        people_changes=order.people_changes + 1,
        split=None,
        splits=(*order.splits, split),
    )
    flown = {service.segment_id for item in after.live for service in item.services}
    left = (s.segment_id for item in moving(order, ids) for s in item.services)
    released = (*order.segments_released, *(each for each in left if each not in flown))
    return replace(after, segments_released=tuple(dict.fromkeys(released)))


def _transferred(item: Either) -> Either:
    def service(old: Service) -> Service:
        goes = SERVICE.may(old.status, ServiceStatus.TRANSFERRED)
        return replace(old, status=ServiceStatus.TRANSFERRED) if goes else old

    return replace(
        item,
        status=ITEM.check(item.status, ItemStatus.CANCELLED),
        services=tuple(map(service, item.services)),
    )


def _less(payment: Payment, shared: Iterable[RefundDue]) -> Payment:
    share = next((each.amount for each in shared if each.payment_id == payment.id), None)
    if share is None:
        return payment
    if payment.state is not PaymentState.CAPTURED or payment.left < share:
        raise AssertionError(f"{payment.id} has no {share} to share")
    less = replace(payment, amount=payment.amount - share)
    if less.left:
        return less
    return replace(less, state=PAYMENT.check(less.state, PaymentState.REFUNDED))


SPLIT_EFFECTS: Final[Effects] = {
    SplitAccepted: _accepted,
    PartnerDivided: _divided,
    OrderSplit: _split,
    SplitAbandoned: _abandoned,
}

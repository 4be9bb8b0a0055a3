"""A partner in place of our own flight, event by event: the order, its ledger, and what `verify`
says of a history that went wrong. On the samples' order of two passengers and one flight.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.store import raw
from tests.store.samples import NOW, document, life, order, record

from ndc_oms.model.airline_change import AirlineChange, Answer, Flown, Inaction, Reason, Rerouted
from ndc_oms.model.events import (
    AirlineChangeAccepted,
    CouponState,
    Event,
    FlightsChanged,
    HandedOver,
    PartnerBooked,
    PartnerCancelled,
    PartnerDocumentsIssued,
    ProtectionChosen,
    ProtectionDeclined,
    ProtectionFailed,
)
from ndc_oms.model.fold import apply, fold
from ndc_oms.model.ledger import Account, transaction
from ndc_oms.model.money import Money
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.partner import PartnerPart, Protection
from ndc_oms.model.protecting import open_protections, protection_of, to_hand_over
from ndc_oms.model.status import CouponStatus, DeliveryStatus
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.store.verify import verify

AT = NOW + timedelta(minutes=5)
COST, KEEPS = Money(43210, "EUR"), Money(1100, "EUR")
BOOKED = PartnerBooked(at=AT, part_id="PART1", reference="R1", booking=BookingReference("XA", "R1"))


def part() -> PartnerPart:
    sold = order().segments[0]
    flight = replace(sold.flight, carrier="XA", number="7", operator="XA", operator_number="7")
    flown = (Flown("S2", flight, "V", sold.cabin),)
    return PartnerPart(
        "PART1", "aster", "XA", 0, ("S2",), "BASIC",
        passenger_ids=("P1", "P2"),
        protection=Protection(("S1",), flown, COST, KEEPS),
    )  # fmt: skip


def theirs() -> PartnerDocumentsIssued:
    made = tuple(
        replace(
            document(number, passenger),
            issuer="XA",
            coupons=tuple(
                replace(each, segment_id="S2") for each in document(number, passenger).coupons
            ),
        )
        for number, passenger in (("9060000000001", "P1"), ("9060000000011", "P2"))
    )
    return PartnerDocumentsIssued(at=AT, part_id="PART1", documents=made)


def changed() -> FlightsChanged:
    sold = order().segments[0]
    known = part().protection
    assert known is not None
    old = (Flown("S1", sold.flight, sold.rbd, sold.cabin),)
    bounds = (Rerouted(0, Reason.CANCELLED, old, known.flights),)
    items = tuple(item.id for item in order().items)
    limit = AT + timedelta(days=3)
    change = AirlineChange("pss-1", bounds, items, limit, Inaction.ACCEPT, refundable=True)
    return FlightsChanged(at=AT, change=change, heard=())


def protected() -> list[Event]:
    return [*life(order()), ProtectionChosen(at=AT, part=part()), BOOKED, theirs(), changed()]


def cancelled(status: CouponStatus) -> PartnerCancelled:
    states = tuple(CouponState(d.number, 1, status) for d in theirs().documents)
    return PartnerCancelled(at=AT, part_id="PART1", coupons=states)


def expenses(events: list[Event]) -> int:
    spent, state = 0, None
    for event in events:
        before, state = state, apply(state, event)
        moved = transaction(before, event, state)
        lines = moved.postings if moved else ()
        spent += sum(each.amount.minor for each in lines if each.account is Account.EXPENSES)
    return spent


def deliveries(made: Order) -> set[DeliveryStatus]:
    return {service.delivery for item in made.items for service in item.services}


def test_its_flights_come_into_the_order_with_the_change() -> None:
    before, after = fold(protected()[:-1]), fold(protected())
    assert [each.id for each in before.segments] == ["S1"]
    assert not protection_of(before.part("PART1")).placed
    assert [each.id for each in after.segments] == ["S2"]
    assert deliveries(after) == {DeliveryStatus.READY_TO_PROCEED}
    assert after.total == before.total
    assert open_protections(after, [after.items[0].id]) == after.parts
    assert list(to_hand_over(after)) == []  # the seller is asked


def test_it_is_handed_over_when_the_seller_has_taken_it() -> None:
    accepted = AirlineChangeAccepted(at=AT, change_id="pss-1")
    after = fold([*protected(), accepted])
    assert list(to_hand_over(after)) == list(after.parts)
    ours = [each for each in after.documents if not each.issuer]
    ended = tuple(CouponState(each.number, 1, CouponStatus.EXCHANGED) for each in ours)
    done = apply(after, HandedOver(at=AT, part_id="PART1", coupons=ended))
    assert list(to_hand_over(done)) == []
    assert {d.live for d in done.documents if not d.issuer} == {False}
    with pytest.raises(AssertionError):
        apply(fold(protected()[:-1]), HandedOver(at=AT, part_id="PART1"))


def test_declined_the_order_is_as_if_nobody_flew_them() -> None:
    after = fold([*protected(), ProtectionDeclined(at=AT, part_id="PART1")])
    assert [each.id for each in after.segments] == ["S1"]
    assert deliveries(after) == {DeliveryStatus.UNABLE_TO_DELIVER}
    (change,) = after.open_changes
    assert (change.stranded, change.inaction) == (True, Inaction.CANCEL)
    assert change.answer is not Answer.ACCEPTED
    assert (after.part("PART1").live, after.part("PART1").kept) == (True, False)


@pytest.mark.parametrize(
    ("status", "left"), [(CouponStatus.VOID, 0), (CouponStatus.REFUNDED, KEEPS.minor)]
)
def test_what_it_costs_is_ours_as_far_as_the_partner_keeps_it(
    status: CouponStatus, left: int
) -> None:
    assert expenses(protected()) == COST.minor
    declined = ProtectionDeclined(at=AT, part_id="PART1")
    assert expenses([*protected(), declined, cancelled(status)]) == left


def test_nothing_is_left_of_what_was_never_booked() -> None:
    failed = ProtectionFailed(at=AT, part_id="PART1", reason="sold out")
    events = [*life(order()), ProtectionChosen(at=AT, part=part()), failed]
    assert (fold(events).part("PART1").cancelled, expenses(events)) == (True, 0)


async def test_verify_is_silent_on_it(store: SqlStore, url: str) -> None:
    await store.write(record(None, protected()))
    assert await verify(url) == []


async def test_verify_finds_what_nobody_wants(store: SqlStore, url: str) -> None:
    declined = ProtectionDeclined(at=AT, part_id="PART1")
    await store.write(record(None, [*protected(), declined]))
    found = await verify(url)
    assert any("I22: PART1 is booked at aster although nobody wants it" in each for each in found)


async def test_verify_finds_expenses_that_no_partner_asked_for(store: SqlStore, url: str) -> None:
    await store.write(record(None, protected()))
    await raw.change(url, "UPDATE ledger_entries SET account = 'expenses' WHERE account = 'taxes'")
    assert any("of expenses, which partners did not ask for" in each for each in await verify(url))

"""Every fault at every step ends ticketed and paid, or taken back, or in the queue."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.orders.fake_clock import NOW, FakeEntropy
from tests.orders.house import House
from tests.orders.offered import CARD, SELLER, T, attempt, request_for
from tests.timeless import run

from ndc_oms.errors import Refusal
from ndc_oms.fulfilment.decide import PARK_AFTER, Later, decide
from ndc_oms.fulfilment.deed import Deed, Sides
from ndc_oms.fulfilment.deliver import LEASE, Deliverer
from ndc_oms.fulfilment.plan import next_step
from ndc_oms.fulfilment.queue import visible_queue
from ndc_oms.model.documents import Document
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.status import CouponStatus, OrderStatus, PaymentState
from ndc_oms.model.step import Step
from ndc_oms.orders.request import PaymentRequest
from ndc_oms.payments.allocation import standing
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected
from ndc_oms.ports.pss import Booking, Pnr
from ndc_oms.ports.store import RecordOrder, Task

FORWARD = {"authorise": "708", "book": "493", "issue": "182", "capture": "708"}
BACKWARD = ("void", "release", "cancel")
PASSING = ("rejects", "before", "after", "slow", "raises")


async def sell(house: House, *kinds: PassengerType) -> Order:
    house.create = replace(house.create, reply_within_s=0.02)
    with suppress(Refusal):
        await house.create(request_for(house.offer(*kinds)), SELLER, attempt())
    await house.deliverer.run_due()
    await house.run_out()
    (record,) = house.store.orders.values()
    return record.order


def is_sold(house: House, order: Order) -> bool:
    """Ticketed and paid, here and there."""
    return (
        order.failure is None
        and next_step(order) is None
        and all(order.tickets_of(p.id) for p in order.passengers)
        and sorted(house.pss.live_documents) == sorted(d.number for d in order.documents)
        and sum(m.minor for m in house.gateway.captured.values()) == order.total.minor
        and not house.store.tasks
    )


def is_taken_back(house: House, order: Order) -> bool:
    """Closed, and nothing is left of it anywhere."""
    freed = set(house.gateway.authorised) - {
        p.authorisation for p in order.payments if p.capture is not None
    }
    return (
        order.status is OrderStatus.CLOSED
        and not house.pss.live_documents
        and not house.gateway.charged
        and freed <= house.gateway.released
        and house.pss.seats == 100
        and not house.store.tasks
    )


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize("verb", FORWARD)
async def test_passing_faults_pass(verb: str, kind: str) -> None:
    house = House()
    side = house.pss if verb in ("book", "issue") else house.gateway
    side.plant(verb, kind)
    order = await sell(house, T.ADULT, T.INFANT)
    assert is_sold(house, order)
    assert side.applied[verb] == (2 if verb == "issue" else 1)
    house.check()


@pytest.mark.parametrize("verb", FORWARD)
async def test_refused_for_good(verb: str) -> None:
    house = House()
    (house.pss if verb in ("book", "issue") else house.gateway).plant(verb, "fails")
    order = await sell(house, T.ADULT, T.CHILD, T.INFANT)
    assert is_taken_back(house, order)
    assert order.failure is not None
    assert order.failure.code == FORWARD[verb]
    house.check()


@pytest.mark.parametrize("verb", FORWARD)
async def test_refused_for_now_too_often(verb: str) -> None:
    house = House()
    (house.pss if verb in ("book", "issue") else house.gateway).plant(verb, *["rejects"] * 4)
    order = await sell(house, T.ADULT)
    assert is_taken_back(house, order)
    house.check()


@pytest.mark.parametrize("fails_at", range(4))
async def test_k_of_n_documents(fails_at: int) -> None:
    house = House()
    house.pss.plant("issue", *[""] * fails_at, "fails")
    order = await sell(house, *[T.ADULT] * 4)
    assert is_taken_back(house, order)
    assert len(order.documents) == fails_at == house.pss.applied["void"]
    house.check()


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize("verb", BACKWARD)
async def test_taking_back_goes_on_through_passing_faults(verb: str, kind: str) -> None:
    house = House()
    house.gateway.plant("capture", "fails")
    (house.gateway if verb == "release" else house.pss).plant(verb, kind, kind)
    order = await sell(house, T.ADULT, T.ADULT)
    assert is_taken_back(house, order)
    assert house.gateway.applied["release"] == house.pss.applied["cancel"] == 1
    house.check()


@pytest.mark.parametrize("verb", BACKWARD)
async def test_taking_back_is_refused(verb: str) -> None:
    """It stands in the queue with its reason, is asked again, and ends once it is let."""
    house = House()
    house.gateway.plant("capture", "fails")
    side = house.gateway if verb == "release" else house.pss
    side.plant(verb, "fails", "fails")
    order = await sell(house, T.ADULT)
    assert order.status is OrderStatus.OPENED
    (waiting,) = await visible_queue(house.store, house.clock.now())
    assert (waiting.order_id, waiting.error) == (order.order_id, f"NO: {verb} refused")
    assert waiting.next_ask_at > house.clock.now() - timedelta(minutes=5)
    for _ in range(3):
        house.clock.advance(minutes=10)
        await house.deliverer.run_due()
    (record,) = house.store.orders.values()
    assert is_taken_back(house, record.order)
    assert await visible_queue(house.store, house.clock.now()) == ()


async def test_refund_when_the_second_capture_fails() -> None:
    house = House()
    offer = house.offer()
    house.plan.plant("capture", "fails")
    house.gateway.plant("refund", "after", "before")
    rest = offer.total - offer.items[0].fare.total
    payments = (
        PaymentRequest(PaymentForm.CARD, rest, CARD),
        PaymentRequest(PaymentForm.SETTLEMENT_PLAN, offer.items[0].fare.total),
    )
    with pytest.raises(Refusal) as refused:
        await house.create(request_for(offer, payments=payments), SELLER, attempt())
    assert "what was charged was refunded" in refused.value.done
    (record,) = house.store.orders.values()
    states = [p.state for p in record.order.payments]
    assert states == [PaymentState.REFUNDED, PaymentState.RELEASED]
    assert house.gateway.applied["refund"] == 1
    money = standing(record.order)
    assert (money.authorised, money.captured, money.refunded) == (rest, rest, rest)
    house.check()


@pytest.mark.parametrize("verb", FORWARD)
async def test_unknown_for_long_stands_in_the_queue_and_ends(verb: str) -> None:
    """Neither the call nor the question is answered; when they are, it was done, once."""
    house = House(reply_within_s=0.05)
    side = house.pss if verb in ("book", "issue") else house.gateway
    side.plant(verb, "after")
    side.plant("find", *["before"] * 12)
    await house.create(request_for(house.offer()), SELLER, attempt())
    for _ in range(10):
        house.clock.advance(seconds=31)
        await house.deliverer.run_due()
    (waiting,) = await visible_queue(house.store, house.clock.now())
    assert waiting.step == Step(verb)
    assert waiting.waits > PARK_AFTER
    side.faults["find"].clear()
    house.clock.advance(minutes=10)
    await house.deliverer.run_due()
    (record,) = house.store.orders.values()
    assert is_sold(house, record.order)
    assert side.applied[verb] == side.calls[verb] == 1  # it was asked about, never sent again
    house.check()


async def test_a_document_that_staff_voided_counts_as_voided() -> None:
    house = House()
    house.gateway.plant("capture", "fails")
    house.pss.plant("void", "fails")
    order = await sell(house, T.ADULT)
    house.pss.void_by_hand(order.documents[0].number)
    house.clock.advance(minutes=10)
    await house.deliverer.run_due()
    (record,) = house.store.orders.values()
    assert record.order.status is OrderStatus.CLOSED
    assert house.pss.calls["void"] == 1


async def test_crash_between_effect_and_record() -> None:
    """The lease runs out; who takes the task asks first, and finds what was done."""
    house = House()
    for verb, side in (("authorise", house.gateway), ("book", house.pss), ("issue", house.pss)):
        house.store.tasks.clear()
        house.store.orders.clear()
        house.store.claims.clear()
        house.store.events.clear()
        applied = side.applied[verb]
        side.plant(verb, "slow")
        died = asyncio.create_task(house.create(request_for(house.offer()), SELLER, attempt()))
        while side.applied[verb] == applied:
            await asyncio.sleep(0)
        for work in list(house.deliverer._running):
            work.cancel()
        died.cancel()
        await asyncio.gather(died, return_exceptions=True)
        house.clock.time += LEASE
        await house.deliverer.run_due()
        (record,) = house.store.orders.values()
        assert next_step(record.order) is None
        assert side.applied[verb] == applied + 1
        assert side.calls[verb] == applied + 1


async def test_two_workers_on_one_task() -> None:
    """A lease ran out under a living worker: both carry on, everything happens once."""
    house = House()
    house.pss.plant("book", "slow", "slow")
    sides = Sides(house.pss, {"cards": house.gateway})  # type: ignore[arg-type]  # the fakes have the verbs that fulfilment uses
    second = Deliverer(house.store, sides, house.clock, FakeEntropy(2), "other")
    first = asyncio.create_task(house.create(request_for(house.offer()), SELLER, attempt()))
    while not house.pss.calls["book"]:
        await asyncio.sleep(0)
    house.clock.time += LEASE
    assert await second.run_due() == 1
    await first
    (record,) = house.store.orders.values()
    assert is_sold(house, record.order)
    assert house.pss.applied["book"] == house.gateway.applied["capture"] == 1
    house.check()


async def test_who_lost_the_lease_records_nothing() -> None:
    """The first is refused and stalls; the second takes over and succeeds; the first wakes up."""
    house = House(reply_within_s=0.0)
    stalled, wakes = asyncio.Event(), asyncio.Event()
    send = house.pss.book

    async def refused_late(reference: str, booking: Booking) -> Outcome[Pnr]:
        house.pss.book = send  # type: ignore[method-assign]  # only the first call stalls
        stalled.set()
        await wakes.wait()
        return Rejected("NO", "refused, said long ago")

    house.pss.book = refused_late  # type: ignore[method-assign]  # the fault
    await house.create(request_for(house.offer()), SELLER, attempt())
    await stalled.wait()
    house.clock.time += LEASE
    sides = Sides(house.pss, {"cards": house.gateway})  # type: ignore[arg-type]  # the fakes have the verbs that fulfilment uses
    second = Deliverer(house.store, sides, house.clock, FakeEntropy(2), "other")
    house.pss.plant("book", "slow")
    carried = asyncio.create_task(second.run_due())
    while not house.pss.applied["book"]:
        await asyncio.sleep(0)
    wakes.set()  # while the second has booked, and not recorded it yet
    await carried
    await house.deliverer.run_due()
    (record,) = house.store.orders.values()
    assert is_sold(house, record.order)
    house.check()


async def test_a_task_that_is_not_due_any_more_is_dropped() -> None:
    house = House()
    order = await sell(house, T.ADULT)
    await house.store.write(_stray_task(order))
    assert await house.deliverer.run_due() == 1
    assert not house.store.tasks
    assert house.gateway.calls["authorise"] == 1


def _stray_task(order: Order) -> RecordOrder:
    task = Task(f"{order.order_id}:x", order.order_id, Step.AUTHORISE, "PAY1", NOW, NOW)
    return RecordOrder(order, order.sequence, (), (), next_task=task)


async def test_worker_runs_until_it_is_told_to_stop() -> None:
    house = House(reply_within_s=0.0)
    stop = asyncio.Event()
    house.pss.plant("book", "before", "before")
    worker = asyncio.create_task(house.deliverer.run_forever(stop))
    await house.create(request_for(house.offer()), SELLER, attempt())
    for _ in range(200):
        (record,) = house.store.orders.values()
        if next_step(record.order) is None:
            break
        house.clock.advance(seconds=1)
        await asyncio.sleep(0.01)
    assert is_sold(house, record.order)
    stop.set()
    house.deliverer.wake()
    await asyncio.wait_for(worker, 2)


async def test_stopping_ends_the_step_and_leaves_the_next() -> None:
    house = House(reply_within_s=0.0)
    house.pss.plant("book", "slow")
    await house.create(request_for(house.offer()), SELLER, attempt())
    while not house.pss.calls["book"]:
        await asyncio.sleep(0)
    await house.deliverer.finish()
    (record,) = house.store.orders.values()
    assert record.order.bookings
    (task,) = house.store.tasks.values()
    assert (task.step, house.store.leases) == (Step.ISSUE, {})


async def test_a_worker_survives_a_failing_store() -> None:
    house = House()
    order = await sell(house, T.ADULT)
    task = replace(_task(order), key="again")
    house.store.tasks["again"] = task

    async def broken(*_: object) -> None:
        raise OSError("disk full")

    house.store.get_order, kept = broken, house.store.get_order  # type: ignore[method-assign,assignment]  # the fault
    await house.deliverer.run_due()
    house.store.get_order = kept  # type: ignore[method-assign]  # and its end
    assert "again" in house.store.tasks
    house.clock.time += LEASE
    await house.deliverer.run_due()
    assert not house.store.tasks


def _task(order: Order) -> Task:
    return Task("t", order.order_id, Step.AUTHORISE, "PAY1", NOW, NOW)


VERBS = ("authorise", "book", "issue", "capture", "void", "release", "cancel", "refund", "find")
KINDS = ("", "", "fails", "rejects", "before", "after", "raises")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    pss=st.dictionaries(
        st.sampled_from(VERBS), st.lists(st.sampled_from(KINDS), max_size=6), max_size=6
    ),
    gateway=st.dictionaries(
        st.sampled_from(VERBS), st.lists(st.sampled_from(KINDS), max_size=6), max_size=6
    ),
    kinds=st.sampled_from([(T.ADULT,), (T.ADULT, T.INFANT), (T.ADULT, T.CHILD, T.ADULT)]),
    payments=st.integers(1, 2),
)
def test_whatever_answers_come_nothing_stays_between(
    pss: dict[str, list[str]],
    gateway: dict[str, list[str]],
    kinds: tuple[PassengerType, ...],
    payments: int,
) -> None:
    run(_whatever_answers_come(pss, gateway, kinds, payments))


async def _whatever_answers_come(
    pss: dict[str, list[str]],
    gateway: dict[str, list[str]],
    kinds: tuple[PassengerType, ...],
    payments: int,
) -> None:
    house = House(reply_within_s=0.0)
    for side, faults in ((house.pss, pss), (house.gateway, gateway)):
        for verb, each in faults.items():
            side.plant(verb, *[kind or "none" for kind in each])
    offer = house.offer(*kinds)
    first = offer.items[0].fare.total
    amounts = [first, offer.total - first][-payments:] if payments == 2 else [offer.total]
    asked = tuple(PaymentRequest(PaymentForm.CARD, amount, CARD) for amount in amounts)
    with suppress(Refusal):
        await house.create(request_for(offer, payments=asked), SELLER, attempt())
    for _ in range(40):
        await house.deliverer.run_due()
        house.check()
        for record in house.store.orders.values():
            money = standing(record.order)
            assert money.refunded <= money.captured <= money.authorised
            settled = next_step(record.order) is None
            assert settled or house.store.tasks  # I20, I21: what is open stands in the outbox
        house.clock.advance(minutes=6)
    for record in house.store.orders.values():
        assert is_sold(house, record.order) or is_taken_back(house, record.order)
        assert len(house.pss.pnrs) <= 1
        issued = [d for d in house.pss.documents.values() if d.live]
        assert len(issued) in (0, len(record.order.passengers))


async def test_answers_that_are_not_what_was_asked_for() -> None:
    """A PSS that knows something else under our reference is not believed."""
    house = House(reply_within_s=0.05)
    house.pss.plant("book", "before")
    real = house.pss.find

    async def strange(reference: str) -> Outcome[object]:
        return Confirmed((1,)) if ":book:" in reference else await real(reference)

    house.pss.find = strange  # type: ignore[method-assign]  # the fault
    await house.create(request_for(house.offer()), SELLER, attempt())
    house.clock.advance(seconds=5)
    await house.deliverer.run_due()
    (task,) = house.store.tasks.values()
    assert (task.step, task.attempts) == (Step.BOOK, 2)
    assert "has a tuple" in task.last_error
    assert not house.pss.applied["book"]


def refused_for(order: Order, step: Step, subject: str) -> tuple[object, ...] | Later:
    """What is decided where the other side says no for good."""
    task = Task("key", order.order_id, step, subject, due_at=NOW, created_at=NOW, attempts=1)
    nobody: Any = None  # is asked: the answer is here
    deed = Deed(nobody, nobody, nobody)
    return decide(order, task, deed, Rejected("SEGMENT", "not confirmed"), NOW)


async def test_what_was_ticketed_before_or_flown_is_not_taken_back_for_what_comes_later() -> None:
    """One passenger's new ticket is refused: those of the others stay, and people see to it."""
    sold = await sell(House(), T.ADULT, T.ADULT)
    first, second = sold.passengers[0].id, sold.passengers[1].id
    assert not isinstance(refused_for(replace(sold, documents=()), Step.ISSUE, first), Later)

    def states(who: str, status: CouponStatus) -> Order:
        def of(document: Document) -> Document:
            coupons = tuple(replace(c, status=status) for c in document.coupons)
            return replace(document, coupons=coupons) if document.passenger_id == who else document

        return replace(sold, documents=tuple(map(of, sold.documents)))

    again = refused_for(states(first, CouponStatus.REFUNDED), Step.ISSUE, first)
    assert isinstance(again, Later)
    assert again.parked
    flown = refused_for(states(second, CouponStatus.FLOWN), Step.CAPTURE, sold.payments[0].id)
    assert isinstance(flown, Later)
    assert flown.parked

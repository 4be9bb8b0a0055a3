"""Each kind of schedule change × each state of an order: what holds after it, cell by cell."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.e2e.airline import actions, after, asm, cancelled, kept, retimed, told
from tests.e2e.servicing import COUPLE, by_plan, offer, seen
from tests.e2e.test_seats import map_of
from tests.e2e.with_services import listed
from tests.houses import Served, serving

from ndc_oms.fulfilment.bookings import own_bookings
from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, change_offers_of, offers_of, order_of
from ndc_oms.kit.requests import card
from ndc_oms.kit.services import Picked, selection
from ndc_oms.kit.servicing import redirect
from ndc_oms.model.documents import DocumentType
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.order import Order
from ndc_oms.model.status import COUPON, CouponStatus, DeliveryStatus, OrderStatus
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import Pnr

VISA = "4111111111111111"


@dataclass(frozen=True)
class Kind:
    """messages: about a flight of the order. asks: whether the seller is asked where the flight
    is still to be flown; stays: whether the order keeps the flight. room: for so many of one
    booking nothing changes.
    """

    messages: Callable[[OrderSegment], str]
    asks: bool
    stays: bool
    room: int = 0


def _refitted(segment: OrderSegment) -> str:
    return asm("EQT", segment, "J 77W")


def _too_small(segment: OrderSegment) -> str:
    return asm("CON", segment, f"J {segment.flight.legs[0].aircraft} Y1")


def _replaced(segment: OrderSegment) -> str:
    times = retimed(segment, timedelta(hours=2)).splitlines()[4:]
    return asm("RPL", segment, "J 77W", *times)


def _cancelled_and_back(segment: OrderSegment) -> str:
    return "\n".join([cancelled(segment), asm("RIN", segment)])


def _another(segment: OrderSegment) -> str:
    """A new flight of the day."""
    lines = asm("NEW", segment, "J 77W", *retimed(segment, timedelta(hours=1)).splitlines()[4:])
    own = f"{segment.flight.operator}{segment.flight.operator_number}/"
    return lines.replace(own, f"{segment.flight.operator}9{segment.flight.departure:%j}/")


KINDS = {
    "NEW": Kind(_another, asks=False, stays=True),
    "TIM by ten minutes": Kind(lambda s: retimed(s, timedelta(minutes=10)), False, True),
    "TIM by three hours": Kind(lambda s: retimed(s, timedelta(hours=3)), True, True),
    "CNL": Kind(cancelled, asks=True, stays=False),
    "EQT with seats enough": Kind(_refitted, asks=False, stays=True),
    "CON with too few seats": Kind(_too_small, asks=True, stays=False, room=1),
    "RPL": Kind(_replaced, asks=True, stays=True),
    "CNL and RIN": Kind(_cancelled_and_back, asks=False, stays=True),
}


@dataclass(frozen=True)
class State:
    """How an order got there. follows: whether its first flight is still to be flown by it. missed:
    kinds of changes after which it does not reach the flight that follows.
    """

    make: Callable[[Served, int], Awaitable[OrderSummary]]
    follows: bool = True
    missed: frozenset[str] = frozenset()


async def _held(served: Served, ahead: int) -> OrderSummary:
    firm = await offer(served, COUPLE, ahead=ahead)
    return order_of(await served.talk.hold(firm, COUPLE, f"hold {ahead}"))


async def _on_a_page(served: Served, ahead: int) -> OrderSummary:
    order = await _held(served, ahead)
    page = redirect(order.amount, order.currency)
    return order_of(await served.talk.pay(order, page, f"page {ahead}"))


async def _ticketed(served: Served, ahead: int) -> OrderSummary:
    firm = await offer(served, COUPLE, ahead=ahead)
    return order_of(await served.talk.create(firm, COUPLE, f"buy {ahead}"))


async def _there_and_back(served: Served, ahead: int) -> OrderSummary:
    firm = await offer(served, COUPLE, ahead=ahead, there_and_back=True)
    return order_of(await served.talk.create(firm, COUPLE, f"return {ahead}"))


async def _paid_later(served: Served, ahead: int) -> OrderSummary:
    order = await _held(served, ahead)
    paid = card(VISA, order.amount, order.currency)
    return order_of(await served.talk.pay(order, paid, f"pay {ahead}"))


async def _checked_in(served: Served, ahead: int) -> OrderSummary:
    order = await _ticketed(served, ahead)
    await _move(served, order, CouponStatus.CHECKED_IN)
    return order


async def _flown_out(served: Served, ahead: int) -> OrderSummary:
    order = await _there_and_back(served, ahead)
    await _move(served, order, CouponStatus.FLOWN)
    return order


async def _cancelled(served: Served, ahead: int) -> OrderSummary:
    order = await _ticketed(served, ahead)
    shown = order_of(await seen(served, order))
    quoted = await served.talk.reshop(order.order_id)
    done = await served.talk.accept_cancelled(shown, quoted, f"cancel {ahead}")
    assert done.errors == ()
    return order


async def _with_services_and_seats(served: Served, ahead: int) -> OrderSummary:
    firm = await offer(served, COUPLE, ahead=ahead)
    shown = await map_of(served, firm)
    sold = await listed(served, firm)
    picked = [
        *shown.pick("PAX1", "PAX2"),
        Picked(sold["LOUNGE"], ("PAX1",), 1),
        Picked(sold["BAG23"], ("PAX2",), 1),
    ]
    whole = Decimal(firm.amount) + sum(each.price for each in picked)
    paid = card(VISA, f"{whole:.2f}", firm.currency)
    made = await served.talk.create(
        firm, COUPLE, f"services {ahead}", payment=paid, beside=selection(picked)
    )
    assert made.errors == ()
    return order_of(made)


async def _divided(served: Served, ahead: int) -> OrderSummary:
    """The second traveller flies out another day, both fly back together."""
    order = order_of(await seen(served, await _there_and_back(served, ahead)))
    out = [("YYZ", "LHR", served.today + timedelta(days=ahead + 1))]
    quoted = await served.talk.rebook(order.order_id, order.items[1:2], out)
    chosen = change_offers_of(quoted)[0]
    paid = by_plan(str(chosen.collect)) if chosen.collect else ""
    done = await served.talk.accept_change(order, chosen, f"divide {ahead}", paid)
    assert done.errors == ()
    return order


async def _on_to_a_partner(served: Served, ahead: int) -> OrderSummary:
    """Our flight over the sea, and on with a partner."""
    bounds = [("YYZ", "ABZ", served.today + timedelta(days=ahead))]
    shopped = offers_of(await served.talk.shop(bounds, COUPLE))
    (firm,) = offers_of(await served.talk.price(shopped[0], COUPLE))
    return order_of(await served.talk.create(firm, COUPLE, f"partner {ahead}"))


async def _move(served: Served, order: OrderSummary, status: CouponStatus) -> None:
    await seen(served, order)
    for document in (await kept(served, order)).documents:
        done = await served.pss.set_coupon(f"{document.number}/1", document.number, 1, status)
        assert isinstance(done, Confirmed), done
    await after(served, order)


STATES = {
    "held": State(_held),
    "payer on a page": State(_on_a_page),
    "paid later": State(_paid_later),
    "ticketed": State(_ticketed),
    "there and back": State(_there_and_back),
    "checked in": State(_checked_in),
    "flown out": State(_flown_out, follows=False),
    "cancelled": State(_cancelled, follows=False),
    "with services and seats": State(_with_services_and_seats),
    "divided": State(_divided),
    "on to a partner": State(_on_to_a_partner, missed=frozenset({"TIM by three hours"})),
}


@pytest.mark.wide
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("state", STATES)
async def test_a_change_in_this_state(tmp_path: Path, state: str, name: str) -> None:
    made, kind, cell = STATES[state], KINDS[name], f"{state} × {name}"
    async with serving(tmp_path, deliver=False) as served:
        order = await made.make(served, 40 + 3 * list(KINDS).index(name))
        await after(served, order)
        before = await kept(served, order)
        await told(served, kind.messages(before.segments[0]))
        reply = await after(served, order)
        await _check(served, before, reply, kind, made, cell=cell)
        assert await served.findings() == [], cell


async def _check(
    served: Served, before: Order, reply: Reply, kind: Kind, state: State, *, cell: str
) -> None:
    order = (await served.house.store.get_order(before.order_id, None)).order
    first = before.segments[0]
    on_it = [item for item in before.live if any(s.segment_id == first.id for s in item.services)]
    fits = len({item.passenger_id for item in on_it}) <= kind.room
    asked = kind.asks and state.follows and not fits
    assert len(actions(reply)) == (len(on_it) if asked else 0), cell
    reached = cell.partition(" × ")[2] not in state.missed
    stays = (kind.stays and reached) or fits or not state.follows
    assert (order.segments[0].flight.key == first.flight.key) is stays, cell
    assert not order.heard, cell
    known = {segment.id for segment in order.segments}
    for document in order.documents:
        if document.type is not DocumentType.EMD_STANDALONE:  # goes with no ticket coupon
            usable = {c.segment_id for c in document.coupons if c.status not in COUPON.final}
            assert usable <= known, cell
    if order.status is OrderStatus.OPENED:
        await _check_bookings(served, order, cell)


async def _check_bookings(served: Served, order: Order, cell: str) -> None:
    """Every flight that can be flown is in the booking, and the booking has no other."""
    for own in own_bookings(order):
        shown = await served.pss.pnr(own.locator)
        assert isinstance(shown, Confirmed)
        assert isinstance(shown.value, Pnr)
        delivery = {
            s.segment_id: s.delivery
            for item in order.live_items
            if item.passenger_id in own.passenger_ids
            for s in item.services
            if order.part_of(s.segment_id) is None
        }
        done = {DeliveryStatus.DELIVERED, DeliveryStatus.UNABLE_TO_DELIVER}
        key = {segment.id: segment.flight.key for segment in order.segments}
        ours = {key[each] for each, how in delivery.items() if how not in done}
        flown = {key[each] for each, how in delivery.items() if how in done}
        theirs = {s.flight for s in shown.value.segments if s.code in {"HK", "TK"}}
        assert ours <= theirs <= ours | flown, cell
        assert {s.code for s in shown.value.segments} <= {"HK", "HX", "UN"}, cell
        seats = {each for each in order.seated if each.passenger_id in own.passenger_ids}
        assert set(shown.value.choices) == seats, cell
    wanted = {
        (s.flight.key, i.passenger_id, i.seat)
        for i in order.live_ancillaries
        if i.seat
        for s in order.segments
        if s.id in {each.segment_id for each in i.services}
    }
    assert {(c.flight, c.passenger_id, c.seat) for c in order.seated} == wanted, cell


# -- faults on the way -------------------------------------------------------------------------

FAULTS = (
    "fails:1x",
    "rejects-once",
    "times-out-before:1x",
    "times-out-after:1x",
    "garbage:1x",
    "slow:5ms",
)


VERBS = ("pnr", "check", "reaccommodate", "revalidate", "events")


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
async def test_a_fault_of_the_pss_only_takes_longer(tmp_path: Path, verb: str) -> None:
    async with serving(tmp_path, deliver=False) as served:
        for at, fault in enumerate(FAULTS):
            order = await _ticketed(served, 40 + 3 * at)
            before = await kept(served, order)
            await served.pss.plant(f"{verb}:{fault}")
            await told(served, cancelled(before.segments[0]))
            for _ in range(4):
                served.clock.advance(timedelta(minutes=6))
                await after(served, order)
            reply = await after(served, order)
            cell = f"{verb}:{fault}"
            kind = KINDS["CNL"]
            await _check(served, before, reply, kind, STATES["ticketed"], cell=cell)
            stored = await kept(served, order)
            assert len(stored.airline_changes) == 1, cell
            assert {c.status for d in stored.documents for c in d.coupons} == {"O"}, cell
            assert await served.findings() == [], cell
            await served.pss.clear_faults()

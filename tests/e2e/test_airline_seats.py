"""What goes with a flight that the airline changes: chosen seats and services."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from tests.e2e.airline import after, asm, cancelled, first_segment, kept, retimed, told
from tests.e2e.receiver import assert_sound, receiving, registered
from tests.e2e.servicing import ADULT, COUPLE, coupons, offer, payments
from tests.e2e.test_seats import Map, buy_seated, map_of, seated
from tests.e2e.with_services import pay
from tests.houses import Served

from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.kit.seats import SeatSummary
from ndc_oms.kit.services import Picked, selection
from ndc_oms.model.order import Order
from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import SeatChoice
from ndc_oms.model.status import ItemStatus
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.world.seat_maps import CabinMap, Zone


async def with_seats(served: Served, *who: str) -> OrderSummary:
    party = COUPLE if len(who) > 1 else ADULT
    firm = await offer(served, party)
    picked = (await map_of(served, firm)).pick(*who)
    order, reply = await buy_seated(served, party, picked, firm)
    assert coupons(reply) == ["O"] * 2 * len(who)
    return order


def flights_of_seats(order: Order) -> set[str]:
    return {str(choice.flight) for choice in order.seated}


async def test_seats_stay_on_a_flight_that_only_moves(served: Served) -> None:
    order = await with_seats(served, "PAX1", "PAX2")
    had = await seated(served, order)
    await told(served, retimed(await first_segment(served, order), timedelta(hours=2)))
    reply = await after(served, order)
    assert await seated(served, order) == had
    assert coupons(reply) == ["O"] * 4
    stored = await kept(served, order)
    assert flights_of_seats(stored) == {str(stored.segments[0].flight.key)}
    known = {segment.id for segment in stored.segments}
    assert {c.segment_id for d in stored.documents for c in d.coupons} <= known


async def test_seats_that_the_new_flight_does_not_have_are_given_back(served: Served) -> None:
    order = await with_seats(served, "PAX1")
    await served.pss.plant("assign_seats:fails:1x")
    await told(served, cancelled(await first_segment(served, order)))
    reply = await after(served, order)
    stored = await kept(served, order)
    (seat,) = stored.ancillaries
    assert seat.status is ItemStatus.CANCELLED
    assert stored.failure is None
    assert order_of(reply).status == "OPENED"
    assert sorted(coupons(reply)) == ["O", "R"]
    assert Decimal(payments(reply)[-1][0]) == -seat_price(stored)
    assert stored.seated == ()


def seat_price(order: Order) -> Decimal:
    return Decimal(order.ancillaries[0].fare.total.minor) / 100


async def test_seats_follow_to_a_new_flight_where_they_are_free_or_are_given_back(
    served: Served,
) -> None:
    order = await with_seats(served, "PAX1")
    await told(served, cancelled(await first_segment(served, order)))
    reply = await after(served, order)
    stored = await kept(served, order)
    assert order_of(reply).status == "OPENED"
    (seat,) = stored.ancillaries
    if seat.status is ItemStatus.ACTIVE:
        assert flights_of_seats(stored) == {str(stored.segments[0].flight.key)}
        assert coupons(reply) == ["O", "O"]
    else:
        assert sorted(coupons(reply)) == ["O", "R"]


# -- other equipment ---------------------------------------------------------------------------


def beside(shown: Map, seats: list[SeatSummary]) -> list[tuple[str, str]]:
    """Free seats side by side in these, by the letters of the cabin."""
    names = {each.name for each in seats}
    letters = sorted({each.name[-1] for each in shown.seats})
    following = dict(pairwise(letters))
    return [
        (name, f"{name[:-1]}{following[name[-1]]}")
        for name in sorted(names)
        if name[-1] in following and f"{name[:-1]}{following[name[-1]]}" in names
    ]


def economy(served: Served, aircraft: str) -> CabinMap:
    return served.house.world.seat_maps[aircraft][Cabin.ECONOMY]


async def with_seats_that_go(served: Served, aircraft: str) -> tuple[OrderSummary, list[str]]:
    """A couple side by side in seats that the other aircraft does not have."""
    firm = await offer(served, COUPLE)
    shown = await map_of(served, firm)
    there = {str(each.seat) for each in economy(served, aircraft).seats}
    gone = [each for each in shown.free() if each.name not in there]
    one, two = beside(shown, gone)[0]
    item = shown.item("SEATSTD")
    picked = [Picked(item, ("PAX1",), 1, one), Picked(item, ("PAX2",), 1, two)]
    order, _ = await buy_seated(served, COUPLE, picked, firm)
    return order, [one, two]


async def test_who_loses_seats_to_other_equipment_sits_together_again(served: Served) -> None:
    order, had = await with_seats_that_go(served, "223")
    before = await kept(served, order)
    async with receiving() as receiver:
        await registered(served, receiver.url)
        await told(served, asm("EQT", before.segments[0], "J 223"))
        reply = await after(served, order)
        for _ in range(2):  # one waits behind the other
            await served.house.notifier.run_due()
    seats = receiver.got[-1]
    assert_sound(seats)
    assert seats.texts("ChangeTypeCode") == ["SEAT"]
    names = [f"{r}{c}" for r, c in zip(seats.texts("RowNumber"), seats.texts("ColumnID"),
                                       strict=True)]  # fmt: skip
    assert names[2:] == had  # New comes before Old
    stored = await kept(served, order)
    assert stored.segments[0].flight.legs[0].aircraft == "223"
    now = await seated(served, order)
    assert [now["PAX1"], now["PAX2"]] == names[:2]
    assert set(now.values()).isdisjoint(had)
    cabin = economy(served, "223")
    standard = {str(each.seat) for each in cabin.seats if each.zone is Zone.STANDARD}
    assert set(now.values()) <= standard
    assert len({name[:-1] for name in now.values()}) == 1
    places = sorted(cabin.columns.index(name[-1]) for name in now.values())
    assert places[1] - places[0] == 1
    assert {str(each.seat) for each in stored.seated} == set(now.values())
    assert {str(each.seat) for each in stored.ancillaries} == set(now.values())
    assert coupons(reply) == ["O"] * 4  # tickets and EMDs stay good
    assert stored.total == before.total
    assert await served.findings() == []


async def test_the_new_map_is_shown_and_its_taken_seats_with_it(served: Served) -> None:
    order, _ = await with_seats_that_go(served, "223")
    await told(served, asm("EQT", (await kept(served, order)).segments[0], "J 223"))
    await after(served, order)
    stored = await kept(served, order)
    shown = await map_of(served, order_of(await after(served, order)))
    names = {each.name for each in shown.seats if each.segment == stored.segments[0].id}
    assert names == {str(each.seat) for each in economy(served, "223").seats}
    free = {each.name for each in shown.seats if each.free}
    assert free
    assert free.isdisjoint(str(each.seat) for each in stored.seated)


async def test_where_no_seat_of_the_kind_is_left_it_is_given_back(served: Served) -> None:
    order, _ = await with_seats_that_go(served, "223")
    segment = (await kept(served, order)).segments[0]
    done = await served.pss.schedule(asm("EQT", segment, "J 223"))
    assert isinstance(done, Confirmed)
    taken = await served.pss.taken(segment.flight.key)
    assert isinstance(taken, Confirmed)
    left = [
        SeatChoice(segment.flight.key, f"X{at}", each.seat)
        for at, each in enumerate(economy(served, "223").seats)
        if each.zone is Zone.STANDARD and each.seat not in taken.value
    ]
    held = await served.pss.hold_seats("others", left, served.clock.now() + timedelta(days=1))
    assert isinstance(held, Confirmed)
    async with receiving() as receiver:
        await registered(served, receiver.url)
        reply = await after(served, order)
        for _ in range(2):
            await served.house.notifier.run_due()
    assert_sound(receiver.got[-1])
    assert (
        receiver.got[-1].texts("DescText")
        == ["No seat of its kind is left: what was paid for it comes back."] * 2
    )
    stored = await kept(served, order)
    assert {each.status for each in stored.ancillaries} == {ItemStatus.CANCELLED}
    assert sorted(coupons(reply)) == ["O", "O", "R", "R"]
    assert sum(Decimal(paid) for paid, _ in payments(reply)) == stored.total.decimal()
    assert await served.findings() == []


async def test_who_comes_to_a_flight_where_the_seat_is_taken_gets_another(served: Served) -> None:
    """Two orders of one flight, one after the other, and both had a seat of the same name."""
    order = await with_seats(served, "PAX1")
    old = (await kept(served, order)).segments[0]
    await told(served, cancelled(old))
    await after(served, order)
    first = await kept(served, order)
    await told(served, asm("RIN", old))
    firm = await offer(served)
    name = str(first.ancillaries[0].seat)
    same = Picked((await map_of(served, firm)).item("SEATSTD"), ("PAX1",), 1, name)
    whole = Decimal(firm.amount) + same.price
    created = await served.talk.create(
        firm, ADULT, "second", payment=pay(whole), beside=selection([same])
    )
    assert created.errors == ()
    second = order_of(created)
    theirs = await kept(served, second)
    assert (theirs.segments[0].flight.key, theirs.seated[0].seat) == (
        old.flight.key,
        first.seated[0].seat,
    )
    await told(served, cancelled(theirs.segments[0]))
    await after(served, second)
    last = await kept(served, second)
    assert last.segments[0].flight.key == first.segments[0].flight.key
    seats = [each.seat for one in (first, last) for each in one.seated]
    assert len(seats) == len(set(seats)) == 2
    assert await served.findings() == []

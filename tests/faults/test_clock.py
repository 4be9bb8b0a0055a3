"""Clocks: set ahead and back under running processes; changes of daylight saving time, leap days
and the date line in what expires.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from tests.e2e.servicing import ADULT, by_plan, codes, seen, settle, texts
from tests.faults import stories
from tests.faults.books import Books
from tests.faults.stepping import VARIABLE
from tests.houses import MovingClock, demo_world, serving
from tests.processes import Server, talking

from ndc_oms.kit.conversation import offers_of, order_of
from ndc_oms.model.status import OrderStatus
from ndc_oms.world.servicing import HoldRule, Servicing

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)

# -- a machine's clock that is set -------------------------------------------------------------


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    return tmp_path / "clock"


def step(clock: Path, by: timedelta) -> None:
    """From what it really is."""
    whole = clock.with_suffix(".new")
    whole.write_text(str(by.total_seconds()))
    whole.rename(clock)


def stepped(tmp_path: Path, name: str, clock: Path) -> Server:
    command = ("-m", "tests.faults.stepping", "serve")
    waits = {VARIABLE: str(clock), "NDC_OMS_REPLY_DEADLINE_S": "2"}
    return Server(tmp_path / "data", tmp_path / name, waits, command=command)


@pytest.fixture
async def servers(tmp_path: Path, clock: Path) -> AsyncIterator[tuple[Server, Server]]:
    made = stepped(tmp_path, "one", clock), stepped(tmp_path, "two", clock)
    try:
        for each in made:
            await each.start()
        yield made
    finally:
        for each in made:
            each.bury()


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path / "data")


@pytest.mark.slow
@pytest.mark.parametrize("by", [-HOUR, HOUR])
async def test_a_step_while_a_try_is_waited_for(
    servers: tuple[Server, Server], clock: Path, books: Books, by: timedelta
) -> None:
    """The next try is seconds away by the clock that was: it does not become an hour. Where the
    clock went ahead the order may stand in the staff's queue, until the clock is right again.
    """
    async with talking(servers[0]) as talk:
        offer = await stories.firm_offer(talk, stories.some_day(1))
        body = stories.create_body(offer, "sale")
        lost = stories.Story(pss="book:times-out-before:1x,find:times-out-before:2x")
        stories.plant(servers[0].data, lost)
        sending = asyncio.ensure_future(talk.client.send(body))
        while not books.orders():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        step(clock, by)
        first = await sending
        assert first.errors == ()
        if by > timedelta(0):
            step(clock, timedelta(0))
        await books.settled()
        (order,) = books.orders()
        assert order.status is OrderStatus.OPENED
        step(clock, timedelta(0))
        assert (await talk.client.send(body)).body == first.body
    assert await books.findings() == []


@pytest.mark.slow
async def test_a_step_back_while_one_dies(
    servers: tuple[Server, Server], clock: Path, books: Books
) -> None:
    """Its lease would run for an hour and half a minute by the clock that is."""
    dying, living = servers
    async with talking(dying, checked=False) as one, talking(living) as two:
        offer = await stories.firm_offer(one, stories.some_day(1))
        body = stories.create_body(offer, "sale")
        dying.arm("fulfil.book.called")
        lost = asyncio.ensure_future(one.client.send(body))
        assert await dying.ended() == -signal.SIGKILL
        step(clock, -HOUR)
        await asyncio.gather(lost, return_exceptions=True)
        reply = await stories.sent_until_known(two.client, body)
        stories.assert_ends(reply, "")
        await books.settled()
        assert (await two.client.send(body)).body == reply.body
    assert len(books.orders()) == 1
    assert await books.findings(datetime.now(UTC) - HOUR) == []


@pytest.mark.slow
async def test_steps_between_requests(
    servers: tuple[Server, Server], clock: Path, books: Books
) -> None:
    """What expires does so by the clock as it is: an offer is refused while the clock is ahead of
    its time, accepted when the clock is right again, and sold once whatever the clock says.
    """
    async with talking(servers[0]) as one, talking(servers[1]) as two:
        offer = await stories.firm_offer(one, stories.some_day(1))
        body = stories.create_body(offer, "sale")
        step(clock, HOUR)
        assert codes(await one.client.send(body)) == ["913"]
        step(clock, timedelta(0))
        sold = await two.client.send(body)
        stories.assert_ends(sold, "")
        for by in (HOUR, -HOUR, timedelta(0)):
            step(clock, by)
            assert (await one.client.send(body)).body == sold.body
            other = await stories.firm_offer(two, stories.some_day(2))
            another = stories.create_body(other, f"sale {by}")
            stories.assert_ends(await two.client.send(another), "")
        await books.settled()
    assert len(books.orders()) == 4
    assert await books.findings() == []


# -- what expires ------------------------------------------------------------------------------

# A little before the moment; the guarantee of a price ends after it.
MOMENTS: Final = {
    "the hub's spring": datetime(2027, 3, 14, 6, 50, tzinfo=UTC),
    "the hub's autumn": datetime(2027, 11, 7, 5, 50, tzinfo=UTC),
    "Sydney's autumn": datetime(2027, 4, 3, 15, 50, tzinfo=UTC),
    "Sydney's spring": datetime(2027, 10, 2, 15, 50, tzinfo=UTC),
    "the eve of a leap day": datetime(2028, 2, 28, 23, 50, tzinfo=UTC),
    "the end of a leap day": datetime(2028, 2, 29, 23, 50, tzinfo=UTC),
    "the end of a year": datetime(2027, 12, 31, 23, 50, tzinfo=UTC),
}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_guarantee_is_kept_to_the_second(tmp_path: Path, moment: str) -> None:
    clock = MovingClock(MOMENTS[moment])
    async with serving(tmp_path, clock=clock) as served:
        day = served.today + timedelta(days=30)
        bodies, until = [], clock.now() + timedelta(seconds=1500)  # price_guarantee_s
        for name in ("in time", "too late"):
            shopped = await served.talk.shop([("SYD", "YVR", day)], ADULT)
            priced = await served.talk.price(offers_of(shopped)[0], ADULT)
            (said,) = texts(priced, "OfferExpirationTimeLimitDateTime")
            assert datetime.fromisoformat(said) == until
            (firm,) = offers_of(priced)
            bodies.append((name, firm))
        clock.advance(until - clock.now() - SECOND)
        made = await served.talk.create(bodies[0][1], ADULT, "in time")
        assert made.errors == ()
        clock.advance(SECOND)
        late = await served.talk.create(bodies[1][1], ADULT, "too late")
        assert codes(late) == ["913"]
        await settle(served)
        assert await served.findings() == []


LONG_HOLDS: Final = Servicing((HoldRule((), 0, 200, 24, 200),))  # until a day before departure


@pytest.mark.parametrize("moment", ["the hub's spring", "Sydney's autumn", "Sydney's spring"])
async def test_a_hold_ends_a_day_before_a_departure_beyond_the_date_line(
    tmp_path: Path, moment: str
) -> None:
    """24 hours as they pass, over the change: not as clocks in Sydney or Vancouver show them."""
    clock = MovingClock(MOMENTS[moment] - timedelta(days=2))
    world = replace(demo_world(), servicing=LONG_HOLDS)
    async with serving(tmp_path, clock=clock, world=world) as served:
        day = MOMENTS[moment].date() + timedelta(days=1)
        held = {}
        for name in ("paid", "left"):
            shopped = await served.talk.shop([("SYD", "YVR", day)], ADULT)
            (firm,) = offers_of(await served.talk.price(offers_of(shopped)[0], ADULT))
            held[name] = order_of(await served.talk.hold(firm, ADULT, name))
        order = (await served.house.store.get_order(held["paid"].order_id, None)).order
        departure, limit = order.segments[0].flight.departure, order.payment_limit_at
        assert limit is not None
        assert limit.utcoffset() != departure.utcoffset()
        elapsed = departure.astimezone(UTC) - limit.astimezone(UTC)
        assert elapsed == timedelta(hours=24)
        clock.advance(limit - clock.now() - SECOND)
        await settle(served)
        waiting = order_of(await seen(served, held["paid"]))
        paid = await served.talk.pay(waiting, by_plan(waiting.amount, waiting.currency), "pay")
        assert paid.errors == ()
        clock.advance(SECOND)
        await settle(served)
        assert order_of(await seen(served, held["left"])).status == "CLOSED"
        assert order_of(await seen(served, held["paid"])).status == "OPENED"
        assert await served.findings() == []

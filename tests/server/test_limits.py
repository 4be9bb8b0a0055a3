"""Token buckets and rolling ratios, on a clock of our own."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from tests.patience import PATIENCE_S

from ndc_oms.errors import Unavailable
from ndc_oms.ports.sellers import Seller, Spent
from ndc_oms.server.limits import LookToBook, Rates


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def seller(rate: float, org_id: str = "1") -> Seller:
    return Seller(org_id, "Agency", "EUR", rate_per_s=rate)


def test_a_bucket_holds_two_seconds_and_refills() -> None:
    time = Time()
    rates = Rates(monotonic=time)
    assert [rates.wait_s(seller(2)) for _ in range(5)] == [0, 0, 0, 0, 1]
    time.now += 1
    assert [rates.wait_s(seller(2)) for _ in range(3)] == [0, 0, 1]
    time.now += 3600
    assert [rates.wait_s(seller(2)) for _ in range(5)] == [0, 0, 0, 0, 1]


def test_sellers_do_not_spend_each_others() -> None:
    rates = Rates(monotonic=Time())
    assert rates.wait_s(seller(0.5)) == 0
    assert rates.wait_s(seller(0.5)) == 2
    assert rates.wait_s(seller(0.5, "2")) == 0


def test_a_rate_of_nothing_still_ends() -> None:
    rates = Rates(monotonic=Time())
    assert rates.wait_s(seller(0)) == 0
    assert rates.wait_s(seller(0)) == 1000


def test_looks_and_books_of_the_last_hour() -> None:
    time = Time()
    ratio = LookToBook(time)
    for outcome in ("ok", "refused", "bug"):
        ratio.record("1", "IATA_AirShoppingRQ", outcome)
    for outcome in ("ok", "refused", "replayed"):
        ratio.record("1", "IATA_OrderCreateRQ", outcome)
    ratio.record("2", "IATA_OrderRetrieveRQ", "ok")
    assert list(ratio.each()) == [("1", 3, 1)]
    time.now += 1800
    ratio.record("1", "IATA_AirShoppingRQ", "ok")
    assert list(ratio.each()) == [("1", 4, 1)]
    time.now += 1860
    assert list(ratio.each()) == [("1", 1, 0)]


class Shared:
    """The bucket of one seller that all processes share, and whether it can be asked."""

    def __init__(self, level: float) -> None:
        self.level = level
        self.away = False

    async def spend(self, spent: Sequence[Spent], now: datetime) -> Mapping[str, float]:
        assert now.tzinfo is not None
        if self.away:
            raise Unavailable("The database cannot write now.", code="911")
        self.level -= sum(each.tokens for each in spent)
        return {each.org_id: self.level for each in spent}


def allowed(rates: Rates, count: int, rate: float = 10) -> int:
    return sum(rates.wait_s(seller(rate)) == 0 for _ in range(count))


async def test_processes_hear_of_each_other_when_they_settle() -> None:
    shared, time = Shared(20), Time()
    one, two = Rates(shared.spend, time), Rates(shared.spend, time)
    assert (allowed(one, 15), allowed(two, 4)) == (15, 4)
    await one.settle()
    await two.settle()
    await one.settle()  # nothing was spent meanwhile: nothing is asked
    assert shared.level == 1
    assert (allowed(one, 9), allowed(two, 9)) == (5, 1)  # one does not know of two's yet
    await one.settle()
    await two.settle()
    assert shared.level == -5
    assert (allowed(one, 9), allowed(two, 9)) == (0, 0)
    assert two.wait_s(seller(10)) == 1  # the debt of five, and one more


async def test_what_is_spent_while_it_settles_counts() -> None:
    shared, time = Shared(20), Time()

    async def slow(spent: Sequence[Spent], now: datetime) -> Mapping[str, float]:
        assert allowed(rates, 3) == 3
        return await shared.spend(spent, now)

    rates = Rates(slow, time)
    assert allowed(rates, 1) == 1
    await rates.settle()
    assert allowed(rates, 30) == 16


async def test_while_the_database_is_away_a_process_limits_by_itself() -> None:
    shared, time = Shared(20), Time()
    rates = Rates(shared.spend, time)
    shared.away = True
    assert allowed(rates, 30) == 20
    await rates.settle()
    assert allowed(rates, 30) == 0
    shared.away = False
    await rates.settle()  # and nothing is forgotten
    assert shared.level == 0


async def test_it_settles_when_much_was_spent_and_once_a_second() -> None:
    shared = Shared(20)
    rates = Rates(shared.spend, Time())
    work = asyncio.create_task(rates.settle_forever())
    allowed(rates, 2)
    await asyncio.sleep(0.05)
    assert shared.level == 20  # less than an eighth
    allowed(rates, 1)
    await asyncio.sleep(0.05)
    assert shared.level == 17
    allowed(rates, 1)
    async with asyncio.timeout(PATIENCE_S):
        while shared.level != 16:
            await asyncio.sleep(0.01)
    work.cancel()

"""Token buckets and rolling ratios, on a clock of our own."""

from ndc_oms.ports.sellers import Seller
from ndc_oms.server.limits import LookToBook, Rates


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def seller(rate: float, org_id: str = "1") -> Seller:
    return Seller(org_id, "Agency", "EUR", rate_per_s=rate)


def test_a_bucket_holds_two_seconds_and_refills() -> None:
    time = Time()
    rates = Rates(time)
    assert [rates.wait_s(seller(2)) for _ in range(5)] == [0, 0, 0, 0, 1]
    time.now += 1
    assert [rates.wait_s(seller(2)) for _ in range(3)] == [0, 0, 1]
    time.now += 3600
    assert [rates.wait_s(seller(2)) for _ in range(5)] == [0, 0, 0, 0, 1]


def test_sellers_do_not_spend_each_others() -> None:
    rates = Rates(Time())
    assert rates.wait_s(seller(0.5)) == 0
    assert rates.wait_s(seller(0.5)) == 2
    assert rates.wait_s(seller(0.5, "2")) == 0


def test_a_rate_of_nothing_still_ends() -> None:
    rates = Rates(Time())
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

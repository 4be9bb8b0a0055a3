"""Offer tokens: what they say comes back, and nobody but this house can have written them."""

import string
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ndc_oms.errors import Expired
from ndc_oms.model.journey import Journey, Leg, Segment
from ndc_oms.model.offer import PricedBound, item_stem
from ndc_oms.model.product import Baggage, Cabin, FareFamily
from ndc_oms.offers.token import (
    MAX_LENGTH,
    Claim,
    FlightClaim,
    Tokens,
    content,
    pack,
    version_mark,
)

ISSUED = datetime(2027, 3, 1, 12, 0, 7, tzinfo=UTC)
TOKENS = Tokens(b"secret", "T8")
FAMILY = FareFamily("F", "F", Cabin.ECONOMY, 1, (), Baggage(1, 8, 0, 0), False, False, False)
COUNTS = (2, 0, 1, 0, 1)


def segment(number: str, start: str, end: str, day: date, carrier: str = "T8") -> Segment:
    departure = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    leg = Leg(start, end, departure, departure + timedelta(hours=2), "7M8")
    return Segment(carrier, number, carrier, number, (leg,))


def bound(*segments: Segment, rbd: str = "K") -> PricedBound:
    return PricedBound(Journey(segments), FAMILY, (rbd,) * len(segments), {}, (), ())


DIRECT = bound(segment("123", "YYZ", "LHR", date(2027, 4, 14)))


def write(
    *bounds: PricedBound,
    total: int = 12345,
    tokens: Tokens = TOKENS,
    ttl_s: int = 1800,
    nonce: bytes = b"one",
    terms: bytes = b"",
) -> str:
    mint = tokens.mint(
        seller="S1",
        issued_at=ISSUED,
        ttl_s=ttl_s,
        currency="CAD",
        counts=COUNTS,
        version="v1",
        nonce=nonce,
        terms=terms,
    )
    return mint(content(total, [pack(each, 3) for each in bounds]))


def read(token: str, seller: str = "S1", after_s: float = 60) -> Claim:
    return TOKENS.read(token, seller, ISSUED + timedelta(seconds=after_s))


def test_says_what_was_offered() -> None:
    claim = read(write(DIRECT))
    assert claim.issued_at == ISSUED
    assert claim.expires_at == ISSUED + timedelta(seconds=1800)
    assert (claim.currency, claim.counts, claim.total) == ("CAD", COUNTS, 12345)
    assert claim.version == version_mark("v1")
    (only,) = claim.bounds
    assert only.family == 3
    assert only.flights == (FlightClaim("T8", "123", date(2027, 4, 14), "YYZ", "LHR", "K"),)


def test_length_of_a_direct_one_way_offer() -> None:
    assert len(write(DIRECT)) == 60


def test_what_is_offered_twice_in_a_second_are_two_offers() -> None:
    one, other = write(DIRECT), write(DIRECT, nonce=b"two")
    assert one != other
    assert item_stem(one) != item_stem(other)
    assert read(one) == read(other)


def test_six_bounds_with_two_connections_fit() -> None:
    days = [date(2027, 4, 14) + timedelta(days=n) for n in range(3)]
    one = bound(
        segment("1", "AAA", "ZZZ", days[0]),
        segment("9999A", "ZZZ", "MQX", days[1], "9W"),
        segment("870Z", "MQX", "BBB", days[2]),
        rbd="Z",
    )
    token = write(*[one] * 6, total=10**12, ttl_s=86400, terms=b"terms!")
    claim = read(token, after_s=86399)
    assert len(token) == MAX_LENGTH
    assert claim.terms == b"terms!"
    assert claim.total == 10**12
    assert len(claim.bounds) == 6
    second = claim.bounds[5].flights[1]
    assert second == FlightClaim("9W", "9999A", days[1], "ZZZ", "MQX", "Z")


def test_a_connection_may_leave_on_an_earlier_date() -> None:
    late, early = date(2027, 4, 14), date(2027, 4, 13)
    claim = read(write(bound(segment("1", "NRT", "LAX", late), segment("2", "LAX", "YYZ", early))))
    assert [each.day for each in claim.bounds[0].flights] == [late, early]


def test_every_changed_character_is_noticed() -> None:
    token = write(DIRECT)
    for at, letter in enumerate(token):
        for other in ("A", "B", "_", "+", "é", "="):
            if other != letter:
                with pytest.raises(Expired) as caught:
                    read(token[:at] + other + token[at + 1 :])
                assert caught.value.code == "913"


@pytest.mark.parametrize("token", ["", "A", "AAAA", "P123", "A" * 60, "A" * 300, "====", "\0" * 60])
def test_what_is_no_token_reads_as_unknown(token: str) -> None:
    with pytest.raises(Expired, match="not known"):
        read(token)


def test_the_other_alphabet_of_base64_is_not_taken() -> None:
    tokens = (write(DIRECT, total=n) for n in range(1, 400))
    token = next(each for each in tokens if "_" in each or "-" in each)
    with pytest.raises(Expired):
        read(token.replace("_", "/").replace("-", "+"))


def test_anothers_offer_reads_like_a_forged_one() -> None:
    texts = set()
    token = write(DIRECT)
    for attempt in (
        lambda: read(token, "S2"),
        lambda: read("A" * 60),
        lambda: Tokens(b"other", "T8").read(token, "S1", ISSUED),
        lambda: Tokens(b"secret", "T9").read(token, "S1", ISSUED),
    ):
        with pytest.raises(Expired) as caught:
            attempt()
        texts.add(str(caught.value))
    assert len(texts) == 1


def test_valid_until_its_second() -> None:
    token = write(DIRECT)
    assert read(token, after_s=1799.999)
    for late in (1800, 1801):
        with pytest.raises(Expired, match="expired at 2027-03-01T12:30:07Z"):
            read(token, after_s=late)


def test_items_are_tied_to_the_signature_alone() -> None:
    stems = {item_stem(write(DIRECT, total=n)) for n in range(500)}
    assert len(stems) == 500


@given(
    total=st.integers(0, 2**40 - 1),
    number=st.integers(1, 9999),
    suffix=st.sampled_from(["", *string.ascii_uppercase]),
    rbd=st.sampled_from(string.ascii_uppercase),
    origin=st.text(string.ascii_uppercase, min_size=3, max_size=3),
    day=st.dates(date(2020, 1, 1), date(2150, 1, 1)),
)
def test_any_flight_and_sum_come_back(
    *, total: int, number: int, suffix: str, rbd: str, origin: str, day: date
) -> None:
    flown = bound(segment(f"{number}{suffix}", origin, "YYZ", day), rbd=rbd)
    claim = read(write(flown, total=total))
    assert claim.total == total
    assert claim.bounds[0].flights == (
        FlightClaim("T8", f"{number}{suffix}", day, origin, "YYZ", rbd),
    )


def test_refuses_to_write_what_it_could_not_read_back() -> None:
    odd = segment("0123", "YYZ", "LHR", date(2027, 4, 14))
    with pytest.raises(AssertionError):
        pack(bound(odd), 1)
    with pytest.raises(AssertionError):
        pack(replace(DIRECT, journey=Journey((odd,) * 4), rbds=("K",) * 4), 1)

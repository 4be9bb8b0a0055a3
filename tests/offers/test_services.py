"""Services: which can be had, what they cost, and tokens that hold what was promised."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.houses import demo_world

from ndc_oms.errors import Expired
from ndc_oms.model.journey import Leg, Segment
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare, Tax
from ndc_oms.model.product import Cabin
from ndc_oms.offers.service_token import ServiceTokens, mark
from ndc_oms.offers.services import Flown, Seen, obstacle, places

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=30)
TOKENS = ServiceTokens(b"a secret", "T8")


def segment(number: str = "101", hours: int = 200, operator: str = "T8") -> Segment:
    start = NOW + timedelta(hours=hours)
    leg = Leg("YYZ", "LHR", start, start + timedelta(hours=7), "789")
    return Segment("T8", number, operator, number, (leg,))


def flown(**more: Any) -> Flown:
    known: dict[str, Any] = {
        "ref": "S1",
        "flight": segment(),
        "cabin": Cabin.ECONOMY,
        "family": "STANDARD",
        "bound": 0,
    }
    return Flown(**known | more)


amounts = st.integers(0, 10**9)
taxes = st.lists(
    st.builds(
        lambda code, n, back: Tax(code, "tax", Money(n, "CAD"), back),
        st.sampled_from(("XG", "RC")),
        amounts,
        st.booleans(),
    ),
    max_size=3,
)


@given(base=amounts, taxes=taxes, flights=st.integers(1, 6), at=st.integers(0, 1799))
def test_a_token_says_what_was_promised(base: int, taxes: list[Tax], flights: int, at: int) -> None:
    fare = Fare("", Money(base, "CAD"), tuple(taxes))
    flown_on = [(segment(str(100 + n)), Cabin.ECONOMY) for n in range(flights)]
    token = TOKENS.mint("91000000", "BAG23", flown_on, fare, UNTIL)
    claim = TOKENS.read("91000000", token, NOW + timedelta(seconds=at))
    assert (claim.code, claim.fare) == ("BAG23", fare)
    assert claim.marks == tuple(mark(*each) for each in flown_on)
    assert len(token) < 512  # as the door admits


@given(place=st.integers(3, 90), letter=st.sampled_from("AbZ09-_"))
def test_a_token_that_was_touched_is_none(place: int, letter: str) -> None:
    fare = Fare("", Money(7500, "CAD"), ())
    token = TOKENS.mint("91000000", "BAG23", [(segment(), Cabin.ECONOMY)], fare, UNTIL)
    place %= len(token)
    spoilt = token[: max(place, 3)] + letter + token[max(place, 3) + 1 :]
    if spoilt[:-1] == token[:-1]:
        return  # the last letter has bits that say nothing
    with pytest.raises(Expired):
        TOKENS.read("91000000", spoilt, NOW)


def test_a_token_ends_at_its_second_and_is_its_sellers() -> None:
    token = TOKENS.mint(
        "91000000", "BAG23", [(segment(), Cabin.ECONOMY)], Fare("", Money(1, "CAD"), ()), UNTIL
    )
    assert TOKENS.read("91000000", token, UNTIL - timedelta(microseconds=1))
    for seller, when in (("91000000", UNTIL), ("92000000", NOW)):
        with pytest.raises(Expired) as refused:
            TOKENS.read(seller, token, when)
        assert refused.value.code == "913"


@pytest.mark.parametrize(
    ("code", "where", "taken", "why"),
    [
        ("PRIO", {}, {}, None),
        ("PRIO", {"family": "FLEX"}, {}, "185"),
        ("PRIO", {"cabin": Cabin.BUSINESS, "family": "BUSINESS"}, {}, "185"),
        ("PRIO", {"flight": segment(operator="XA")}, {}, "182"),
        ("PRIO", {"flight": segment(hours=1)}, {}, "182"),
        ("PRIO", {"flight": segment(hours=3)}, {}, None),
        ("AVIH", {}, {"AVIH": 2}, None),
        ("AVIH", {}, {"AVIH": 3}, "493"),
        ("COMFORT", {"family": "FLEX"}, {}, "185"),
    ],
)
def test_what_stands_in_the_way(
    code: str, where: dict[str, Any], taken: dict[str, int], why: str | None
) -> None:
    product = demo_world().services.find(code)
    assert product is not None
    at = flown(**where)
    found = obstacle(product, [at], Seen("T8", NOW, {at.flight.key: taken}))
    assert (found[0] if found else None) == why


def test_places_are_flights_journeys_or_the_trip() -> None:
    every = [flown(ref=f"S{n}", bound=n // 2) for n in range(4)]
    catalogue = demo_world().services

    def refs(code: str) -> list[str]:
        product = catalogue.find(code)
        assert product is not None
        return ["".join(each.ref for each in place) for place in places(product, every)]

    assert refs("PRIO") == ["S0", "S1", "S2", "S3"]
    assert refs("BAG23") == ["S0S1", "S2S3"]
    assert refs("INSURE") == ["S0S1S2S3"]


@pytest.mark.parametrize(
    ("currency", "price"), [("CAD", "75.00"), ("USD", "54.35"), ("JPY", "8242")]
)
def test_prices_in_any_currency_are_whole_minor_units(currency: str, price: str) -> None:
    catalogue = demo_world().services
    product = catalogue.find("BAG23")
    assert product is not None
    assert catalogue.rates is not None
    flight = segment()
    found = catalogue.rates.fare(product, flight, flight, Cabin.ECONOMY, currency)
    assert found is not None
    assert found.total.text() == price

"""From an OfferID back to the offer, exactly; or a refusal."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.offers.offer_fakes import DAY, OTHER, SELLER, House, bound, party

from ndc_oms.errors import Conflict, Expired, Invalid
from ndc_oms.model.money import total
from ndc_oms.model.offer import Offer
from ndc_oms.offers.recall import Recall
from ndc_oms.ports.store import Store

PLACES = ("YYZ", "YVR", "YOW", "LON", "NYC", "TYO", "SYD", "YUL", "FRA", "LAX", "YTO", "PAR")
TYPES = ("ADT", "YTH", "CHD", "INS", "INF")


@st.composite
def parties(draw: st.DrawFn) -> str:
    others = draw(st.lists(st.sampled_from(TYPES[1:4]), max_size=4))
    adults = draw(st.integers(1, 4))
    infants = draw(st.integers(0, adults))
    return " ".join(draw(st.permutations(["ADT"] * adults + others + ["INF"] * infants)))


HOUSE = House()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    places=st.lists(st.sampled_from(PLACES), min_size=2, max_size=4, unique=True),
    first=st.integers(0, 200),
    text=parties(),
    currency=st.sampled_from(["CAD", "USD", "EUR", "GBP", "JPY", "KRW"]),
)
async def test_every_offer_of_an_answer_comes_back_the_same(
    places: list[str], first: int, text: str, currency: str
) -> None:
    if set(places) >= {"YYZ", "YTO"}:
        places = [each for each in places if each != "YTO"] + ["YVR"]
    bounds = [
        bound(one, two, DAY + timedelta(days=first + 4 * n))
        for n, (one, two) in enumerate(pairwise(places))
        if one != two
    ]
    result = await HOUSE.shopped(*bounds, party=party(text), currency=currency, limit=60)
    assert result.offers or result.reasons
    for offer in result.offers:
        assert offer.total == total((item.fare.total for item in offer.items), currency)
        assert await HOUSE.recall(offer.offer_id, SELLER, party(text)) == offer


async def one_offer(house: House, text: str = "ADT") -> Offer:
    return (await house.shopped(bound("YYZ", "YVR"), party=party(text), limit=1)).offers[0]


async def test_without_a_party_it_is_named_by_us() -> None:
    house = House()
    offer = await one_offer(house, "INF ADT")
    found = await house.recall(offer.offer_id, SELLER)
    assert [(p.id, p.guardian) for p in found.party] == [("PAX1", None), ("PAX2", "PAX1")]
    assert [item.id for item in found.items] == [item.id for item in offer.items]
    assert found.total == offer.total


async def test_another_party() -> None:
    house = House()
    offer = await one_offer(house)
    with pytest.raises(Invalid) as caught:
        await house.recall(offer.offer_id, SELLER, party("ADT ADT"))
    assert caught.value.code == "914"


async def test_to_its_second_and_to_its_seller_alone() -> None:
    house = House()
    offer = await one_offer(house)
    with pytest.raises(Expired, match="not known"):
        await house.recall(offer.offer_id, OTHER)
    house.clock.at = offer.expires_at - timedelta(milliseconds=1)
    assert (await house.recall(offer.offer_id, SELLER)).total == offer.total
    house.clock.at = offer.expires_at
    with pytest.raises(Expired) as caught:
        await house.recall(offer.offer_id, SELLER)
    assert caught.value.code == "913"


async def test_another_world_says_that_the_price_moved() -> None:
    house = House()
    offer = await one_offer(house)
    world = replace(house.world, version="another")
    changed = Recall(world, house.tokens, cast(Store, house.store), house.clock)
    with pytest.raises(Conflict) as caught:
        await changed(offer.offer_id, SELLER)
    assert caught.value.code == "711"
    assert caught.value.remedy


async def test_a_flight_that_left_takes_its_offers_along() -> None:
    house = House()
    offer = await one_offer(house)
    house.clock.at = offer.bounds[0].journey.departure - timedelta(minutes=61)
    late = (await house.shopped(bound("YYZ", "YVR"), limit=200)).offers
    soon = next(o for o in late if o.bounds[0].journey == offer.bounds[0].journey)
    house.clock.at = soon.bounds[0].journey.departure
    with pytest.raises(Expired):
        await house.recall(soon.offer_id, SELLER)

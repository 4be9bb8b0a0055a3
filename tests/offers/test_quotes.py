"""Pages of quotes: kept while nothing changed, and never beyond."""

from datetime import timedelta

import pytest
from tests.offers.offer_fakes import DAY, NOW, House, bound, demo_world, party, seeded

from ndc_oms.offers.quotes import Quotes, Terms
from ndc_oms.offers.search import Found, Search

ONE = Terms((1, 0, 0, 0, 0), "CAD")


@pytest.fixture
async def house() -> House:
    house = House()
    await house.availability.ensure(page().days)
    return house


def page() -> Found:
    (found,) = Search(demo_world()).journeys("YYZ", "YVR", DAY)
    return found


async def test_an_unchanged_page_is_the_same_object(house: House) -> None:
    found = page()
    one = house.quotes.of(found, ONE, NOW)
    assert house.quotes.of(found, ONE, NOW + timedelta(seconds=1)) is one
    assert house.quotes.of(found, Terms((2, 0, 0, 0, 0), "CAD"), NOW) is not one


async def test_a_seat_less_that_changes_nothing_keeps_the_page(house: House) -> None:
    found = page()
    one = house.quotes.of(found, ONE, NOW)
    key = found.journeys[0].segments[0].key
    fewer = {rbd: n - 1 if n > 2 else n for rbd, n in seeded(key).items()}
    house.availability.refresh(key, fewer)
    assert house.availability.seats(key) != seeded(key)
    assert house.quotes.of(found, ONE, NOW) is one


async def test_a_sold_out_flight_leaves_the_others_as_they_are(house: House) -> None:
    found = page()
    before = house.quotes.of(found, ONE, NOW)
    journey = found.journeys[3]
    house.availability.refresh(journey.segments[0].key, {})
    after = house.quotes.of(found, ONE, NOW)
    assert [q for q in before if q.bound.journey is not journey] == list(after)
    assert len(after) < len(before)


async def test_a_day_nearer_is_priced_afresh(house: House) -> None:
    found = page()
    for days in range(0, 44, 3):
        at = NOW + timedelta(days=days, hours=days % 24)
        kept = house.quotes.of(found, ONE, at)
        fresh = House()
        await fresh.availability.ensure(found.days)
        assert [q.minor for q in kept] == [q.minor for q in fresh.quotes.of(found, ONE, at)]
    # and back again, should the clock be put back
    again = house.quotes.of(found, ONE, NOW)
    start = Quotes(house.world, house.availability).of(found, ONE, NOW)
    assert [q.bound for q in again] == [q.bound for q in start]


async def test_caps_of_the_controls_bind(house: House) -> None:
    """The demo shows at most 7 seats to Sydney, and metasearch at most 4 anywhere."""
    caps = {(cap.channel, cap.destination): cap.seats for cap in house.world.controls.caps}
    assert caps == {("metasearch", "*"): 4, ("*", "SYD"): 7}
    eight = await house.shopped(bound("YYZ", "SYD"), party=party("ADT " * 8))
    assert eight.offers == ()
    assert "none with 8 seats" in eight.reasons[0]
    found = page()
    four, five = ((n, 0, 0, 0, 0) for n in (4, 5))
    assert house.quotes.of(found, Terms(four, "CAD", "metasearch"), NOW)
    assert not house.quotes.of(found, Terms(five, "CAD", "metasearch"), NOW)
    assert house.quotes.of(found, Terms(five, "CAD", "agency"), NOW)

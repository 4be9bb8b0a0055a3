"""Shopping over the demo airline: what is answered, what is refused, with which code."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.offers.offer_fakes import DAY, NOW, SELLER, House, bound, demo_world, party, seeded

from ndc_oms.errors import Refusal, Refusals, Unavailable
from ndc_oms.model.offer import Offer
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import Cabin
from ndc_oms.offers.pricing import price_bound
from ndc_oms.offers.request import BoundRequest, ShopRequest, ShopResult
from ndc_oms.ports.outcome import Unknown

OUT = bound("YYZ", "YVR")
BACK = bound("YVR", "YYZ", DAY + timedelta(days=7))


@pytest.fixture
def house() -> House:
    return House()


async def refused(house: House, *bounds: BoundRequest, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await house.shopped(*bounds, **more)
    assert caught.value.remedy
    return caught.value


def families(offers: tuple[Offer, ...]) -> set[str]:
    return {b.family.code for each in offers for b in each.bounds}


async def test_one_way(house: House) -> None:
    result = await house.shopped(OUT, party=party("ADT CHD INF"))
    assert len(result.offers) == 50
    assert families(result.offers) == {each.code for each in house.world.families}
    first = result.offers[0]
    assert first.total == min((each.total for each in result.offers), key=lambda m: m.minor)
    assert (first.owner, first.seller, first.currency) == ("T8", SELLER.org_id, "CAD")
    assert (first.created_at, first.expires_at) == (NOW, NOW + timedelta(seconds=1800))
    assert [each.passenger.type for each in first.items] == ["ADT", "CHD", "INF"]
    assert len({each.offer_id for each in result.offers}) == 50
    assert result.reasons == ()


async def test_return_open_jaw_and_six_bounds(house: House) -> None:
    days = [DAY + timedelta(days=4 * n) for n in range(6)]
    trips = {
        "return": (OUT, BACK),
        "open jaw": (OUT, bound("YUL", "YYZ", days[2])),
        "six": tuple(
            bound(*pair.split(), day)
            for pair, day in zip(
                ("YYZ LHR", "LHR YYZ", "YYZ YVR", "YVR YYZ", "YYZ NYC", "NYC YYZ"),
                days,
                strict=True,
            )
        ),
    }
    for name, bounds in trips.items():
        result = await house.shopped(*bounds)
        assert result.offers, name
        for offer in result.offers:
            assert len(offer.bounds) == len(bounds)
            for one, two in zip(offer.bounds, offer.bounds[1:], strict=False):
                assert one.journey.arrival < two.journey.departure


async def test_offers_share_their_bounds_and_repeat_them(house: House) -> None:
    result = await house.shopped(OUT, BACK, limit=200)
    bounds = {id(b) for each in result.offers for b in each.bounds}
    assert len(bounds) < len(result.offers)
    house.clock.advance(seconds=5)
    again = await house.shopped(OUT, BACK, limit=200)
    assert {id(b) for each in again.offers for b in each.bounds} == bounds
    assert {o.offer_id for o in again.offers}.isdisjoint(o.offer_id for o in result.offers)


async def test_the_same_request_at_the_same_second_gets_the_same_answer(house: House) -> None:
    one, again = await house.shopped(OUT, BACK), await house.shopped(OUT, BACK)
    assert without_ids(again) == without_ids(one) == without_ids(await House().shopped(OUT, BACK))


async def test_each_answer_has_offers_of_its_own(house: House) -> None:
    """An offer is accepted once: two customers of one seller must not take each other's."""
    answers = [await house.shopped(OUT, BACK) for _ in range(4)]
    ids = [offer.offer_id for answer in answers for offer in answer.offers]
    assert len(set(ids)) == len(ids)


def without_ids(result: ShopResult) -> ShopResult:
    return replace(result, offers=tuple(replace(each, offer_id="") for each in result.offers))


async def test_connections_through_the_hub(house: House) -> None:
    result = await house.shopped(bound("YOW", "YVR"))
    assert any(len(o.bounds[0].journey.segments) == 2 for o in result.offers)
    for offer in result.offers:
        assert len(offer.bounds[0].rbds) == len(offer.bounds[0].journey.segments)


async def test_cities(house: House) -> None:
    result = await house.shopped(bound("YTO", "LON"))
    assert {o.bounds[0].journey.destination for o in result.offers} <= {"LHR", "LGW", "STN"}
    assert result.offers


async def test_currency(house: House) -> None:
    assert (await house.shopped(OUT, currency="JPY")).offers[0].total.currency == "JPY"
    assert (await refused(house, OUT, currency="XXX")).code == "727"


async def test_every_seat_of_the_party_is_there(house: House) -> None:
    """Firm for the whole party: in the class that is shown, on every flight."""
    for text in ("ADT", "ADT ADT CHD INS INF", "ADT " * 9):
        result = await house.shopped(bound("YOW", "YVR"), party=party(text), limit=200)
        seats = sum(p.type is not PassengerType.INFANT for p in party(text))
        for offer in result.offers:
            for segment, rbd in zip(
                offer.bounds[0].journey.segments, offer.bounds[0].rbds, strict=True
            ):
                assert seeded(segment.key)[rbd] >= seats


async def test_the_lowest_class_that_takes_all_is_shown(house: House) -> None:
    result = await house.shopped(OUT, party=party("ADT ADT ADT"), limit=200)
    for offer in result.offers:
        (segment,), (rbd,) = offer.bounds[0].journey.segments, offer.bounds[0].rbds
        left = seeded(segment.key)
        classes = [c.rbd for c in house.world.classes if c.cabin is offer.bounds[0].family.cabin]
        for lower in classes[classes.index(rbd) + 1 :]:
            rest = (house.world, offer.bounds[0].journey, offer.bounds[0].family, (lower,))
            filed = price_bound(*rest, [PassengerType.ADULT], "CAD", NOW)
            assert left[lower] < 3 or filed is None


async def test_a_sold_class_is_shown_no_more(house: House) -> None:
    result = await house.shopped(OUT, limit=1)
    offer = result.offers[0]
    (segment,), (rbd,) = offer.bounds[0].journey.segments, offer.bounds[0].rbds
    house.availability.refresh(segment.key, {**seeded(segment.key), rbd: 0})
    again = await house.shopped(OUT, limit=200)
    shown = [
        o.bounds[0].rbds[0] for o in again.offers if o.bounds[0].journey.segments[0] == segment
    ]
    assert rbd not in shown


async def test_cabins(house: House) -> None:
    wanted = {"cabins": (Cabin.BUSINESS,)}
    only = await house.shopped(bound("YYZ", "YVR", cabin_required=True, **wanted))
    assert {b.family.cabin for o in only.offers for b in o.bounds} == {Cabin.BUSINESS}
    first = await house.shopped(bound("YYZ", "YVR", **wanted))
    assert first.offers[0].bounds[0].family.cabin is Cabin.BUSINESS
    assert len(families(first.offers)) == len(house.world.families)
    none = {"cabins": (Cabin.FIRST,)}
    assert (await refused(house, bound("YYZ", "YVR", cabin_required=True, **none))).code == "12"
    other = await house.shopped(bound("YYZ", "YVR", **none))
    assert [notice.code for notice in other.notices] == ["12"]


async def test_cabins_that_differ_by_bound_mix_families(house: House) -> None:
    result = await house.shopped(
        bound("YYZ", "YVR", cabins=(Cabin.ECONOMY,), cabin_required=True),
        bound("YVR", "YYZ", BACK.day, cabins=(Cabin.BUSINESS,), cabin_required=True),
    )
    assert result.offers
    for offer in result.offers:
        assert [b.family.cabin for b in offer.bounds] == [Cabin.ECONOMY, Cabin.BUSINESS]


async def test_limits(house: House) -> None:
    assert len((await house.shopped(OUT, BACK, limit=3)).offers) == 3
    most = await house.shopped(OUT, BACK, limit=900)
    assert len(most.offers) == 200
    assert "200" in most.notices[0].text


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ((bound("YYZ", "YVR", NOW.date() - timedelta(days=1)),), "8"),
        ((bound("YYZ", "YVR", NOW.date() + timedelta(days=400)),), "8"),
        ((bound("XXX", "YVR"),), "100"),
        ((bound("YYZ", "ZZZ"),), "100"),
        ((bound("YYZ", "YYZ"),), "130"),
        ((bound("YTO", "YYZ"),), "130"),
        ((OUT, bound("YVR", "YYZ", DAY - timedelta(days=1))), "102"),
        ((OUT,) * 7, "724"),
        ((), "912"),
    ],
)
async def test_codes_of_what_cannot_be_asked(
    house: House, bounds: tuple[BoundRequest, ...], code: str
) -> None:
    assert (await refused(house, *bounds)).code == code


@pytest.mark.parametrize(
    ("text", "code"), [("", "143"), ("CHD", "143"), ("ADT " * 10, "68"), ("ADT INF INF", "324")]
)
async def test_codes_of_parties(house: House, text: str, code: str) -> None:
    assert (await refused(house, OUT, party=party(text))).code == code


async def test_several_faults_are_told_at_once(house: House) -> None:
    with pytest.raises(Refusals) as caught:
        await house.shopped(bound("XXX", "YVR"), bound("YVR", "YVR"), party=party("CHD"))
    assert [each.code for each in caught.value.each] == ["143", "100", "130"]


async def test_the_date_line_may_give_a_day_back(house: House) -> None:
    """A flight from Sydney or Tokyo arrives before it left, by the calendar."""
    east = demo_world().timetable
    for origin in ("SYD", "HND", "NRT"):
        for flight in east.flights(origin, "YVR", DAY) + east.flights(origin, "YYZ", DAY):
            back = DAY - timedelta(days=1)
            arrives = flight.arrival.date()
            onward = bound(flight.destination, "YUL", back)
            if arrives < DAY:
                await house.shopped(bound(origin, flight.destination), onward)
            else:
                assert (
                    await refused(house, bound(origin, flight.destination), onward)
                ).code == "102"


async def test_the_last_flight_of_today_is_closed(house: House) -> None:
    house.clock.at = NOW.replace(hour=4) + timedelta(days=1)  # 23:00 of the day before, Toronto
    refusal = await refused(house, bound("YYZ", "YVR", NOW.date()))
    assert refusal.code in {"103"}


async def test_flights_that_leave_within_the_hour_are_not_sold(house: House) -> None:
    today = demo_world().timetable.flights("YYZ", "YVR", NOW.date())
    third = today[2].departure
    house.clock.at = third - timedelta(minutes=60)
    open_ = await house.shopped(bound("YYZ", "YVR", NOW.date()), limit=200)
    assert min(o.bounds[0].journey.departure for o in open_.offers) == third
    house.clock.advance(seconds=1)
    closed = await house.shopped(bound("YYZ", "YVR", NOW.date()), limit=200)
    assert min(o.bounds[0].journey.departure for o in closed.offers) > third


async def test_the_pss_does_not_answer(house: House) -> None:
    house.pss.instead = Unknown("timed out")
    refusal = await refused(house, OUT)
    assert isinstance(refusal, Unavailable)
    assert (refusal.code, refusal.retry_after_s) == ("493", 5)
    house.pss.instead = None
    assert (await house.shopped(OUT)).offers


async def test_nothing_says_why(house: House) -> None:
    journeys = demo_world().timetable.flights("YYZ", "YVR", DAY)
    for segment in journeys:
        house.pss.seats[segment.key] = {"K": 1}
    texts = {}
    for name, asked in {
        "seats": bound("YYZ", "YVR", max_connections=0),
        "connections": bound("YOW", "SYD", max_connections=0),
    }.items():
        result = await house.shopped(asked, party=party("ADT ADT"))
        assert result.offers == ()
        (texts[name],) = result.reasons
    assert "none with 2 seats" in texts["seats"]
    assert f"{len(journeys)} journeys found" in texts["seats"]
    assert "none with 0 connections or less" in texts["connections"]


async def test_no_way_back_in_time_says_so(house: House) -> None:
    result = await house.shopped(bound("YYZ", "SYD"), bound("SYD", "YYZ"))
    assert result.offers == ()
    assert len(result.reasons) == 2


async def test_prices_follow_the_clock(house: House) -> None:
    """What is kept is used only while a price cannot have moved: afresh it is the same."""
    for _ in range(12):
        kept = await house.shopped(OUT, BACK)
        fresh = House()
        fresh.clock.at = house.clock.at
        assert without_ids(kept) == without_ids(await fresh.shopped(OUT, BACK))
        house.clock.advance(days=3, hours=1)


async def test_acts_take_the_request_record(house: House) -> None:
    request = ShopRequest((OUT,), party("ADT"), limit=1)
    assert (await house.shop(request, SELLER)).bounds == (OUT,)

"""Pricing: firm to its second, whole or refused, and honest where a class was sold meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.offers.offer_fakes import DAY, OTHER, SELLER, House, bound, party, seeded

from ndc_oms.errors import Expired, Invalid, Refusal, Unavailable
from ndc_oms.model.offer import Offer
from ndc_oms.model.passenger import Passenger, PassengerType
from ndc_oms.offers.request import PriceRequest, PriceResult, SelectedItem, Selection
from ndc_oms.ports.outcome import Outcome, Rejected, Unknown
from ndc_oms.ports.sellers import Seller

RETURN = (bound("YYZ", "YVR"), bound("YVR", "YYZ", DAY + timedelta(days=7)))


@pytest.fixture
def house() -> House:
    return House()


async def shopped(house: House, text: str = "ADT", *, at: int = 0) -> Offer:
    return (await house.shopped(*RETURN, party=party(text), limit=5)).offers[at]


def picked(offer: Offer) -> Selection:
    items = tuple(SelectedItem(i.id, (i.passenger.id,), f"/item/{i.id}") for i in offer.items)
    return Selection(offer.offer_id, offer.owner, items, "/offer")


async def priced(
    house: House,
    selection: Selection,
    text: str = "",
    *,
    seller: Seller = SELLER,
    currency: str | None = None,
) -> PriceResult:
    return await house.price(PriceRequest((selection,), party(text), currency), seller)


async def refused(house: House, request: PriceRequest, seller: Seller = SELLER) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await house.price(request, seller)
    assert caught.value.remedy
    assert not house.store.offers
    return caught.value


async def test_a_firm_offer_at_the_shopped_price(house: House) -> None:
    offer = await shopped(house, "ADT CHD INF")
    house.clock.advance(minutes=29, microseconds=7)
    result = await priced(house, picked(offer), "ADT CHD INF")
    firm = result.offer
    assert result.notices == ()
    assert firm.priced
    assert firm.offer_id.startswith("P")
    assert (firm.total, firm.bounds, firm.party) == (offer.total, offer.bounds, offer.party)
    assert firm.expires_at - firm.created_at == timedelta(seconds=1500)
    assert firm.created_at == house.clock.at.replace(microsecond=0)
    assert house.store.offers == {firm.offer_id: firm}
    assert {i.id for i in firm.items}.isdisjoint(i.id for i in offer.items)


async def test_honoured_to_its_second(house: House) -> None:
    firm = (await priced(house, picked(await shopped(house)))).offer
    house.clock.at = firm.expires_at - timedelta(milliseconds=1)
    assert await house.recall(firm.offer_id, SELLER) == firm
    house.clock.at = firm.expires_at
    with pytest.raises(Expired) as caught:
        await house.recall(firm.offer_id, SELLER)
    assert caught.value.code == "913"


async def test_a_priced_offer_is_its_sellers_alone(house: House) -> None:
    firm = (await priced(house, picked(await shopped(house)))).offer
    with pytest.raises(Expired, match="not known"):
        await house.recall(firm.offer_id, OTHER)
    with pytest.raises(Expired, match="not known"):
        await house.recall("P" + "x" * 24, SELLER)


async def test_priced_again_it_is_the_same_and_lives_no_longer(house: House) -> None:
    firm = (await priced(house, picked(await shopped(house)))).offer
    house.clock.advance(minutes=5)
    again = await priced(house, picked(firm))
    assert again.offer == firm
    assert len(house.store.offers) == 1


async def test_a_priced_offer_is_recalled_for_the_buyers_names(house: House) -> None:
    firm = (await priced(house, picked(await shopped(house, "ADT CHD")))).offer
    buyers = (Passenger("kid", PassengerType.CHILD), Passenger("mum", PassengerType.ADULT))
    found = await house.recall(firm.offer_id, SELLER, buyers)
    assert [p.id for p in found.party] == ["mum", "kid"]
    assert found.total == firm.total
    with pytest.raises(Invalid):
        await house.recall(firm.offer_id, SELLER, party("ADT ADT"))


async def test_ids_of_the_selection_where_no_party_is_repeated(house: House) -> None:
    offer = await shopped(house, "ADT ADT INF")
    names = {"P1": "first", "P2": "second", "P3": "baby"}
    selection = picked(offer)
    renamed = tuple(
        replace(each, passenger_ids=tuple(names[i] for i in each.passenger_ids))
        for each in selection.items
    )
    result = await priced(house, replace(selection, items=renamed))
    assert [p.id for p in result.offer.party] == ["first", "second", "baby"]
    assert result.offer.party[2].guardian == "first"


async def test_a_class_that_was_sold_is_offered_in_the_next_one(house: House) -> None:
    offer = await shopped(house)
    flight, rbd = offer.bounds[0].journey.segments[0], offer.bounds[0].rbds[0]
    classes = [c.rbd for c in house.world.classes if c.cabin is offer.bounds[0].family.cabin]
    left = seeded(flight.key) | dict.fromkeys(classes[classes.index(rbd) :], 0)
    house.pss.seats[flight.key] = left
    result = await priced(house, picked(offer))
    firm = result.offer
    (notice,) = result.notices
    assert notice.code == "711"
    for told in (str(offer.total), str(firm.total), firm.offer_id, "Nothing was booked"):
        assert told in notice.text
    assert firm.total != offer.total
    assert firm.bounds[0].rbds != offer.bounds[0].rbds
    assert firm.bounds[0].journey == offer.bounds[0].journey
    assert firm.bounds[0].family == offer.bounds[0].family
    assert firm.bounds[1] == offer.bounds[1]
    assert house.store.offers == {firm.offer_id: firm}
    assert house.availability.seats(flight.key)[rbd] == 0  # shopping knows now


async def test_one_seat_too_few_is_closed_for_the_party(house: House) -> None:
    offer = await shopped(house, "ADT ADT INF")
    flight, rbd = offer.bounds[1].journey.segments[-1], offer.bounds[1].rbds[-1]
    house.pss.seats[flight.key] = {**seeded(flight.key), rbd: 2}
    assert (await priced(house, picked(offer))).notices == ()
    house.pss.seats[flight.key] = {**seeded(flight.key), rbd: 1}
    assert (await priced(house, picked(offer))).offer.bounds[1].rbds != offer.bounds[1].rbds


@pytest.mark.parametrize("gone", [True, False])
async def test_nothing_left(house: House, gone: bool) -> None:
    offer = await shopped(house)
    flight = offer.bounds[0].journey.segments[0].key
    house.pss.seats[flight] = {} if gone else dict.fromkeys(seeded(flight), 0)
    refusal = await refused(house, PriceRequest((picked(offer),)))
    assert isinstance(refusal, Unavailable)
    assert refusal.code == "493"
    assert str(flight) in refusal.text
    assert refusal.retry_after_s is None


@pytest.mark.parametrize("answer", [Unknown("timed out"), Rejected("DOWN", "maintenance")])
async def test_the_pss_does_not_say(house: House, answer: Outcome[None]) -> None:
    offer = await shopped(house)
    house.pss.instead = answer
    refusal = await refused(house, PriceRequest((picked(offer),)))
    assert isinstance(refusal, Unavailable)
    assert (refusal.code, refusal.retry_after_s) == ("493", 5)
    house.pss.instead = None
    assert (await priced(house, picked(offer))).offer.total == offer.total


async def test_refusals(house: House) -> None:
    offer = await shopped(house, "ADT CHD")
    whole = picked(offer)
    first = whole.items[0]
    other_taker = replace(first, passenger_ids=("P2",))
    two_takers = replace(first, passenger_ids=("P1", "P2"))
    wrong: dict[str, list[PriceRequest]] = {
        "912": [PriceRequest(()), PriceRequest((whole, whole))],
        "913": [
            PriceRequest((replace(whole, owner="XX"),)),
            PriceRequest((replace(whole, offer_id="x" * 56),)),
            PriceRequest((replace(whole, items=(replace(first, item_id="none-1"),)),)),
        ],
        "914": [
            PriceRequest((replace(whole, items=whole.items[:2]),)),
            PriceRequest((replace(whole, items=whole.items[:3]),)),
            PriceRequest((replace(whole, items=(other_taker, *whole.items[1:])),)),
            PriceRequest((replace(whole, items=(two_takers, *whole.items[1:])),)),
            PriceRequest((whole,), party("ADT ADT")),
            PriceRequest((whole,), (*party("ADT"), Passenger("Z", PassengerType.CHILD))),
        ],
        "476": [PriceRequest((replace(whole, items=(*whole.items, first)),))],
        "727": [PriceRequest((whole,), currency="EUR")],
        "68": [PriceRequest((whole,), party("ADT " * 10))],
        "324": [PriceRequest((whole,), party("ADT INF INF"))],
        "143": [PriceRequest((whole,), party("CHD CHD"))],
    }
    for code, requests in wrong.items():
        for request in requests:
            assert (await refused(house, request)).code == code, request
    assert (await refused(house, PriceRequest((whole,)), OTHER)).code == "913"


async def test_expired(house: House) -> None:
    offer = await shopped(house)
    house.clock.at = offer.expires_at
    assert (await refused(house, PriceRequest((picked(offer),)))).code == "913"


async def test_items_may_be_taken_crosswise_within_a_type(house: House) -> None:
    offer = await shopped(house, "ADT ADT")
    one, two, three, four = picked(offer).items
    crossed = (
        replace(one, passenger_ids=("P2",)),
        replace(two, passenger_ids=("P1",)),
        three,
        four,
    )
    result = await priced(house, replace(picked(offer), items=crossed), "ADT ADT")
    assert [p.id for p in result.offer.party] == ["P2", "P1"]
    assert result.offer.total == offer.total

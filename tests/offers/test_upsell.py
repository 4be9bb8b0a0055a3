"""Upsell: the families above an offer's own, on its very flights, with seats for everybody."""

from dataclasses import replace
from datetime import timedelta

from tests.offers.offer_fakes import DAY, NOW, SELLER, House, bound, party, seeded

from ndc_oms.model.offer import Conditions
from ndc_oms.offers.minting import Mint
from ndc_oms.offers.quotes import Terms
from ndc_oms.offers.upsell import upsells


async def test_families_above_with_seats_on_every_bound() -> None:
    house = House()
    people = party("ADT CHD")
    result = await house.shopped(
        bound("YYZ", "YVR"), bound("YVR", "YYZ", DAY + timedelta(days=7)), party=people
    )
    light = next(o for o in result.offers if {b.family.code for b in o.bounds} == {"LIGHT"})
    keys = [segment.key for each in light.bounds for segment in each.journey.segments]
    seats = {key: house.availability.counted(seeded(key)) for key in keys}
    mint = Mint(house.world, house.tokens, _Entropy())
    terms = Terms((1, 0, 1, 0, 0), "CAD", "agency")

    def shown() -> list[str]:
        found = upsells(mint, house.quotes, light, seats, terms=terms, now=NOW)
        return [each.bounds[0].family.code for each in found]

    assert shown() == ["STANDARD", "FLEX", "BUSINESS", "BUSFLEX"]
    business = [at for at, rbd in enumerate(house.availability.rbds) if rbd in "JCDZ"]
    full = bytearray(seats[keys[0]])
    for at in business:
        full[at] = 1
    seats[keys[0]] = bytes(full)
    assert shown() == ["STANDARD", "FLEX"]


async def test_each_recalls_under_the_offer_s_conditions() -> None:
    house = House()
    result = await house.shopped(bound("YYZ", "YVR"))
    gold = Conditions(tier="GOLD")
    offer = replace(result.offers[0], conditions=gold)
    keys = [segment.key for segment in offer.bounds[0].journey.segments]
    seats = {key: house.availability.counted(seeded(key)) for key in keys}
    terms = Terms((1, 0, 0, 0, 0), "CAD", "agency", gold)
    mint = Mint(house.world, house.tokens, _Entropy())
    found = upsells(mint, house.quotes, offer, seats, terms=terms, now=NOW)
    assert found
    for each in found:
        back = await house.recall(each.offer_id, SELLER, offer.party)
        assert (back.bounds, back.conditions) == (each.bounds, gold)


class _Entropy:
    def token(self, alphabet: str, length: int) -> str:  # noqa: ARG002 — the port names it
        return "0" * length

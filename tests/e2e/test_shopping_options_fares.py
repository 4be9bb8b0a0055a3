"""Fares that are wished for, and those that only some get: codes, tiers, trials, languages."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from tests.e2e.options import (
    asked,
    bound,
    classes,
    families,
    found,
    level,
    pax,
    search,
    totals,
    warnings,
)
from tests.houses import Served, demo_world, serving

from ndc_oms import resources
from ndc_oms.kit.client import Reply, child_text, find_all
from ndc_oms.kit.conversation import offers_of
from ndc_oms.kit.requests import Pax, offer_price
from ndc_oms.world.load import load

ADULT = (Pax("PAX1", surname="Hansen", given="Maren"),)


def trip(served: Served, origin: str = "YYZ", destination: str = "YVR") -> str:
    return bound(origin, destination, served.today + timedelta(days=30))


def fare(inside: str, name: str) -> str:
    return f"<FareCriteria>{inside}{level(name)}</FareCriteria>"


NO_PENALTY = "<NoPenaltyInd>true</NoPenaltyInd>"
FREE = {"FLEX", "BUSFLEX"}


async def test_fares_without_penalty(served: Served) -> None:
    pair = trip(served)
    required = await found(served, search(pair, offers=fare(NO_PENALTY, "Required")))
    assert set(families(required)) == FREE
    excluded = await found(served, search(pair, offers=fare(NO_PENALTY, "Exclude")))
    assert set(families(excluded)) == {"LIGHT", "STANDARD", "BUSINESS"}
    preferred = families(await found(served, search(pair, offers=fare(NO_PENALTY, "Preferred"))))
    assert set(preferred[:2]) == FREE
    assert "LIGHT" in preferred


@pytest.mark.parametrize("kind", ["REFUNDABLE", "CHANGEABLE"])
async def test_fares_that_can_be_refunded_or_changed_perhaps_for_a_fee(
    served: Served, kind: str
) -> None:
    wanted = fare(f"<FareTypeCode>{kind}</FareTypeCode>", "Required")
    assert set(families(await found(served, search(trip(served), offers=wanted)))) == {
        "STANDARD",
        "FLEX",
        "BUSINESS",
        "BUSFLEX",
    }


@pytest.mark.parametrize(
    "wanted",
    [
        f"<ServiceCriteria>{level('Required')}<RFIC>C</RFIC></ServiceCriteria>",
        f"<ServiceCriteria>{level('Required')}<RFIC>C</RFIC><RFISC>0CC</RFISC></ServiceCriteria>",
        "<BaggagePricingCriteria><BaggageOptionCode>CheckedBag</BaggageOptionCode>"
        "</BaggagePricingCriteria>",
    ],
)
async def test_fares_with_a_bag(served: Served, wanted: str) -> None:
    shown = families(await found(served, search(trip(served), offers=wanted)))
    assert shown
    assert "LIGHT" not in shown


async def test_no_fare_that_fits_says_which_rule(served: Served) -> None:
    cabin = f"<CabinType><CabinTypeCode>5</CabinTypeCode>{level('Required')}</CabinType>"
    wanted = fare(NO_PENALTY, "Required") + (
        f"<ServiceCriteria>{level('Exclude')}<RFIC>C</RFIC></ServiceCriteria>"
    )
    pair = bound("YYZ", "YVR", served.today + timedelta(days=30), cabins=cabin)
    reply = await asked(served, search(pair, offers=wanted))
    assert reply.errors[0][0] == "496"
    assert "none not with a checked bag" in reply.errors[0][1]


# -- codes -------------------------------------------------------------------------------------


def promotion(code: str) -> str:
    return f"<PromotionCriteria><PromotionID>{code}</PromotionID></PromotionCriteria>"


def agreement(code: str) -> str:
    return (
        f"<ProgramCriteria><ProgamContract><ContractID>{code}</ContractID></ProgamContract>"
        "<ProgramOwner><Carrier><AirlineDesigCode>T8</AirlineDesigCode></Carrier></ProgramOwner>"
        "</ProgramCriteria>"
    )


def bases(reply: Reply) -> set[str]:
    return {each.text or "" for each in reply.all("//FareBasisCode")}


async def recalled(served: Served, reply: Reply) -> Reply:
    """OfferPrice of the best offer: the same total, from its token alone."""
    best = offers_of(reply)[0]
    priced = await served.talk.price(best, ADULT)
    assert priced.errors == ()
    assert [each.amount for each in offers_of(priced)] == [best.amount]
    assert bases(priced) <= bases(reply)
    again = await served.talk.price(offers_of(priced)[0], ADULT)
    assert offers_of(again)[0].amount == best.amount
    return priced


async def test_an_agreement_takes_part_of_the_fare_off(served: Served) -> None:
    public = await found(served, search(trip(served)))
    private = await found(served, search(trip(served), offers=agreement("MAPLEWORKS")))
    assert min(totals(private)) < min(totals(public))
    assert all(each.endswith("/MW") for each in bases(private))
    assert "Corporate rate: free choice of seat" in classes(private)["LIGHT"][1]
    base = min(float(each.text or "") for each in private.all("//OfferItem/Price/BaseAmount"))
    plain = min(float(each.text or "") for each in public.all("//OfferItem/Price/BaseAmount"))
    assert base == -(-plain * 90 // 100)  # rounded up to a dollar
    await recalled(served, private)


async def test_an_agreement_for_some_families_and_places_only(served: Served) -> None:
    europe = await found(
        served, search(trip(served, "YYZ", "LHR"), offers=agreement("NORDWAERTS"), limit=200)
    )
    marks = {each.endswith("/NW") for each in bases(europe)}
    assert marks == {True, False}
    home = await found(served, search(trip(served), offers=agreement("NORDWAERTS")))
    assert not any("/" in each for each in bases(home))


async def test_a_promotion_for_a_region(served: Served) -> None:
    pair = trip(served, "YYZ", "MBJ")
    public = await found(served, search(pair))
    promoted = await found(served, search(pair, offers=promotion("WINTERSUN")))
    assert min(totals(promoted)) < min(totals(public))
    assert all(each.endswith("/WS") for each in bases(promoted))
    await recalled(served, promoted)
    both = agreement("MAPLEWORKS") + promotion("WINTERSUN")
    better = await found(served, search(pair, offers=both))
    assert min(totals(better)) == min(totals(promoted))
    assert all(each.endswith("/WS") for each in bases(better))


async def test_a_promotion_that_includes_a_bag(served: Served) -> None:
    promoted = await found(served, search(trip(served), offers=promotion("BAGONUS")))
    public = await found(served, search(trip(served)))
    assert min(totals(promoted)) == min(totals(public))
    assert bags(promoted)["LIGHT"] == 1
    assert bags(public)["LIGHT"] == 0
    priced = await recalled(served, promoted)
    assert "One more checked bag, on us" in next(iter(classes(priced).values()))[1]


def bags(reply: Reply) -> dict[str, int]:
    """Checked pieces by family, of one-way offers."""
    allowances = {
        child_text(node, "BaggageAllowanceID"): int(child_text(node, "PieceAllowance/TotalQty"))
        for node in reply.all("Response/DataLists/BaggageAllowanceList/BaggageAllowance")
        if child_text(node, "TypeCode") == "Checked"
    }
    found_there = {}
    for offer in reply.all("Response/OffersGroup/CarrierOffers/Offer"):
        family = child_text(offer, "JourneyOverview/JourneyPriceClass/PriceClassRefID")
        refs = [each.text for each in find_all(offer, "BaggageAssociations/BaggageAllowanceRefID")]
        (found_there[family],) = [allowances[ref] for ref in refs if ref in allowances]
    return found_there


@pytest.mark.parametrize("code", ["NOSUCHCODE", "LASTYEAR"])
async def test_a_code_that_does_not_count_is_named(served: Served, code: str) -> None:
    reply = await found(served, search(trip(served), offers=promotion(code)))
    assert warnings(reply) == [
        f"The promotion {code} is not known, or not valid now; prices are those without it."
    ]
    public = await found(served, search(trip(served)))
    assert totals(reply) == totals(public)


async def test_private_and_public_fares(served: Served) -> None:
    private = fare("<FareTypeCode>70M</FareTypeCode>", "Required")
    public = fare("<FareTypeCode>70J</FareTypeCode>", "Required")
    pair = trip(served, "YYZ", "LHR")
    only = await found(served, search(pair, offers=private + agreement("NORDWAERTS")))
    assert set(families(only)) == FREE
    open_ = await found(served, search(pair, offers=public + agreement("NORDWAERTS")))
    assert not any("/" in each for each in bases(open_))
    assert "NORDWAERTS is not looked at" in warnings(open_)[0]
    none = await asked(served, search(pair, offers=private))
    assert "none at an agreement's or promotion's fare" in none.errors[0][1]


# -- the programme -----------------------------------------------------------------------------


async def test_a_tier_changes_price_and_services(served: Served) -> None:
    plain = await found(served, search(trip(served)))
    gold = await found(served, search(trip(served), party=[pax(account="TC100000001")]))
    assert min(totals(gold)) < min(totals(plain))
    assert {family: many + 1 for family, many in bags(plain).items()} == bags(gold)
    await recalled(served, gold)
    silver = await found(served, search(trip(served), party=[pax(account="TC100000002")]))
    assert totals(silver) == totals(plain)
    assert "Trillium Club Silver: free choice of seat" in classes(silver)["LIGHT"][1]


async def test_companions_share_gold_and_not_silver(served: Served) -> None:
    def two(account: str) -> list[str]:
        return [pax("A", account=account), pax("B")]

    gold = await found(served, search(trip(served), party=two("TC100000001")))
    assert bags(gold)["LIGHT"] == 1
    silver = await found(served, search(trip(served), party=two("TC100000002")))
    assert len(classes(silver)["LIGHT"][1]) == len(classes(await found(
        served, search(trip(served))))["LIGHT"][1])  # fmt: skip


async def test_accounts_that_change_nothing(served: Served) -> None:
    plain = await found(served, search(trip(served)))
    unknown = await found(served, search(trip(served), party=[pax(account="TC999999999")]))
    assert totals(unknown) == totals(plain)
    assert warnings(unknown) == ["The account is not one of Trillium Club; it changes no price."]
    other = await found(served, search(trip(served), party=[pax(account="1", owner="QQ")]))
    assert (totals(other), warnings(other)) == (totals(plain), [])


# -- language and point of sale ----------------------------------------------------------------


def language(code: str) -> str:
    return f"<LangUsage><LangCode>{code}</LangCode></LangUsage>"


async def test_texts_in_french(served: Served) -> None:
    reply = await found(served, search(trip(served), parameters=language("fr-CA")))
    assert classes(reply)["LIGHT"][0] == "Économie Légère"
    rules = {each.text for each in reply.all("//CancelRestrictions/DescText")}
    assert "Le tarif n'est pas remboursé après le départ." in rules
    english = await found(served, search(trip(served)))
    assert totals(english) == totals(reply)
    priced = await recalled(served, reply)
    assert {name for name, _ in classes(priced).values()} <= {
        name for name, _ in classes(reply).values()
    }


async def test_a_language_that_there_is_not(served: Served) -> None:
    reply = await found(served, search(trip(served), parameters=language("ja")))
    assert warnings(reply) == ["There are no texts in JA, only in EN, FR."]


async def test_an_offer_is_priced_in_another_language(served: Served) -> None:
    best = offers_of(await found(served, search(trip(served))))[0]
    body = offer_price(best.offer_id, best.items, ADULT).decode()
    body = body.replace(
        "</m:Request>",
        f"<ResponseParameters>{language('FR')}</ResponseParameters></m:Request>",
    )
    reply = await asked(served, body.encode())
    assert reply.errors == ()
    assert {name for name, _ in classes(reply).values()} == {"Économie Légère"}
    assert offers_of(reply)[0].amount == best.amount


async def test_the_point_of_sale_sets_currency_and_language(served: Served) -> None:
    france = await found(served, search(trip(served), country="FR"))
    assert {offer.currency for offer in offers_of(france)} == {"EUR"}
    assert classes(france)["LIGHT"][0] == "Économie Légère"
    said = "<CurParameter><CurCode>USD</CurCode></CurParameter>" + language("EN")
    asked_for = await found(served, search(trip(served), country="FR", parameters=said))
    assert {offer.currency for offer in offers_of(asked_for)} == {"USD"}
    assert classes(asked_for)["LIGHT"][0] == "Economy Light"


# -- upsell ------------------------------------------------------------------------------------

UPSELL = (
    "<ResponseParameters><PricingParameter><IncludeUpsellOffersInd>{}</IncludeUpsellOffersInd>"
    "</PricingParameter></ResponseParameters></m:Request>"
)


async def test_other_families_of_the_same_flights(served: Served) -> None:
    shopped = await found(served, search(trip(served), offers=agreement("MAPLEWORKS")))
    best = offers_of(shopped)[0]
    body = offer_price(best.offer_id, best.items, ADULT).decode()
    plain = await asked(served, body.encode())
    assert plain.all("Response/OtherOffers") == []
    declined = await asked(served, body.replace("</m:Request>", UPSELL.format("false")).encode())
    assert declined.all("Response/OtherOffers") == []
    reply = await asked(served, body.replace("</m:Request>", UPSELL.format("true")).encode())
    others = reply.all("Response/OtherOffers/Offer")
    named = [
        child_text(each, "JourneyOverview/JourneyPriceClass/PriceClassRefID") for each in others
    ]
    assert named == ["STANDARD", "FLEX", "BUSINESS", "BUSFLEX"]
    flights = reply.all("Response/DataLists/DatedMarketingSegmentList/DatedMarketingSegment")
    assert len(flights) == 1
    assert all(each.endswith("/MW") for each in bases(reply))
    next_one = child_text(others[0], "OfferID")
    items = tuple(
        (child_text(i, "OfferItemID"), ("PAX1",)) for i in find_all(others[0], "OfferItem")
    )
    priced = await asked(served, offer_price(next_one, items, ADULT))
    assert priced.errors == ()
    assert offers_of(priced)[0].amount == child_text(others[0], "TotalPrice/TotalAmount")


# -- trials ------------------------------------------------------------------------------------


@pytest.fixture
async def on_trial(tmp_path: Path) -> AsyncIterator[Served]:
    """A house where every search is part of an experiment: half sees it, half is its control."""
    folder = Path(shutil.copytree(resources.fixtures() / "airline", tmp_path / "airline"))
    (folder / "experiments.toml").write_text(
        '[[experiment]]\nname = "bag"\nshare = 50\nfamilies = ["LIGHT"]\nextra_bags = 1\n'
        'text = "One checked bag included"\n',
        encoding="utf-8",
    )
    async with serving(tmp_path / "data", world=load(folder)) as house:
        yield house
        assert await house.findings() == []


async def test_a_trial_is_stable_recorded_and_counted(on_trial: Served) -> None:
    served, arms = on_trial, {}
    for ahead in range(30, 40):
        pair = bound("YYZ", "YVR", served.today + timedelta(days=ahead))
        once, again = [await found(served, search(pair)) for _ in range(2)]
        assert bags(once) == bags(again)
        arms.setdefault(bags(once)["LIGHT"], once)
    assert set(arms) == {0, 1}
    for bags_in_light, reply in arms.items():
        light = next(o for o in offers_of(reply) if o.families == ("Economy Light",))
        priced = await served.talk.price(light, ADULT)
        firm = offers_of(priced)[0]
        assert firm.amount == light.amount
        created = await served.talk.create(firm, ADULT, f"trx-{bags_in_light}")
        assert created.errors == ()
        order_id = created.text("Response/Order/OrderID")
        record = await served.house.store.get_order(order_id, "91000000")
        assert record.order.trial == ("bag/on" if bags_in_light else "bag/control")
        assert record.order.items[0].family.baggage.checked_pieces == bags_in_light
    shown = await metrics(served)
    for arm in ("on", "control"):
        assert f'ndc_trial_orders_total{{arm="{arm}",trial="bag"}} 1.0' in shown
        assert f'ndc_trial_searches_total{{arm="{arm}",trial="bag"}}' in shown


async def metrics(served: Served) -> str:
    url = served.url.replace("/ndc", "/metrics")
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.text()


async def test_what_a_code_gave_is_in_the_order(served: Served) -> None:
    shopped = await found(served, search(trip(served), offers=agreement("MAPLEWORKS")))
    best = offers_of(shopped)[0]
    created = await served.talk.create(best, ADULT, "trx-1")
    assert created.errors == ()
    assert created.text("Response/Order/TotalPrice/TotalAmount") == best.amount
    record = await served.house.store.get_order(created.text("Response/Order/OrderID"), "91000000")
    assert record.order.conditions.agreement == "MAPLEWORKS"
    assert demo_world().personal.agreements.keys() >= {"MAPLEWORKS"}

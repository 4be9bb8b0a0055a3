"""Prices over HTTP on the demo airline: whose, in which currency, for how long, and their sums."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from lxml import etree
from tests.e2e.reading import offers
from tests.e2e.shopping import ADULT, ahead, sell_out, shop
from tests.houses import Served

from ndc_oms.kit.client import child_text
from ndc_oms.kit.conversation import offers_of
from ndc_oms.kit.requests import Pax

FAMILY = (
    Pax("A"),
    Pax("Y", "YTH"),
    Pax("C", "CHD"),
    Pax("S", "INS"),
    Pax("L", "INF", holder="A"),
)


# -- what it costs --------------------------------------------------------------------------------


async def test_each_type_pays_its_part_and_its_taxes(served: Served) -> None:
    for offer in await shop(served, ("YYZ", "LHR", 30), party=FAMILY, limit=5):
        by_pax = {item.pax: item for item in offer.items}
        assert by_pax.keys() == {"A", "Y", "C", "S", "L"}
        adult = by_pax["A"]
        for pax, percent in (("Y", 90), ("C", 75), ("S", 75), ("L", 10)):
            # rounded up to whole dollars
            assert 0 <= by_pax[pax].base - adult.base * percent / 100 < 1
        assert by_pax["C"].base == by_pax["S"].base
        assert {"YQ", "CA", "SQ"} <= adult.taxes.keys() == by_pax["Y"].taxes.keys()
        assert by_pax["L"].taxes == {}
        suffixes = {pax: item.basis.removeprefix(adult.basis) for pax, item in by_pax.items()}
        assert suffixes == {"A": "", "Y": "YT", "C": "CH", "S": "CH", "L": "IN"}


async def test_a_child_pays_no_british_departure_tax_in_economy(served: Served) -> None:
    """Source: Air Passenger Duty is not due for those under 16 in the lowest class."""
    party = (Pax("A"), Pax("C", "CHD"))
    (economy,) = await shop(served, ("LHR", "YYZ", 30), party=party, limit=1)
    adult, child = economy.items
    assert "GB" in adult.taxes
    assert "GB" not in child.taxes
    (business, *_) = await shop(served, ("LHR", "YYZ", 30), party=party, limit=1, cabin="2")
    assert business.items[0].taxes["GB"] > adult.taxes["GB"]


async def test_totals_are_sums_of_fares_and_taxes(served: Served) -> None:
    found = await shop(served, ("YYZ", "CDG", 30), ("FCO", "YYZ", 44), party=FAMILY, limit=50)
    assert len(found) >= 5
    for offer in found:
        assert len(offer.items) == 10
        for item in offer.items:
            assert item.base + sum(item.taxes.values()) == item.total
            assert item.currency == offer.currency == "CAD"
        assert sum(item.total for item in offer.items) == offer.total


@pytest.mark.parametrize("currency", ["CAD", "USD", "EUR", "JPY", "KWD"])
async def test_currencies_have_their_own_decimals(served: Served, currency: str) -> None:
    decimals = {"JPY": 0, "KWD": 3}.get(currency, 2)
    reply = await served.talk.shop(
        [("YYZ", "LHR", ahead(served))], ADULT, currency=currency, limit=10
    )
    amounts = [e for e in reply.all("//*") if e.get("CurCode")]
    assert len(amounts) > 50
    for amount in amounts:
        assert amount.get("CurCode") == currency
        assert -Decimal(amount.text or "").as_tuple().exponent == decimals  # type: ignore[operator]  # never NaN
    for offer in offers(reply):
        assert offer.total == sum(item.base + sum(item.taxes.values()) for item in offer.items)


async def test_yen_fares_are_round(served: Served) -> None:
    for offer in await shop(served, ("HND", "YYZ", 30), currency="JPY", limit=5):
        assert offer.items[0].base % 100 == 0
        assert all(tax % 10 == 0 for tax in offer.items[0].taxes.values())


# -- how long it stands, and at which price --------------------------------------------------------


async def test_an_offer_stands_to_its_second(served: Served) -> None:
    """One second before what it states it is priced, at the second it is not."""
    reply = await served.talk.shop([("YYZ", "LHR", ahead(served))], ADULT, limit=1)
    (offer,), (summary,) = offers(reply), offers_of(reply)
    assert offer.expires == served.clock.now() + timedelta(seconds=1800)
    served.clock.advance(offer.expires - served.clock.now() - timedelta(seconds=1))
    (firm,) = offers(await served.talk.price(summary, ADULT))
    served.clock.advance(timedelta(seconds=1))
    assert (await served.talk.price(summary, ADULT)).errors[0][0] == "913"
    assert firm.expires == served.clock.now() + timedelta(seconds=1500 - 1)


async def test_a_price_is_kept_to_its_second(served: Served) -> None:
    """Even by day and hour at which fares of less advance purchase apply."""
    for early, accepted in ((timedelta(seconds=1), True), (timedelta(0), False)):
        shopped = await served.talk.shop([("YYZ", "LHR", ahead(served, 28))], ADULT, limit=1)
        priced = await served.talk.price(offers_of(shopped)[0], ADULT)
        (firm,), (summary,) = offers(priced), offers_of(priced)
        served.clock.advance(firm.expires - served.clock.now() - early)
        created = await served.talk.create(summary, ADULT, f"trx-{accepted}")
        if accepted:
            total = created.text("Response/Order/TotalPrice/TotalAmount")
            assert Decimal(total) == firm.total
        else:
            assert created.errors[0][0] == "913"


async def test_every_offer_is_priced_at_what_it_said(served: Served) -> None:
    bounds = [("YYZ", "YVR", ahead(served)), ("YVR", "YYZ", ahead(served, 37))]
    party = (Pax("A"), Pax("B"), Pax("C", "CHD"))
    shopped = await served.talk.shop(bounds, party, limit=20)
    for offer, summary in zip(offers(shopped), offers_of(shopped), strict=True):
        priced = await served.talk.price(summary, party)
        (firm,) = offers(priced)
        assert (firm.total, firm.currency) == (offer.total, offer.currency)
        assert firm.journeys == offer.journeys
        assert [item.pax for item in firm.items] == [item.pax for item in offer.items]
        assert firm.items == offer.items
        assert firm.id != offer.id
        assert priced.all("Response/Warning") == []


async def test_offer_price_keeps_the_senders_names(served: Served) -> None:
    """Whatever the passengers are called and in whatever order they come."""
    party = (Pax("zoe", "CHD"), Pax("Ω-1", "INF", holder="mum"), Pax("mum"), Pax("dad"))
    shopped = await served.talk.shop([("YYZ", "LHR", ahead(served))], party, limit=1)
    priced = await served.talk.price(offers_of(shopped)[0], party)
    for reply in (shopped, priced):
        kinds = {
            child_text(each, "PaxID"): child_text(each, "PTC")
            for each in reply.all("Response/DataLists/PaxList/Pax")
        }
        assert kinds == {pax.id: pax.type for pax in party}
        assert {item.pax for item in offers(reply)[0].items} == set(kinds)
        holders = [e.text for e in reply.all("Response/DataLists/PaxList/Pax/PaxRefID")]
        assert holders == ["mum"]


async def test_a_higher_price_is_a_new_offer_that_can_be_had(served: Served) -> None:
    reply, other = [
        await served.talk.shop([("YYZ", "LHR", ahead(served))], ADULT, limit=1) for _ in range(2)
    ]
    await sell_out(served, offers(other)[0])
    priced = await served.talk.price(offers_of(reply)[0], ADULT)
    (before,), (after,) = offers(reply), offers(priced)
    assert priced.text("Response/Warning/Code") == "711"
    assert after.total > before.total
    assert after.journeys == before.journeys
    assert after.families == before.families
    created = await served.talk.create(offers_of(priced)[0], ADULT, "trx-1")
    assert Decimal(created.text("Response/Order/TotalPrice/TotalAmount")) == after.total


async def test_an_order_costs_the_sum_of_its_items(served: Served) -> None:
    party = (
        Pax("A", given="Maren"),
        Pax("B", given="Soren"),
        Pax("C", "CHD", given="Jonas", birthdate=date(2019, 8, 30)),
        Pax("L", "INF", given="Ida", birthdate=date(2026, 5, 17), holder="A"),
    )
    bounds = [("YYZ", "LHR", ahead(served)), ("LHR", "YYZ", ahead(served, 40))]
    shopped = await served.talk.shop(bounds, party, limit=1)
    created = await served.talk.create(offers_of(shopped)[0], party, "trx-1")
    assert created.errors == ()
    (offer,) = offers(shopped)
    items = created.all("Response/Order/OrderItem/Price")
    totals = [total(item, "TotalAmount") for item in items]
    assert sum(totals) == total(created.all("Response/Order/TotalPrice")[0], "TotalAmount")
    assert sum(totals) == offer.total
    for item in items:
        taxes = sum(total(tax, "Amount") for tax in item.iter("{*}Tax"))
        assert total(item, "BaseAmount") + taxes == total(item, "TotalAmount")
    paid = created.all("PaymentFunctions/PaymentProcessingSummary")
    assert [total(each, "Amount") for each in paid] == [offer.total]
    values = [Decimal(e.text or "") for e in created.all("//Coupon/ValueAmount")]
    assert sum(values) == sum(item.base for item in offer.items)


def total(element: etree._Element, name: str) -> Decimal:
    return Decimal(child_text(element, name))


async def test_what_an_agent_is_told_of_each_fare(served: Served) -> None:
    """Brand, cabin, class, basis, bags, and the price of changing one's mind, by stage."""
    reply = await served.talk.shop([("YYZ", "LHR", ahead(served))], ADULT, limit=5)
    kinds = [
        "CancelRestrictions/JourneyStageCode",
        "ChangeRestrictions/JourneyStageCode",
        "FareDetail/FareComponent/FareBasisCode",
        "FareDetail/FareComponent/RBD/RBD_Code",
        "FareDetail/FareComponent/CabinType/CabinTypeCode",
        "FareDetail/FareComponent/PriceClassRefID",
    ]
    item = "Response/OffersGroup/CarrierOffers/Offer/OfferItem/"
    for kind in kinds:
        assert len(reply.all(item + kind)) >= 5, kind
    for each in reply.all(item + "CancelRestrictions") + reply.all(item + "ChangeRestrictions"):
        allowed = child_text(each, "AllowedModificationInd")
        assert bool(each.findall("{*}Fee")) is (allowed == "true")
        assert child_text(each, "DescText")
    allowances = reply.all("Response/DataLists/BaggageAllowanceList/BaggageAllowance/TypeCode")
    assert {e.text for e in allowances} == {"CarryOn", "Checked"}
    expiry = reply.all("//OfferExpirationTimeLimitDateTime")
    assert {e.text for e in expiry} == {"2027-01-12T09:30:00Z"}

"""Services from the catalogue to the coupon, over HTTP: listed, and bought with the flights."""

import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from tests.e2e.airline import kept
from tests.e2e.reading import offers
from tests.e2e.servicing import ADULT, COUPLE, codes, coupons, hold, offer, seen, texts
from tests.e2e.with_services import buy_with, listed, listed_for, pay
from tests.houses import Served, serving
from tests.world.test_services import NEW, write

from ndc_oms import resources
from ndc_oms.kit.conversation import offers_of, order_of
from ndc_oms.kit.requests import Pax, offer_price
from ndc_oms.kit.seats import seats_for_offer
from ndc_oms.kit.services import (
    FlightNamed,
    Picked,
    added,
    list_for_flights,
    list_for_offer,
    list_for_order,
    selection,
    services_of,
)
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.world.load import load as load_world
from ndc_oms.world.services import FILE

# -- listing -----------------------------------------------------------------------------------


async def test_an_offer_lists_what_its_passengers_can_have(served: Served) -> None:
    party = (*ADULT, Pax("PAX2", "CHD", given="Jonas"))
    firm = await offer(served, party)
    reply = await served.client.send(list_for_offer(firm.offer_id, party))
    services = {each.code: each for each in services_of(reply)}
    assert services["BAG23"].passengers == ("PAX1", "PAX2")
    assert services["PETC"].passengers == ("PAX1",)
    assert services["CHML"].passengers == ("PAX2",)
    assert services["WCHR"].price == "0.00"
    assert (services["BAG23"].price, services["BAG23"].currency) == ("75.00", "CAD")
    assert services["LOUNGE"].price == "61.95"  # 59 and 5 % of tax
    assert services["LOUNGE"].rfisc == "0BX"
    only = await served.client.send(list_for_offer(firm.offer_id, party, rfic="E"))
    assert {each.code for each in services_of(only)} <= {"PRIO", "LOUNGE", "UMNR", "COMFORT"}


async def test_products_speak_the_language_that_is_asked_for(served: Served) -> None:
    """The order keeps the words of its offer; a product nobody translated has its own name."""
    firm = await offer(served)
    said = "<ResponseParameters><LangUsage><LangCode>{}</LangCode></LangUsage></ResponseParameters>"

    def asked(body: bytes, core: str, code: str) -> bytes:
        before = f"<{core}>".encode()
        return body.replace(before, said.format(code).encode() + before)

    services = list_for_offer(firm.offer_id)
    french = await served.client.send(asked(services, "ServiceListCoreRequest", "fr-CA"))
    names = {each.code: each.name for each in services_of(french)}
    assert names["BAG23"] == "Bagage enregistré jusqu'à 23 kg"
    seats = seats_for_offer(firm.offer_id)
    shown = await served.client.send(
        seats.replace(
            b"<SeatAvailCoreRequest>", said.format("FR").encode() + b"<SeatAvailCoreRequest>"
        )
    )
    assert {each.name for each in services_of(shown)} >= {"Siège de votre choix"}
    none = await served.client.send(asked(services, "ServiceListCoreRequest", "DE"))
    assert {each.name for each in services_of(none)} >= {"Checked bag to 23 kg"}
    assert "There are no texts in DE, only in EN, FR." in texts(none, "DescText")
    priced = offer_price(firm.offer_id, firm.items, ADULT).replace(
        b"</PricedOffer>", b"</PricedOffer>" + said.format("FR").encode()
    )
    (spoken,) = offers_of(await served.client.send(priced))
    bag = {each.code: each for each in services_of(french)}["BAG23"]
    held = await served.talk.create(
        spoken, ADULT, "hold", payment="", beside=selection([Picked(bag, ("PAX1",))])
    )
    made = await kept(served, order_of(held))
    assert made.ancillaries[0].product.name == "Bagage enregistré jusqu'à 23 kg"
    assert (await listed_for(served, order_of(held)))["WIFI"].name == "Wi-Fi pendant tout le vol"


async def test_a_journey_is_one_item_and_each_flight_another(served: Served) -> None:
    firm = await offer(served, there_and_back=True)
    found = services_of(await served.client.send(list_for_offer(firm.offer_id)))
    assert [each.segments for each in found if each.code == "BAG23"] == [("SEG1",), ("SEG2",)]
    assert [each.segments for each in found if each.code == "INSURE"] == [("SEG1", "SEG2")]


async def test_what_the_family_includes_is_not_sold(served: Served) -> None:
    standard = await offer(served, family="Economy Standard")
    flex = await offer(served, family="Economy Flex")
    assert "PRIO" in await listed(served, standard)
    assert "PRIO" not in await listed(served, flex)


async def test_what_is_too_late_is_not_sold(served: Served) -> None:
    tomorrow = await offer(served, ahead=1)
    found = await listed(served, tomorrow)
    assert "WCHR" in found
    assert not {"PETC", "AVIH", "KSML"} & found.keys()  # two days' notice and more


async def test_another_sellers_order_has_no_services(served: Served) -> None:
    reply = await served.client.send(list_for_order("T8AAAAAAAAAA"))
    assert codes(reply) == ["129"]
    assert codes(await served.client.send(list_for_offer("AAAA"))) == ["913"]


# -- buying with the order ---------------------------------------------------------------------


async def test_a_bag_and_a_lounge_are_bought_with_the_flight(served: Served) -> None:
    order, view = await buy_with(served, COUPLE, ("BAG23", 2), ("LOUNGE", 1), ("WCHR", 1))
    assert order.amount == view.text("Response/Order/TotalPrice/TotalAmount")
    assert texts(view, "TicketDocTypeCode") == ["T", "T", "J", "Y"]
    assert set(coupons(view)) == {"O"}
    assert texts(view, "RFISC") == ["0CC", "0BX", "0CC", "0BX"]  # definitions, then coupons
    assert texts(view, "ServiceQty") == ["2", "1"]
    assert {*texts(view, "DeliveryStatusCode")} == {"READY TO PROCEED"}
    made = await kept(served, order)
    ticket = made.tickets_of("PAX1")[0].number
    bag, lounge = (d for d in made.documents if d.rfic)
    assert (bag.associated_with, lounge.associated_with) == (ticket, None)
    assert bag.total.text() == "150.00"
    found = await served.pss.pnr(made.bookings[0].locator)
    assert isinstance(found, Confirmed)
    assert found.value is not None
    assert {each.code for each in found.value.services} >= {"WCHR", "XBAG"}
    assert await served.findings() == []


async def test_the_whole_is_paid_or_nothing(served: Served) -> None:
    firm = await offer(served)
    services = await listed(served, firm)
    beside = selection([Picked(services["BAG23"], ("PAX1",))])
    short = await served.talk.create(firm, ADULT, "short", beside=beside)
    assert codes(short) == ["290"]
    declined = await served.talk.create(
        firm,
        ADULT,
        "declined",
        payment=pay(Decimal(firm.amount) + 75, pan="4000000000002008"),
        beside=beside,
    )
    assert codes(declined) == ["708"]
    assert await served.findings() == []


async def test_services_are_held_with_the_flights_and_paid_with_them(served: Served) -> None:
    firm = await offer(served)
    services = await listed(served, firm)
    beside = selection([Picked(services["GOURMET"], ("PAX1",))])
    held = await served.talk.create(firm, ADULT, "hold", payment="", beside=beside)
    order = order_of(held)
    assert Decimal(order.amount) == Decimal(firm.amount) + 29
    paid = await served.talk.pay(order, pay(Decimal(order.amount)), "pay")
    assert paid.errors == ()
    view = await seen(served, order)
    assert texts(view, "TicketDocTypeCode") == ["T", "J"]
    assert await served.findings() == []


async def test_a_service_of_other_flights_is_refused(served: Served) -> None:
    firm, later = await offer(served), await offer(served, ahead=70)
    services = await listed(served, later)
    refused = await served.talk.create(
        firm, ADULT, "buy", beside=selection([Picked(services["WCHR"], ("PAX1",))])
    )
    assert codes(refused) == ["913"]


async def test_what_a_passenger_cannot_have_is_refused(served: Served) -> None:
    party = (*ADULT, Pax("PAX2", "CHD", given="Jonas"))
    firm = await offer(served, party)
    services = await listed(served, firm)
    too_many = selection([Picked(services["BAG23"], ("PAX1",), 4)])
    child = selection([Picked(services["PETC"], ("PAX2",))])
    nobody = selection([Picked(services["WCHR"], ("PAX9",))])
    for beside, code in ((too_many, "185"), (child, "185"), (nobody, "914")):
        reply = await served.talk.create(firm, party, f"buy-{code}", beside=beside)
        assert code in codes(reply)
    assert await served.findings() == []


async def test_a_service_offer_ends(served: Served) -> None:
    firm = await offer(served)
    services = await listed(served, firm)
    order = await hold(served)
    served.clock.advance(timedelta(hours=2))
    late = added([Picked(services["WCHR"], ("PAX1",))])
    assert codes(await served.talk.change(order, "late", late)) == ["913"]


# -- other ways to ask, and a catalogue that moves -----------------------------------------------


async def test_named_flights_list_what_anybody_could_have(served: Served) -> None:
    shopped = await served.talk.shop(
        [("YYZ", "LHR", served.today + timedelta(days=30))], ADULT, limit=1
    )
    ((flight, *_), *_) = offers(shopped)[0].journeys
    named = FlightNamed(
        "T8", flight.name.removeprefix("T8"), flight.departs, flight.origin, flight.destination
    )
    found = services_of(await served.client.send(list_for_flights([named], ADULT)))
    assert {"BAG23", "PRIO", "WCHR", "COMFORT"} <= {each.code for each in found}
    assert {each.segments for each in found} == {("S1",)}
    # what was listed for a flight is honoured for an offer of it
    (offered,) = offers_of(shopped)
    chair = next(each for each in found if each.code == "WCHR")
    created = await served.talk.create(
        offered, ADULT, "buy", beside=selection([Picked(chair, ("PAX1",))])
    )
    assert created.errors == ()
    nobody = await served.client.send(list_for_flights([named], ()))
    assert codes(nobody) == ["143"]
    gone = replace(named, number="9999")
    assert codes(await served.client.send(list_for_flights([gone], ADULT))) == ["100"]


async def test_a_partners_flight_has_no_services_that_are_paid(served: Served) -> None:
    shopped = await served.talk.shop(
        [("YYZ", "ABZ", served.today + timedelta(days=30))], ADULT, limit=5
    )
    found = offers(shopped)[0]
    flights = [flight for journey in found.journeys for flight in journey]
    assert any(not flight.name.startswith("T8") for flight in flights)
    (offered, *_) = offers_of(shopped)
    reply = await served.client.send(list_for_offer(offered.offer_id))
    listed_on = {ref for each in services_of(reply) for ref in each.segments}
    ours = {f"SEG{n}" for n, f in enumerate(flights, 1) if f.name.startswith("T8")}
    assert listed_on > ours
    chair = next(each for each in services_of(reply) if each.code == "WCHR")
    assert set(chair.segments) == listed_on  # for the whole journey: the partner is asked for it
    paid = [each for each in services_of(reply) if Decimal(each.price)]
    assert {ref for each in paid for ref in each.segments} == ours


async def test_a_new_product_is_sold_by_the_running_server(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(resources.fixtures() / "airline", tmp_path / "airline"))
    async with serving(tmp_path / "data", world=load_world(folder)) as served:
        firm = await offer(served)
        bag = (await listed(served, firm))["BAG23"]
        write(folder, (folder / FILE).read_text("utf-8").replace('"75.00"', '"99.00"') + NEW)
        services = await listed(served, firm)  # the offer of the flight stands
        assert services["FASTTRK"].price == "15.00"
        assert services["BAG23"].price == "99.00"
        picked = [Picked(services["FASTTRK"], ("PAX1",)), Picked(bag, ("PAX1",))]
        whole = Decimal(firm.amount) + 15 + 75  # what was promised is kept
        created = await served.talk.create(
            firm, ADULT, "buy", payment=pay(whole), beside=selection(picked)
        )
        assert created.errors == ()
        assert await served.findings() == []


async def test_six_at_once_for_three_places(served: Served) -> None:
    firms = [await offer(served) for _ in range(6)]
    pet = (await listed(served, firms[0]))["AVIH"]
    beside = selection([Picked(pet, ("PAX1",))])
    replies = await asyncio.gather(
        *(
            served.talk.create(
                firm, ADULT, f"pet-{n}", payment=pay(Decimal(firm.amount) + 130), beside=beside
            )
            for n, firm in enumerate(firms)
        )
    )
    assert sorted(codes(reply) for reply in replies) == [[], [], [], ["493"], ["493"], ["493"]]
    assert await served.findings() == []

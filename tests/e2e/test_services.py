"""Services from the catalogue to the coupon, over HTTP: listed, bought, added, removed, refused."""

import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from tests.e2e.reading import offers
from tests.e2e.servicing import (
    ADULT,
    COUPLE,
    bought,
    codes,
    coupons,
    hold,
    offer,
    payments,
    refunded,
    seen,
    texts,
)
from tests.houses import Served, serving
from tests.world.test_services import NEW, write

from ndc_oms import resources
from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import (
    OfferSummary,
    OrderSummary,
    change_offers_of,
    offers_of,
    order_of,
)
from ndc_oms.kit.requests import Pax, card, offer_price
from ndc_oms.kit.seats import seats_for_offer
from ndc_oms.kit.services import (
    FlightNamed,
    Picked,
    ServiceSummary,
    added,
    list_for_flights,
    list_for_offer,
    list_for_order,
    selection,
    services_of,
)
from ndc_oms.kit.servicing import for_items
from ndc_oms.model.documents import DocumentType
from ndc_oms.model.order import Order
from ndc_oms.model.status import CouponStatus, DeliveryStatus
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.world.load import load as load_world
from ndc_oms.world.services import FILE

PAN = "4111111111111111"


async def listed(served: Served, offered: OfferSummary) -> dict[str, ServiceSummary]:
    """The first item of each product."""
    reply = await served.client.send(list_for_offer(offered.offer_id))
    return _first(reply)


async def listed_for(served: Served, order: OrderSummary) -> dict[str, ServiceSummary]:
    return _first(await served.client.send(list_for_order(order.order_id)))


def _first(reply: Reply) -> dict[str, ServiceSummary]:
    found: dict[str, ServiceSummary] = {}
    for each in services_of(reply):
        found.setdefault(each.code, each)
    return found


def pay(amount: Decimal, currency: str = "CAD", pan: str = PAN) -> str:
    return card(pan, f"{amount:.2f}", currency)


async def kept(served: Served, order: OrderSummary) -> Order:
    return (await served.house.store.get_order(order.order_id, None)).order


async def buy_with(
    served: Served, party: tuple[Pax, ...], *codes_wanted: tuple[str, int]
) -> tuple[OrderSummary, Reply]:
    """An order of flights with services for its first passenger, paid by card together."""
    firm = await offer(served, party)
    services = await listed(served, firm)
    picked = [Picked(services[code], (party[0].id,), count) for code, count in codes_wanted]
    whole = Decimal(firm.amount) + sum(each.price for each in picked)
    created = await served.talk.create(
        firm, party, "buy", payment=pay(whole), beside=selection(picked)
    )
    assert created.errors == ()
    order = order_of(created)
    return order, await seen(served, order)


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


# -- adding and removing -----------------------------------------------------------------------


async def add(
    served: Served, order: OrderSummary, trx: str, *wanted: tuple[str, int], pan: str = PAN
) -> Reply:
    services = await listed_for(served, order)
    picked = [Picked(services[code], ("PAX1",), count) for code, count in wanted]
    due = sum((each.price for each in picked), Decimal(0))
    paid = pay(due, pan=pan) if due else ""
    return await served.talk.change(order, trx, added(picked), payments=paid)


async def current(served: Served, order: OrderSummary) -> OrderSummary:
    return order_of(await seen(served, order))


async def test_a_lounge_is_added_to_a_ticketed_order(served: Served) -> None:
    order = await current(served, await bought(served))
    reply = await add(served, order, "lounge", ("LOUNGE", 1))
    assert reply.errors == ()
    after = order_of(reply)
    assert Decimal(after.amount) == Decimal(order.amount) + Decimal("61.95")
    assert texts(reply, "TicketDocTypeCode") == ["T", "Y"]
    assert [status for _, status in payments(reply)] == ["SUCCESSFUL"] * 2
    again = await add(served, order, "stale", ("LOUNGE", 1))
    assert codes(again) == ["476"]
    assert await served.findings() == []


async def test_what_costs_is_paid_with_the_addition(served: Served) -> None:
    order = await current(served, await bought(served))
    services = await listed_for(served, order)
    unpaid = added([Picked(services["BAG23"], ("PAX1",))])
    assert codes(await served.talk.change(order, "unpaid", unpaid)) == ["495"]
    assert await current(served, order) == order


async def test_a_wheelchair_is_asked_for_and_cancelled(served: Served) -> None:
    order = await current(served, await bought(served))
    reply = await add(served, order, "chair", ("WCHR", 1))
    assert reply.errors == ()
    made = await kept(served, order)
    locator = made.bookings[0].locator
    assert "WCHR" in await ssrs(served, locator)
    chair = made.ancillaries[0]
    assert chair.services[0].delivery == "READY TO PROCEED"
    gone = await served.talk.cancel_unpaid(await current(served, order), "no", [chair.id])
    assert gone.errors == ()
    await seen(served, order)
    assert "WCHR" not in await ssrs(served, locator)
    assert (await kept(served, order)).total == made.total
    assert await served.findings() == []


async def ssrs(served: Served, locator: str) -> set[str]:
    found = await served.pss.pnr(locator)
    assert isinstance(found, Confirmed)
    assert found.value is not None
    return {each.code for each in found.value.services}


async def test_a_declined_addition_leaves_the_order_as_it_was(served: Served) -> None:
    order = await current(served, await bought(served))
    refused = await add(served, order, "bag", ("BAG23", 1), pan="4000000000002008")
    assert codes(refused) == ["708"]
    after = await seen(served, order)
    assert after.text("Response/Order/StatusCode") == "OPENED"
    assert order_of(after).amount == order.amount
    assert coupons(after) == ["O"]
    assert await served.findings() == []


async def test_an_emd_that_cannot_be_issued_undoes_the_addition_alone(served: Served) -> None:
    order = await current(served, await bought(served))
    await served.pss.plant("issue:fails")
    refused = await add(served, order, "bag", ("BAG23", 1), ("WCHR", 1))
    await served.pss.clear_faults()
    assert codes(refused) == ["182"]
    after = await seen(served, order)
    assert order_of(after).amount == order.amount
    assert coupons(after) == ["O"]
    assert [status for _, status in payments(after)].count("SUCCESSFUL") == 1
    assert await served.findings() == []


async def test_a_service_is_given_back_by_its_rule(served: Served) -> None:
    order = await current(served, await bought(served))
    assert (await add(served, order, "two", ("BAG23", 1), ("WIFI", 1))).errors == ()
    served.clock.advance(timedelta(days=3))  # the void window is over
    bag, wifi = (await kept(served, order)).ancillaries
    now = await current(served, order)
    quoted = await served.talk.reshop(order.order_id, [wifi.id])
    assert refunded(quoted) == 0  # not refundable
    quoted = await served.talk.reshop(order.order_id, [bag.id])
    assert refunded(quoted) == Decimal("75.00")
    done = await served.talk.accept_cancelled(now, quoted, "back")
    assert done.errors == ()
    view = await seen(served, order)
    assert coupons(view) == ["O", "R", "O"]
    assert Decimal(order_of(view).amount) == Decimal(order.amount) + Decimal("21.00")
    assert await served.findings() == []


async def test_cancelling_the_flight_gives_up_its_services(served: Served) -> None:
    order, _ = await buy_with(served, ADULT, ("BAG23", 1), ("LOUNGE", 1))
    quoted = await served.talk.reshop(order.order_id)
    assert refunded(quoted) == Decimal(order.amount)  # inside the void window
    done = await served.talk.accept_cancelled(await current(served, order), quoted, "all")
    assert done.errors == ()
    view = await seen(served, order)
    assert set(coupons(view)) == {"V"}
    assert view.text("Response/Order/StatusCode") == "CLOSED"
    assert await served.findings() == []


async def test_one_passenger_leaves_with_her_services(served: Served) -> None:
    order, _ = await buy_with(served, COUPLE, ("BAG23", 1), ("WCHR", 1))
    made = await kept(served, order)
    hers = [each.id for each in made.items if each.passenger_id == "PAX1"]
    quoted = await served.talk.reshop(order.order_id, hers)
    done = await served.talk.accept_cancelled(await current(served, order), quoted, "one")
    assert done.errors == ()
    view = await seen(served, order)
    assert sorted(coupons(view)) == ["O", "V", "V"]
    assert not (await kept(served, order)).live_ancillaries
    assert await served.findings() == []


async def test_the_last_one_is_sold_once_and_comes_back(served: Served) -> None:
    """Three pets may travel in the hold of a flight."""
    firsts = []
    for number in range(3):
        firm = await offer(served)
        item = (await listed(served, firm))["AVIH"]
        whole = Decimal(firm.amount) + 130
        created = await served.talk.create(
            firm,
            ADULT,
            f"pet-{number}",
            payment=pay(whole),
            beside=selection([Picked(item, ("PAX1",))]),
        )
        assert created.errors == ()
        firsts.append(order_of(created))
    firm = await offer(served)
    assert "AVIH" not in await listed(served, firm)
    late = await served.talk.create(
        firm, ADULT, "pet-4", beside=selection([Picked(item, ("PAX1",))])
    )
    assert "493" in codes(late)
    quoted = await served.talk.reshop(firsts[0].order_id)
    await served.talk.accept_cancelled(await current(served, firsts[0]), quoted, "give")
    await seen(served, firsts[0])
    assert "AVIH" in await listed(served, await offer(served))
    assert await served.findings() == []


async def test_a_bundle_lists_what_is_in_it(served: Served) -> None:
    firm = await offer(served)
    reply = await served.client.send(list_for_offer(firm.offer_id))
    refs = reply.all("//ServiceBundle/ServiceDefinitionRefID")
    assert [each.text for each in refs] == ["def.BAG23", "def.PRIO", "def.LOUNGE"]
    only = await served.client.send(list_for_offer(firm.offer_id, rfic="E"))
    assert "def.BAG23" in texts(only, "ServiceDefinitionID")  # defined, though not on sale alone


async def test_a_bundle_is_a_service_for_each_of_its_parts(served: Served) -> None:
    order, view = await buy_with(served, ADULT, ("COMFORT", 1))
    assert texts(view, "TicketDocTypeCode") == ["T", "J"]
    assert coupons(view) == ["O"] * 4
    made = await kept(served, order)
    (bundle,) = made.ancillaries
    assert [each.product for each in bundle.services] == ["BAG23", "PRIO", "LOUNGE"]
    assert {each.delivery for each in bundle.services} == {DeliveryStatus.READY_TO_PROCEED}
    names = texts(view, "Name")
    assert {"Checked bag to 23 kg", "Lounge at the airport of departure"} <= set(names)
    flight = made.segments[0].flight.key
    assert await served.house.store.stock_taken(flight) == {"COMFORT": 1, "PRIO": 1, "LOUNGE": 1}
    found = await served.pss.pnr(made.bookings[0].locator)
    assert isinstance(found, Confirmed)
    assert found.value is not None
    shown = [(each.code, each.text) for each in found.value.services if each.code == "XBAG"]
    assert shown == [("XBAG", "1PIECE BAG23")]
    (emd,) = made.emds_of(bundle)
    assert [(each.rfisc, each.service_id) for each in emd.coupons] == [
        ("0L7", service.id) for service in bundle.services
    ]
    quoted = await served.talk.reshop(order.order_id, [bundle.id])
    assert refunded(quoted) == Decimal("109.00")
    done = await served.talk.accept_cancelled(await current(served, order), quoted, "back")
    assert done.errors == ()
    assert coupons(await seen(served, order)) == ["O", "V", "V", "V"]
    assert await served.house.store.stock_taken(flight) == {}
    assert await served.findings() == []


async def test_a_bundle_on_a_connection_takes_two_documents(served: Served) -> None:
    """Three parts on two flights are six coupons; a document has four at most."""
    day = served.today + timedelta(days=60)
    shopped = await served.talk.shop([("YYC", "CDG", day)], ADULT)
    wanted = next(each for each in offers_of(shopped) if "Economy Light" in each.families)
    services = await listed(served, wanted)
    assert len(services["COMFORT"].segments) == 2
    picked = Picked(services["COMFORT"], ("PAX1",))
    whole = Decimal(wanted.amount) + picked.price
    order = order_of(
        await served.talk.create(
            wanted, ADULT, "buy", payment=pay(whole), beside=selection([picked])
        )
    )
    view = await seen(served, order)
    made = await kept(served, order)
    (bundle,) = made.ancillaries
    assert len(bundle.services) == 6
    assert [len(each.coupons) for each in made.emds_of(bundle)] == [4, 2]
    assert coupons(view) == ["O"] * 8
    assert await served.findings() == []


async def test_what_is_in_a_bundle_counts(served: Served) -> None:
    """Of each passenger's limit, and of what can sell out."""
    order, _ = await buy_with(served, ADULT, ("COMFORT", 1))
    order = await current(served, order)
    three = await add(served, order, "three", ("BAG23", 3))
    assert codes(three) == ["185"]
    assert (await add(served, order, "two", ("BAG23", 2))).errors == ()
    firm = await offer(served)
    services = await listed(served, firm)
    picked = [Picked(services["BAG23"], ("PAX1",), 3), Picked(services["COMFORT"], ("PAX1",))]
    beside = selection(picked)
    too_many = await served.talk.create(firm, ADULT, "four", payment="", beside=beside)
    assert codes(too_many) == ["185"]


async def test_a_bundle_is_taken_whole(served: Served) -> None:
    firm = await offer(served)
    services = await listed(served, firm)
    comfort = selection([Picked(services["COMFORT"], ("PAX1",))])
    named = (
        "<SelectedBundleServices>{}<SelectedServiceRefID>SRV1</SelectedServiceRefID>"
        "</SelectedBundleServices>"
    )
    refs = "".join(
        f"<SelectedServiceDefinitionRefID>def.{code}</SelectedServiceDefinitionRefID>"
        for code in ("BAG23", "PRIO", "LOUNGE")
    )

    def saying(chosen: str, parts: str) -> str:
        end = "</SelectedALaCarteOfferItem>"
        return chosen.replace(end, end + named.format(parts))

    async def created(chosen: str, key: str) -> list[str]:
        return codes(await served.talk.create(firm, ADULT, key, payment="", beside=chosen))

    assert await created(saying(comfort, refs[: len(refs) // 3]), "some") == ["12"]
    bag = selection([Picked(services["BAG23"], ("PAX1",))])
    assert await created(saying(bag, ""), "none") == ["12"]
    assert await created(saying(comfort, refs), "all") == []


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


async def test_a_partners_flight_has_no_services_of_ours(served: Served) -> None:
    shopped = await served.talk.shop(
        [("YYZ", "ABZ", served.today + timedelta(days=30))], ADULT, limit=5
    )
    found = offers(shopped)[0]
    flights = [flight for journey in found.journeys for flight in journey]
    assert any(not flight.name.startswith("T8") for flight in flights)
    (offered, *_) = offers_of(shopped)
    reply = await served.client.send(list_for_offer(offered.offer_id))
    listed_on = {ref for each in services_of(reply) for ref in each.segments}
    assert "WCHR" not in {each.code for each in services_of(reply)}  # for the whole journey
    assert listed_on == {f"SEG{n}" for n, f in enumerate(flights, 1) if f.name.startswith("T8")}


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


async def test_a_hold_is_priced_anew_and_its_services_are_not(served: Served) -> None:
    order = await hold(served)
    order = order_of(await add_unpaid(served, order, "BAG23"))
    until = (await kept(served, order)).price_guarantee_until
    assert until is not None
    served.clock.advance(until - served.clock.now())  # the guarantee is over, the hold is not
    late = await served.talk.pay(order, pay(Decimal(order.amount)), "late")
    assert codes(late) == ["711"]
    quoted = await served.talk.quote(order.order_id)
    assert quoted.errors == ()
    amount = quoted.text("Response/ReshopResults/RepricedOffer/TotalPrice/TotalAmount")
    agreed = await served.talk.accept_repriced(order, quoted, "agreed")
    assert order_of(agreed).amount == amount
    paid = await served.talk.pay(order_of(agreed), pay(Decimal(amount)), "paid")
    assert paid.errors == ()
    bag = (await kept(served, order)).ancillaries[0]
    assert bag.fare.total.text() == "75.00"
    assert await served.findings() == []


async def add_unpaid(served: Served, order: OrderSummary, code: str) -> Reply:
    item = (await listed_for(served, order))[code]
    reply = await served.talk.change(order, f"add-{code}", added([Picked(item, ("PAX1",))]))
    assert reply.errors == ()
    return reply


async def test_a_hold_that_ends_gives_its_places_back(served: Served) -> None:
    order = await hold(served)
    await add_unpaid(served, order, "AVIH")
    flight = (await kept(served, order)).segments[0].flight.key
    assert await served.house.store.stock_taken(flight) == {"AVIH": 1}
    served.clock.advance(timedelta(days=4))
    await seen(served, order)
    assert await served.house.store.stock_taken(flight) == {}
    assert await served.findings() == []


async def test_a_service_of_a_hold_is_paid_apart(served: Served) -> None:
    order = order_of(await add_unpaid(served, await hold(served), "GOURMET"))
    meal = order.items[-1]
    paid = await served.talk.pay(order, for_items(pay(Decimal(29)), order.order_id, [meal]), "1")
    assert paid.errors == ()
    rest = order_of(paid)
    due = Decimal(rest.amount) - 29
    assert (await served.talk.pay(rest, pay(due), "2")).errors == ()
    view = await seen(served, order)
    assert texts(view, "TicketDocTypeCode") == ["T", "J"]
    assert await served.findings() == []


async def test_what_was_flown_takes_its_services_with_it(served: Served) -> None:
    order = await current(served, await bought(served, there_and_back=True))
    assert (await add(served, order, "bags", ("INSURE", 1), ("BAG23", 1))).errors == ()
    made = await kept(served, order)
    out = made.segments[0].flight.departure
    for document in made.documents:
        for status in (CouponStatus.CHECKED_IN, CouponStatus.LIFTED, CouponStatus.FLOWN):
            first = document.coupons[0]
            if first.segment_id == made.segments[0].id and document.type is DocumentType.TICKET:
                await served.pss.set_coupon(f"{status}", document.number, 1, status)
    served.clock.advance(out - served.clock.now() + timedelta(days=1))
    quoted = await served.talk.reshop(order.order_id)
    assert quoted.errors == ()
    done = await served.talk.accept_cancelled(await current(served, order), quoted, "rest")
    assert done.errors == ()
    after = await kept(served, order)
    assert [each.status for each in after.items] == ["ACTIVE", "CANCELLED"]
    bag = next(each for each in after.ancillaries if each.product.code == "BAG23")
    assert bag.status == "ACTIVE"  # flown with the first flight


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


async def test_the_same_addition_eight_times_is_one(served: Served) -> None:
    order = await current(served, await bought(served))
    bag = (await listed_for(served, order))["BAG23"]
    wanted = added([Picked(bag, ("PAX1",))])
    replies = await asyncio.gather(
        *(served.talk.change(order, "same", wanted, payments=pay(Decimal(75))) for _ in range(8))
    )
    assert {codes(reply) == [] or codes(reply) == ["476"] for reply in replies} == {True}
    view = await seen(served, order)
    assert texts(view, "TicketDocTypeCode") == ["T", "J"]
    assert [status for _, status in payments(view)] == ["SUCCESSFUL"] * 2
    assert await served.findings() == []


async def test_a_bundle_follows_its_passenger(served: Served) -> None:
    """Part by part to the new flight, where all of them are to be had at the same price."""
    order, _ = await buy_with(served, ADULT, ("COMFORT", 1))
    order = await current(served, order)
    wanted = [("YYZ", "LHR", served.today + timedelta(days=64))]
    quoted = await served.talk.rebook(order.order_id, order.items[:1], wanted)
    chosen = next(each for each in change_offers_of(quoted) if each.families == ("STANDARD",))
    done = await served.talk.accept_change(order, chosen, "change", pay(chosen.collect))
    assert done.errors == ()
    await seen(served, order)
    made = await kept(served, order)
    (bundle,) = made.live_ancillaries
    assert [each.product for each in bundle.services] == ["BAG23", "PRIO", "LOUNGE"]
    (segment,) = {each.segment_id for each in bundle.services}
    new = made.segment(segment).flight.key
    assert new.day == wanted[0][2]
    old = made.segments[0].flight.key
    assert await served.house.store.stock_taken(new) == {"COMFORT": 1, "PRIO": 1, "LOUNGE": 1}
    assert await served.house.store.stock_taken(old) == {}
    assert await served.findings() == []

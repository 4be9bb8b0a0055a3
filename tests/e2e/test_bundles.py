"""Bundles: listed with what is in them, sold part by part, whole or not at all."""

from datetime import timedelta
from decimal import Decimal

from tests.e2e.airline import kept
from tests.e2e.servicing import ADULT, codes, coupons, offer, refunded, seen, texts
from tests.e2e.with_services import add, buy_with, current, listed, pay
from tests.houses import Served

from ndc_oms.kit.conversation import change_offers_of, offers_of, order_of
from ndc_oms.kit.services import Picked, list_for_offer, selection
from ndc_oms.model.status import DeliveryStatus
from ndc_oms.ports.outcome import Confirmed


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

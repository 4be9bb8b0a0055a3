"""Services and seats priced with the flights, over HTTP: one promise, one total, one order."""

from datetime import timedelta
from decimal import Decimal

from tests.e2e.airline import kept
from tests.e2e.servicing import ADULT, COUPLE, codes, hold, offer, seen, texts
from tests.e2e.test_seats import Map, seated
from tests.e2e.with_services import listed, pay
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OfferSummary, offers_of, order_of
from ndc_oms.kit.requests import Pax
from ndc_oms.kit.seats import seats_for_offer
from ndc_oms.kit.services import Picked, selection

ITEMS = "Response/PricedOffer/OfferItem"


async def picked_for(served: Served, firm: OfferSummary) -> list[Picked]:
    """Two bags and a wheelchair for the first passenger, a lounge for the second, a seat each."""
    services = await listed(served, firm)
    seats = Map(await served.client.send(seats_for_offer(firm.offer_id)))
    return [
        Picked(services["BAG23"], ("PAX1",), 2),
        Picked(services["WCHR"], ("PAX1",)),
        Picked(services["LOUNGE"], ("PAX2",)),
        *seats.pick("PAX1", "PAX2"),
    ]


async def price(
    served: Served, firm: OfferSummary, party: tuple[Pax, ...], picked: list[Picked]
) -> Reply:
    return await served.talk.price(firm, party, selection(picked, name="SelectedOffer"))


async def test_flights_and_services_are_one_promise(served: Served) -> None:
    firm = await offer(served, COUPLE)
    picked = await picked_for(served, firm)
    reply = await price(served, firm, COUPLE, picked)
    (whole,) = offers_of(reply)
    assert Decimal(whole.amount) == Decimal(firm.amount) + sum(each.price for each in picked)
    assert sum(Decimal(e.text or "") for e in reply.all(f"{ITEMS}/Price/TotalAmount")) == Decimal(
        whole.amount
    )
    assert len(whole.items) == 2 + 5
    assert [e.text for e in reply.all(f"{ITEMS}/MandatoryInd")] == ["true"] * 2 + ["false"] * 5
    names = reply.all("Response/DataLists/ServiceDefinitionList/ServiceDefinition/Name")
    assert "2 × Checked bag to 23 kg" in [each.text for each in names]
    order = order_of(await served.talk.create(whole, COUPLE, "buy"))
    assert order.amount == whole.amount
    view = await seen(served, order)
    assert texts(view, "TicketDocTypeCode") == ["T", "T", "J", "Y", "J", "J"]
    assert await seated(served, order) == {
        each.passengers[0]: each.seat for each in picked if each.seat
    }
    assert await served.findings() == []


async def test_a_service_may_be_left_out_again(served: Served) -> None:
    firm = await offer(served, COUPLE)
    (whole,) = offers_of(await price(served, firm, COUPLE, await picked_for(served, firm)))
    less = OfferSummary(
        whole.offer_id, firm.amount, firm.currency, whole.families, whole.items[:2], whole.expires
    )
    order = order_of(await served.talk.create(less, COUPLE, "buy"))
    assert Decimal(order.amount) == Decimal(firm.amount)
    assert (await kept(served, order)).ancillaries == ()


async def test_who_has_it_is_said_when_it_is_ordered(served: Served) -> None:
    """As with flights: PaxIDs belong to a message."""
    firm = await offer(served)
    services = await listed(served, firm)
    (whole,) = offers_of(await price(served, firm, ADULT, [Picked(services["LOUNGE"], ("PAX1",))]))
    renamed = tuple((item, ("TRAVELLER",)) for item, _ in whole.items)
    other = OfferSummary(
        whole.offer_id, whole.amount, whole.currency, whole.families, renamed, whole.expires
    )
    order = order_of(await served.talk.create(other, (Pax("TRAVELLER"),), "buy"))
    made = await kept(served, order)
    assert [each.passenger_id for each in made.ancillaries] == ["TRAVELLER"]


async def test_a_priced_offer_is_priced_again(served: Served) -> None:
    firm = await offer(served)
    services = await listed(served, firm)
    bag, lounge = (Picked(services[code], ("PAX1",)) for code in ("BAG23", "LOUNGE"))
    (whole,) = offers_of(await price(served, firm, ADULT, [bag]))
    (same,) = offers_of(await served.talk.price(whole, ADULT))
    assert same == whole
    served.clock.advance(timedelta(minutes=5))
    (more,) = offers_of(await price(served, whole, ADULT, [lounge]))
    assert Decimal(more.amount) == Decimal(whole.amount) + lounge.price
    assert more.expires == whole.expires  # nothing is promised for longer by asking again
    alone = OfferSummary(
        more.offer_id, more.amount, more.currency, more.families, more.items[:1], more.expires
    )
    (back,) = offers_of(await served.talk.price(alone, ADULT))
    assert back.amount == firm.amount


async def test_what_cannot_be_had_is_not_promised(served: Served) -> None:
    firm, later = await offer(served), await offer(served, ahead=70)
    services, others = await listed(served, firm), await listed(served, later)
    seats = Map(await served.client.send(seats_for_offer(firm.offer_id)))
    (mine,) = seats.pick("PAX1")
    taken = next(each.name for each in seats.seats if not each.free)

    async def refused(*picked: Picked) -> list[str]:
        return codes(await price(served, firm, ADULT, list(picked)))

    assert await refused(Picked(others["WCHR"], ("PAX1",))) == ["913"]
    assert await refused(Picked(services["BAG23"], ("PAX1",), 4)) == ["185"]
    assert await refused(Picked(services["BAG23"], ("PAX7",))) == ["914"]
    assert await refused(Picked(mine.service, ("PAX1",), 1, taken)) in (["281"], ["256"])
    assert await refused(Picked(mine.service, ("PAX1",), 1, "99A")) == ["256"]
    assert await refused(Picked(mine.service, ("PAX1",))) == ["272"]
    order = order_of(
        await served.talk.create(
            firm,
            ADULT,
            "buy",
            payment=pay(Decimal(firm.amount) + mine.price),
            beside=selection([mine]),
        )
    )
    assert order.status == "OPENED"
    again = await offer(served)
    reply = await price(served, again, ADULT, [mine])
    assert codes(reply) == ["281"]


async def test_services_alone_are_not_priced(served: Served) -> None:
    firm = await offer(served)
    services = await listed(served, firm)
    alone = OfferSummary(firm.offer_id, "", "", (), (), "")
    picked = selection([Picked(services["WCHR"], ("PAX1",))], name="SelectedOffer")
    body = await served.talk.price(alone, ADULT, picked)
    assert codes(body) == ["912"]


async def test_a_promised_seat_may_be_gone_when_it_is_ordered(served: Served) -> None:
    """A promise is of the price: what is not held can be taken by somebody else."""
    firm = await offer(served)
    seats = Map(await served.client.send(seats_for_offer(firm.offer_id)))
    picked = seats.pick("PAX1")
    (whole,) = offers_of(await price(served, firm, ADULT, picked))
    other = await offer(served)
    await served.talk.create(
        other,
        ADULT,
        "faster",
        payment=pay(Decimal(other.amount) + picked[0].price),
        beside=selection(picked),
    )
    assert codes(await served.talk.create(whole, ADULT, "slower")) == ["281"]
    assert await served.findings() == []


async def test_the_promise_ends_with_the_offer(served: Served) -> None:
    firm = await offer(served)
    services = await listed(served, firm)
    (whole,) = offers_of(await price(served, firm, ADULT, [Picked(services["BAG23"], ("PAX1",))]))
    served.clock.advance(timedelta(minutes=19))
    held = await served.talk.hold(whole, ADULT, "in time")
    assert held.errors == ()
    served.clock.advance(timedelta(minutes=2))
    assert codes(await served.talk.hold(whole, ADULT, "late")) == ["913"]


async def test_an_item_of_another_offer_is_refused(served: Served) -> None:
    firm = await offer(served)
    services = await listed(served, firm)
    bag = [Picked(services["BAG23"], ("PAX1",))]
    (one,) = offers_of(await price(served, firm, ADULT, bag))
    (two,) = offers_of(await price(served, await offer(served), ADULT, bag))
    mixed = OfferSummary(
        one.offer_id, one.amount, one.currency, (), (one.items[0], two.items[1]), one.expires
    )
    assert codes(await served.talk.create(mixed, ADULT, "mixed")) == ["913"]
    twice = OfferSummary(
        one.offer_id, one.amount, one.currency, (), (*one.items, one.items[1]), one.expires
    )
    assert codes(await served.talk.create(twice, ADULT, "twice")) == ["476"]


async def test_payment_terms_are_stated(served: Served) -> None:
    far, near = await offer(served), await offer(served, ahead=1)
    path = f"{ITEMS}/PaymentTimeLimit"
    reply = await served.talk.price(far, ADULT)
    (until,) = reply.all(f"{path}/PaymentTimeLimitDate/PaymentTimeLimitDateTime")
    order = await hold(served)
    assert until.text == (await seen(served, order)).text(
        "Response/Order/OrderItem/PaymentTimeLimitDateTime"
    )
    at_once = await served.talk.price(near, ADULT)
    (none,) = at_once.all(f"{path}/PaymentTimeLimitDuration/PaymentTimeLimitDuration")
    assert none.text == "PT0S"
    assert codes(await served.talk.hold(near, ADULT, "near")) == ["495"]
    kinds = "Response/PaymentFunctions/PaymentSupportedMethod/PaymentTypeCode"
    assert {each.text for each in reply.all(kinds)} >= {"CC", "CA"}

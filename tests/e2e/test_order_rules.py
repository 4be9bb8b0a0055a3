"""OrderRules and AirlineProfile over HTTP."""

from lxml import etree
from tests.e2e.airline import kept
from tests.e2e.servicing import COUPLE, bought, codes, hold, texts
from tests.e2e.with_services import buy_with
from tests.houses import Served

from ndc_oms.kit.client import Reply, child_text, find_all
from ndc_oms.kit.seeing import airline_profile, fare_rules, order_rules
from ndc_oms.ndc.rows import rows


def penalties(reply: Reply) -> list[tuple[str, str, str]]:
    """(stage, type, amount) of each."""
    return [
        (
            child_text(each, "AppCode"),
            child_text(each, "TypeCode"),
            child_text(each, "Price/TotalAmount"),
        )
        for each in reply.all("Response/Rules/Penalty")
    ]


async def test_the_rules_of_an_order_are_those_it_was_sold_with(served: Served) -> None:
    order = await bought(served, COUPLE, there_and_back=True)
    reply = await served.client.send(order_rules(order.order_id))
    assert reply.errors == ()
    assert len(reply.all("Response/Rules")) == 2  # one a direction, for both passengers
    said = texts(reply, "RemarkText")
    assert all(any(item in each for each in said) for item in order.items)
    view = await served.talk.retrieve(order.order_id)
    for kind, element in (("Change", "ChangeRestrictions"), ("Cancellation", "CancelRestrictions")):
        sold = [
            child_text(each, "Fee/Amount") for each in view.all("Response/Order/OrderItem")[0]
            if each.tag.endswith(element)
        ]  # fmt: skip
        assert sold
        rules = reply.all("Response/Rules")[0]
        told = [
            child_text(each, "Price/TotalAmount")
            for each in rules
            if each.tag.endswith("Penalty")
            and ("CHANGE" if kind == "Change" else "CANCEL") in child_text(each, "PenaltyID")
        ]
        assert told == sold
    assert {stage for stage, _, _ in penalties(reply)} >= {"PDE", "NOS"}


async def test_services_have_rules_of_their_own(served: Served) -> None:
    order, _ = await buy_with(served, COUPLE, ("BAG23", 1), ("WIFI", 1), ("WCHR", 1))
    reply = await served.client.send(order_rules(order.order_id))
    said = [texts_of(each) for each in reply.all("Response/Rules")]
    assert len(said) == 3  # the flights, the bag, Wi-Fi: a free wheelchair has none
    bag, wifi = said[1:]
    assert bag[0] == "Checked bag to 23 kg"
    assert "Refundable until 24 hours before departure." in bag
    assert "Not refundable." in wifi
    stages = penalties(reply)[-4:]
    assert stages == [
        ("PDE", "Cancellation", "0.00"),
        ("NOS", "NoShow", ""),
        ("PDE", "Cancellation", ""),
        ("NOS", "NoShow", ""),
    ]
    made = await kept(served, order)
    chair = next(each.id for each in made.ancillaries if each.product.code == "WCHR")
    asked = await served.client.send(order_rules(order.order_id, [chair]))
    assert [texts_of(each)[0] for each in asked.all("Response/Rules")] == ["Wheelchair to the gate"]


def texts_of(rules: etree._Element) -> list[str]:
    return [each.text or "" for each in find_all(rules, "FareRuleText/Remark/RemarkText")]


async def test_rules_of_one_item(served: Served) -> None:
    order = await hold(served, COUPLE)
    reply = await served.client.send(order_rules(order.order_id, order.items[:1]))
    assert reply.errors == ()
    said = " ".join(texts(reply, "RemarkText"))
    assert order.items[0] in said
    assert order.items[1] not in said
    wrong = await served.client.send(order_rules(order.order_id, ["T8NONE-1"]))
    assert codes(wrong) == ["912"]
    stale = await served.client.send(order_rules(order.order_id, version=order.version + 1))
    assert codes(stale) == ["476"]


async def test_the_rules_of_a_fare_are_those_of_its_offer(served: Served) -> None:
    order = await hold(served)
    view = await served.talk.retrieve(order.order_id)
    (basis,) = set(texts(view, "FareBasisCode"))
    by_order = await served.client.send(order_rules(order.order_id))
    by_fare = await served.client.send(fare_rules("YYZ", "LHR", basis))
    assert by_fare.errors == ()
    assert penalties(by_fare) == penalties(by_order) != []


async def test_a_fare_that_is_not_sold_is_refused(served: Served) -> None:
    order = await hold(served)
    view = await served.talk.retrieve(order.order_id)
    (basis,) = set(texts(view, "FareBasisCode"))
    for asked in (
        fare_rules("YYZ", "LHR", "NOSUCHFARE"),
        fare_rules("YYZ", "LHR", basis.replace("OW", "OW7")),
        fare_rules("YYZ", "YYZ", basis),
        fare_rules("YYZ", "QQQ", basis),
    ):
        reply = await served.client.send(asked)
        assert codes(reply) == ["913"], asked
        assert texts(reply, "TagText") == ["/IATA_OrderRulesRQ/Request/RulesCoreRequest/FareRef"]


async def test_the_profile_says_what_is_sold_and_how(served: Served) -> None:
    reply = await served.client.send(airline_profile("T8"))
    assert reply.errors == ()
    served_here = [row.message for row in rows(served.house.acts)]
    listed = [child_text(each, "KeyText") for each in reply.all("//SupportedMessageInfo")]
    assert listed == sorted(served_here)
    facts = {
        child_text(each, "KeyText"): child_text(each, "ValueText")
        for each in reply.all("Response/KeyValueProperty")
    }
    assert facts["Hub"] == "YYZ"
    assert facts["MostSeatedPassengers"] == "9"
    assert "CAD" in facts["Currencies"].split()
    numbers = [int(each) for each in texts(reply, "SeqNumber")]
    assert numbers == list(range(1, len(numbers) + 1))
    stations = texts(reply, "IATA_LocationCode")
    flown = set(zip(stations[::2], stations[1::2], strict=True))
    assert len(flown) == len(numbers) > 50
    assert all((b, a) not in flown for a, b in flown)


async def test_every_market_of_the_profile_is_flown(served: Served) -> None:
    reply = await served.client.send(airline_profile())
    for item in reply.all("//OfferFilterCriteriawithOriginandDest"):
        origin = child_text(item, "OfferOriginPoint/IATA_LocationCode")
        destination = child_text(item, "OfferDestPoint/IATA_LocationCode")
        assert destination in served.house.world.timetable.destinations(origin)
        if child_text(item, "DirectionalIndText") == "3":
            assert origin in served.house.world.timetable.destinations(destination)


async def test_another_airlines_profile_is_not_here(served: Served) -> None:
    reply = await served.client.send(airline_profile("ZZ"))
    assert codes(reply) == ["493"]

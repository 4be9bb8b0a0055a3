"""The path through the whole house: searched, priced, ordered, paid, ticketed, retrieved."""

from datetime import timedelta

from tests.houses import Served

from ndc_oms.kit.conversation import offers_of
from ndc_oms.kit.requests import Pax

ADULT = (Pax("PAX1", surname="Hansen", given="Maren"),)


async def test_a_one_way_search_becomes_a_ticketed_order(served: Served) -> None:
    day = served.today + timedelta(days=30)
    shopped = await served.talk.shop([("YYZ", "LHR", day)], ADULT)
    assert shopped.status == 200
    assert shopped.errors == ()
    offers = offers_of(shopped)
    assert offers

    priced = await served.talk.price(offers[0], ADULT)
    assert priced.errors == ()
    (firm,) = offers_of(priced)
    assert firm.amount == offers[0].amount

    created = await served.talk.create(firm, ADULT, "trx-1")
    assert created.errors == ()
    order_id = created.text("Response/Order/OrderID")
    assert order_id.startswith("T8")
    assert created.text("Response/Order/StatusCode") == "OPENED"
    assert created.text("Response/Order/TotalPrice/TotalAmount") == firm.amount
    assert created.text("PayloadAttributes/TrxID") == "trx-1"

    retrieved = await served.talk.retrieve(order_id)
    assert retrieved.errors == ()
    (ticket,) = retrieved.all("Response/TicketDocInfo/Ticket/TicketNumber")
    assert (ticket.text or "").startswith("968")
    assert [e.text for e in retrieved.all("//CouponStatusCode")] == ["O"]
    assert {e.text for e in retrieved.all("//DeliveryStatusCode")} == {"READY TO PROCEED"}
    assert "SUCCESSFUL" in [e.text for e in retrieved.all("//PaymentStatusCode")]


async def test_a_shopped_offer_can_be_ordered_without_being_priced(served: Served) -> None:
    day = served.today + timedelta(days=30)
    offers = offers_of(await served.talk.shop([("YYZ", "YVR", day)], ADULT))
    created = await served.talk.create(offers[0], ADULT, "trx-1")
    assert created.errors == ()
    assert created.text("Response/Order/TotalPrice/TotalAmount") == offers[0].amount

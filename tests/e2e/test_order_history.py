"""OrderHistory over HTTP: every event, in order, with what it changed and who did it."""

from lxml import etree
from tests.e2e.servicing import COUPLE, bought, by_plan, codes, hold, seen, settle, texts
from tests.houses import Served

from ndc_oms.kit.client import Reply, child_text, find_all
from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.kit.requests import card
from ndc_oms.kit.seeing import order_history
from ndc_oms.kit.servicing import contact, reached_by, update_pax

DECLINED = "4000000000002008"


async def told(served: Served, order: OrderSummary) -> Reply:
    reply = await served.client.send(order_history(order.order_id))
    assert reply.errors == ()
    return reply


def operations(reply: Reply) -> dict[str, etree._Element]:
    """By kind; the last of each."""
    return {
        child_text(each, "ChangeTypeCode"): each
        for each in reply.all("Response/ChangeGroup/ChangeOperationGroup/ChangeOperation")
    }


async def test_a_history_tells_of_every_event_in_order(served: Served) -> None:
    order = await bought(served, COUPLE)
    reply = await told(served, order)
    events = await served.house.store.list_events(order.order_id)
    kinds = texts(reply, "ChangeTypeCode")
    assert [kind.replace(" ", "") for kind in kinds] == [
        type(event).__name__.upper() for event in events
    ]
    assert texts(reply, "ChangeDateTime") == sorted(texts(reply, "ChangeDateTime"))
    assert reply.text("Response/OrderID") == order.order_id
    groups = reply.all("Response/ChangeGroup/ChangeOperationGroup")
    chains = [
        (
            child_text(each, "DistibutionChain/OrgRole"),
            child_text(each, "DistibutionChain/ParticipatingOrg/OrgID"),
        )
        for each in groups
    ]
    assert chains == [("Seller", "91000000"), ("Carrier", "T8")]
    assert [child_text(each, "OrderVersionNumber") for each in groups] == ["1", "1"]


async def test_an_operation_shows_old_and_new(served: Served) -> None:
    order = await bought(served, COUPLE)
    done = operations(await told(served, order))
    made = done["ORDER CREATED"]
    assert find_all(made, "Old") == []
    assert len(find_all(made, "New/Order/OrderItem")) == 2
    assert child_text(made, "New/Order/TotalPrice/TotalAmount") == order.amount
    captured = done["PAYMENT CAPTURED"]
    path = "PaymentFunctions/PaymentProcessingSummary/PaymentStatusCode"
    assert child_text(captured, f"Old/{path}") == "PENDING"
    assert child_text(captured, f"New/{path}") == "SUCCESSFUL"
    issued = done["DOCUMENTS ISSUED"]
    assert find_all(issued, "Old/TicketDocInfo") == []
    assert child_text(issued, "New/TicketDocInfo/Ticket/Coupon/CouponStatusCode") == "O"
    assert child_text(done["SEATS BOOKED"], "New/Order/BookingRef/BookingID")


async def test_failed_payments_are_told(served: Served) -> None:
    order = await hold(served)
    failed = await served.talk.pay(order, card(DECLINED, order.amount, order.currency), "fails")
    assert codes(failed) == ["708"]
    held = order_of(await seen(served, order))
    assert (await served.talk.pay(held, by_plan(order.amount), "pays")).errors == ()
    await settle(served)
    reply = await told(served, order)
    declined = operations(reply)["PAYMENT DECLINED"]
    path = "New/PaymentFunctions/PaymentProcessingSummary/PaymentStatusCode"
    assert child_text(declined, path) == "FAILED"
    assert "failed" in child_text(declined, "New/Warning/DescText")
    versions = [int(each) for each in texts(reply, "OrderVersionNumber")]
    assert versions[-1] == order_of(await seen(served, order)).version > order.version
    assert texts(reply, "ReasonCode").count("REQUESTED BY SELLER") == 3  # create, pay, pay


async def test_a_cancellation_with_its_refund_is_told(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.reshop(order.order_id)
    accepted = await served.talk.accept_cancelled(order, quoted, "cancel")
    assert accepted.errors == ()
    await settle(served)
    done = operations(await told(served, order))
    accept = done["CANCELLATION ACCEPTED"]
    assert order.items[0] in child_text(accept, "New/Warning/DescText")
    assert child_text(accept, "ReasonCode") == "REQUESTED BY SELLER"
    closed = done["ORDER CLOSED"]
    assert child_text(closed, "Old/Order/StatusCode") == "OPENED"
    assert child_text(closed, "New/Order/StatusCode") == "CLOSED"


async def test_a_history_names_nobody(served: Served) -> None:
    order = await bought(served)
    changed = await served.talk.change(
        order,
        "contact",
        update_pax("PAX1", "NEW"),
        lists=f"<ContactInfoList>{contact('C9', email='new.address@example.com')}"
        f"</ContactInfoList><PaxList>{reached_by('NEW', 'C9')}</PaxList>",
    )
    assert changed.errors == ()
    reply = await told(served, order)
    assert "PEOPLE UPDATED" in texts(reply, "ChangeTypeCode")
    for secret in (b"Hansen", b"HANSEN", b"new.address", b"1111 1111"):
        assert secret not in reply.body

"""What becomes of an order when its seller waits for no reply is pushed, once: each such ending."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.e2e.receiver import Got, Receiver, assert_signed, assert_sound, receiving, registered
from tests.e2e.servicing import ADULT, COUPLE, bought, by_plan, hold, offer, seen, settle, texts
from tests.e2e.test_changes_on_a_page import (
    asked,
    nobody_comes,
    other_date,
    page_for,
    paid_on,
    refused_page,
    swap,
)
from tests.e2e.test_servicing_payments import redirected
from tests.houses import Served, serving

from ndc_oms.kit.conversation import OrderSummary, change_offers_of, order_of
from ndc_oms.kit.servicing import redirect
from ndc_oms.ndc.envelope import COMMON
from ndc_oms.ports.notify import DropEndpoint

SLOW = "4000000000009003"


@pytest.fixture
async def receiver(served: Served) -> AsyncIterator[Receiver]:
    async with receiving() as made:
        made.key = await registered(served, made.url)
        yield made


async def told(served: Served, receiver: Receiver) -> list[Got]:
    """Everything that was pushed since the last look; each is signed, valid, and whole."""
    await settle(served)
    await served.house.notifier.run_due()
    found, receiver.got = receiver.got, []
    for each in found:
        assert_signed(each, receiver.key)
        assert_sound(each)
        assert each.texts("Surname") == []
    assert len({each.name for each in found}) == len(found)
    return found


def said(got: Got) -> tuple[str, str]:
    (kind,), (reason,) = got.texts("ChangeTypeCode"), got.texts("ReasonCode")
    return kind, reason


def side(got: Got, name: str, element: str) -> list[str]:
    """What stands in Old or New."""
    found = got.root.iterfind(f".//{{{COMMON}}}{name}//{{{COMMON}}}{element}")
    return [each.text or "" for each in found]


def items(got: Got, name: str) -> dict[str, str]:
    """By OrderItemID its StatusCode."""
    return {
        each.findtext("{*}OrderItemID") or "": each.findtext("{*}StatusCode") or ""
        for each in got.root.iterfind(f".//{{*}}{name}/{{*}}Order/{{*}}OrderItem")
    }


async def version(served: Served, order: OrderSummary) -> str:
    return str((await served.house.store.get_order(order.order_id, None)).order.version)


# -- what a reply tells is not pushed -----------------------------------------------------------


async def test_what_a_reply_told_is_not_pushed(served: Served, receiver: Receiver) -> None:
    order = await bought(served, COUPLE)
    chosen = await other_date(served, order)
    paid = by_plan(str(chosen.collect))
    assert (await served.talk.accept_change(order, chosen, "change", paid)).errors == ()
    held = await hold(served)
    assert (await served.talk.pay(held, by_plan(held.amount), "pay")).errors == ()
    await served.talk.retrieve(held.order_id)
    assert await told(served, receiver) == []


# -- on a page ------------------------------------------------------------------------------------


async def test_a_change_that_is_paid_on_a_page_is_told_when_it_is_made(
    served: Served, receiver: Receiver
) -> None:
    order = await bought(served)
    chosen = await other_date(served, order)
    session = await asked(served, order, chosen)
    assert await told(served, receiver) == []  # the reply told of the page
    await paid_on(served, session)
    (got,) = await told(served, receiver)
    assert said(got) == ("CHANGE", "DONE")
    (old,) = order.items
    assert items(got, "Old") == {old: "ACTIVE"}
    now = items(got, "New")
    assert now.pop(old) == "CANCELLED"
    assert list(now.values()) == ["ACTIVE"]
    assert side(got, "Old", "PaymentStatusCode") == ["PENDING"]
    assert side(got, "New", "PaymentStatusCode") == ["SUCCESSFUL"]
    assert side(got, "New", "CouponStatusCode") == ["E", "O", "F"]
    assert side(got, "New", "OrderVersionNumber") == [await version(served, order)]
    shown = await seen(served, order)
    assert set(side(got, "New", "TicketNumber")) == set(texts(shown, "TicketNumber"))
    assert Decimal(side(got, "New", "TotalAmount")[-1]) == Decimal(order_of(shown).amount)
    assert await told(served, receiver) == []  # once


@pytest.mark.parametrize("end", [refused_page, nobody_comes])
async def test_a_change_that_nobody_pays_is_told_when_it_is_given_up(
    served: Served, receiver: Receiver, end: object
) -> None:
    order = await bought(served)
    session = await asked(served, order, await other_date(served, order))
    assert callable(end)
    await end(served, session)
    (got,) = await told(served, receiver)
    assert said(got) == ("CHANGE", "NOT PAID")
    assert side(got, "New", "PaymentStatusCode") == ["FAILED"]
    assert side(got, "New", "Code") == ["466"]
    assert any("The latest change was not made" in t for t in side(got, "New", "DescText"))
    assert side(got, "New", "CouponStatusCode") == []  # the tickets are as they were
    assert side(got, "New", "OrderVersionNumber") == [await version(served, order)]


async def test_a_name_that_is_paid_on_a_page_is_told_when_it_is_changed(
    served: Served, receiver: Receiver
) -> None:
    order = await bought(served)
    (chosen,) = change_offers_of(await served.talk.rename(order.order_id, "PAX1", "Berg", "Maren"))
    page = redirect(chosen.amount, chosen.currency)
    reply = await served.talk.accept_change(order, chosen, "change", page)
    await paid_on(served, texts(reply, "PaymentGatewayURI")[0].rpartition("/")[2])
    (got,) = await told(served, receiver)
    assert said(got) == ("CHANGE", "DONE")
    assert set(side(got, "New", "CouponStatusCode")) == {"E", "O", "F"}


async def test_a_service_that_is_paid_on_a_page_is_told_when_it_is_there(
    served: Served, receiver: Receiver
) -> None:
    order, chosen = await swap(served)
    await told(served, receiver)
    await paid_on(served, await asked(served, order, chosen))
    (got,) = await told(served, receiver)
    assert said(got)[1] == "DONE"
    flight, *services = items(got, "New").values()  # the flight was paid with what changed
    assert (flight, sorted(services)) == ("ACTIVE", ["ACTIVE", "CANCELLED"])
    assert got.texts("ServiceDefinitionRefID") != []


async def test_a_service_that_nobody_pays_on_its_page_is_told_to_be_gone(
    served: Served, receiver: Receiver
) -> None:
    order, chosen = await swap(served)
    await told(served, receiver)
    reply = await served.talk.accept_change(order, chosen, "change", page_for(chosen))
    await refused_page(served, texts(reply, "PaymentGatewayURI")[0].rpartition("/")[2])
    (got,) = await told(served, receiver)
    assert said(got) == ("CANCELLATION", "NOT PAID")
    assert list(items(got, "New").values()) == ["CANCELLED"]


async def test_an_order_that_is_paid_on_a_page_is_told_when_it_is_ticketed(
    served: Served, receiver: Receiver
) -> None:
    order, session = await redirected(served)
    assert await told(served, receiver) == []
    await paid_on(served, session)
    (got,) = await told(served, receiver)
    assert said(got) == ("PAYMENT", "DONE")
    assert side(got, "New", "PaymentStatusCode") == ["SUCCESSFUL"]
    assert side(got, "New", "CouponStatusCode") == ["O"]
    assert side(got, "New", "PaymentTimeLimitDateTime") == []
    assert side(got, "Old", "PaymentStatusCode") == ["PENDING"]
    assert order.order_id in got.texts("OrderID")


async def test_a_hold_that_is_not_paid_on_its_page_is_told_and_then_that_it_lapsed(
    served: Served, receiver: Receiver
) -> None:
    order, session = await redirected(served)
    await refused_page(served, session)
    (got,) = await told(served, receiver)
    assert said(got) == ("PAYMENT", "NOT PAID")
    assert side(got, "New", "PaymentStatusCode") == ["FAILED"]
    assert len(side(got, "New", "PaymentTimeLimitDateTime")) == 1  # it can be paid until then
    assert items(got, "New") == {order.items[0]: "ACTIVE"}
    served.clock.advance(timedelta(days=4))
    (lapsed,) = await told(served, receiver)
    assert said(lapsed) == ("CANCELLATION", "NOT PAID")


async def test_an_order_that_is_bought_on_a_page_and_not_paid_is_told_until_it_is_closed(
    served: Served, receiver: Receiver
) -> None:
    firm = await offer(served)
    page = redirect(firm.amount, firm.currency)
    reply = await served.talk.create(firm, ADULT, "buy", payment=page)
    assert reply.errors == ()
    served.clock.advance(timedelta(hours=1))
    (unpaid,) = await told(served, receiver)
    assert said(unpaid) == ("PAYMENT", "NOT PAID")
    served.clock.advance(timedelta(days=4))
    (got,) = await told(served, receiver)
    assert said(got) == ("CANCELLATION", "NOT PAID")
    assert set(items(got, "New").values()) == {"CANCELLED"}
    assert "CLOSED" in side(got, "New", "StatusCode")


# -- holds, and what was in doubt ---------------------------------------------------------------


async def test_a_hold_that_lapses_is_told(served: Served, receiver: Receiver) -> None:
    order = await hold(served, COUPLE)
    assert await told(served, receiver) == []
    served.clock.advance(timedelta(days=4))
    (got,) = await told(served, receiver)
    assert said(got) == ("CANCELLATION", "NOT PAID")
    assert items(got, "Old") == dict.fromkeys(order.items, "ACTIVE")
    assert items(got, "New") == dict.fromkeys(order.items, "CANCELLED")
    assert side(got, "New", "Code") == ["303"]
    assert "CLOSED" in side(got, "New", "StatusCode")


async def test_a_payment_that_is_settled_after_the_reply_is_told(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, reply_deadline_s=0.3) as served,
        receiving() as receiver,
    ):
        receiver.key = await registered(served, receiver.url)
        firm = await offer(served)
        reply = await served.talk.create(firm, ADULT, "buy", pan=SLOW)
        assert any("Pending" in each for each in texts(reply, "DescText"))
        (got,) = await told(served, receiver)
        assert said(got) == ("PAYMENT", "DONE")
        assert side(got, "Old", "PaymentStatusCode") == ["PENDING"]
        assert side(got, "New", "PaymentStatusCode") == ["SUCCESSFUL"]
        assert side(got, "New", "CouponStatusCode") == ["O"]
        assert await told(served, receiver) == []
        assert await served.findings() == []


async def test_who_has_no_endpoint_then_is_told_when_there_is_one(
    served: Served, receiver: Receiver
) -> None:
    assert await served.house.store.write(DropEndpoint("91000000"))
    await hold(served)
    served.clock.advance(timedelta(days=4))
    assert await told(served, receiver) == []
    receiver.key = await registered(served, receiver.url)
    (got,) = await told(served, receiver)
    assert said(got) == ("CANCELLATION", "NOT PAID")

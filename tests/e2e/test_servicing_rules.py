"""What holds for every message about an order: whose it is, its version, its key; and people."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest
from tests.e2e.servicing import bought, by_plan, codes, hold, payments, seen, settle, texts
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import Conversation, OrderSummary, order_of
from ndc_oms.kit.requests import Sender, card, order_retrieve
from ndc_oms.kit.servicing import (
    accept_cancelled,
    accept_repriced,
    cancel_unpaid,
    contact,
    order_change,
    order_quote,
    order_reshop,
    reached_by,
    update_pax,
)

CORNER, CORNER_KEY = Sender("91000011"), {"X-API-Key": "ndc_test_corner"}
PEOPLE = (
    f"<ContactInfoList>{contact('C9', email='new@example.com')}</ContactInfoList>"
    f"<PaxList>{reached_by('T1', 'C9')}</PaxList>"
)
Compose = Callable[[str, Sender], bytes]


def change(branch: Callable[[str], str] | None, **more: str) -> Compose:
    def compose(order_id: str, sender: Sender) -> bytes:
        wanted = branch(order_id) if branch else ""
        return order_change(order_id, wanted, version=1, sender=sender, trx_id="x", **more)

    return compose


MESSAGES: dict[str, Compose] = {
    "retrieve": lambda order_id, sender: order_retrieve(order_id, sender=sender),
    "reshop": lambda order_id, sender: order_reshop(order_id, sender=sender),
    "quote": lambda order_id, sender: order_quote(order_id, sender=sender),
    "pay": change(None, payments=by_plan("100.00")),
    "cancel-unpaid": change(cancel_unpaid),
    "accept-cancelled": change(lambda _: accept_cancelled("Q")),
    "accept-repriced": change(lambda _: accept_repriced("Q")),
    "update-pax": change(lambda _: update_pax("PAX1", "T1"), lists=PEOPLE),
}


@pytest.mark.parametrize("message", MESSAGES)
async def test_another_seller_s_order_reads_like_none(served: Served, message: str) -> None:
    compose = MESSAGES[message]
    order = await hold(served)
    before = (await seen(served, order)).body
    theirs = await served.client.send(compose(order.order_id, CORNER), CORNER_KEY)
    missing = order.order_id[:-1] + ("2" if order.order_id[-1] != "2" else "3")
    none = await served.client.send(compose(missing, CORNER), CORNER_KEY)
    assert codes(theirs) == codes(none) == ["129"]
    for part in ("TypeCode", "TagText", "StatusText"):
        assert theirs.text(f"Error/{part}") == none.text(f"Error/{part}")
    said = theirs.errors[0][1].replace(order.order_id, "ID")
    assert said == none.errors[0][1].replace(missing, "ID")
    assert (await seen(served, order)).body == before


Change = Callable[[Conversation, OrderSummary], Awaitable[Reply]]
CHANGES: dict[str, Change] = {
    "pay": lambda talk, order: talk.pay(order, by_plan(order.amount), "once"),
    "cancel-unpaid": lambda talk, order: talk.cancel_unpaid(order, "once"),
    "cancel-an-item": lambda talk, order: talk.cancel_unpaid(order, "once", order.items[:1]),
    "update-pax": lambda talk, order: talk.change(
        order, "once", update_pax("PAX1", "T1"), lists=PEOPLE
    ),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_repeated_change_is_done_once_and_answered_alike(served: Served, name: str) -> None:
    order = order_of(await seen(served, await hold(served)))
    first = await CHANGES[name](served.talk, order)
    assert first.errors == ()
    await settle(served)
    again = await CHANGES[name](served.talk, order)
    assert again.body == first.body


async def test_an_accepted_cancellation_is_repeated_alike(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.reshop(order.order_id)
    first = await served.talk.accept_cancelled(order, quoted, "once")
    assert first.errors == ()
    await settle(served)
    assert (await served.talk.accept_cancelled(order, quoted, "once")).body == first.body


async def test_an_accepted_price_is_repeated_alike(served: Served) -> None:
    held = await seen(served, await hold(served))
    (until,) = texts(held, "PriceGuaranteeTimeLimitDateTime")
    served.clock.advance(datetime.fromisoformat(until) - served.clock.now())
    order = order_of(held)
    quoted = await served.talk.quote(order.order_id)
    first = await served.talk.accept_repriced(order, quoted, "once")
    assert first.errors == ()
    assert (await served.talk.accept_repriced(order, quoted, "once")).body == first.body


async def test_a_declined_payment_is_repeated_alike_and_tried_once(served: Served) -> None:
    order = order_of(await seen(served, await hold(served)))
    declined = card("4000000000002008", order.amount, order.currency)
    first = await served.talk.pay(order, declined, "once")
    assert codes(first) == ["708"]
    assert (await served.talk.pay(order, declined, "once")).body == first.body
    assert len(payments(await seen(served, order))) == 1


async def test_a_change_without_a_key_is_refused(served: Served) -> None:
    order = await hold(served)
    body = order_change(order.order_id, cancel_unpaid(order.order_id))
    refused = await served.client.send(body)
    assert codes(refused) == ["912"]
    assert refused.text("Error/TagText") == "/IATA_OrderChangeRQ/PayloadAttributes/TrxID"


async def test_another_change_under_the_same_key_is_refused(served: Served) -> None:
    order = order_of(await seen(served, await hold(served)))
    assert (await served.talk.pay(order, by_plan(order.amount), "once")).errors == ()
    other = await served.talk.cancel_unpaid(order, "once")
    assert codes(other) == ["476"]
    assert order_of(await seen(served, order)).status == "OPENED"


async def test_a_stale_version_is_refused_and_not_merged(served: Served) -> None:
    order = order_of(await seen(served, await hold(served)))
    updated = await served.talk.change(order, "one", update_pax("PAX1", "T1"), lists=PEOPLE)
    assert order_of(updated).version > order.version
    stale = await served.talk.pay(order, by_plan(order.amount), "two")
    assert len(codes(stale)) == 1
    assert str(order_of(updated).version) in stale.errors[0][1]
    assert stale.text("Error/TypeCode") == "Conflict"
    fresh = await served.talk.pay(order_of(updated), by_plan(order.amount), "three")
    assert fresh.errors == ()


async def test_a_contact_takes_the_place_of_another(served: Served) -> None:
    order = order_of(await seen(served, await bought(served)))
    before = texts(await seen(served, order), "EmailAddressText")
    assert before == ["maren.hansen@example.com"]
    lists = (
        f"<ContactInfoList>{contact('C1', email=before[0])}"
        f"{contact('C9', email='new@example.com')}</ContactInfoList>"
        f"<PaxList>{reached_by('PAX1', 'C1')}{reached_by('T1', 'C9')}</PaxList>"
    )
    changed = await served.talk.change(order, "change", update_pax("PAX1", "T1"), lists=lists)
    assert changed.errors == ()
    after = await seen(served, order)
    assert texts(after, "EmailAddressText") == ["new@example.com"]
    assert texts(after, "Surname")[0] == "Hansen"
    assert order_of(after).version > order.version


async def test_a_document_and_a_loyalty_account_are_added(served: Served) -> None:
    order = await bought(served)
    inside = (
        "<IdentityDoc><Birthdate>1980-02-29</Birthdate><ExpiryDate>2035-01-01</ExpiryDate>"
        "<GivenName>Maren</GivenName><IdentityDocID>C01X00T47</IdentityDocID>"
        "<IdentityDocTypeCode>PT</IdentityDocTypeCode><IssuingCountryCode>DK</IssuingCountryCode>"
        "<Surname>Hansen</Surname></IdentityDoc><LoyaltyProgramAccount><AccountNumber>123456782"
        "</AccountNumber><LoyaltyProgram><Carrier><AirlineDesigCode>T8</AirlineDesigCode>"
        "</Carrier></LoyaltyProgram></LoyaltyProgramAccount>"
    )
    lists = f"<PaxList><Pax>{inside}<PaxID>PAX1</PaxID></Pax></PaxList>"
    changed = await served.talk.change(order, "more", update_pax("PAX1", "PAX1"), lists=lists)
    assert changed.errors == ()
    after = await seen(served, order)
    assert texts(after, "IdentityDocID") == ["C01X00T47"]
    assert texts(after, "AccountNumber") == ["123456782"]
    assert texts(after, "EmailAddressText") == ["maren.hansen@example.com"]


async def test_a_name_is_not_changed_as_personal_data(served: Served) -> None:
    order = await bought(served)
    named = "<Individual><GivenName>Maja</GivenName><Surname>Berg</Surname></Individual>"
    lists = f"<PaxList><Pax>{named}<PaxID>PAX1</PaxID></Pax></PaxList>"
    refused = await served.talk.change(order, "name", update_pax("PAX1", "PAX1"), lists=lists)
    assert codes(refused) == ["137"]
    assert texts(await seen(served, order), "Surname")[0] == "Hansen"


async def test_of_changes_at_the_same_time_one_is_made(served: Served) -> None:
    order = order_of(await seen(served, await hold(served)))
    paying = by_plan(order.amount)
    replies = await asyncio.gather(
        *[served.talk.pay(order, paying, "same") for _ in range(4)],
        *[served.talk.pay(order, paying, f"other-{n}") for n in range(4)],
    )
    made = {reply.body for reply in replies if not reply.errors}
    assert len(made) == 1
    refused = {code for reply in replies for code in codes(reply)}
    assert refused <= {"395", "476", "182"}
    assert payments(await seen(served, order)) == [(order.amount, "SUCCESSFUL")]


async def test_what_is_not_used_is_said(served: Served) -> None:
    order = await hold(served)
    asked = order_reshop(order.order_id).replace(
        b"<OrderRefID>", b"<BookingRef><BookingID>X</BookingID></BookingRef><OrderRefID>", 1
    )
    reply = await served.client.send(asked)
    assert reply.errors == ()
    (warned,) = reply.all("Response/Warning/TagText")
    assert warned.text == "/IATA_OrderReshopRQ/Request/BookingRef"

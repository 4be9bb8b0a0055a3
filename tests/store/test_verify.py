"""Verify: silent on a sound database, and each invariant's breach is found, planted one by one."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from tests.store import raw
from tests.store.samples import NOW, SELLER, claim, creation, document, life, order, record, task

from ndc_oms.model.events import (
    DocumentsIssued,
    Event,
    FulfilmentFailed,
    OrderClosed,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentReleased,
)
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order
from ndc_oms.model.status import OrderStatus
from ndc_oms.model.step import Failure, Step
from ndc_oms.ports.store import KeepReply
from ndc_oms.store import verify as verify_module
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.store.tables import order_events, orders
from ndc_oms.store.verify import verify

SOUND = "ZZ0000000001"
UNDER_WAY = "ZZ0000000002"


def next_step(state: Order) -> Step | None:
    """As much of fulfilment's plan as the samples need."""
    if state.status is OrderStatus.CLOSED or len(state.documents) == 2:
        return None
    return Step.ISSUE if state.bookings else Step.AUTHORISE


async def fill(store: SqlStore) -> None:
    """One order that is done, with its claim and reply, and one that is under way."""
    await store.write(claim())
    await store.write(record(None, life(order())))
    await store.write(KeepReply(SELLER, "k1", b"<reply/>", b"<request/>", NOW))
    await store.write(creation(UNDER_WAY))


async def test_a_sound_database_has_no_findings(store: SqlStore, url: str) -> None:
    assert await verify(url, next_step=next_step) == []
    await fill(store)
    seen: list[tuple[int, int]] = []
    assert await verify(url, next_step=next_step, progress=lambda *n: seen.append(n)) == []
    assert seen == [(2, 2)]


async def test_it_goes_page_by_page(
    store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_module, "PAGE", 2)
    for n in range(5):
        await store.write(creation(f"ZZ{n:010d}"))
    seen: list[int] = []
    assert await verify(url, next_step=next_step, progress=lambda n, _: seen.append(n)) == []
    assert seen == [2, 4, 5]


async def test_it_looks_while_others_write(store: SqlStore, url: str) -> None:
    await fill(store)
    async with raw.behind(url) as writer:
        await writer.execute(delete(order_events))
        assert await verify(url, next_step=next_step) == []
    assert await verify(url, next_step=next_step) != []


Plant = Callable[[str], Awaitable[None]]


def edit_snapshot(edit: Callable[[Any], None]) -> Plant:
    async def plant(url: str) -> None:
        async with raw.behind(url) as connection:
            one = select(orders.c.snapshot).where(orders.c.order_id == SOUND)
            snapshot = json.loads((await connection.execute(one)).scalar_one())
            edit(snapshot)
            mine = update(orders).where(orders.c.order_id == SOUND)
            await connection.execute(mine.values(snapshot=json.dumps(snapshot)))

    return plant


def sql(*statements: str) -> Plant:
    async def plant(url: str) -> None:
        await raw.change(url, *(each.format(sound=SOUND, other=UNDER_WAY) for each in statements))

    return plant


def dearer(snapshot: Any) -> None:
    snapshot["items"][0]["fare"]["total"]["minor"] += 1


def foreign_tax(snapshot: Any) -> None:
    snapshot["items"][0]["fare"]["taxes"][0]["amount"]["currency"] = "USD"


def other_reason(snapshot: Any) -> None:
    snapshot["payments"][0]["authorisation"] = "A2"


def short_number(snapshot: Any) -> None:
    snapshot["documents"][0]["number"] = "12"


LEDGER = "UPDATE ledger_entries SET {} WHERE order_id = '{{sound}}' AND sequence = 1 AND line = 1"
PLANTED = {
    "I5 twice": (
        "I5: offer offer-{sound} was accepted by 2",
        sql("DROP INDEX orders_offer", "UPDATE orders SET offer_id = 'offer-{sound}'"),
    ),
    "I5 column": ("I5: column offer_id", sql("UPDATE orders SET offer_id = 'x' || order_id")),
    "I6 gap": ("I6: events", sql("DELETE FROM order_events WHERE sequence = 3")),
    "I6 tail": ("I6: the snapshot", sql("DELETE FROM order_events WHERE sequence = 6")),
    "I6 fold": ("I6: the snapshot", edit_snapshot(other_reason)),
    "I6 column": ("I6: column status", sql("UPDATE orders SET status = 'CLOSED'")),
    "I6 sequence": ("I6: column sequence", sql("UPDATE orders SET sequence = 9")),
    "I6 unreadable": ("I6: cannot be read", sql("UPDATE order_events SET kind = 'Nothing'")),
    "I6 broken": ("I6: cannot be read", sql("UPDATE orders SET snapshot = substr(snapshot, 9)")),
    "I6 booking": ("I6: bookings", sql("DELETE FROM bookings")),
    "I6 orphan": (
        "I6: people has rows of order ZZ9",
        sql("UPDATE people SET order_id = 'ZZ9' WHERE order_id = '{other}' AND position = 0"),
    ),
    "I1 lost": ("I1: order ZZ9", sql("UPDATE claims SET order_id = 'ZZ9'")),
    "I11 sum": ("I11: the postings of event 1 sum", sql(LEDGER.format("minor = minor + 1"))),
    "I11 line": (
        "I11: the ledger is not what",
        sql("DELETE FROM ledger_entries WHERE order_id = '{sound}' AND sequence = 6"),
    ),
    "I11 account": ("I11: the ledger is not what", sql(LEDGER.format("account = 'taxes'"))),
    "I20 owed": (
        "is owed by the customer, and no task stands for it",
        sql("UPDATE ledger_entries SET account = 'clearing' WHERE minor < 0"),
    ),
    "I13 column": ("I13: column total_minor", sql("UPDATE orders SET total_minor = 1")),
    "I13 item": ("I13: item", edit_snapshot(dearer)),
    "I17 order": (
        "I17: the events cannot follow",
        sql(
            "UPDATE order_events SET sequence = 90 WHERE order_id = '{sound}' AND sequence = 2",
            "UPDATE order_events SET sequence = 2 WHERE order_id = '{sound}' AND sequence = 6",
            "UPDATE order_events SET sequence = 6 WHERE order_id = '{sound}' AND sequence = 90",
        ),
    ),
    "I18 missing": ("I18: documents", sql("DELETE FROM documents WHERE passenger_id = 'P1'")),
    "I18 moved": (
        "I18: documents",
        sql("UPDATE documents SET order_id = '{other}' WHERE passenger_id = 'P2'"),
    ),
    "I18 form": ("I18: '12'", edit_snapshot(short_number)),
    "I21": ("I21: authorise is due", sql("DELETE FROM outbox")),
}


@pytest.mark.parametrize("name", PLANTED)
async def test_a_planted_breach_is_found(store: SqlStore, url: str, name: str) -> None:
    said, plant = PLANTED[name]
    await fill(store)
    await plant(url)
    found = await verify(url, next_step=next_step)
    assert any(said.format(sound=SOUND) in finding for finding in found), found


async def test_a_tax_in_another_currency_is_found(store: SqlStore, url: str) -> None:
    await fill(store)
    await edit_snapshot(foreign_tax)(url)
    assert len(await verify(url)) == 1


# -- what only a history that was recorded wrongly can show ----------------------------------


async def history(store: SqlStore, events: list[Event], **more: Any) -> None:
    await store.write(record(None, events, **more))


async def test_capturing_more_than_authorised_is_found(store: SqlStore, url: str) -> None:
    *before, captured = life(order())
    assert isinstance(captured, PaymentCaptured)
    more = PaymentCaptured(
        at=captured.at, payment_id="M1", capture="K1", amount=Money(21101, "EUR")
    )
    await history(store, [*before, more])
    assert any("I12" in finding for finding in await verify(url))


async def test_two_live_coupons_for_one_flight_are_found(store: SqlStore, url: str) -> None:
    events = life(order())
    both = (document("9990000000001", "P1"), document("9990000000051", "P1"))
    events[3] = DocumentsIssued(at=events[3].at, passenger_id="P1", documents=both)
    await history(store, events)
    assert any("I16: passenger P1 has 2 live coupons" in finding for finding in await verify(url))


async def test_a_live_document_without_money_is_found(store: SqlStore, url: str) -> None:
    events = life(order())[:-1]
    let_go = PaymentReleased(at=NOW + timedelta(minutes=1), payment_id="M1")
    await history(store, [*events, let_go])
    assert any("I19" in finding for finding in await verify(url))


async def test_captured_money_without_ticket_is_found_unless_queued(
    store: SqlStore, url: str
) -> None:
    created, authorised, booked, first, _second, captured = life(order())
    events = [created, authorised, booked, first, captured]
    await history(store, events, next_task=task(SOUND, Step.ISSUE))
    assert await verify(url) == []
    await raw.change(url, "DELETE FROM outbox")
    (finding,) = await verify(url)
    assert "I20: captured, but passenger P2 has no coupon for segment S1" in finding


async def test_captured_money_of_a_failed_order_is_found(store: SqlStore, url: str) -> None:
    at = NOW + timedelta(minutes=1)
    failed = FulfilmentFailed(at=at, failure=Failure(Step.ISSUE, "182", "no stock"))
    await history(store, [*life(order()), failed])
    assert any("I20: captured money of a failed order" in f for f in await verify(url))


async def test_an_order_that_was_taken_back_is_sound(store: SqlStore, url: str) -> None:
    at = NOW + timedelta(minutes=1)
    created, authorised, *_ = life(order())
    assert isinstance(authorised, PaymentAuthorised)
    await history(
        store,
        [
            created,
            authorised,
            FulfilmentFailed(at=at, failure=Failure(Step.BOOK, "493", "sold out")),
            PaymentReleased(at=at, payment_id="M1"),
            OrderClosed(at=at, reason="sold out"),
        ],
    )
    assert await verify(url, next_step=next_step) == []


async def test_it_stops_after_many_findings(
    store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(store)
    monkeypatch.setattr(verify_module, "FINDINGS_LIMIT", 1)
    await raw.change(url, "UPDATE orders SET total_minor = 1, version = 7")
    found = await verify(url)
    assert len(found) == 2
    assert found[-1] == "stopped after 1 findings"

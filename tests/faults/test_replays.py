"""The replay matrix: each message that writes, sent again in each way. Whatever the way: done once,
answered as the first time, and another body under its key refused.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Final, get_args

import pytest
from tests.e2e.delivering import KEYS, LOUNGES, lounges, reported
from tests.e2e.servicing import ADULT, by_plan, codes, offer, settle
from tests.e2e.with_services import buy_with
from tests.faults.books import Books
from tests.faults.servicing_flows import FLOWS
from tests.houses import MovingClock, Served, serving

from ndc_oms.kit.client import Reply
from ndc_oms.kit.delivering import service_status_change
from ndc_oms.kit.requests import Sender, card, order_create
from ndc_oms.model.status import OrderStatus
from ndc_oms.ndc.rows import rows
from ndc_oms.orders.request import OrderChange

ANOTHER_LINK: Final = (
    b"<DistributionChainLink><Ordinal>3</Ordinal><OrgRole>Distributor</OrgRole><ParticipatingOrg>"
    b"<OrgID>92000000</OrgID></ParticipatingOrg></DistributionChainLink>"
)
VISA, DECLINED = "4111111111111111", "4000000000002008"

Sent = tuple[Path, bytes, MovingClock]
Prepare = Callable[[Served], Awaitable[bytes]]


def create(payment: Callable[[str, str], str] | None) -> Prepare:
    async def prepare(served: Served) -> bytes:
        firm = await offer(served)
        paid = payment(firm.amount, firm.currency) if payment else ""
        return order_create(firm.offer_id, firm.items, ADULT, paid, trx_id="act")

    return prepare


def flow(name: str) -> Prepare:
    async def prepare(served: Served) -> bytes:
        return (await FLOWS[name].prepare(served)).body

    return prepare


async def deliver(served: Served) -> bytes:
    order, _ = await buy_with(served, ADULT, ("LOUNGE", 1))
    whole = (await served.house.store.get_order(order.order_id, None)).order
    told = reported(lounges(whole)[0], "DELIVERED")
    return service_status_change(order.order_id, [told], sender=Sender(LOUNGES), trx_id="delivered")


async def post(served: Served, body: bytes) -> Reply:
    """With the key of who sends it."""
    provider = b"IATA_ServiceStatusChangeNotifRQ" in body
    return await served.client.send(body, KEYS[LOUNGES] if provider else None)


def declined(amount: str, currency: str) -> str:
    return card(DECLINED, amount, currency)


# What is sent, the kind of change that it makes ("": none, it pays), and the code of the answer.
MESSAGES: Final[dict[str, tuple[str, str, Prepare, str]]] = {
    "create": ("IATA_OrderCreateRQ", "", create(lambda a, c: card(VISA, a, c)), ""),
    "create, by plan": ("IATA_OrderCreateRQ", "", create(by_plan), ""),
    "create, declined": (
        "IATA_OrderCreateRQ",
        "",
        create(declined),
        "708",
    ),
    "create, a hold": ("IATA_OrderCreateRQ", "", create(None), ""),
    "pay": ("IATA_OrderChangeRQ", "", flow("pay"), ""),
    "pay, declined": ("IATA_OrderChangeRQ", "", flow("declined"), "708"),
    "pay, by voucher and card": ("IATA_OrderChangeRQ", "", flow("voucher"), ""),
    "pay, on a page": ("IATA_OrderChangeRQ", "", flow("page"), ""),
    "cancel a hold": ("IATA_OrderChangeRQ", "CancelUnpaid", flow("drop all"), ""),
    "cancel an item": ("IATA_OrderChangeRQ", "CancelUnpaid", flow("drop one"), ""),
    "accept a price": ("IATA_OrderChangeRQ", "AcceptQuote", flow("reprice"), ""),
    "accept a cancellation": ("IATA_OrderChangeRQ", "AcceptQuote", flow("cancel"), ""),
    "add a service": ("IATA_OrderChangeRQ", "AddServices", flow("add"), ""),
    "accept services": ("IATA_OrderChangeRQ", "AcceptServices", flow("swap seat"), ""),
    "choose a seat": ("IATA_OrderChangeRQ", "AddServices", flow("add seat"), ""),
    "accept another date": ("IATA_OrderChangeRQ", "AcceptChange", flow("rebook"), ""),
    "accept the airline's change": (
        "IATA_OrderChangeRQ",
        "AcceptAirlineChange",
        flow("take as changed"),
        "",
    ),
    "tell of a delivery": ("IATA_ServiceStatusChangeNotifRQ", "", deliver, ""),
    "update a person": ("IATA_OrderChangeRQ", "UpdatePerson", flow("update"), ""),
}


async def identical(served: Served, body: bytes, first: Reply) -> None:
    for _ in range(3):
        assert (await post(served, body)).body == first.body


async def concurrent(served: Served, body: bytes, first: Reply) -> None:
    """After the first; `test_concurrent_from_the_start` has them race for it."""
    replies = await asyncio.gather(*(post(served, body) for _ in range(16)))
    assert {reply.body for reply in replies} == {first.body}


async def changed_body(served: Served, body: bytes, first: Reply) -> None:
    other = body.replace(b"</m:DistributionChain>", ANOTHER_LINK + b"</m:DistributionChain>")
    assert other != body
    refused = await post(served, other)
    assert codes(refused) == ["476"]
    assert "Nothing was done now" in refused.errors[0][1]
    await identical(served, body, first)


async def after_expiry(served: Served, body: bytes, first: Reply) -> None:
    """Of offers, quotes, guarantees; and then of the bytes that were kept."""
    for later in (timedelta(minutes=31), timedelta(days=28)):
        served.clock.advance(later)
        await settle(served)
        assert (await post(served, body)).body == first.body
    served.clock.advance(timedelta(days=3))
    await served.house.store.purger.run_due()
    late = await post(served, body)  # is answered by the order as it stands now
    if codes(late) in (["303"], ["466"]):
        (order,) = Books(served.house.config.data).orders()
        assert order.status is OrderStatus.CLOSED  # nobody paid it in time
        return
    assert codes(late) == codes(first)
    if not codes(first):
        assert late.text("Response/Order/OrderID") == first.text("Response/Order/OrderID")


WAYS: Final = {
    "identical": identical,
    "concurrent": concurrent,
    "changed body": changed_body,
    "after restart": identical,
    "after expiry": after_expiry,
}
CELLS: Final = [(message, way) for message in MESSAGES for way in WAYS]


def effects(data: Path) -> list[tuple[str, int]]:
    """Each order with the number of its events."""
    return [(order.order_id, order.sequence) for order in Books(data).orders()]


async def sent(served: Served, message: str) -> tuple[bytes, Reply]:
    """The message, and its first answer."""
    _, _, prepare, code = MESSAGES[message]
    body = await prepare(served)
    first = await post(served, body)
    assert codes(first) == ([code] if code else [])
    await settle(served)
    return body, first


@pytest.mark.parametrize(("message", "way"), CELLS)
async def test_sent_again(tmp_path: Path, message: str, way: str) -> None:
    clock = MovingClock()
    async with serving(tmp_path, clock=clock) as served:
        body, first = await sent(served, message)
        before = effects(tmp_path)
        if way != "after restart":
            await WAYS[way](served, body, first)
    if way == "after restart":
        async with serving(tmp_path, clock=clock) as served:
            await WAYS[way](served, body, first)
    async with serving(tmp_path, clock=clock) as served:
        if way != "after expiry":  # a hold that was not paid in time has ended meanwhile
            assert effects(tmp_path) == before
        assert [each for each, _ in effects(tmp_path)] == [each for each, _ in before]
        assert await served.findings() == []


@pytest.mark.parametrize("message", MESSAGES)
async def test_concurrent_from_the_start(tmp_path: Path, message: str) -> None:
    """Sixteen race to be the first: one does it, and all hear the same."""
    _, _, prepare, code = MESSAGES[message]
    async with serving(tmp_path) as served:
        body = await prepare(served)
        orders = len(effects(tmp_path))
        replies = await asyncio.gather(*(post(served, body) for _ in range(16)))
        assert len({reply.body for reply in replies}) == 1
        assert codes(replies[0]) == ([code] if code else [])
        await settle(served)
        assert len(effects(tmp_path)) == orders + (message.startswith("create"))
        assert await served.findings() == []


def test_every_message_that_writes_is_in_the_matrix() -> None:
    class Nothing:
        def __getattr__(self, name: str) -> object:
            return name

    writing = {row.message for row in rows(Nothing()) if row.writes}  # type: ignore[arg-type]
    assert {root for root, *_ in MESSAGES.values()} == writing
    kinds = {kind.__name__ for kind in get_args(OrderChange)}
    assert {kind for _, kind, *_ in MESSAGES.values()} == kinds | {""}

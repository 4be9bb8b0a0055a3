"""kill -9 at every step at which a partner has a part in an order; a restart; the same request
again. Whatever the place: one order, one booking at the partner, its documents once.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from tests import databases
from tests.partners.joint import ADULT, tickets
from tests.patience import PATIENCE_S, tries
from tests.processes import Server, talking

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import Conversation, OfferSummary, offers_of
from ndc_oms.kit.requests import card, order_create
from ndc_oms.model.order import Order
from ndc_oms.model.status import OrderStatus
from ndc_oms.store.rows import read_order

pytestmark = pytest.mark.slow

APPROVED = "4111111111111111"
CAPTURE_DECLINES = "4000000000008005"  # so that everything is taken back after it was done

MAKING = (
    "fulfil.partner-book.before",
    "fulfil.partner-book.called",
    "fulfil.partner-book.recorded",
    "fulfil.partner-issue.before",
    "fulfil.partner-issue.called",
    "fulfil.partner-issue.recorded",
    "partner.book.before-commit",
    "partner.book.after-commit",
    "partner.documents.before-commit",
    "partner.documents.after-commit",
)
TAKING_BACK = (
    "fulfil.partner-cancel.before",
    "fulfil.partner-cancel.called",
    "fulfil.partner-cancel.recorded",
    "partner.cancel.before-commit",
    "partner.cancel.after-commit",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("partners")
    made = Server(folder / "data", folder / "log", warm=True)
    yield made
    made.bury()


async def firm(talk: Conversation, number: int) -> OfferSummary:
    day = datetime.now(UTC).date() + timedelta(days=30 + number)
    while not (shown := offers_of(await talk.shop([("YYZ", "ABZ", day)], ADULT, limit=5))):
        await asyncio.sleep(0.1)  # a partner that is slow is heard the next time
    priced = await talk.price(shown[0], ADULT)
    assert priced.errors == (), priced.body
    return offers_of(priced)[0]


async def die(server: Server, place: str, pan: str, number: int) -> bytes:
    """The request that met the death."""
    if server._process is None:
        await server.start()
    async with talking(server) as talk:
        offer = await firm(talk, number)
        paid = card(pan, offer.amount, offer.currency)
        body = order_create(offer.offer_id, offer.items, ADULT, paid, trx_id=place)
        server.arm(place)
        with pytest.raises(aiohttp.ClientError):
            await talk.client.send(body)
    assert await server.ended() == -9
    server.arm("")
    return body


async def again(server: Server, body: bytes) -> Reply:
    await server.start()
    async with talking(server) as talk:
        return await talk.client.send(body)


async def taken_back(data: Path) -> Order:
    """The newest order; its refusal may be said while the taking back goes on."""
    for _ in tries():
        rows = databases.read(data, "SELECT snapshot FROM orders ORDER BY created_at")
        order = read_order(rows[-1][0])
        if order.status is OrderStatus.CLOSED:
            return order
        await asyncio.sleep(0.1)
    raise AssertionError(f"{order.order_id} is not taken back")


def orders(data: Path) -> int:
    return len(databases.read(data, "SELECT order_id FROM orders"))


@pytest.mark.parametrize("place", MAKING)
async def test_killed_while_a_partner_is_booked(server: Server, place: str) -> None:
    number = MAKING.index(place)
    before = orders(server.data) if server.data.exists() else 0
    reply = await again(server, await die(server, place, APPROVED, number))
    assert reply.errors == ()
    assert sorted(tickets(reply).values()) == ["T8", "XA"]
    assert orders(server.data) == before + 1


@pytest.mark.parametrize("place", TAKING_BACK)
async def test_killed_while_a_partner_takes_back(server: Server, place: str) -> None:
    number = 40 + TAKING_BACK.index(place)
    reply = await again(server, await die(server, place, CAPTURE_DECLINES, number))
    assert [code for code, _ in reply.errors] == ["708"]
    order = await taken_back(server.data)
    (part,) = order.parts
    assert part.cancelled
    assert not any(document.live for document in order.documents)


def test_all_books_agree_after_all_of_it(server: Server) -> None:
    """As the command line finds it, partners' books included."""
    server.bury()
    done = subprocess.run(
        [sys.executable, "-m", "ndc_oms.cli.main", "verify", "--data", str(server.data)],
        env=os.environ | {"NDC_OMS_DATABASE": databases.of_folder(server.data)},
        capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every invariant holds" in done.stdout

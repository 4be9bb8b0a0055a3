"""`ndc-oms serve --workers 2`: two processes that are one server to whoever asks."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from tests import databases
from tests.faults import stories
from tests.faults.books import Books
from tests.houses import KEY, configured
from tests.patience import PATIENCE_S
from tests.processes import Server, running, talking

from ndc_oms.kit.client import NdcClient, Reply
from ndc_oms.kit.requests import Sender, order_retrieve
from ndc_oms.ports.sellers import Seller, Spent
from ndc_oms.store.sellers import SqlSellers
from ndc_oms.store.sql_store import open_store

pytestmark = pytest.mark.slow


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path / "data", tmp_path / "log", NDC_OMS_WORKERS="2") as made:
        yield made


def workers(server: Server) -> list[int]:
    task = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return [int(pid) for pid in task.read_text().split()]


async def asked(server: Server, body: bytes, key: str = KEY) -> Reply:
    """One request on a connection of its own, so that any worker may get it."""
    async with NdcClient(server.url, key) as client:
        return await client.send(body)


async def ask(server: Server, body: bytes, key: str = KEY) -> int:
    """The status."""
    return (await asked(server, body, key)).status


def question(org_id: str = "91000000") -> bytes:
    return order_retrieve("T8AAAAAAAAAA", sender=Sender(org_id))


async def with_sellers(server: Server, work: str, *arguments: object) -> object:
    """As the command line does it: in another process than the workers."""
    store = await open_store(configured(server.data).database_url)
    try:
        sellers: SqlSellers = store.sellers
        return await getattr(sellers, work)(*arguments)
    finally:
        await store.close()


async def test_one_key_sixteen_times_is_one_order(server: Server) -> None:
    books = Books(server.data)
    async with talking(server) as talk:
        offer = await stories.firm_offer(talk, stories.some_day(1))
    body = stories.create_body(offer, "sale")

    async def send() -> bytes:
        async with NdcClient(server.url, KEY) as client:
            return (await client.send(body)).body

    replies = await asyncio.gather(*(send() for _ in range(16)))
    assert len(set(replies)) == 1
    await books.settled()
    assert len(books.orders()) == 1
    assert await books.findings() == []


async def test_a_rate_holds_for_all_workers_together(server: Server) -> None:
    """Each tells what it let through, and obeys what another owes: who is alone in the world never
    lets a seller wait for more than a second at this rate.
    """
    rate, full, debt = 5.0, 10.0, 10_000.0
    seller = Seller("92000000", "Slow", "EUR", test=True, rate_per_s=rate)
    key = str(await with_sellers(server, "add", seller))
    body = question(seller.org_id)

    async def answers(count: int) -> list[Reply]:
        """To so many at once, each on a connection of its own."""
        return await asyncio.gather(*(asked(server, body, key) for _ in range(count)))

    begun = time.time()
    assert {each.status for each in await answers(8)} == {200}  # two seconds' worth at once
    passed, last = 8, list[Reply]()
    async with asyncio.timeout(PATIENCE_S):
        while passed < 2 * full or not any(each.status == 200 for each in last):
            last = await answers(4)
            assert {each.status for each in last} <= {200, 429}
            passed += sum(each.status == 200 for each in last)
        while not told(server, seller, full + rate * (time.time() - begun) - passed):
            await asyncio.sleep(0.05)
        owed = Spent(seller.org_id, debt, rate, full)
        await with_sellers(server, "spend", [owed], datetime.now(UTC))
        while not all(int(each.headers.get("Retry-After", 0)) > 100 for each in last):
            last = await answers(16)
            passed += sum(each.status == 200 for each in last)
        assert {each.status for each in last} == {429}
        while await looked_up(server) < passed:  # each leaves its numbers now and then
            await asyncio.sleep(0.05)
    assert await looked_up(server) == passed


def told(server: Server, seller: Seller, most: float) -> bool:
    """Whether no more than this is left of what the workers share."""
    rows = databases.read(server.data, f"SELECT tokens FROM rates WHERE org_id = '{seller.org_id}'")  # noqa: S608 — a number of ours
    return bool(rows) and rows[0][0] <= most


async def looked_up(server: Server) -> float:
    """Requests of all workers that were let through, as any of them counts them."""
    async with aiohttp.ClientSession() as session:
        page = await (await session.get(f"{server.base}/metrics")).text()
    found = re.findall(r'requests_total\{message="IATA_OrderRetrieveRQ",outcome="\w+"} (\S+)', page)
    return sum(map(float, found))


async def test_a_revoked_key_is_refused_by_all_within_seconds(server: Server) -> None:
    seller = Seller("92000000", "Gone", "EUR", test=True)
    key = str(await with_sellers(server, "add", seller))
    body = question(seller.org_id)
    assert {await ask(server, body, key) for _ in range(8)} == {200}
    assert await with_sellers(server, "revoke", seller.org_id) == 1
    await asyncio.sleep(2.5)
    assert {await ask(server, body, key) for _ in range(8)} == {401}


async def test_a_worker_that_dies_is_replaced(server: Server) -> None:
    """What becomes of what it was at: faults/test_races.py."""
    before = workers(server)
    os.kill(before[0], signal.SIGKILL)
    async with asyncio.timeout(PATIENCE_S):
        while len(now := workers(server)) < 2 or now == before:
            await asyncio.sleep(0.05)
    assert before[1] in now
    books = Books(server.data)
    async with talking(server) as talk:
        offer = await stories.firm_offer(talk, stories.some_day(1))
        stories.assert_ends(await talk.client.send(stories.create_body(offer, "sale")), "")
    assert {await ask(server, question()) for _ in range(8)} == {200}
    assert await books.findings() == []


async def test_all_stop_when_told_and_none_outlives_its_parent(tmp_path: Path) -> None:
    async with running(tmp_path / "data", tmp_path / "log", NDC_OMS_WORKERS="2") as server:
        first = workers(server)
        async with talking(server) as talk:
            offer = await stories.firm_offer(talk, stories.some_day(1))
            stories.plant(server.data, stories.Story(gateway="authorise:slow:1s"))
            sending = asyncio.ensure_future(talk.client.send(stories.create_body(offer, "sale")))
            while not Books(server.data).orders():
                await asyncio.sleep(0.01)
            await server.stop()
            stories.assert_ends(await sending, "")  # what was in flight was finished
        assert not any(Path(f"/proc/{pid}").exists() for pid in first)
        await server.start()
        second = workers(server)
        assert len(second) == 2
        os.kill(server.process.pid, signal.SIGKILL)
        assert await server.ended() == -signal.SIGKILL
        async with asyncio.timeout(PATIENCE_S):
            while any(Path(f"/proc/{pid}").exists() for pid in second):
                await asyncio.sleep(0.05)

"""Several real server processes on one folder: the last seats, one key, one order, one death."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from tests.faults import stories
from tests.faults.books import Books
from tests.processes import Server, running, talking

from ndc_oms.kit.conversation import offers_of
from ndc_oms.kit.requests import Pax, order_create

PARTY: Final = tuple(Pax(f"PAX{n}", "ADT", "Hansen", f"Maren{'abc'[n - 1]}") for n in range(1, 4))
CLIENTS: Final = 6
ROOT: Final = Path(__file__).parents[2]


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path / "data")


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[tuple[Server, Server]]:
    data = tmp_path / "data"
    async with running(data, tmp_path / "one") as one, running(data, tmp_path / "two") as two:
        yield one, two


async def buy_all(url: str, day: str, name: str) -> str:
    """Buys three seats at a time on the day's first flight until there are none; says what it got.

    Run as a process of its own: see the end of this file.
    """
    from tests.houses import KEY

    from ndc_oms.kit.client import NdcClient
    from ndc_oms.kit.conversation import Conversation

    got = refused = tries = 0
    async with NdcClient(url, KEY) as client:
        talk = Conversation(client)
        while refused < 5 and tries < 60:
            tries += 1
            shopped = await talk.shop([(FROM, TO, date.fromisoformat(day))], PARTY, limit=1)
            if shopped.errors or not offers_of(shopped):
                refused += 1
                await asyncio.sleep(0.1)
                continue
            offer = offers_of(shopped)[0]
            paid = stories.paid_by(offer, (stories.APPROVED,))
            body = order_create(offer.offer_id, offer.items, PARTY, paid, trx_id=f"{name}-{tries}")
            codes = [code for code, _ in (await client.send(body)).errors]
            assert set(codes) <= {"493"}, codes
            got += not codes
            refused += bool(codes)
    return str(got)


FROM, TO = "YYZ", "YVR"


@pytest.mark.slow
async def test_the_last_seats(servers: tuple[Server, Server], books: Books) -> None:
    """I7: never more than authorised, and nothing is left that a party could still have."""
    day = stories.some_day(3).isoformat()
    clients = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.test_races", servers[n % 2].url, day, f"c{n}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(CLIENTS)
    ]
    try:
        said = await asyncio.gather(*(asyncio.to_thread(each.communicate) for each in clients))
    finally:
        for each in clients:
            each.kill()
    got = [int(out) for out, _ in said]
    await books.settled()
    orders = books.orders()
    assert sum(got) == len([order for order in orders if order.failure is None])
    assert sum(1 for each in got if each) > 1  # there was a race, and not one runner
    assert await books.findings() == []
    assert len(orders) == sum(got)  # whoever was too late was refused before there was an order
    with sqlite3.connect(books.pss) as connection:
        left = connection.execute(
            "SELECT min(authorised - used) FROM classes WHERE flight IN"
            " (SELECT flight FROM classes GROUP BY flight HAVING sum(sold) > sum(seeded))"
            " AND cabin = (SELECT cabin FROM classes ORDER BY authorised DESC LIMIT 1)"
        ).fetchone()
    connection.close()
    assert left[0] < len(PARTY)


@pytest.mark.slow
async def test_sixteen_sendings_to_two_servers(
    servers: tuple[Server, Server], books: Books
) -> None:
    async with talking(servers[0]) as one, talking(servers[1]) as two:
        body = stories.create_body(await stories.firm_offer(one, stories.some_day(1)), "sale")
        replies = await asyncio.gather(
            *(talk.client.send(body) for _ in range(8) for talk in (one, two))
        )
    assert len({reply.body for reply in replies}) == 1
    stories.assert_ends(replies[0], "")
    assert len(books.orders()) == 1
    assert await books.findings() == []


@pytest.mark.slow
async def test_one_offer_by_eight_keys_at_two_servers(
    servers: tuple[Server, Server], books: Books
) -> None:
    async with talking(servers[0]) as one, talking(servers[1]) as two:
        offer = await stories.firm_offer(one, stories.some_day(1))
        bodies = [stories.create_body(offer, f"key-{n}") for n in range(8)]
        talks = (one, two) * 4
        replies = await asyncio.gather(
            *(talk.client.send(body) for talk, body in zip(talks, bodies, strict=True))
        )
    codes = Counter(tuple(code for code, _ in reply.errors) for reply in replies)
    assert codes == {(): 1, ("913",): 7}
    assert len(books.orders()) == 1
    assert await books.findings() == []


@pytest.mark.slow
async def test_a_death_among_the_living(servers: tuple[Server, Server], books: Books) -> None:
    """Nobody starts, so nobody frees: the lease of the dead runs out, and the other takes over."""
    dying, living = servers
    async with talking(dying, checked=False) as one, talking(living) as two:
        offer = await stories.firm_offer(one, stories.some_day(1))
        body = stories.create_body(offer, "sale")
        dying.arm("fulfil.issue.called")
        lost = asyncio.ensure_future(one.client.send(body))
        assert await dying.ended() == -signal.SIGKILL
        await asyncio.gather(lost, return_exceptions=True)
        assert lost.exception() is not None
        busy = await two.client.send(body)  # it cannot be known yet that the other is dead
        assert [code for code, _ in busy.errors] == ["476"]
        assert busy.headers["Retry-After"]
        await books.settled()
        stories.assert_ends(await two.client.send(body), "")
    assert len(books.orders()) == 1
    assert await books.findings() == []


@pytest.mark.slow
async def test_sales_while_servers_die_and_come_back(tmp_path: Path, books: Books) -> None:
    """Every acknowledged order is there in the end, once; every other request can be sent again."""
    async with running(books.data, tmp_path / "one") as one:
        for round_ in range(4):
            async with talking(one, checked=False) as talk:
                days = [stories.some_day(6 * round_ + n) for n in range(6)]
                offers = [await stories.firm_offer(talk, day) for day in days]
                bodies = [
                    stories.create_body(offer, f"{round_}-{n}") for n, offer in enumerate(offers)
                ]
                sent = [asyncio.ensure_future(talk.client.send(body)) for body in bodies]
                await asyncio.sleep(0.01 + 0.03 * round_)
                await one.kill()
                first = await asyncio.gather(*sent, return_exceptions=True)
            await one.start()
            async with talking(one) as talk:
                again = await asyncio.gather(*map(talk.client.send, bodies))
                for before, after in zip(first, again, strict=True):
                    stories.assert_ends(after, "")
                    assert isinstance(before, Exception) or before.body == after.body
        await books.settled()
        assert len(books.orders()) == 4 * 6
        assert await books.findings() == []


if __name__ == "__main__":
    os.write(1, asyncio.run(buy_all(*sys.argv[1:])).encode())

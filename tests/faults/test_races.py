"""Several real server processes on one folder: the last seats, one key, one order, one death."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from tests.faults import stories
from tests.faults.books import Books
from tests.processes import Server, running, talking

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import offers_of
from ndc_oms.kit.requests import Pax, order_create

TWO_PARTIES: Final = tuple(
    Pax(f"PAX{n}", "ADT", "Hansen", f"Maren{'abcdef'[n - 1]}") for n in range(1, 7)
)
PARTY: Final = TWO_PARTIES[:3]
CLIENTS: Final = 8
TOGETHER: Final = 2  # attempts that no client begins before every other has come as far
ROOT: Final = Path(__file__).parents[2]


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path / "data")


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[tuple[Server, Server]]:
    data = tmp_path / "data"
    async with (
        running(data, tmp_path / "one", warm=True) as one,
        running(data, tmp_path / "two", warm=True) as two,
    ):
        yield one, two


@dataclass(frozen=True, slots=True)
class Attempted:
    """One OrderCreate of a client: between which moments, and whether it got its seats. Moments
    are the machine's monotonic clock's, the same in all processes. seats: flights and classes.
    """

    began: float
    ended: float
    seats: str
    got: bool


async def buy_all(url: str, day: str, name: str) -> str:
    """Buys three seats at a time on the day's first flight until there are none; its attempts.

    Its first offer in its hand it waits for a line, and so before the second: see `let_go`. Run as
    a process of its own: see the end of this file.
    """
    from tests.houses import KEY

    from ndc_oms.kit.client import NdcClient
    from ndc_oms.kit.conversation import Conversation

    refused = tries = 0
    history: list[Attempted] = []
    async with NdcClient(url, KEY) as client:
        talk = Conversation(client)
        while refused < 5:
            tries += 1
            search = [(FROM, TO, date.fromisoformat(day))]
            while (shopped := await talk.shop(search, PARTY, limit=1)).headers.get("Retry-After"):
                await asyncio.sleep(0.1)
            if tries <= TOGETHER:
                os.write(1, b"ready\n")
                await asyncio.to_thread(sys.stdin.readline)
            if shopped.errors or not offers_of(shopped):
                refused += 1
                await asyncio.sleep(0.1)
                continue
            offer = offers_of(shopped)[0]
            paid = stories.paid_by(offer, (stories.APPROVED,))
            body = order_create(offer.offer_id, offer.items, PARTY, paid, trx_id=f"{name}-{tries}")
            began = time.monotonic()
            reply = await stories.sent_until_known(client, body)
            codes = [code for code, _ in reply.errors]
            assert set(codes) <= {"493"}, codes
            history.append(Attempted(began, time.monotonic(), seats_of(shopped), not codes))
            refused += bool(codes)
    return json.dumps([astuple(each) for each in history])


FROM, TO = "YYZ", "YVR"


def seats_of(shopped: Reply) -> str:
    """Of the one offer in the reply."""
    names = ("MarketingCarrierFlightNumberText", "RBD_Code")
    return " ".join(each.text or "" for name in names for each in shopped.all(f"//{name}"))


def unjust(history: list[Attempted]) -> list[Attempted]:
    """Parties that got seats which cannot have been there: they began after another had been
    refused the same flights and classes. In this race seats only go: no order ends closed.
    """
    return [
        late
        for refused in history
        if not refused.got
        for late in history
        if late.got and late.seats == refused.seats and late.began > refused.ended
    ]


def test_a_history_that_cannot_be_is_found() -> None:
    refused = Attempted(1.0, 2.0, "101 K", False)
    assert unjust([refused, Attempted(2.5, 3.0, "101 K", True)]) == [
        Attempted(2.5, 3.0, "101 K", True)
    ]
    others = [Attempted(1.5, 3.0, "101 K", True), Attempted(2.5, 3.0, "101 Y", True)]
    assert unjust([refused, *others]) == []


async def day_for_two(server: Server) -> date:
    """On its first flight two parties find seats in one class: of those who want them at once more
    than one gets some.
    """
    async with talking(server) as talk:
        for day in map(stories.some_day, range(20)):
            one, two = [
                seats_of(await talk.shop([(FROM, TO, day)], party, limit=1)).split()
                for party in (PARTY, TWO_PARTIES)
            ]
            if two == one + one[-len(PARTY) :]:
                return day
    raise AssertionError("every day's first flight is too full")


def let_go(clients: "list[subprocess.Popen[str]]") -> None:
    """All at once, when every one has its offer in its hand."""
    for each in clients:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in clients:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()


@pytest.mark.slow
async def test_the_last_seats(servers: tuple[Server, Server], books: Books) -> None:
    """I7: never more than authorised, and nothing is left that a party could still have."""
    day = (await day_for_two(servers[0])).isoformat()
    clients = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.test_races", servers[n % 2].url, day, f"c{n}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(CLIENTS)
    ]
    try:
        for _ in range(TOGETHER):
            await asyncio.to_thread(let_go, clients)
        said = await asyncio.gather(*(asyncio.to_thread(each.communicate) for each in clients))
    finally:
        for each in clients:
            each.kill()
    histories = [[Attempted(*each) for each in json.loads(out)] for out, _ in said]
    got = [sum(each.got for each in history) for history in histories]
    await books.settled()
    orders = books.orders()
    assert sum(got) == len([order for order in orders if order.failure is None])
    first = [history[0] for history in histories]  # nobody's second was begun before these ended
    assert len({each.seats for each in first}) == 1
    assert sum(each.got for each in first) > 1  # there was a race, and not one runner
    assert await books.findings() == []
    assert unjust([each for history in histories for each in history]) == []
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
    """The other sees that it is gone, frees what it had, and carries on: sooner than leases end."""
    dying, living = servers
    async with talking(dying, checked=False) as one, talking(living) as two:
        offer = await stories.firm_offer(one, stories.some_day(1))
        body = stories.create_body(offer, "sale")
        dying.arm("fulfil.issue.called")
        lost = asyncio.ensure_future(one.client.send(body))
        assert await dying.ended() == -signal.SIGKILL
        await asyncio.gather(lost, return_exceptions=True)
        assert lost.exception() is not None
        reply = await stories.sent_until_known(two.client, body)
        stories.assert_ends(reply, "")
        await books.settled()
        assert (await two.client.send(body)).body == reply.body
    (said,) = [line for line in living.log.read_text().splitlines() if "is gone" in line]
    assert json.loads(said)["owner"]
    assert len(books.orders()) == 1
    assert await books.findings() == []


@pytest.mark.slow
async def test_sales_while_servers_die_and_come_back(tmp_path: Path, books: Books) -> None:
    """Every acknowledged order is there in the end, once; every other request can be sent again."""
    async with running(books.data, tmp_path / "one", warm=True) as one:
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

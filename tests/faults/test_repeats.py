"""One request, however often it is sent: over HTTP, at once, later, after a restart, changed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.faults import stories
from tests.faults.books import Books
from tests.houses import MovingClock, Served, serving

from ndc_oms.kit.client import Reply

KEY = {"Idempotency-Key": "6f1c2b1e"}
DECLINED = "4000000000002008"


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path)


@pytest.fixture
async def served(tmp_path: Path, books: Books) -> AsyncIterator[Served]:
    async with serving(tmp_path) as house:
        yield house
        assert await books.findings(house.clock.now()) == []


async def body_of(served: Served, trx_id: str | None = "sale", pan: str = "") -> bytes:
    offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
    return stories.create_body(offer, trx_id, (pan or stories.APPROVED,))


def order_id(reply: Reply) -> str:
    assert reply.errors == (), reply.body
    return reply.text("Response/Order/OrderID")


def codes(reply: Reply) -> list[str]:
    return [code for code, _ in reply.errors]


async def test_one_after_the_other(served: Served, books: Books) -> None:
    body = await body_of(served)
    first = await served.client.send(body)
    assert order_id(first)
    assert [(await served.client.send(body)).body for _ in range(3)] == [first.body] * 3
    assert len(books.orders()) == 1


async def test_sixteen_at_once(served: Served, books: Books) -> None:
    """I4: one order, one hold, one authorisation: `findings` counts the last two."""
    body = await body_of(served)
    replies = await asyncio.gather(*(served.client.send(body) for _ in range(16)))
    assert len({reply.body for reply in replies}) == 1
    assert order_id(replies[0])
    assert len(books.orders()) == 1


async def test_sixteen_at_once_of_a_card_that_is_declined(served: Served, books: Books) -> None:
    body = await body_of(served, pan=DECLINED)
    replies = await asyncio.gather(*(served.client.send(body) for _ in range(16)))
    assert {tuple(codes(reply)) for reply in replies} == {("708",)}
    assert len(books.orders()) == 1


@pytest.mark.parametrize("later", [timedelta(minutes=26), timedelta(days=29)])
async def test_when_the_offer_is_long_gone(served: Served, later: timedelta) -> None:
    body = await body_of(served)
    first = await served.client.send(body)
    served.clock.advance(later)
    assert (await served.client.send(body)).body == first.body


async def test_after_a_restart(tmp_path: Path, books: Books) -> None:
    clock = MovingClock()
    async with serving(tmp_path, clock=clock) as served:
        body, declined = await body_of(served), await body_of(served, "other", DECLINED)
        first, refused = await served.client.send(body), await served.client.send(declined)
    async with serving(tmp_path, clock=clock) as served:
        assert (await served.client.send(body)).body == first.body
        assert (await served.client.send(declined)).body == refused.body
        retrieved = await served.talk.retrieve(order_id(first))
        assert order_id(retrieved) == order_id(first)
    assert len(books.orders()) == 2


async def test_another_body_under_the_key(served: Served, books: Books) -> None:
    body = await body_of(served)
    first = await served.client.send(body)
    changed = body.replace(b"<GivenName>Odd<", b"<GivenName>Oda<")
    assert changed != body
    refused = await served.client.send(changed)
    assert codes(refused) == ["476"]
    assert (
        "Nothing was done now; what the first request with this key did stands."
        in (refused.errors[0][1])
    )
    (order,) = books.orders()
    assert order.order_id == order_id(first)
    assert (await served.client.send(body)).body == first.body


async def test_other_bytes_of_the_same_document(served: Served) -> None:
    """Compared is what a document says: prefixes, white space and attribute quotes say nothing."""
    body = await body_of(served)
    first = await served.client.send(body)
    other = body.replace(b"m:", b"x:").replace(b":m=", b":x=").replace(b"><", b">\n  <")
    other = other.replace(b"'", b'"')
    assert (await served.client.send(other)).body == first.body


async def test_the_header_goes_before_the_trx_id(served: Served, books: Books) -> None:
    offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
    first = await served.client.send(stories.create_body(offer, None), KEY)
    assert order_id(first)
    assert (await served.client.send(stories.create_body(offer, None), KEY)).body == first.body
    # the same text as a TrxID is another key, and the offer is taken
    assert codes(await served.client.send(stories.create_body(offer, KEY["Idempotency-Key"]))) == [
        "913"
    ]
    assert len(books.orders()) == 1


async def test_a_request_without_any_key_is_refused(served: Served, books: Books) -> None:
    refused = await served.client.send(await body_of(served, None))
    assert codes(refused) == ["912"]
    assert "TrxID" in refused.text("Error/TagText")
    assert books.orders() == []


async def test_another_key_for_an_offer_that_is_taken(served: Served, books: Books) -> None:
    offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
    first = await served.client.send(stories.create_body(offer, "one"))
    assert order_id(first)
    assert codes(await served.client.send(stories.create_body(offer, "two"))) == ["913"]
    assert len(books.orders()) == 1


async def test_eight_keys_at_once_for_one_offer(served: Served, books: Books) -> None:
    """I5: one order for an offer, whoever comes first."""
    offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
    bodies = [stories.create_body(offer, f"key-{n}") for n in range(8)]
    replies = await asyncio.gather(*map(served.client.send, bodies))
    assert sorted(codes(reply) for reply in replies) == [[]] + [["913"]] * 7
    assert len(books.orders()) == 1


async def test_after_a_refused_check_the_key_is_free(served: Served, books: Books) -> None:
    offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
    body = stories.create_body(offer, "sale")
    wrong = body.replace(b"<Surname>Hansen</Surname>", b"<Surname>H\xc3\xa4ns3n</Surname>")
    refused = await served.client.send(wrong)
    assert set(codes(refused)) == {"314"}
    assert "Nothing was done." in refused.errors[0][1]
    assert order_id(await served.client.send(body))
    assert len(books.orders()) == 1


async def test_after_a_decline_the_refusal_is_repeated(served: Served, books: Books) -> None:
    body = await body_of(served, pan=DECLINED)
    first = await served.client.send(body)
    assert codes(first) == ["708"]
    assert "was made and closed again: nothing was charged" in first.errors[0][1]
    served.clock.advance(timedelta(hours=2))
    assert (await served.client.send(body)).body == first.body
    assert len(books.orders()) == 1


async def test_a_client_that_hangs_up_still_has_one_order(served: Served, books: Books) -> None:
    await served.gateway.plant("authorise:slow:300ms")
    body = await body_of(served)
    sending = asyncio.ensure_future(served.client.send(body))
    await asyncio.sleep(0.15)
    sending.cancel()
    again = await served.client.send(body)
    (order,) = books.orders()
    assert order_id(again) == order.order_id
    await books.settled()

"""I25: no card number and no security code anywhere that outlives a request: every byte of the
data folder (databases, write-ahead logs), every line of the logs in both formats, /metrics, and
every reply, after sales that went well, were refused, malformed, faulted or killed.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from tests import databases
from tests.faults import stories
from tests.faults.books import Books
from tests.faults.stories import Story
from tests.houses import KEY
from tests.processes import Server, running, talking

from ndc_oms.kit.client import NdcClient
from ndc_oms.kit.conversation import Conversation
from ndc_oms.kit.requests import card, order_create
from ndc_oms.model.cards import luhn
from ndc_oms.payments.gateways.magic import MAGIC

# Nobody's accounts, each used in one place only, so that a leak says where it came from.
REMARK_PANS: Final = ("4024007199990002", "4024 0071 9999 0101", "4024-0071-9999-0200")
MISPLACED_PAN: Final = "4024007199990309"
CODES: Final = ("9317", "7391")  # four digits: three would turn up by chance
LONG_CODE: Final = "93177391"  # no schema lets it through


def test_the_numbers_are_numbers_of_cards() -> None:
    for pan in (*REMARK_PANS, MISPLACED_PAN):
        assert luhn(re.sub("[ -]", "", pan)), pan


@dataclass
class Spy:
    """Everything that a seller or an operator gets to see."""

    server: Server
    replies: list[bytes]

    async def send(self, talk: Conversation, body: bytes) -> bytes:
        reply = await talk.client.send(body)
        self.replies.append(reply.body)
        return reply.body

    async def get(self, path: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(self.server.base + path) as got:
            self.replies.append(await got.read())


@pytest.fixture(params=["json", "console"])
async def spy(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Spy]:
    settings = {
        "NDC_OMS_LOG_FORMAT": request.param,
        "NDC_OMS_LOG_LEVEL": "debug",
        "NDC_OMS_REPLY_DEADLINE_S": "2",  # some cards never answer
    }
    async with running(tmp_path / "data", tmp_path / "log", **settings) as server:
        yield Spy(server, [])


def with_code(body: bytes, code: str) -> bytes:
    assert b"<CardSecurityCode>123<" in body
    return body.replace(b"<CardSecurityCode>123<", f"<CardSecurityCode>{code}<".encode())


def misshapen(body: bytes) -> list[bytes]:
    """What is refused at the door, by the schema or by a check, with card data in odd places."""
    pan = MISPLACED_PAN.encode()
    return [
        body.replace(b"<CardNumber>", b"<CardNumber>x"),
        body.replace(b"<ExpirationDate>1235<", b"<ExpirationDate>" + pan + b"<"),
        body.replace(b"<CardBrandCode>VI<", b"<CardBrandCode>" + pan + b"<"),
        body.replace(b"<Surname>Hansen<", b"<Surname>" + pan + b"<"),
        body.replace(b"<PaymentMethod>", b"<PaymentMethod><" + b"C" + pan + b"/>"),
        body.replace(b"<GivenName>Maren<", b'<GivenName a="' + pan + b'">Maren<'),
        body.replace(b"<PaymentCard>", b"<PaymentCard><CardNumber>" + pan + b"</CardNumber>"),
        body.replace(b"<CardSecurityCode>", b"<CardSecurityCode>" + LONG_CODE.encode()),
        body[: body.index(b"</CardNumber>")],
        body.replace(b"</CardNumber>", b"</CardNumbers>"),
        b"<!DOCTYPE x [<!ENTITY pan '" + pan + b"'>]>" + body,
        body.replace(b"IATA_OrderCreateRQ", b"IATA_" + pan),
        body.replace(b"91000000", pan),
    ]


def with_remarks(body: bytes) -> bytes:
    """Card numbers where people write them: a remark of a passenger, a comment."""
    remarks = "".join(
        f"<Remark><RemarkText>pay with {pan} cvv {CODES[0]} please</RemarkText></Remark>"
        for pan in REMARK_PANS
    )
    comment = f"<!-- {MISPLACED_PAN} -->"
    return body.replace(b"</PTC>", f"</PTC>{comment}{remarks}".encode(), 1)


async def everything_that_happens(spy: Spy) -> None:
    """Sales with every published card, then refusals, faults and a death."""
    async with talking(spy.server, checked=False) as talk:
        for number, magic in enumerate(MAGIC):
            offer = await stories.firm_offer(talk, stories.some_day(number))
            paid = card(magic.number, offer.amount, offer.currency, brand=magic.brand)
            body = order_create(
                offer.offer_id, offer.items, stories.PARTY, paid, trx_id=f"sale-{number}"
            )
            await spy.send(talk, with_code(body, CODES[number % 2]))
        offer = await stories.firm_offer(talk, stories.some_day(15))
        body = with_code(stories.create_body(offer, "odd"), CODES[0])
        for each in misshapen(body):
            assert b"Error" in await spy.send(talk, each)
        assert b"<OrderID>" in await spy.send(talk, with_remarks(body))
        for kind in ("fails:1x", "times-out-after:1x", "garbage:1x"):
            offer = await stories.firm_offer(talk, stories.some_day(16))
            stories.plant(spy.server.data, Story(gateway=f"authorise:{kind}"))
            await spy.send(talk, with_code(stories.create_body(offer, kind), CODES[1]))
        # not "/": it shows the numbers of test cards, which is what it is for
        for path in ("/metrics", "/health/ready", f"/ndc/{MISPLACED_PAN}"):
            await spy.get(path)
        offer = await stories.firm_offer(talk, stories.some_day(17))
        spy.server.arm("gateway.authorise.after-commit")
        with pytest.raises(aiohttp.ClientError):
            await spy.send(talk, with_code(stories.create_body(offer, "dies"), CODES[1]))
    assert await spy.server.ended() == -9
    spy.server.arm("")


def places(spy: Spy) -> dict[str, bytes]:
    files = {str(p): p.read_bytes() for p in spy.server.data.rglob("*") if p.is_file()}
    files |= databases.contents(spy.server.data)
    files["the log"] = spy.server.log.read_bytes()
    return files | {f"reply {n}": reply for n, reply in enumerate(spy.replies)}


def written(pan: str) -> re.Pattern[bytes]:
    """The number in any grouping."""
    digits = re.sub("[ -]", "", pan)
    return re.compile("[ -]?".join(digits).encode())


def delimited(code: str) -> re.Pattern[bytes]:
    """The code as a value: by itself between things that are neither letters nor digits."""
    return re.compile(rb"(?<![0-9A-Za-z._:-])" + code.encode() + rb"(?![0-9A-Za-z._:-])")


@pytest.mark.slow
async def test_no_card_outlives_its_request(spy: Spy) -> None:
    await everything_that_happens(spy)
    secrets = [written(pan) for pan in (*(m.number for m in MAGIC), *REMARK_PANS, MISPLACED_PAN)]
    secrets += [delimited(code) for code in CODES] + [re.compile(LONG_CODE.encode())]
    found = places(spy)
    assert any(name.endswith("-wal") for name in found)  # killed, so the logs are still there
    leaks = [
        (name, secret.pattern, body[max(0, hit.start() - 80) : hit.end() + 40])
        for name, body in found.items()
        for secret in secrets
        for hit in secret.finditer(body)
    ]
    assert leaks == [], "\n".join(map(str, leaks))
    await spy.server.start()  # the log of the start, and what the worker does with what was left
    await Books(spy.server.data).settled()
    assert not any(secret.search(body) for body in places(spy).values() for secret in secrets)


async def test_a_stored_request_keeps_the_last_four(tmp_path: Path) -> None:
    """The scan would find nothing either if nothing were stored."""
    server = Server(tmp_path / "data", tmp_path / "log")
    try:
        await server.start()
        async with NdcClient(server.url, KEY) as client:
            talk = Conversation(client)
            offer = await stories.firm_offer(talk, stories.some_day(1))
            await client.send(stories.create_body(offer, "sale"))
        ((request,),) = databases.read(server.data, "SELECT request FROM claims")
    finally:
        server.bury()
    assert b"<CardNumber>************1111</CardNumber>" in request
    assert b"<CardSecurityCode>***</CardSecurityCode>" in request

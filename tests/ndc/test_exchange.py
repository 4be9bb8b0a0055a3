"""What the exchange does between a body and a reply, with rows of a few lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from ndc_oms.errors import NotFound, Unavailable
from ndc_oms.ndc.envelope import COMMON, MESSAGE, Envelope, body_hash
from ndc_oms.ndc.exchange import Exchange, Reply, Row
from ndc_oms.ndc.schema import Schema
from ndc_oms.ports.sellers import Attempt, Caller, Seller

SCHEMA = Schema(Path(__file__).resolve().parent / "small")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SELLER = Seller("91000000", "Demo Travel", "CAD")
STRICT = Caller(SELLER)
LENIENT = Caller(Seller("91000000", "Old Travel", "CAD", lenient=True))


class FixedClock:
    def now(self) -> datetime:
        return NOW


@dataclass
class Result:
    text: str
    replay: bytes | None = None


@dataclass
class Act:
    """Remembers what it was asked; answers, or raises, what it was given."""

    answer: Any = field(default_factory=lambda: Result("done"))
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    async def __call__(self, *given: Any) -> Any:
        self.asked.append(given)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def read(root: etree._Element, _envelope: Envelope) -> list[str | None]:
    return [
        place.text for place in root.find(f"{{{MESSAGE}}}Request").findall(f"{{{COMMON}}}Place")
    ]


def write(result: Result, envelope: Envelope) -> bytes:
    warned = "".join(f"<W>{n.code}|{n.path}</W>" for n in envelope.warnings)
    return f"<done xmlns:m='m'>{result.text}{warned}{envelope.echo}</done>".encode()


def exchange(act: Act | None = None, **row: Any) -> Exchange:
    given: dict[str, Any] = {"read": read, "act": act or Act(), "write": write, **row}
    rows = [
        Row("IATA_AirShoppingRQ", "IATA_AirShoppingRS", **given),
        Row("IATA_OrderCreateRQ", "IATA_OrderViewRS", writes=True, **given),
    ]
    return Exchange(rows, SCHEMA, clock=FixedClock(), secret=b"s" * 32)


def message(
    name: str = "IATA_AirShoppingRQ",
    inside: str = "<Place>YYZ</Place>",
    seller: str | None = "91000000",
    attributes: str = "<TrxID>T1</TrxID>",
) -> bytes:
    links = "".join(
        f"<DistributionChainLink><OrgRole>{role}</OrgRole><ParticipatingOrg><OrgID>{org}</OrgID>"
        "</ParticipatingOrg></DistributionChainLink>"
        for role, org in (("Seller", seller), ("Carrier", "T8"))
        if org is not None
    )
    return (
        f'<m:{name} xmlns:m="{MESSAGE}" xmlns="{COMMON}">'
        f"<m:DistributionChain>{links}</m:DistributionChain>"
        f"<m:PayloadAttributes>{attributes}</m:PayloadAttributes>"
        f"<m:Request>{inside}</m:Request></m:{name}>"
    ).encode()


async def send(
    body: bytes,
    caller: Caller = STRICT,
    to: Exchange | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    return await (to or exchange()).handle(body, caller, headers)


def texts(reply: Reply, name: str) -> list[str]:
    found = etree.fromstring(reply.body).iter(f"{{*}}{name}", name)
    return [element.text or "" for element in found]


def root_name(reply: Reply) -> str:
    return etree.QName(etree.fromstring(reply.body)).localname


async def test_a_message_is_read_acted_on_and_answered() -> None:
    act = Act()
    reply = await send(message(inside="<Place>YYZ</Place><Place>LHR</Place>"), to=exchange(act))
    assert act.asked == [(["YYZ", "LHR"], STRICT)]
    assert (reply.status, reply.outcome, reply.message) == (200, "ok", "IATA_AirShoppingRQ")
    assert texts(reply, "TrxID") == ["T1"]


@pytest.mark.parametrize(
    "body",
    [
        message(),
        message().replace(b"m:", b"easd:").replace(b"xmlns:m", b"xmlns:easd"),
        f'<IATA_AirShoppingRQ xmlns="{MESSAGE}" xmlns:cns="{COMMON}"><DistributionChain>'
        "<cns:DistributionChainLink><cns:OrgRole>Seller</cns:OrgRole><cns:ParticipatingOrg>"
        "<cns:OrgID>91000000</cns:OrgID></cns:ParticipatingOrg></cns:DistributionChainLink>"
        "</DistributionChain><Request><cns:Place>YYZ</cns:Place></Request>"
        "</IATA_AirShoppingRQ>".encode(),
    ],
    ids=["default common", "easd", "cns"],
)
async def test_prefixes_make_no_difference(body: bytes) -> None:
    act = Act()
    assert (await send(body, to=exchange(act))).outcome == "ok"
    assert act.asked[0][0] == ["YYZ"]


async def test_what_is_not_xml_is_unread() -> None:
    reply = await send(b"hello")
    assert (reply.status, reply.outcome, reply.code) == (400, "unread", "912")
    assert root_name(reply) == "IATA_OrderViewRS"


async def test_an_unknown_message_is_told_which_are_served() -> None:
    reply = await send(message("IATA_InterlineOfferRQ"))
    assert (reply.status, reply.outcome) == (400, "unread")
    (text,) = texts(reply, "DescText")
    assert "IATA_AirShoppingRQ, IATA_OrderCreateRQ" in text
    assert texts(reply, "TagText") == ["/IATA_InterlineOfferRQ"]
    assert texts(reply, "TrxID") == ["T1"]


@pytest.mark.parametrize("seller", ["12345678", ""])
@pytest.mark.parametrize("caller", [STRICT, LENIENT])
async def test_another_seller_in_the_chain_is_refused(seller: str, caller: Caller) -> None:
    act = Act()
    reply = await send(message(seller=seller), caller, exchange(act))
    assert (reply.status, reply.code) == (200, "717")
    assert texts(reply, "TagText")[0].startswith("/IATA_AirShoppingRQ/DistributionChain")
    assert act.asked == []


async def test_of_two_sellers_none_may_be_another() -> None:
    link = message().split(b"<m:DistributionChain>")[1].split(b"</DistributionChainLink>")[0]
    other = link.replace(b"91000000", b"92000000") + b"</DistributionChainLink>"
    body = message().replace(b"</m:DistributionChain>", other + b"</m:DistributionChain>")
    assert (await send(body)).code == "717"


async def test_a_chain_without_a_seller() -> None:
    assert (await send(message(seller=None))).code == "717"
    reply = await send(message(seller=None), LENIENT)
    assert reply.outcome == "ok"
    assert texts(reply, "W")[0].startswith("717|")


async def test_a_seller_without_the_permission() -> None:
    caller = Caller(Seller("91000000", "Looker", "CAD", can=frozenset({"look"})))
    assert (await send(message(), caller, exchange(needs="order"))).code == "368"
    assert (await send(message(), caller, exchange(needs="look"))).outcome == "ok"


async def test_a_strict_seller_hears_of_every_violation() -> None:
    act = Act()
    body = message(inside="<Place>x</Place><Place>YYZ</Place><Place>y</Place>")
    reply = await send(body, to=exchange(act))
    assert (reply.status, reply.outcome, reply.code) == (200, "refused", "912")
    assert root_name(reply) == "IATA_AirShoppingRS"
    request = "/IATA_AirShoppingRQ/Request"
    assert texts(reply, "TagText") == [f"{request}/Place[1]", f"{request}/Place[3]"]
    assert "line 1" in texts(reply, "DescText")[0]
    assert act.asked == []


@pytest.mark.parametrize(
    "inside",
    [
        "<Date>2026-03-02</Date><Place>YYZ</Place>",
        '<p:Place xmlns:p="urn:other">YYZ</p:Place>',
        "<Unheard>of</Unheard><Place>YYZ</Place>",
    ],
    ids=["order", "namespace", "unknown"],
)
async def test_a_lenient_seller_is_served_and_warned(inside: str) -> None:
    act = Act()
    reply = await send(message(inside=inside), LENIENT, exchange(act))
    assert reply.outcome == "ok"
    assert act.asked[0][0] == ["YYZ"]
    assert texts(reply, "W")[0].startswith("912|/IATA_AirShoppingRQ/Request")


@pytest.mark.parametrize("stumble", [AttributeError("x"), TypeError("x"), KeyError("x")])
async def test_a_reader_that_misses_something(stumble: Exception) -> None:
    def missing(_root: etree._Element, _envelope: Envelope) -> None:
        raise stumble

    broken = exchange(read=missing)
    assert (await send(message(), LENIENT, broken)).code == "912"
    bug = await send(message(), STRICT, broken)
    assert (bug.status, bug.code, bug.outcome) == (500, "911", "bug")


@pytest.mark.parametrize("stumble", [ValueError("x"), OverflowError("x")])
@pytest.mark.parametrize("caller", [STRICT, LENIENT])
async def test_a_value_that_no_calendar_knows(stumble: Exception, caller: Caller) -> None:
    def absurd(_root: etree._Element, _envelope: Envelope) -> None:
        raise stumble

    assert (await send(message(), caller, exchange(read=absurd))).code == "912"


async def test_a_refusal_is_a_reply() -> None:
    reply = await send(message(), to=exchange(Act(NotFound("No such order.", path="/X"))))
    assert (reply.status, reply.outcome, reply.code) == (200, "refused", "129")
    assert texts(reply, "TypeCode") == ["NotFound"]
    busy = await send(message(), to=exchange(Act(Unavailable("Busy.", retry_after_s=3))))
    assert busy.retry_after_s == 3


async def test_a_bug_is_answered_with_an_id_and_nothing_else() -> None:
    reply = await send(message("IATA_OrderCreateRQ"), to=exchange(Act(RuntimeError("pw=hunter2"))))
    assert (reply.status, reply.outcome, reply.code) == (500, "bug", "911")
    assert root_name(reply) == "IATA_OrderViewRS"
    (error_id,) = texts(reply, "ErrorID")
    assert len(error_id) == 16
    assert texts(reply, "StatusText") == ["Unknown"]
    assert b"hunter2" not in reply.body


async def test_a_writer_that_fails_is_a_bug_too() -> None:
    def broken(_result: Result, _envelope: Envelope) -> bytes:
        raise ZeroDivisionError

    assert (await send(message(), to=exchange(write=broken))).outcome == "bug"


async def test_ignored_parts_are_named() -> None:
    act = Act()
    rows = exchange(act, ignored=("Request/Promotion", "Request/CardNumber", "POS/City"))
    body = message(inside="<Place>YYZ</Place><Promotion><x xmlns=''/></Promotion><Promotion/>")
    reply = await send(body, to=rows)
    assert texts(reply, "W") == [
        "|/IATA_AirShoppingRQ/Request/Promotion[1]",
        "|/IATA_AirShoppingRQ/Request/Promotion[2]",
    ]
    assert texts(await send(message(), to=rows), "W") == []


async def attempt(body: bytes, headers: Mapping[str, str] | None = None) -> Attempt:
    act = Act()
    assert (await send(body, to=exchange(act), headers=headers)).outcome == "ok"
    given = act.asked[0][2]
    assert isinstance(given, Attempt)
    return given


async def test_the_key_is_the_headers_else_trx_id_else_none() -> None:
    body = message("IATA_OrderCreateRQ")
    assert (await attempt(body, {"Idempotency-Key": " k1 "})).key == "key:k1"
    assert (await attempt(body)).key == "trx:T1"
    assert (await attempt(message("IATA_OrderCreateRQ", attributes=""))).key == ""
    reply = await send(body, headers={"Idempotency-Key": "x" * 201})
    assert reply.code == "912"


async def test_the_hash_is_of_what_is_asked() -> None:
    name, place = "IATA_OrderCreateRQ", "<Place>YYZ</Place>"
    first = (await attempt(message(name))).body_hash
    assert len(first) == 64
    same = [
        message(name, attributes="<RetransmissionInd>true</RetransmissionInd><TrxID>T1</TrxID>"),
        message(name, inside=f"\n  {place}\n"),
        message(name).replace(b"m:", b"q:").replace(b"xmlns:m", b"xmlns:q"),
        message(name, inside="<Place><!-- now -->YYZ</Place>"),
    ]
    for body in same:
        assert (await attempt(body)).body_hash == first
    others = [
        message(name, inside="<Place>YYC</Place>"),
        message(name, inside=place + place),
        message(name, inside=place + "<Promotion/>"),
        message(name, inside=place + "<Promotion><a/></Promotion>"),
        message(name, inside=place + "<Promotion a='1'/>"),
    ]
    hashes = {(await attempt(body)).body_hash for body in others}
    assert len(hashes) == len(others)
    assert first not in hashes


def test_the_hash_needs_the_secret_and_sees_structure() -> None:
    flat, deep = (
        etree.fromstring(f"<r>{x}</r>") for x in ("<a><b/><c/></a>", "<a><b><c/></b></a>")
    )
    assert body_hash(flat, b"1") != body_hash(deep, b"1")
    assert body_hash(flat, b"1") != body_hash(flat, b"2")


async def test_a_replayed_reply_is_sent_as_it_was() -> None:
    kept: list[bytes] = []

    async def keep(_envelope: Envelope, _result: Result, written: bytes) -> None:
        kept.append(written)

    rows = exchange(Act(Result("", replay=b"<earlier/>")), keep=keep)
    reply = await send(message("IATA_OrderCreateRQ"), to=rows)
    assert (reply.body, reply.outcome) == (b"<earlier/>", "replayed")
    assert kept == []


async def test_a_reply_is_kept_before_it_is_sent() -> None:
    kept: list[tuple[str, str, bytes]] = []
    copies: list[bytes] = []

    async def keep(envelope: Envelope, result: Result, written: bytes) -> None:
        kept.append((envelope.key, result.text, written))
        copies.append(envelope.copy)

    inside = "<Place>YYZ</Place><CardNumber>4111111111111111</CardNumber>"
    body = message("IATA_OrderCreateRQ", inside=inside)
    reply = await send(body, to=exchange(keep=keep))
    assert kept == [("trx:T1", "done", reply.body)]
    assert b"<CardNumber>************1111</CardNumber>" in copies[0]


async def test_a_refusal_that_left_something_is_kept_and_others_are_not() -> None:
    kept: list[tuple[object, bytes]] = []

    async def keep(_envelope: Envelope, result: Result | None, written: bytes) -> None:
        kept.append((result, written))

    refused = Unavailable("The card was refused.", done="The order was closed again.")
    body = message("IATA_OrderCreateRQ")
    assert (await send(body, to=exchange(Act(refused), keep=keep))).outcome == "refused"
    assert kept == []
    refused.kept = True
    reply = await send(body, to=exchange(Act(refused), keep=keep))
    assert kept == [(None, reply.body)]
    assert texts(reply, "StatusText") == ["Incomplete"]


async def test_without_a_key_nothing_is_kept() -> None:
    async def keep(_envelope: Envelope, _result: Result, _written: bytes) -> None:
        raise AssertionError

    body = message("IATA_OrderCreateRQ", attributes="")
    assert (await send(body, to=exchange(keep=keep))).outcome == "ok"


async def test_a_reply_before_any_document() -> None:
    root = etree.fromstring(exchange().refuse(NotFound("x")))
    assert root.tag == f"{{{MESSAGE}}}IATA_OrderViewRS"


def test_two_rows_for_one_message_are_a_mistake() -> None:
    row = Row("A", "B", read, Act(), write)
    with pytest.raises(AssertionError):
        Exchange([row, row], SCHEMA, clock=FixedClock(), secret=b"")

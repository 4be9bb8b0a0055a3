"""POST /ndc over a real socket: each rule of HTTP, one test or more."""

import asyncio
import gzip
import random
import tracemalloc
import zlib
from dataclasses import replace
from functools import partial

import pytest
from lxml import etree

from ndc_oms.server import app
from ndc_oms.server.auth import key_hash
from ndc_oms.server.endpoint import GZIP_FROM, THREAD_FROM, takes_gzip
from ndc_oms.server.limits import Rates

from .conftest import KEY, MESSAGE_TEXT, Start, World


def texts(body: bytes, name: str) -> list[str | None]:
    return [element.text for element in etree.fromstring(body).iter(f"{{*}}{name}")]


@pytest.mark.parametrize("path", ["/ndc", "/ndc/", "/ndc/v21.3.5/AirShopping"])
@pytest.mark.parametrize("media", ["application/xml", "text/xml; charset=UTF-8"])
async def test_any_path_below_ndc_answers(start: Start, path: str, media: str) -> None:
    reply, body = await (await start()).post(path=path, Content_Type=media)
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"
    assert texts(body, "TrxID") == ["T1"]


@pytest.mark.parametrize(
    "header",
    [
        {"X_API_Key": KEY},
        {"X_API_Key": "", "Ocp_Apim_Subscription_Key": KEY},
        {"X_API_Key": "", "Authorization": f"Bearer {KEY}"},
        {"X_API_Key": "", "Authorization": f"bearer  {KEY}"},
    ],
)
async def test_the_key_in_each_place(start: Start, header: dict[str, str]) -> None:
    reply, _ = await (await start()).post(**header)
    assert reply.status == 200


@pytest.mark.parametrize(
    "header",
    [
        {"X_API_Key": ""},
        {"X_API_Key": "ndc_test_wrong"},
        {"X_API_Key": "x" * 5000},
        {"X_API_Key": "ndc_test_' or 1=1"},
        {"X_API_Key": "", "Authorization": f"Basic {KEY}"},
    ],
)
async def test_no_or_a_wrong_key_is_401(start: Start, world: World, header: dict[str, str]) -> None:
    reply, body = await (await start()).post(**header)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert texts(body, "Code") == ["111"]
    assert world.acted == 0


async def test_a_malformed_key_never_reaches_the_store(start: Start, world: World) -> None:
    await (await start()).post(X_API_Key="ndc_test_' or 1=1")
    assert world.sellers.asked == []


async def test_the_seller_of_the_chain_must_be_the_keys(start: Start) -> None:
    reply, body = await (await start()).post(MESSAGE_TEXT.replace("91000000", "92000000"))
    assert reply.status == 200
    assert texts(body, "Code") == ["717"]


@pytest.mark.parametrize("media", ["application/json", "text/plain", "text/xml; charset=latin-1"])
async def test_another_media_type_is_415(start: Start, media: str) -> None:
    reply, body = await (await start()).post(Content_Type=media)
    assert reply.status == 415
    assert reply.headers["Accept"] == "application/xml, text/xml"
    assert texts(body, "Code") == ["912"]


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip"])
async def test_another_coding_is_415(start: Start, coding: str) -> None:
    reply, _ = await (await start()).post(b"\x00", Content_Encoding=coding)
    assert reply.status == 415
    assert reply.headers["Accept-Encoding"] == "gzip"


async def test_gzip_in(start: Start) -> None:
    packed = gzip.compress(MESSAGE_TEXT.encode())
    reply, body = await (await start()).post(packed, Content_Encoding="gzip")
    assert reply.status == 200
    assert texts(body, "TrxID") == ["T1"]


@pytest.mark.parametrize(
    "body",
    [
        b"not gzip",
        gzip.compress(b"<a/>")[:-4],
        gzip.compress(b"<a/>") + b"more",
        zlib.compress(b"<a/>"),
        b"",
    ],
    ids=["no gzip", "cut", "more", "zlib", "empty"],
)
async def test_bad_gzip_is_400(start: Start, body: bytes) -> None:
    reply, _ = await (await start()).post(body, Content_Encoding="gzip")
    assert reply.status == 400


async def test_a_bomb_is_413_and_never_unpacked(start: Start) -> None:
    running = await start()
    bomb = gzip.compress(b" " * 200_000_000, 9)
    tracemalloc.start()
    try:
        reply, _ = await running.post(bomb, Content_Encoding="gzip")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reply.status == 413
    assert most < 20_000_000


@pytest.mark.parametrize("announced", [True, False])
async def test_too_large_is_413(start: Start, announced: bool) -> None:
    running = await start(max_body_bytes=10_000)
    body = b"<a>" + b" " * 10_000 + b"</a>"

    async def pieces() -> object:
        for at in range(0, len(body), 1000):
            yield body[at : at + 1000]

    reply, text = await running.post(body if announced else pieces())  # type: ignore[arg-type]
    assert reply.status == 413
    assert "10000 bytes" in (texts(text, "DescText")[0] or "")


@pytest.mark.parametrize("body", ["", "hello", '{"a": 1}', "<a>"])
async def test_not_xml_is_400(start: Start, body: str) -> None:
    reply, text = await (await start()).post(body)
    assert reply.status == 400
    assert texts(text, "Code") == ["912"]


async def test_an_unknown_message_is_400_and_lists_those_served(start: Start) -> None:
    reply, body = await (await start()).post("<IATA_FooRQ/>")
    assert reply.status == 400
    assert "IATA_AirShoppingRQ" in (texts(body, "DescText")[0] or "")


async def test_a_violation_is_an_ndc_reply(start: Start) -> None:
    reply, body = await (await start()).post(MESSAGE_TEXT.replace("YYZ", "1"))
    assert reply.status == 200
    assert texts(body, "TagText") == ["/IATA_AirShoppingRQ/Request/Place"]


async def test_a_body_that_drips_is_408(start: Start) -> None:
    running = await start(body_timeout_s=0.2)

    async def dripping() -> object:
        for _ in range(50):
            yield b"<"
            await asyncio.sleep(0.05)

    reply, body = await running.post(dripping())  # type: ignore[arg-type]
    assert reply.status == 408
    assert "0.2 s" in (texts(body, "DescText")[0] or "")


async def test_too_many_requests_are_429(
    start: Start, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one moment, however long it takes."""
    monkeypatch.setattr(app, "Rates", partial(Rates, monotonic=lambda: 1000.0))
    slow = replace(world.sellers.by_hash[key_hash(KEY)], rate_per_s=0.5)
    world.sellers.by_hash[key_hash(KEY)] = slow
    running = await start()
    assert (await running.post())[0].status == 200
    reply, body = await running.post()
    assert reply.status == 429
    assert reply.headers["Retry-After"] == "2"
    assert texts(body, "TypeCode") == ["Unavailable"]


async def test_a_store_that_fails_is_a_bug(start: Start, world: World) -> None:
    world.sellers.fails = True
    reply, body = await (await start()).post()
    assert reply.status == 500
    assert texts(body, "Code") == ["911"]


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("size", [128 * 1024, THREAD_FROM])
async def test_a_large_reply_arrives_whole(
    start: Start, world: World, size: int, coding: str
) -> None:
    """However it is packed and sent: what is sent next on the connection is its own reply."""
    world.answer = random.Random(size).randbytes(size // 2).hex()  # gzip leaves half of it
    running = await start()
    for _ in range(2):
        reply, body = await running.post(Accept_Encoding=coding)
        assert reply.status == 200
        assert reply.headers.getall("Content-Type") == ["application/xml; charset=utf-8"]
        assert reply.headers.get("Content-Encoding", "identity") == coding
        assert world.answer.encode() in body


async def test_gzip_out_for_those_who_take_it(start: Start, world: World) -> None:
    running = await start()
    for size in (GZIP_FROM, 300_000):  # the latter is packed in a thread
        world.answer = "offer " * (size // 6 + 1)
        reply, body = await running.post(Accept_Encoding="gzip")
        assert reply.headers["Content-Encoding"] == "gzip"
        assert world.answer in body.decode()
        reply, _ = await running.post(Accept_Encoding="identity")
        assert "Content-Encoding" not in reply.headers
    world.answer = "short"
    reply, _ = await running.post(Accept_Encoding="gzip")
    assert "Content-Encoding" not in reply.headers


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=1.0", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
    ],
)
def test_accept_encoding(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


async def test_a_request_id_goes_through(start: Start) -> None:
    running = await start()
    reply, _ = await running.post(X_Request_ID="abc-1")
    assert reply.headers["X-Request-ID"] == "abc-1"
    reply, _ = await running.post(X_Request_ID="a b<c>")
    assert len(reply.headers["X-Request-ID"]) == 16
    reply, _ = await running.get("/nowhere")
    assert reply.status == 404
    assert reply.headers["X-Request-ID"]


async def test_other_methods_are_405(start: Start) -> None:
    reply, _ = await (await start()).get("/ndc")
    assert reply.status == 405
    assert reply.headers["Allow"] == "POST"

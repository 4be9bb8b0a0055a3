"""A seller's endpoint on loopback: keeps what it gets, and answers as it is told."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field

from aiohttp import web
from lxml import etree
from tests.houses import Served, schemas
from tests.ndc.references import dangling

from ndc_oms.fulfilment.signing import HEADER, NAME, key_of, new_salt
from ndc_oms.ndc.envelope import COMMON, MESSAGE
from ndc_oms.ports.notify import Endpoint, PutEndpoint

OK = (
    f'<m:IATA_Acknowledgement xmlns:m="{MESSAGE}" xmlns="{COMMON}"><m:Notification>'
    "<StatusCode>OK</StatusCode><StatusMessageText>Seen</StatusMessageText></m:Notification>"
    "</m:IATA_Acknowledgement>"
)
Answer = Callable[["Got"], web.StreamResponse]


@dataclass(frozen=True)
class Got:
    """One POST. name: of the notification."""

    name: str
    body: bytes
    signature: str

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.body)

    def texts(self, name: str) -> list[str]:
        return [each.text or "" for each in self.root.iterfind(f".//{{*}}{name}")]


def acknowledge(_got: Got) -> web.StreamResponse:
    return web.Response(text=OK, content_type="application/xml")


def fail(_got: Got) -> web.StreamResponse:
    return web.Response(status=500)


def babble(_got: Got) -> web.StreamResponse:
    return web.Response(text="<html>welcome</html>")


@dataclass
class Receiver:
    """answer: to what comes next. gate: closed, answers wait for it. key: of signatures, once it is
    registered.
    """

    url: str = ""
    key: str = ""
    got: list[Got] = field(default_factory=list)
    answer: Answer = acknowledge
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = request.headers
        self.got.append(Got(headers.get(NAME, ""), body, headers.get(HEADER, "")))
        await self.gate.wait()
        return self.answer(self.got[-1])

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.got]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    receiver.gate.set()
    app = web.Application()
    app.router.add_post("/told", receiver.post)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    receiver.url = f"http://{host}:{port}/told"
    try:
        yield receiver
    finally:
        receiver.gate.set()
        await runner.cleanup()


async def registered(served: Served, url: str, org_id: str = "91000000") -> str:
    """The key that the seller's notifications are signed with."""
    endpoint = Endpoint(org_id, url, new_salt(), served.clock.now())
    await served.house.store.write(PutEndpoint(endpoint))
    return key_of(served.house.config.secret_bytes(), endpoint)


def assert_signed(got: Got, key: str) -> None:
    """As the README tells a receiver to check it."""
    parts = dict(part.split("=", 1) for part in got.signature.split(","))
    made = hmac.new(key.encode(), f"{parts['t']}.".encode() + got.body, hashlib.sha256)
    assert hmac.compare_digest(parts["v1"], made.hexdigest())


def assert_sound(got: Got) -> None:
    """Valid by our profile and by IATA's schemas; Old and New each without a dangling reference."""
    root = got.root
    for schema in schemas():
        assert schema.check(root) == []
    for side in root.iterfind(".//{*}ChangeOperation/*"):
        if etree.QName(side).localname in {"Old", "New"}:
            alone = deepcopy(side)
            alone.tag = f"{{{COMMON}}}New"
            assert dangling(alone) == []

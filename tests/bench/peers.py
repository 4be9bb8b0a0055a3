"""Others on the same requests in the same run: how many a CPU second.

Neither searches: a mock server answers one reply for whatever an XPath finds in the request
(mountebank, of npm), and an application of FastAPI and xsdata turns requests into objects and one
reply's objects into text. They are installed for the run, from pip and npm; what cannot be
installed is left out and said.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.bench.cpu import used_s
from tests.bench.figures import Bench, Table
from tests.bench.load import Answer, Link, send_all
from tests.bench.market import Market
from tests.bench.shopping import AT_ONCE, Seen
from tests.processes import running

from ndc_oms.kit.requests import COMMON
from ndc_oms.resources import schemas
from ndc_oms.world.load import load as load_world

PIP: Final = ("fastapi", "uvicorn", "xsdata[cli,lxml]", "ruff")
NPM: Final = "mountebank"
OFFERS: Final = 50
INSTALL_S: Final = 180
READY_S: Final = 30.0


async def run(bench: Bench) -> AsyncIterator[Table]:
    market = Market(load_world(bench.world), datetime.now(UTC).date(), bench.seed + 6)
    rows: list[tuple[Any, ...]] = []
    async with running(bench.folder / "peers", bench.log("peers"), **bench.environment) as server:
        url, pid = server.url, server.process.pid
        await send_all(url, market.searches(OFFERS, bench.many(300, 50)), Seen(), at_once=AT_ONCE)
        reply = (await Link(url).post(market.search(OFFERS))).body
        rows.append(("this server, searching", *await _pace(bench, market, url, pid)))
    folder = bench.folder / "peer"
    folder.mkdir()
    (folder / "reply.xml").write_bytes(reply)
    for name, started in (("mountebank, static reply", _mock), ("FastAPI, xsdata", _app)):
        try:
            with started(folder) as (peer, pid):
                await _ready(peer)
                rows.append((name, *await _pace(bench, market, peer, pid)))
        except (OSError, subprocess.SubprocessError, TimeoutError) as missing:
            rows.append((f"{name}: {type(missing).__name__}", "", ""))
    ours = rows[0][2]
    yield Table(
        f"Peers: AirShopping, {OFFERS} offers, one process",
        ("", "CPU ms a request", "requests a CPU second", "this server / it"),
        [(*row, ours / row[2] if row[2] else "") for row in rows],
        f"A reply has {len(reply) / 1e3:.0f} kB, not packed. Only this server searches.",
    )


async def _pace(bench: Bench, market: Market, url: str, pid: int) -> tuple[float, float]:
    bodies = market.searches(OFFERS, bench.many(100, 10))
    await send_all(url, bodies[:3], _answered, at_once=1)
    before = used_s(pid)
    await send_all(url, bodies[3:], _answered, at_once=AT_ONCE)
    each = (used_s(pid) - before) / (len(bodies) - 3)
    return each * 1e3, 1 / each


def _answered(_at: int, answer: Answer) -> None:
    if answer.status != 200 or (b"<Offer>" not in answer.body and b":Offer>" not in answer.body):
        raise AssertionError(answer.body[:500])


@contextmanager
def _mock(folder: Path) -> Iterator[tuple[str, int]]:
    _install(["npm", "install", "--silent", "--no-audit", "--no-fund", NPM], folder)
    port, control = _free(), _free()
    asked = {"selector": "//c:OriginDestCriteria//c:IATA_LocationCode", "ns": {"c": COMMON}}
    reply = (folder / "reply.xml").read_text()
    headers = {
        "Connection": "keep-alive",  # it would close after each
        "Content-Length": str(len(reply.encode())),
        "Content-Type": "application/xml",
    }
    stub = {
        "predicates": [{"exists": {"body": True}, "xpath": asked}],
        "responses": [{"is": {"headers": headers, "body": reply}}],
    }
    imposter = {"port": port, "protocol": "http", "stubs": [stub]}
    (folder / "mock.json").write_text(json.dumps({"imposters": [imposter]}))
    command = ["node", "node_modules/mountebank/bin/mb", "start", "--localOnly", "--nologfile",
               "--loglevel", "error", "--port", str(control), "--configfile", "mock.json",
               "--pidfile", "mock.pid"]  # fmt: skip
    with _process(command, folder) as pid:
        yield f"http://127.0.0.1:{port}/ndc", pid


@contextmanager
def _app(folder: Path) -> Iterator[tuple[str, int]]:
    _install([sys.executable, "-m", "venv", "venv"], folder)
    binaries = folder / "venv" / "bin"
    _install([str(binaries / "pip"), "install", "--quiet", *PIP], folder)
    generate = [str(binaries / "xsdata"), "generate", str(schemas() / "ndc" / "21.3" / "ndc.xsd"),
                "--package", "ndc", "--structure-style", "single-package"]  # fmt: skip
    path = {"PATH": f"{binaries}:{os.environ['PATH']}"}
    _install(generate, folder, path)
    (folder / "peer_app.py").write_text(Path(__file__).with_name("peer_app.py").read_text())
    port = _free()
    command = [str(binaries / "uvicorn"), "peer_app:app", "--port", str(port), "--no-access-log",
               "--log-level", "error"]  # fmt: skip
    with _process(command, folder, {"PEER_REPLY": str(folder / "reply.xml")}) as pid:
        yield f"http://127.0.0.1:{port}/ndc", pid


def _install(command: Sequence[str], folder: Path, more: Mapping[str, str] | None = None) -> None:
    environment = {**os.environ, **(more or {})}
    subprocess.run(
        command, cwd=folder, env=environment, check=True, timeout=INSTALL_S, capture_output=True
    )


@contextmanager
def _process(
    command: Sequence[str], folder: Path, more: Mapping[str, str] | None = None
) -> Iterator[int]:
    with (folder / "peer.log").open("ab") as log:
        started = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(more or {})}, stdout=log, stderr=log
        )
    try:
        yield started.pid
    finally:
        started.kill()
        started.wait()


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _ready(url: str) -> None:
    port = int(url.rpartition(":")[2].partition("/")[0])
    async with asyncio.timeout(READY_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return

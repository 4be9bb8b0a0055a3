"""`ndc-oms deliver` as a process of its own beside a server that does not deliver."""

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.faults import stories
from tests.faults.books import Books
from tests.patience import PATIENCE_S
from tests.processes import Server, running, talking

from ndc_oms.model.status import OrderStatus

pytestmark = pytest.mark.slow


class Worker(Server):
    """The fulfilment worker: it announces its name, and has no address."""

    async def start(self) -> "Worker":
        self.command = ("-m", "ndc_oms.cli.main", "deliver")
        self._spawn()
        deadline = time.monotonic() + PATIENCE_S
        while b"Delivering as " not in self.log.read_bytes():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            await asyncio.sleep(0.02)
        return self


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path / "data")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """It sells and hands on: its own requests are carried as far as their deadline lets them."""
    alone = {"NDC_OMS_DELIVER": "false", "NDC_OMS_REPLY_DEADLINE_S": "2"}
    async with running(tmp_path / "data", tmp_path / "server", **alone) as started:
        yield started


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    """Not started yet."""
    made = Worker(tmp_path / "data", tmp_path / "worker")
    yield made
    made.bury()


async def test_what_a_server_cannot_end_the_worker_ends(
    server: Server, worker: Worker, books: Books
) -> None:
    """The gateway is silent while the customer waits; nobody but the worker asks it again."""
    async with talking(server) as talk:
        offer = await stories.firm_offer(talk, stories.some_day(1))
        body = stories.create_body(offer, "sale")
        stories.plant(server.data, stories.Story(gateway="authorise:rejects-once:2x"))
        stories.plant(server.data, stories.Story(pss="book:times-out-before:1x"))
        pending = await talk.client.send(body)
        assert pending.errors == ()
        assert b"Pending:" in pending.body
        left = books.waiting()
        await asyncio.sleep(1.5)  # thrice as long as a worker would let it wait
        assert books.waiting() == left != []

        await worker.start()
        await books.settled()
        (order,) = books.orders()
        assert order.status is OrderStatus.OPENED
        retrieved = await talk.retrieve(order.order_id)
        assert retrieved.text("Response/Order/StatusCode") == "OPENED"
        assert len(retrieved.all("Response/TicketDocInfo")) == len(order.passengers)
    assert await books.findings() == []
    await worker.stop()  # by SIGTERM, with status 0


async def test_what_the_server_died_of_the_worker_ends(
    server: Server, worker: Worker, books: Books
) -> None:
    """And the other way round: the leases of the dead server are free at once for the worker."""
    await worker.start()
    async with talking(server, checked=False) as talk:
        offer = await stories.firm_offer(talk, stories.some_day(1))
        server.arm("fulfil.issue.called")
        lost = asyncio.ensure_future(talk.client.send(stories.create_body(offer, "sale")))
        assert await server.ended() == -signal.SIGKILL
        await asyncio.gather(lost, return_exceptions=True)
    await books.settled()
    (order,) = books.orders()
    assert order.status is OrderStatus.OPENED
    assert await books.findings() == []
    assert "its leases are free" in worker.log.read_text()


async def test_a_worker_needs_no_port(worker: Worker) -> None:
    await worker.start()
    listening = subprocess.run(
        ["cat", f"/proc/{worker.process.pid}/net/tcp"], capture_output=True, text=True, check=True
    ).stdout
    inodes = {
        link.readlink().name.removeprefix("socket:[").rstrip("]")
        for link in Path(f"/proc/{worker.process.pid}/fd").iterdir()
        if str(link.readlink()).startswith("socket:")
    }
    listens = {line.split()[9] for line in listening.splitlines()[1:] if line.split()[3] == "0A"}
    assert inodes.isdisjoint(listens)
    await worker.stop()

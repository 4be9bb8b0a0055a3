"""kill -9 at every named place of OrderCreate and of fulfilment; a restart; the same request
again. Whatever the place: one order, booked once, charged once, its documents right, in all three
sets of books.

One server lives through many deaths on one folder: it is armed while it runs, dies in the midst
of a sale, and is started again for the retry and for the next sale.
"""

from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from tests.faults import stories
from tests.faults.books import Books
from tests.faults.stories import Story
from tests.processes import Server, talking

# Every place, under the sale that comes by there. `:2` is its second passage.
PLACES: dict[str, tuple[Story, tuple[str, ...]]] = {
    "ticketed": (
        stories.TICKETED,
        (
            "create.claimed",
            "create.held",
            "create.recorded",
            "create.fulfilled",
            "exchange.reply-kept",
            "fulfil.authorise.before",
            "fulfil.authorise.called",
            "fulfil.authorise.recorded",
            "fulfil.book.before",
            "fulfil.book.called",
            "fulfil.book.recorded",
            "fulfil.issue.before",
            "fulfil.issue.called",
            "fulfil.issue.recorded",
            "fulfil.issue.called:2",
            "fulfil.capture.before",
            "fulfil.capture.called",
            "fulfil.capture.recorded",
            "pss.hold.before-commit",
            "pss.hold.after-commit",
            "pss.book.before-commit",
            "pss.book.after-commit",
            "pss.issue.before-commit",
            "pss.issue.after-commit",
            "pss.issue.after-commit:2",
            "gateway.authorise.before-commit",
            "gateway.authorise.after-commit",
            "gateway.capture.before-commit",
            "gateway.capture.after-commit",
            "store.ClaimKey.before-commit",
            "store.ClaimKey.after-commit",
            "store.RecordOrder.before-commit",
            "store.RecordOrder.after-commit",
            "store.RecordOrder.before-commit:2",  # authorised
            "store.RecordOrder.after-commit:2",
            "store.RecordOrder.before-commit:3",  # booked
            "store.RecordOrder.after-commit:3",
            "store.RecordOrder.before-commit:4",  # a ticket issued
            "store.RecordOrder.after-commit:4",
            "store.RecordOrder.before-commit:6",  # captured
            "store.RecordOrder.after-commit:6",
            "store.KeepReply.before-commit",
            "store.KeepReply.after-commit",
            "store.before-commit",
            "store.after-commit",
        ),
    ),
    "capture declined": (
        stories.CAPTURE_DECLINED,
        (
            "fulfil.void.before",
            "fulfil.void.called",
            "fulfil.void.recorded",
            "fulfil.void.called:2",
            "fulfil.release-money.before",
            "fulfil.release-money.called",
            "fulfil.release-money.recorded",
            "fulfil.release-seats.before",
            "fulfil.release-seats.called",
            "fulfil.release-seats.recorded",
            "pss.void.before-commit",
            "pss.void.after-commit",
            "pss.cancel.before-commit",
            "pss.cancel.after-commit",
            "gateway.release.before-commit",
            "gateway.release.after-commit",
            "store.RecordOrder.before-commit:6",  # turned round
            "store.RecordOrder.after-commit:6",
        ),
    ),
    "second capture declined": (
        stories.SECOND_CAPTURE_DECLINED,
        (
            "fulfil.refund.before",
            "fulfil.refund.called",
            "fulfil.refund.recorded",
            "gateway.refund.before-commit",
            "gateway.refund.after-commit",
        ),
    ),
    "booking refused": (
        stories.BOOK_REFUSED,
        ("pss.release.before-commit", "pss.release.after-commit", "fulfil.release-seats.called"),
    ),
    "hold refused": (
        stories.HOLD_REFUSED,
        ("create.refused", "store.DropClaim.before-commit", "store.DropClaim.after-commit"),
    ),
    "capture lost": (
        stories.CAPTURE_LOST,
        ("store.PostponeTask.before-commit", "store.PostponeTask.after-commit"),
    ),
}
# Places of a process that takes up what a dead one left: killed again before it got anywhere.
RECOVERY = (
    "store.FreeLeases.before-commit",
    "store.FreeLeases.after-commit",
    "store.EnterWork.before-commit",
    "store.EnterWork.after-commit",
    "store.LeaseTasks.before-commit",
    "store.LeaseTasks.after-commit",
    "fulfil.capture.called",
    "gateway.capture.after-commit",
)


class Lineage:
    """One folder and the servers that live and die on it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._generation = 0
        self._sales = 0
        self.server = self._new()

    def _new(self) -> Server:
        folder = self._folder / str(self._generation)
        return Server(folder / "data", folder / "log", warm=True)

    @property
    def books(self) -> Books:
        return Books(self.server.data)

    def next_sale(self) -> int:
        self._sales += 1
        return self._sales

    async def alive(self) -> Server:
        if self.server._process is None:
            await self.server.start()
        return self.server

    def begin_afresh(self) -> None:
        """After a failure, so that the next test does not inherit it."""
        self.server.bury()
        self._generation += 1
        self.server = self._new()


@pytest.fixture(scope="module")
def lineage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lineage]:
    line = Lineage(tmp_path_factory.mktemp("lineage"))
    yield line
    line.server.bury()


async def die_selling(lineage: Lineage, story: Story, place: str) -> tuple[bytes, str]:
    """The request that met the death, and the offer that it accepts."""
    server = await lineage.alive()
    number = lineage.next_sale()
    async with talking(server) as talk:
        offer = await stories.firm_offer(talk, stories.some_day(number))
        body = stories.create_body(offer, f"sale-{number}", story.pans)
        stories.plant(server.data, story)
        server.arm(place)
        with pytest.raises(aiohttp.ClientError):
            await talk.client.send(body)
    assert await server.ended() == -9
    server.arm("")
    return body, offer.offer_id


async def assert_done_once(lineage: Lineage, story: Story, body: bytes, offer_id: str) -> None:
    server = await lineage.alive()
    async with talking(server) as talk:
        again = await talk.client.send(body)
        stories.assert_ends(again, story.ends)
        await lineage.books.settled()
        if not story.ends or "is being taken back" not in again.body.decode():
            assert (await talk.client.send(body)).body == again.body
    assert len([o for o in lineage.books.orders() if o.offer_id == offer_id]) == 1
    assert await lineage.books.findings() == []


@pytest.mark.wide
@pytest.mark.slow
@pytest.mark.parametrize(
    ("sale", "place"), [(name, place) for name, (_, places) in PLACES.items() for place in places]
)
async def test_killed_and_sent_again(lineage: Lineage, sale: str, place: str) -> None:
    story = PLACES[sale][0]
    try:
        body, offer_id = await die_selling(lineage, story, place)
        await assert_done_once(lineage, story, body, offer_id)
    except BaseException:
        lineage.begin_afresh()
        raise


@pytest.mark.slow
@pytest.mark.parametrize("place", RECOVERY)
async def test_killed_again_while_taking_up_what_was_left(lineage: Lineage, place: str) -> None:
    try:
        sold = await die_selling(lineage, stories.TICKETED, "fulfil.capture.before")
        lineage.server.arm(place)
        await lineage.server.start_to_die()
        lineage.server.arm("")
        await assert_done_once(lineage, stories.TICKETED, *sold)
    except BaseException:
        lineage.begin_afresh()
        raise


@pytest.mark.slow
@pytest.mark.parametrize("sale", ["ticketed", "capture declined"])
async def test_nobody_asks_again_and_it_goes_on_all_the_same(lineage: Lineage, sale: str) -> None:
    """What was recorded is carried on by the next process without any client."""
    story = PLACES[sale][0]
    try:
        _, offer_id = await die_selling(lineage, story, "fulfil.book.called")
        await lineage.alive()
        await lineage.books.settled()
        (order,) = [o for o in lineage.books.orders() if o.offer_id == offer_id]
        assert (order.failure is not None) == bool(story.ends)
        assert await lineage.books.findings() == []
    except BaseException:
        lineage.begin_afresh()
        raise

"""kill -9 while a hold is booked, paid and given up at a partner that is asked over NDC; a restart;
the same request again: one order there, held, paid or cancelled once.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import aiohttp
import pytest
from tests import databases
from tests.houses import configured
from tests.partners.joint import ADULT, URL, tickets
from tests.patience import tries
from tests.processes import Server, talking

from ndc_oms import resources
from ndc_oms.cli.checking import planned_step
from ndc_oms.fulfilment.plan import settled
from ndc_oms.kit.conversation import Conversation, OfferSummary, offers_of, order_of
from ndc_oms.kit.requests import card, order_create
from ndc_oms.kit.servicing import cancel_unpaid, order_change
from ndc_oms.model.order import Order
from ndc_oms.store.rows import read_order
from ndc_oms.store.verify import verify

pytestmark = pytest.mark.slow

APPROVED = "4111111111111111"
HELD = {
    "fulfil.partner-book.called": "held",
    "fulfil.partner-issue.before": "paid",
    "fulfil.partner-issue.called": "paid",
    "fulfil.partner-cancel.called": "given up",
}


class Houses(NamedTuple):
    ours: Server
    theirs: Server

    async def start(self) -> None:
        if self.theirs._process is None:
            await self.theirs.start()
        if self.ours._process is None:
            self.ours.environment = {URL: self.theirs.url}
            await self.ours.start()


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    folder = tmp_path_factory.mktemp("held")
    world = str(resources.fixtures() / "partners" / "isfugl")
    ours = Server(folder / "ours", folder / "ours.log", warm=True)
    there = {"NDC_OMS_WORLD": world}
    theirs = Server(folder / "theirs", folder / "theirs.log", there, warm=True)
    yield Houses(ours, theirs)
    ours.bury()
    theirs.bury()


async def firm(talk: Conversation, number: int) -> OfferSummary:
    day = datetime.now(UTC).date() + timedelta(days=30 + number)
    while not (shown := offers_of(await talk.shop([("CPH", "OSL", day)], ADULT))):
        await asyncio.sleep(0.1)  # a partner that is slow is heard the next time
    wanted = next(each for each in shown if "Ice" in each.families[0])
    priced = await talk.price(wanted, ADULT)
    assert priced.errors == (), priced.body
    return offers_of(priced)[0]


async def asked(talk: Conversation, place: str) -> bytes:
    """The message that will meet the death; what comes before it is done."""
    offer = await firm(talk, list(HELD).index(place))
    body = order_create(offer.offer_id, offer.items, ADULT, "", trx_id=f"{place} hold")
    if HELD[place] == "held":
        return body
    order = order_of(await talk.client.send(body))
    if HELD[place] == "paid":
        paid = card(APPROVED, order.amount, order.currency)
        return order_change(order.order_id, version=order.version, payments=paid, trx_id=place)
    gone = cancel_unpaid(order.order_id)
    return order_change(order.order_id, gone, version=order.version, trx_id=place)


async def at_rest(server: Server) -> Order:
    """The newest order."""
    for _ in tries():
        rows = databases.read(server.data, "SELECT snapshot FROM orders ORDER BY created_at")
        order = read_order(rows[-1][0])
        if settled(order):
            return order
        await asyncio.sleep(0.1)
    raise AssertionError(f"{order.order_id} does not come to rest")


def orders(server: Server) -> int:
    return len(databases.read(server.data, "SELECT order_id FROM orders"))


@pytest.mark.parametrize("place", HELD)
async def test_killed_about_a_hold_over_http(houses: Houses, place: str) -> None:
    await houses.start()
    ours, before = houses.ours, orders(houses.theirs)
    async with talking(ours) as talk:
        body = await asked(talk, place)
        ours.arm(place)
        with pytest.raises(aiohttp.ClientError):
            await talk.client.send(body)
    assert await ours.ended() == -9
    ours.arm("")
    await houses.start()
    async with talking(ours) as talk:
        again = await talk.client.send(body)
        assert again.errors == ()
        here, there = await at_rest(ours), await at_rest(houses.theirs)
        assert orders(houses.theirs) == before + 1
        (part,) = here.parts
        assert (part.reference, part.cancelled) == (there.order_id, HELD[place] == "given up")
        assert here.status == there.status
        assert here.ticketed == there.ticketed == (HELD[place] == "paid")
        shown = await talk.retrieve(here.order_id)
    assert set(tickets(shown).values()) == ({"XI"} if HELD[place] == "paid" else set())


async def test_both_books_agree_after_all_of_it(houses: Houses) -> None:
    for each in houses:
        each.bury()
        url = configured(each.data, database=databases.of_folder(each.data)).database_url
        assert await verify(url, next_step=planned_step) == []

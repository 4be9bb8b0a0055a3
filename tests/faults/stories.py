"""Sales that go one way or another, as one seller sends them, and how each must end."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.patience import PATIENCE_S

from ndc_oms.kit.client import NdcClient, Reply
from ndc_oms.kit.conversation import Conversation, OfferSummary, offers_of
from ndc_oms.kit.requests import Pax, card, order_create
from ndc_oms.payments.gateways.simulated import plant_faults as plant_at_gateway
from ndc_pss_simulator.simulator import plant_faults as plant_at_pss

PARTY = (Pax("PAX1", surname="Hansen", given="Maren"), Pax("PAX2", "ADT", "Hansen", "Odd"))
APPROVED = "4111111111111111"
CAPTURE_DECLINES = "4000000000008005"


@dataclass(frozen=True)
class Story:
    """pans: cards that share the price. pss, gateway: faults that are planted before the create.
    ends: the code of the refusal; "" for an order that stands.
    """

    ends: str = ""
    pans: tuple[str, ...] = (APPROVED,)
    pss: str = ""
    gateway: str = ""


TICKETED = Story()
CAPTURE_DECLINED = Story("708", (CAPTURE_DECLINES,))
SECOND_CAPTURE_DECLINED = Story("708", (APPROVED, CAPTURE_DECLINES))
BOOK_REFUSED = Story("493", pss="book:fails:1x")
HOLD_LOST_TWICE = Story(pss="hold:times-out-before:2x,find:times-out-before:1x")
HOLD_REFUSED = Story(pss="hold:fails:1x")
CAPTURE_LOST = Story(gateway="capture:times-out-before:1x")


def plant(data: Path, story: Story) -> None:
    """The story's faults, for a house in another process."""
    if story.pss:
        plant_at_pss(str(data / "pss"), story.pss)
    if story.gateway:
        plant_at_gateway(data / "payment", story.gateway)


def some_day(number: int) -> date:
    """A day of departure; another for each of twenty numbers, so that no flight sells out."""
    return datetime.now(UTC).date() + timedelta(days=30 + number % 20)


async def firm_offer(
    talk: Conversation, day: date, party: Sequence[Pax] = PARTY, to: str = "LHR"
) -> OfferSummary:
    """Shopped, there and back, and priced."""
    bounds = [("YYZ", to, day), (to, "YYZ", day + timedelta(days=7))]
    shopped = await talk.shop(bounds, party, limit=5)
    assert shopped.errors == (), shopped.body
    priced = await talk.price(offers_of(shopped)[0], party)
    assert priced.errors == (), priced.body
    (firm,) = offers_of(priced)
    return firm


def create_body(
    offer: OfferSummary, trx_id: str | None, pans: Sequence[str] = (APPROVED,)
) -> bytes:
    """IATA_OrderCreateRQ, paid in equal parts by each card, the last paying what is left."""
    return order_create(offer.offer_id, offer.items, PARTY, paid_by(offer, pans), trx_id=trx_id)


def paid_by(offer: OfferSummary, pans: Sequence[str]) -> str:
    """PaymentFunctions. The amount has two decimals, or none."""
    digits = len(offer.amount.partition(".")[2])
    minor = int(offer.amount.replace(".", ""))
    part = minor // len(pans)
    parts = [part] * (len(pans) - 1) + [minor - part * (len(pans) - 1)]
    return "".join(
        card(pan, f"{amount / 10**digits:.{digits}f}", offer.currency)
        for pan, amount in zip(pans, parts, strict=True)
    )


async def sent_until_known(client: NdcClient, body: bytes) -> Reply:
    """As a client does that repeats while it is told to."""
    async with asyncio.timeout(PATIENCE_S):
        while (reply := await client.send(body)).headers.get("Retry-After"):
            await asyncio.sleep(0.1)
    return reply


def assert_ends(reply: Reply, ends: str) -> None:
    """The order stands, ticketed and paid; or the refusal has this code."""
    assert [code for code, _ in reply.errors] == ([ends] if ends else []), reply.body
    if not ends:
        assert reply.text("Response/Order/StatusCode") == "OPENED"

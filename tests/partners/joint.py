"""Our house with both of its partners: Aster from its files, Isfugl as a house of its own that is
asked over HTTP, through a proxy that can spoil what is said.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree
from tests.houses import MovingClock, Served, demo_world, serving

from ndc_oms import resources
from ndc_oms.kit.client import Reply, child_text, find_all
from ndc_oms.kit.conversation import OfferSummary, offers_of
from ndc_oms.kit.fault_proxy import FaultProxy
from ndc_oms.kit.requests import Pax
from ndc_oms.partners.file import FilePartner
from ndc_oms.world.load import load
from ndc_oms.world.world import World

URL = "NDC_OMS_PARTNER_ISFUGL_URL"
ADULT = (Pax("PAX1", surname="Hansen", given="Maren"),)


@cache
def isfugl_world() -> World:
    return load(resources.fixtures() / "partners" / "isfugl")


@dataclass
class Joint:
    """ours: Trillium; theirs: Isfugl; wire: between the two."""

    ours: Served
    theirs: Served
    wire: FaultProxy

    @property
    def aster(self) -> FilePartner:
        found = self.ours.house.sides.partners["aster"]
        assert isinstance(found, FilePartner)
        return found

    @property
    def day(self) -> date:
        return self.ours.today + timedelta(days=30)

    async def offers(
        self, *bounds: tuple[str, str], party: tuple[Pax, ...] = ADULT
    ) -> list[OfferSummary]:
        """Bounds a week apart."""
        dated = [(o, d, self.day + timedelta(days=7 * n)) for n, (o, d) in enumerate(bounds)]
        reply = await self.ours.talk.shop(dated, party)
        assert reply.errors == ()
        return offers_of(reply)

    async def findings(self) -> list[str]:
        return [*await self.ours.findings(), *await self.theirs.findings()]

    async def settle(self, order_id: str, *, rounds: int = 40) -> Reply:
        """Lets the worker go on, and time with it, until the order stands still."""
        for _ in range(rounds):
            if not await self.ours.house.store.list_tasks(order_id):
                break
            self.ours.clock.advance(timedelta(seconds=20))
            await self.ours.house.deliverer.run_due()
        assert not await self.ours.house.store.list_tasks(order_id)
        return await self.ours.talk.retrieve(order_id)


def impatient_world() -> World:
    """Our world, where a message to a partner has little time."""
    world = demo_world()
    partners = tuple(
        replace(each, options={**each.options, "timeout_s": "2.0"}) if each.kind == "ndc" else each
        for each in world.partners
    )
    return replace(world, partners=partners)


@asynccontextmanager
async def joint(
    folder: Path,
    patch: pytest.MonkeyPatch,
    *,
    world: World | None = None,
    reply_s: float = 3.0,
) -> AsyncIterator[Joint]:
    """reply_s: how long a seller waits for tickets before it is told what is pending."""
    clock = MovingClock()
    async with serving(folder / "isfugl", clock=clock, world=isfugl_world()) as theirs:
        port = urlsplit(theirs.url).port
        assert port is not None
        async with FaultProxy("127.0.0.1", port) as wire:
            patch.setenv(URL, wire.url)
            async with serving(
                folder / "trillium", clock=clock, world=world, reply_deadline_s=reply_s
            ) as ours:
                yield Joint(ours, theirs, wire)


def texts(reply: Reply, path: str) -> list[str]:
    return [each.text or "" for each in reply.all(path)]


def tickets(reply: Reply) -> dict[str, str]:
    """Who issued each ticket, by its number."""
    found = {}
    for info in reply.all("Response/TicketDocInfo"):
        issuer = child_text(info, "IssueInfo/IssuingCarrier/AirlineDesigCode")
        for number in find_all(info, "Ticket/TicketNumber"):
            found[number.text or ""] = issuer
    return found


def coupons(reply: Reply) -> list[str]:
    return texts(reply, "//CouponStatusCode")


def carriers(reply: Reply) -> list[tuple[str, str]]:
    """Marketing and operating designator of each flight, in the order of the message."""
    operating = {
        child_text(each, "DatedOperatingSegmentId"): child_text(each, "CarrierDesigCode")
        for each in reply.all("//DatedOperatingSegment")
    }
    return [
        (
            child_text(each, "CarrierDesigCode"),
            operating[child_text(each, "DatedOperatingSegmentRefId")],
        )
        for each in reply.all("//DatedMarketingSegment")
    ]


def booked_where(reply: Reply) -> dict[str, list[str]]:
    """Carriers of the bookings of each flight service, by the segment's id."""
    found: dict[str, list[str]] = {}
    for service in reply.all("Response/Order/OrderItem/Service"):
        segment = child_text(service, "OrderServiceAssociation/PaxSegmentRef/PaxSegmentRefID")
        if segment:
            entities = find_all(service, "BookingRef/BookingEntity/Carrier/AirlineDesigCode")
            found[segment] = [each.text or "" for each in entities]
    return found


def bases(element: etree._Element) -> list[str]:
    return [each.text or "" for each in find_all(element, "FareDetail/FareComponent/FareBasisCode")]

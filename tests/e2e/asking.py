"""What the tests of error codes ask: a sound request for each message, and how it is spoilt."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from lxml import etree
from tests import databases
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OfferSummary, offers_of
from ndc_oms.kit.requests import (
    Pax,
    Sender,
    air_shopping,
    card,
    offer_price,
    order_create,
    order_retrieve,
)

ROUTE = ("YYZ", "LHR")
AHEAD = 30  # days
ADULT = (Pax("PAX1"),)
COUPLE = (Pax("PAX1", given="Maren"), Pax("PAX2", given="Soren"))
CHILD = (Pax("PAX1"), Pax("PAX2", "CHD", given="Jonas", birthdate=date(2019, 8, 30)))
LAPS = (
    *COUPLE,
    Pax("PAX3", "INF", given="Ida", birthdate=date(2026, 5, 17), holder="PAX1"),
    Pax("PAX4", "INF", given="Liv", birthdate=date(2026, 5, 17), holder="PAX2"),
)

Before = Callable[[Served], Awaitable[None]]
Edit = tuple[str, str]
REPLIES = {
    "shop": "IATA_AirShoppingRS",
    "price": "IATA_OfferPriceRS",
    "create": "IATA_OrderViewRS",
    "retrieve": "IATA_OrderViewRS",
}


@dataclass(frozen=True)
class Case:
    """One way to be refused.

    edits: texts of the sound request and what stands there instead. path: TagText below the
    request's root, "" where no element is at fault; absent: it is missing from the request. then:
    what happens between the offer and the request. left: what DescText says of what was done.
    """

    code: str
    message: str
    what: str
    edits: tuple[Edit, ...] = ()
    path: str = ""
    type: str = "Invalid"
    party: tuple[Pax, ...] = ADULT
    priced: bool = False
    absent: bool = False
    then: Before | None = None
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    state: str = "NotProcessed"
    left: str = "Nothing was done"
    pan: str = "4111111111111111"
    reply: str = ""

    @property
    def name(self) -> str:
        return f"{self.code}-{self.message}-{self.what.replace(' ', '-')}"

    @property
    def root(self) -> str:
        """Of the reply."""
        return self.reply or REPLIES[self.message]


def bounds(served: Served) -> list[tuple[str, str, date]]:
    return [(*ROUTE, served.today + timedelta(days=AHEAD))]


async def offer_for(served: Served, case: Case) -> OfferSummary:
    """A shopped offer for the case's party, or a priced one."""
    shopped = await served.talk.shop(bounds(served), case.party, limit=1)
    (offer,) = offers_of(shopped)
    if case.priced:
        (offer,) = offers_of(await served.talk.price(offer, case.party))
    return offer


async def sound(served: Served, case: Case) -> str:
    """The request before it is spoilt: it would be answered."""
    sender, trx = Sender(), "trx-1"
    if case.message == "shop":
        return air_shopping(bounds(served), case.party, limit=1, trx_id=trx).decode()
    offer = await offer_for(served, case)
    if case.message == "price":
        body = offer_price(offer.offer_id, offer.items, case.party, sender=sender, trx_id=trx)
    elif case.message == "create":
        paid = card(case.pan, offer.amount, offer.currency)
        body = order_create(
            offer.offer_id, offer.items, case.party, paid, sender=sender, trx_id=trx
        )
    else:
        created = await served.talk.create(offer, case.party, "trx-0")
        body = order_retrieve(created.text("Response/Order/OrderID"), trx_id=trx)
    return body.decode()


def spoilt(text: str, edits: tuple[Edit, ...]) -> str:
    for old, new in edits:
        assert old in text, f"{old} is not in {text}"
        text = text.replace(old, new)
    return text


async def ask(served: Served, case: Case) -> tuple[str, Reply]:
    """The spoilt request and its reply."""
    text = spoilt(await sound(served, case), case.edits)
    if case.then is not None:
        await case.then(served)
    return text, await served.client.send(text.encode(), case.headers)


def at(document: str, path: str) -> etree._Element | None:
    """The element at a path as replies tell them, `/IATA_…RQ/Request/Pax[2]/PTC`; None: none."""
    node = etree.fromstring(document.encode())
    first, *steps = path.strip("/").split("/")
    if etree.QName(node).localname != first:
        return None
    for step in steps:
        name, _, number = step.rstrip("]").partition("[")
        if name.startswith("@"):
            return node if name[1:] in node.attrib else None
        alike = [child for child in node if _local(child) == name]
        place = int(number or 1) - 1
        if place >= len(alike):
            return None
        node = alike[place]
    return node


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def orders(served: Served) -> int:
    """How many there are, by the database itself."""
    ((count,),) = databases.read(served.house.config.data, "SELECT count(*) FROM orders")
    return int(count)

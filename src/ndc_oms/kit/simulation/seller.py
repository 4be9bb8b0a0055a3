"""A seller of a simulation: sends, hears or does not hear, and remembers what it was told.

What it was told must stay true; each thing that does not is a finding, at once.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from lxml import etree

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.kit.requests import Sender
from ndc_oms.kit.simulation.house import House
from ndc_oms.kit.simulation.memory import KnownOffer, Memory, Sent
from ndc_oms.ports.sellers import Caller, Seller

# a clock that is set back while a message is on its way
SLACK: Final = timedelta(minutes=2)
_NOT_YOURS: Final = "129"
_PAGE: Final = re.compile(rb"/payment/page/([0-9a-f]{32})")


@dataclass(slots=True)
class Notes:
    """What all sellers of a seed found, and how often they did what."""

    findings: list[str] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)


class SimulatedSeller:
    """others: order ids that belong to somebody else, filled by everybody."""

    def __init__(
        self, number: int, house: House, random: Random, notes: Notes, every: dict[str, str]
    ) -> None:
        self.org_id = f"9100{number:04d}"
        self.house = house
        self.random = random
        self.notes = notes
        self.memory = Memory()
        self.sender = Sender(self.org_id, house.ground.world.airline.designator)
        self._every = every
        self._caller = Caller(Seller(self.org_id, f"Seller {number}", "CAD"), self.org_id)
        self._keys = 0

    # -- sending -----------------------------------------------------------------------------

    async def ask(self, what: str, body: bytes) -> Reply | None:
        """What came back; None where nothing did."""
        self.notes.acts[what] += 1
        came = await self.house.send(body, self._caller)
        if came is None:
            self.notes.answers["none"] += 1
            self.trace(f"{what}: no answer")
            return None
        root = etree.fromstring(came.body, etree.XMLParser(resolve_entities=False))
        reply = Reply(came.status, came.body, {}, root)
        if came.retry_after_s is not None:
            reply = Reply(came.status, came.body, {"Retry-After": str(came.retry_after_s)}, root)
        self.notes.answers[came.outcome] += 1
        self.trace(f"{what}: {came.outcome} {came.code}")
        if came.outcome == "bug" or came.status != 200:
            self.find(f"{what} was answered with {came.status}: {reply.errors}")
        return reply

    def new(self, what: str, compose: Callable[[str], bytes], order_id: str = "") -> Sent:
        """A message under a new key."""
        self._keys += 1
        key = f"{self.org_id}-{self._keys}"
        sent = Sent(key, what, compose(key), order_id=order_id)
        self.memory.sent.append(sent)
        return sent

    async def write(self, sent: Sent) -> Reply | None:
        """Sends it, for the first time or again. Whatever was heard before must be heard again."""
        known = sent.done
        reply = await self.ask(sent.what, sent.body)
        if reply is None or "Retry-After" in reply.headers:
            return reply
        sent.heard.append(reply.body)
        if known is not None and reply.body != known:
            self.find(f"I2: {sent.key} ({sent.what}) was answered differently when sent again")
        if not reply.errors:
            self._done(sent, reply)
        return reply

    def _done(self, sent: Sent, reply: Reply) -> None:
        if sent.done is not None and sent.done != reply.body:
            self.find(f"I2: {sent.key} ({sent.what}) has two answers")
        order = order_of(reply)
        if sent.order_id not in ("", order.order_id):
            self.find(f"I2: {sent.key} made {sent.order_id} and {order.order_id}")
        sent.done, sent.order_id = reply.body, order.order_id
        self.learn(reply, order)

    def learn(self, reply: Reply, order: OrderSummary | None = None) -> OrderSummary:
        """The order of a reply, as it is known from now on."""
        order = order or order_of(reply)
        known = self.memory.orders.get(order.order_id)
        if known is None or known.version <= order.version:
            self.memory.orders[order.order_id] = order
            held = reply.all("Response/Order/OrderItem/PaymentTimeLimitDateTime")
            (self.memory.held.add if held else self.memory.held.discard)(order.order_id)
        if self._every.setdefault(order.order_id, self.org_id) != self.org_id:
            self.find(f"I24: {self.org_id} was told of {order.order_id}, which is another's")
        self.memory.pages.extend(each.decode() for each in _PAGE.findall(reply.body))
        return order

    # -- judging -------------------------------------------------------------------------------

    def check_created(
        self,
        known: KnownOffer,
        reply: Reply,
        sent_at: datetime | None,
        beside: Decimal = Decimal(0),
    ) -> None:
        """sent_at: None where somebody sent this key before. beside: what services cost."""
        order, offer = order_of(reply), known.offer
        self.memory.bought.setdefault(order.order_id, known)
        price = Decimal(offer.amount) + beside
        if (Decimal(order.amount), order.currency) != (price, offer.currency):
            self.find(
                f"I14: {order.order_id} costs {order.amount} {order.currency}, what it was made "
                f"of {price} {offer.currency}"
            )
        if sent_at is not None and sent_at - SLACK >= known.ends:
            self.find(f"I15: {order.order_id} was made of an offer that ended {known.ends}")

    def check_hidden(self, what: str, order_id: str, reply: Reply | None) -> None:
        if reply is not None and [code for code, _ in reply.errors] != [_NOT_YOURS]:
            self.find(f"I24: {what} of {order_id}, another's, was answered {reply.errors}")

    def find(self, finding: str) -> None:
        self.trace(f"FOUND {finding}")
        self.notes.findings.append(finding)

    def trace(self, what: str) -> None:
        self.house.trace.add(self.org_id, what)

    # -- choosing --------------------------------------------------------------------------------

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def some_order(self) -> OrderSummary | None:
        orders = list(self.memory.orders.values())
        return self.random.choice(orders) if orders else None

    def some_offer(self) -> KnownOffer | None:
        return self.random.choice(self.memory.offers) if self.memory.offers else None

    def anothers_order(self) -> str:
        """An order that somebody else made; "" where there is none."""
        found = [order for order, owner in self._every.items() if owner != self.org_id]
        return self.random.choice(found) if found else ""

"""One order's life: who holds it, what was sent for it, and how a step says what came of it."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from lxml import etree
from tests.sequences.calm import CalmHouse

from ndc_oms.kit.client import Reply
from ndc_oms.kit.requests import Pax, Sender, card, settlement_plan
from ndc_oms.kit.servicing import order_change, redirect
from ndc_oms.kit.simulation.memory import Memory, Sent
from ndc_oms.model.documents import DocumentType
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.money import Money, minor_text
from ndc_oms.model.order import Order
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.status import CouponStatus, OrderStatus, PaymentState
from ndc_oms.payments.gateways.magic import MAGIC, Behaviour
from ndc_oms.ports.sellers import Caller, Seller
from ndc_oms.store.history import History
from ndc_oms.store.verify import Histories

ORG: Final = "91000000"
CARDS: Final = tuple(each for each in MAGIC if each.behaviour is Behaviour.APPROVES)
GIVEN: Final = ("Maren", "Odd", "Pilar", "Quinn", "Rosa")

_HELD_UP: Final = frozenset(
    {CouponStatus.CHECKED_IN, CouponStatus.SUSPENDED, CouponStatus.IRREGULAR}
)

# What a step came to. Nobody could do it now; it was refused for a reason that may be; it was done.
NOT_NOW: Final = None
REFUSED: Final = False
DONE: Final = True


class BrokenError(AssertionError):
    """What must not be."""


@dataclass
class Life:
    """org_id, memory: what `kit.simulation.audit` looks at. told: each step, for who reads a
    failure. counted: steps by name and what they came to. histories: what was read of the order
    when it was looked at last.
    """

    house: CalmHouse
    random: Random
    counted: Counter[tuple[str, str]]
    org_id: str = ORG
    memory: Memory = field(default_factory=Memory)
    histories: Histories = field(default_factory=lambda: Histories(History))
    told: list[str] = field(default_factory=list)
    party: tuple[Pax, ...] = ()
    order_id: str = ""
    _keys: int = 0

    def __post_init__(self) -> None:
        self._caller = Caller(Seller(self.org_id, "Seller", "CAD"), self.org_id)

    @property
    def sender(self) -> Sender:
        return Sender(self.org_id, self.house.world.airline.designator)

    @property
    def today(self) -> date:
        return self.house.clock.now().date()

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    # -- talking -------------------------------------------------------------------------------

    async def ask(self, body: bytes) -> Reply:
        came = await self.house.send(body, self._caller)
        root = etree.fromstring(came.body)
        reply = Reply(came.status, came.body, {}, root)
        if came.status != 200:
            raise BrokenError(f"{came.outcome}: {reply.errors}")
        return reply

    def key(self) -> str:
        self._keys += 1
        return f"key-{self._keys}"

    async def write(self, what: str, body: bytes, key: str) -> Reply:
        """Sends it, and remembers what was done."""
        reply = await self.ask(body)
        if not reply.errors:
            order_id = reply.text("Response/Order/OrderID")
            self.memory.sent.append(
                Sent(key, what, body, heard=[reply.body], done=reply.body, order_id=order_id)
            )
        return reply

    async def change(
        self,
        order: Order,
        wanted: str = "",
        *,
        payments: str = "",
        lists: str = "",
        may: Collection[str] = (),
    ) -> bool:
        """An OrderChange at the version that the order has. may: codes of refusals that are no
        fault of ours.
        """  # fmt: skip
        key = self.key()
        body = order_change(
            order.order_id, wanted, version=order.version, payments=payments, lists=lists,
            sender=self.sender, trx_id=key,
        )  # fmt: skip
        return self.came(await self.write("change", body, key), may)

    def came(self, reply: Reply, may: Collection[str]) -> bool:
        """Whether it was done. A refusal must be one of those that may be."""
        if not reply.errors:
            return DONE
        strange = [(code, text) for code, text in reply.errors if code not in may]
        if strange:
            raise BrokenError(f"refused: {strange}")
        code, text = reply.errors[0]
        self.told[-1] += f" refused {code}: {text}"
        return REFUSED

    # -- paying --------------------------------------------------------------------------------

    def payment(self, amount: Money) -> str:
        """Nothing for nothing. In one form, or in two parts; none of them is declined."""
        if not amount:
            return ""
        if amount.minor > 100 and self.chance(0.2):
            part = Money(amount.minor * self.random.randint(1, 9) // 10, amount.currency)
            return self._paid(part) + self._paid(amount - part)
        if self.chance(0.12):
            return redirect(*_written(amount))
        return self._paid(amount)

    def _paid(self, amount: Money) -> str:
        if self.chance(0.25):
            return settlement_plan(self.org_id, *_written(amount))
        chosen = self.random.choice(CARDS)
        return card(chosen.number, *_written(amount), brand=chosen.brand)

    async def payers_pay(self, *, pays: bool = True) -> None:
        """Whoever was sent to a page ends there."""
        for each in awaiting(self.order):
            await self.house.payer_ends(each, pays=pays)
        await self.house.settle()

    # -- the order -----------------------------------------------------------------------------

    @property
    def order(self) -> Order:
        return next(each for each in self.house.orders if each.order_id == self.order_id)

    @property
    def is_over(self) -> bool:
        """Closed, or the last flight has left some time ago."""
        order = self.order
        if order.status is OrderStatus.CLOSED or not order.live_items:
            return True
        last = flown_segments(order)[-1].flight.arrival
        return self.house.clock.now() > last + timedelta(days=1)

    def coming(self, order: Order) -> list[OrderSegment]:
        """Flights that have not left, as they are flown."""
        now = self.house.clock.now()
        return [each for each in flown_segments(order) if each.flight.departure > now]


Step = Callable[[Life, Order], Awaitable[bool | None]]


def _written(amount: Money) -> tuple[str, str]:
    return minor_text(amount.minor, amount.currency), amount.currency


def held_up(order: Order) -> bool:
    """Some passenger has checked in, or is suspended: little can be asked for now."""
    return any(
        coupon.status in _HELD_UP
        for document in order.documents
        if document.type is DocumentType.TICKET
        for coupon in document.coupons
    )


def awaiting(order: Order) -> list[str]:
    """Sessions of payers who were sent to a page."""
    return [
        p.session
        for p in order.payments
        if p.form is PaymentForm.REDIRECT and p.state is PaymentState.AWAITING and p.session
    ]


def flown_segments(order: Order) -> list[OrderSegment]:
    """Of those who fly, as they are flown."""
    flown = {s.segment_id for item in order.live_items for s in item.services}
    found = [s for s in order.segments if s.id in flown]
    return sorted(found, key=lambda each: each.flight.departure)

"""The three sets of books of one sale (ours, the PSS's, the gateway's), read from their files by
somebody who is none of the three, and compared.
"""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests import databases
from tests.houses import configured, demo_world
from tests.patience import PATIENCE_S

from ndc_oms.cli.checking import planned_step
from ndc_oms.model.documents import Document
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.status import CouponStatus, OrderStatus, PaymentState
from ndc_oms.ports.pss import PssSettings
from ndc_oms.store.rows import read_order
from ndc_oms.store.verify import verify
from ndc_pss_simulator import shelf
from ndc_pss_simulator.simulator import Simulator

Account = tuple[int, int, int, int]  # authorised, captured, released, refunded
_AUTHORISED = "SELECT asked, made FROM calls WHERE asked LIKE 'authorise %'"
# id, amount, captured, released, refunded
ACCOUNTS = """
SELECT a.id, a.amount, a.captured, a.released, coalesce(sum(c.refunded), 0)
FROM authorisations a LEFT JOIN captures c ON c.authorisation = a.id GROUP BY a.id
"""


@dataclass(frozen=True)
class Books:
    """data: the folder of a house, running or not."""

    data: Path

    @property
    def pss(self) -> Path:
        return self.data / "pss" / "pss.sqlite3"

    @property
    def gateways(self) -> list[Path]:
        """Those that take cards: each keeps books of its own."""
        return sorted((self.data / "payment").rglob("gateway.sqlite3"))

    @property
    def store(self) -> Path:
        """Of a house on SQLite."""
        return self.data / "ndc-oms.sqlite3"

    def orders(self) -> list[Order]:
        """As our snapshots have them, oldest first."""
        rows = databases.read(self.data, "SELECT snapshot FROM orders ORDER BY created_at")
        return [read_order(snapshot) for (snapshot,) in rows]

    def waiting(self) -> list[tuple[str, bool]]:
        """(key, parked) of every task in the outbox."""
        rows = databases.read(self.data, "SELECT key, parked FROM outbox ORDER BY key")
        return [(key, bool(parked)) for key, parked in rows]

    async def settled(self, within_s: float = PATIENCE_S) -> None:
        """Returns when nothing is left to be done."""
        deadline = time.monotonic() + within_s
        while waiting := self.waiting():
            assert time.monotonic() < deadline, waiting
            await asyncio.sleep(0.05)

    async def findings(self, now: datetime | None = None) -> list[str]:
        """What does not hold in any of the books, or between them, once all is settled.

        now: the house's time, where its clock is not the machine's.
        """
        found = await verify(configured(self.data).database_url, next_step=planned_step)
        found += [f"PSS: {each}" for each in await self._audit(now or datetime.now(UTC))]
        orders = self.orders()
        found += self._bookings(orders)
        found += self._documents(orders)
        found += self._money(orders)
        return found

    async def _audit(self, now: datetime) -> list[str]:
        airline = demo_world().airline
        settings = PssSettings(
            folder=str(self.pss.parent),
            carrier=airline.designator,
            accounting_prefix=airline.accounting_prefix,
            inventory=demo_world().inventory,
            now=lambda: now,
            options={},
        )
        pss = Simulator(settings)
        try:
            return await pss.audit()
        finally:
            await pss.close()

    def _bookings(self, orders: list[Order]) -> Iterator[str]:
        ours = {order.order_id: order for order in orders}
        pnrs = rows(self.pss, "SELECT order_id, locator, cancelled FROM pnrs")
        made = Counter(order_id for order_id, _, _ in pnrs)
        live = {(order_id, locator) for order_id, locator, cancelled in pnrs if not cancelled}
        for order_id, count in made.items():
            if order_id not in ours:
                yield f"PNR of {order_id}, which is no order"
            if count != 1:
                yield f"{order_id} was booked {count} times"
        wanted = {
            (order.order_id, booking.locator)
            for order in orders
            for booking in order.bookings
            if order.status is OrderStatus.OPENED
        }
        for order_id, locator in live ^ wanted:
            yield f"PNR {locator} of {order_id} is not both in our books and the PSS's"
        for (reference,) in rows(self.pss, "SELECT reference FROM holds WHERE state = 'held'"):
            order_id = reference.partition(":")[0]
            if order_id in ours:
                yield f"hold {reference} is still held"

    def _documents(self, orders: list[Order]) -> Iterator[str]:
        with _opened(self.pss) as connection:
            theirs = {document.number: document for _, document in shelf.each(connection)}
        ours = {document.number: document for order in orders for document in order.documents}
        for number in theirs.keys() ^ ours.keys():
            yield f"document {number} is not both in our books and the PSS's"
        for number in theirs.keys() & ours.keys():
            if _states(theirs[number]) != _states(ours[number]):
                yield f"document {number} is {_states(theirs[number])} at the PSS"
        for order in orders:
            yield from _tickets(order)

    def _money(self, orders: list[Order]) -> Iterator[str]:
        accounts: dict[str, Account] = {}
        made: dict[str, set[str]] = {order.order_id: set() for order in orders}
        for path in self.gateways:
            accounts |= {row[0]: row[1:] for row in rows(path, ACCOUNTS)}
            for asked, authorisation in rows(path, _AUTHORISED):
                made.setdefault(asked.split()[1], set()).add(authorisation)
        for order_id in made.keys() - {order.order_id for order in orders}:
            yield f"authorisation of {order_id}, which is no order"
        for order in orders:
            known = {payment.authorisation for payment in order.payments}
            for stray in made[order.order_id] - known:
                yield f"authorisation {stray} of {order.order_id} is not in our books"
            for payment in order.payments:
                if payment.card is not None and payment.authorisation:
                    yield from _account(order, payment, accounts[payment.authorisation])


def _tickets(order: Order) -> Iterator[str]:
    """Of an order that stands: one live coupon for each passenger and flight; else none."""
    live = Counter(
        (document.passenger_id, coupon.segment_id)
        for document in order.documents
        for coupon in document.coupons
        if coupon.status is CouponStatus.OPEN
    )
    stands = order.status is OrderStatus.OPENED
    flown = {(item.passenger_id, s.segment_id) for item in order.items for s in item.services}
    if live != Counter(flown if stands else ()):
        yield f"{order.order_id} has the coupons {dict(live)}"


def _account(order: Order, payment: Payment, account: Account) -> Iterator[str]:
    amount = payment.amount.minor
    wanted = {
        PaymentState.AUTHORISED: (amount, 0, 0, 0),
        PaymentState.CAPTURED: (amount, amount, 0, 0),
        PaymentState.RELEASED: (amount, 0, 1, 0),
        PaymentState.REFUNDED: (amount, amount, 0, amount),
    }.get(payment.state)
    if account != wanted:
        yield f"{order.order_id} {payment.id} is {payment.state} here, {account} at the gateway"
    if order.status is OrderStatus.OPENED and payment.state is not PaymentState.CAPTURED:
        yield f"{order.order_id} stands, and {payment.id} is {payment.state}"


def _states(document: Document) -> list[CouponStatus]:
    return [coupon.status for coupon in document.coupons]


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Of a file of the PSS or a gateway."""
    with _opened(path) as connection:
        return connection.execute(sql).fetchall()


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=PATIENCE_S)
    try:
        yield connection
    finally:
        connection.close()

"""The store's promises, in dictionaries."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.orders.fake_clock import FakeClock

from ndc_oms.errors import Conflict, NotFound
from ndc_oms.model.events import Event
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.ledger import Transaction
from ndc_oms.model.offer import Offer
from ndc_oms.model.passenger import People
from ndc_oms.model.quote import Quote
from ndc_oms.model.stock import Place
from ndc_oms.ports import store as units
from ndc_oms.ports.store import OrderRecord, Task


@dataclass
class _Claim:
    order_id: str
    offer_id: str
    body_hash: str
    lease_until: datetime
    reply: bytes | None = None
    changes: bool = False
    effect: int | None = None


class FakeStore:
    """The store's promises, in dictionaries; every write is atomic because nothing awaits."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.orders: dict[str, OrderRecord] = {}
        self.events: dict[str, list[Event]] = {}
        self.ledger: list[Transaction] = []
        self.tasks: dict[str, Task] = {}
        self.leases: dict[str, datetime] = {}
        self.claims: dict[tuple[str, str], _Claim] = {}
        self.quotes: dict[str, Quote] = {}
        self.stock: Counter[Place] = Counter()

    async def write(self, unit: Any) -> Any:
        await asyncio.sleep(0)
        return getattr(self, f"_{type(unit).__name__}")(unit)

    def _ClaimKey(self, unit: units.ClaimKey) -> units.ClaimAnswer:  # noqa: N802  # by unit's name
        claim = self.claims.get((unit.seller, unit.key))
        order_id = claim.order_id if claim else unit.order_id
        if claim is not None:
            if claim.body_hash != unit.body_hash:
                return units.Differs()
            standing = self._standing(claim)
            if standing is not None:
                return standing
        if self._taken(unit.offer_id, order_id):
            return units.OfferUsed()
        self.claims[unit.seller, unit.key] = _Claim(
            order_id, unit.offer_id, unit.body_hash, unit.lease_until, changes=unit.changes
        )
        return units.Fresh(order_id, taken_over=claim is not None)

    def _taken(self, offer_id: str, order_id: str) -> bool:
        if not offer_id:
            return False
        ordered = any(
            r.order.offer_id == offer_id and r.order.order_id != order_id
            for r in self.orders.values()
        )
        return ordered or any(
            c.offer_id == offer_id and c.order_id != order_id and c.lease_until > self.clock.now()
            for c in self.claims.values()
        )

    def _recorded(self, claim: _Claim) -> int | None:
        if claim.effect is not None:
            return claim.effect
        return 1 if not claim.changes and claim.order_id in self.orders else None

    def _standing(self, claim: _Claim) -> units.Replay | units.Busy | None:
        recorded = self._recorded(claim)
        if claim.reply is not None:
            return units.Replay(claim.order_id, claim.reply, recorded or 1)
        if claim.lease_until > self.clock.now():
            return units.Busy()
        return units.Replay(claim.order_id, None, recorded) if recorded else None

    def _DropClaim(self, unit: units.DropClaim) -> None:  # noqa: N802  # by unit's name
        claim = self.claims.get((unit.seller, unit.key))
        own = claim and unit.lease_until in (None, claim.lease_until)
        if claim and own and claim.reply is None and self._recorded(claim) is None:
            del self.claims[unit.seller, unit.key]

    def _KeepReply(self, unit: units.KeepReply) -> None:  # noqa: N802  # by unit's name
        claim = self.claims[unit.seller, unit.key]
        claim.reply = claim.reply or unit.reply

    def _RecordOrder(self, unit: units.RecordOrder) -> None:  # noqa: N802  # by unit's name
        order = unit.order
        known = self.orders.get(order.order_id)
        if (known.order.sequence if known else 0) != unit.from_sequence:
            raise Conflict("changed meanwhile")
        if unit.done_attempt:
            task = self.tasks.get(unit.done_task or "")
            if task is None or task.attempts != unit.done_attempt:
                raise units.LeaseLost("another has it")
        if unit.claimed_by:
            claim = self.claims.get((order.seller, unit.claimed_by))
            if claim is None or claim.effect is not None:
                raise units.EffectUsed("done already")
            claim.effect = order.sequence
        assert order.sequence == unit.from_sequence + len(unit.events)
        people = unit.people or (known.people if known else People())
        for move in unit.stock:
            if self.stock[move.place] + move.count > move.limit:
                raise units.SoldOut("sold out", code="493")
        for move in unit.stock:
            self.stock[move.place] += move.count
        self.orders[order.order_id] = OrderRecord(order, people)
        self.events.setdefault(order.order_id, []).extend(unit.events)
        self.ledger.extend(unit.transactions)
        if unit.done_task is not None:
            self.tasks.pop(unit.done_task, None)
            self.leases.pop(unit.done_task, None)
        task = unit.next_task
        if task is not None and task.key not in self.tasks:
            leased = unit.lease_until is not None
            self.tasks[task.key] = replace(task, attempts=int(leased))
            if unit.lease_until is not None:
                self.leases[task.key] = unit.lease_until

    def _LeaseTasks(self, unit: units.LeaseTasks) -> tuple[Task, ...]:  # noqa: N802  # by unit's name
        due = [
            task
            for key, task in self.tasks.items()
            if task.due_at <= unit.now and self.leases.get(key, unit.now) <= unit.now
        ]
        leased = [replace(task, attempts=task.attempts + 1) for task in due[: unit.limit]]
        for task in leased:
            self.tasks[task.key] = task
            self.leases[task.key] = unit.until
        return tuple(leased)

    def _PostponeTask(self, unit: units.PostponeTask) -> None:  # noqa: N802  # by unit's name
        if unit.key in self.tasks and unit.attempt in (0, self.tasks[unit.key].attempts):
            self.tasks[unit.key] = replace(
                self.tasks[unit.key],
                due_at=unit.due_at,
                last_error=unit.error,
                parked=unit.parked,
            )
            self.leases.pop(unit.key, None)

    def _DropTask(self, unit: units.DropTask) -> None:  # noqa: N802  # by unit's name
        self.tasks.pop(unit.key, None)

    def _KeepQuote(self, unit: units.KeepQuote) -> None:  # noqa: N802  # by unit's name
        self.quotes.setdefault(unit.quote.quote_id, unit.quote)

    async def find_quote(self, quote_id: str) -> Quote | None:
        return self.quotes.get(quote_id)

    async def get_order(self, order_id: str, seller: str | None) -> OrderRecord:
        record = self.orders.get(order_id)
        if record is None or seller not in (None, record.order.seller):
            raise NotFound("no such order")
        return record

    async def find_by_booking(self, locator: str, seller: str | None) -> OrderRecord | None:
        for record in self.orders.values():
            if seller in (None, record.order.seller) and any(
                b.locator == locator for b in record.order.bookings
            ):
                return record
        return None

    async def list_events(self, order_id: str) -> list[Event]:
        return self.events[order_id]

    async def find_offer(self, _offer_id: str) -> Offer | None:
        return None

    async def find_claim(self, seller: str, key: str) -> units.Replay | units.Busy | None:
        claim = self.claims.get((seller, key))
        return self._standing(claim) if claim else None

    async def stock_taken(self, flight: FlightKey) -> dict[str, int]:
        return {place.what: n for place, n in self.stock.items() if place.flight == flight and n}

    async def list_tasks(self, order_id: str | None) -> list[Task]:
        return [t for t in self.tasks.values() if order_id in (None, t.order_id)]

    async def close(self) -> None: ...

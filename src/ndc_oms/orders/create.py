"""OrderCreate: an accepted offer becomes an order, held, recorded, and carried out.

    1  the offer is recalled, cards become tokens, everything is checked      (prepare.py)
    2  key and offer are claimed                                              (claim.py)
    3  the PSS holds the seats                                                (hold.py)
    4  the order is recorded, with its ledger and its first task: from here on it exists
    5  fulfilment runs, as long as the sender waits                           (fulfilment/)

Where the key came before, its earlier sending answers: at 2, or after a refusal at 1, since what
was accepted once need not pass any more. Before 4 a refusal leaves nothing behind, and the claim is
dropped. After it the order answers, whatever becomes of it: ticketed, pending, or closed with
everything taken back.
"""

import asyncio
from dataclasses import dataclass, replace

import structlog

from ndc_oms.errors import Conflict, Refusal
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.fulfilment.plan import record
from ndc_oms.model.events import OrderCreated
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import PassengerType
from ndc_oms.offers.request import Notice
from ndc_oms.offers.selection import one_selection
from ndc_oms.orders.answer import created
from ndc_oms.orders.build import build, new_order_id
from ndc_oms.orders.claim import Claims, needed_key
from ndc_oms.orders.hold import hold_seats, release_hold
from ndc_oms.orders.prepare import Draft, Recall, Rules, prepare
from ndc_oms.orders.request import CreateRequest, OrderView
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.failpoint import reached
from ndc_oms.ports.pss import Pss
from ndc_oms.ports.sellers import Attempt, Seller
from ndc_oms.ports.store import Fresh, OrderRecord, Replay, SoldOut, Store, Task

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CreateOrder:
    """reply_within_s: how long a sender waits for its tickets, in seconds."""

    store: Store
    pss: Pss
    recall: Recall
    rules: Rules
    deliverer: Deliverer
    clock: Clock
    entropy: Entropy
    reply_within_s: float = 8.0

    async def __call__(
        self, request: CreateRequest, seller: Seller, attempt: Attempt | None
    ) -> OrderView:
        """Raises Refusal; its `done` says what is left of the request."""
        deadline = asyncio.get_running_loop().time() + self.reply_within_s
        key = needed_key(attempt, "IATA_OrderCreateRQ")
        claims = Claims(
            self.store,
            self.clock,
            seller.org_id,
            key,
            lambda made, _: created(made),
            self.deliverer.owner,
        )
        try:
            draft = await self._prepare(request, seller)
        except Exception:
            earlier = await self._earlier(claims, request)
            if earlier is None:
                raise
            return earlier
        claim = await self._claim(claims, request)
        if isinstance(claim, OrderView):
            return claim
        if claims.waited:  # for an earlier sending that came to nothing: the offer may be past now
            try:
                draft = await self._prepare(request, seller)
            except Exception:
                await self._abandon(claims, claim)
                raise
        reached("create.claimed")
        order = await self._held(claims, claim, draft, seller)
        reached("create.held")
        try:
            recorded = await self._record(order, draft)
        except SoldOut:
            reached("create.refused")
            await claims.drop()
            raise
        reached("create.recorded")
        left_s = max(0.0, deadline - asyncio.get_running_loop().time())
        if recorded is None:  # another sending of the same key was faster
            known = Replay(order.order_id, None)
            return await claims.replayed(known, asyncio.get_running_loop().time() + left_s)
        stands = await self.deliverer.answer(*recorded, within_s=left_s)
        reached("create.fulfilled")
        return created(stands, *_guardian_notices(request, draft))

    async def _claim(self, claims: Claims, request: CreateRequest) -> Fresh | OrderView:
        offer_id = one_selection(request.selections, self.rules.owner).offer_id
        order_id = new_order_id(self.rules.owner, self.entropy)
        return await claims.take(order_id, offer_id, self.reply_within_s)

    async def _prepare(self, request: CreateRequest, seller: Seller) -> Draft:
        return await prepare(request, seller, self.recall, self.rules, self.clock.now())

    async def _earlier(self, claims: Claims, request: CreateRequest) -> OrderView | None:
        """What an earlier sending of the key is answered with."""
        claim = await self._claim(claims, request) if await claims.known() else None
        if isinstance(claim, Fresh):
            await self._abandon(claims, claim)
            return None
        return claim

    async def _abandon(self, claims: Claims, claim: Fresh) -> None:
        """Undoes what this or an earlier sending of the key left, before any order was there."""
        reached("create.refused")
        if claim.taken_over:
            await release_hold(self.pss, claim.order_id)
        await claims.drop()

    async def _held(self, claims: Claims, claim: Fresh, draft: Draft, seller: Seller) -> Order:
        order = build(
            draft.offer,
            order_id=claim.order_id,
            seller=seller.org_id,
            now=self.clock.now(),
            party=draft.party,
            takers=draft.takers,
            means=draft.means,
            limits=draft.limits,
            code_shares=self.rules.code_shares,
            services=draft.services,
        )
        try:
            await hold_seats(self.pss, self.clock, order, asked_before=claim.taken_over)
        except Refusal:
            reached("create.refused")
            await claims.drop()
            raise
        return order

    async def _record(self, order: Order, draft: Draft) -> tuple[Task, OrderRecord] | None:
        """The first task, leased to this process, and the order as it was recorded; None where it
        exists already.
        """
        now = self.clock.now()
        unit = record(
            None,
            (OrderCreated(at=now, order=order),),
            now,
            lease_owner=self.deliverer.owner,
            lease_until=self.deliverer.lease_until(),
            answered=True,
        )
        try:
            await self.store.write(replace(unit, people=draft.people))
        except SoldOut:
            await release_hold(self.pss, order.order_id)
            raise
        except Conflict:
            log.warning("order was recorded by another sending", order_id=order.order_id)
            return None
        if unit.next_task is None:
            raise AssertionError("a new order with nothing to do")
        return replace(unit.next_task, attempts=1), OrderRecord(unit.order, draft.people)


def _guardian_notices(request: CreateRequest, draft: Draft) -> tuple[Notice, ...]:
    """Which adults were chosen for lap infants that named none."""
    named = {p.id: p.guardian for p in request.passengers}
    return tuple(
        Notice(f"Infant {p.id} named no adult and was put on the lap of {p.guardian}.")
        for p in draft.party
        if p.type is PassengerType.INFANT and named[p.id] is None
    )

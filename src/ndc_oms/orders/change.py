"""OrderChange: what a seller does to an order that exists.

    1  the order is the seller's own                                  (own.py)
    2  the key is claimed: an earlier sending answers for this one    (claim.py)
    3  cards become tokens, an accepted quote is read
    4  the order has come to rest, and is as the sender saw it
    5  what was asked becomes events                                  (deciding.py)
    6  they are recorded, once for the key: from here on it is done
    7  fulfilment runs, as long as the sender waits

Before 6 a refusal leaves nothing behind, and the claim is dropped. Where something else happened
to the order between 4 and 6, the request is looked at anew.
"""

import asyncio
from dataclasses import dataclass, replace

from ndc_oms.errors import Conflict, Invalid
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.fulfilment.plan import record, settled, waiting_task
from ndc_oms.orders.answer import changed
from ndc_oms.orders.claim import Claims, needed_key
from ndc_oms.orders.deciding import Asked, Deciding
from ndc_oms.orders.own import check_current, check_open, find_own
from ndc_oms.orders.prepare import Rules
from ndc_oms.orders.quoted import Quoted, quote_of
from ndc_oms.orders.request import (
    AcceptAirlineChange,
    AcceptQuote,
    CancelUnpaid,
    ChangeRequest,
    OrderView,
    UpdatePerson,
)
from ndc_oms.orders.reshop import check_settled
from ndc_oms.orders.tender import tender
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.failpoint import reached
from ndc_oms.ports.pss import Pss
from ndc_oms.ports.sellers import Attempt, Seller
from ndc_oms.ports.store import EffectUsed, Fresh, OrderRecord, SoldOut, Store, Task


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """reply_within_s: how long a sender waits for what its change sets going, in seconds."""

    store: Store
    pss: Pss
    rules: Rules
    deliverer: Deliverer
    clock: Clock
    reply_within_s: float = 8.0

    async def __call__(
        self, request: ChangeRequest, seller: Seller, attempt: Attempt | None
    ) -> OrderView:
        """Raises Refusal; its `done` says what is left of the request."""
        deadline = asyncio.get_running_loop().time() + self.reply_within_s
        key = needed_key(attempt, "IATA_OrderChangeRQ")
        _check_shape(request)
        found = await find_own(self.store, self.rules.owner, request.order, seller)
        order_id = found.order.order_id
        claims = Claims(
            self.store,
            self.clock,
            seller.org_id,
            key,
            changed,
            self.deliverer.owner,
            changes=True,
        )
        claim = await claims.take(order_id, "", self.reply_within_s)
        if not isinstance(claim, Fresh):
            return claim
        reached("change.claimed")
        try:
            asked = await self._asked(request, seller)
            task, sequence = await self._carry_out(asked, key, deadline)
        except EffectUsed:
            return await claims.overtaken(order_id, deadline)
        except Exception:
            reached("change.refused")
            await claims.drop()
            raise
        reached("change.recorded")
        if task is not None:
            left_s = max(0.0, deadline - asyncio.get_running_loop().time())
            await self.deliverer.answer(replace(task, attempts=1), within_s=left_s)
        reached("change.fulfilled")
        fresh = await self.store.get_order(order_id, seller.org_id)
        return changed(fresh, sequence)

    async def _asked(self, request: ChangeRequest, seller: Seller) -> Asked:
        quote = None
        if isinstance(request.change, Quoted):
            quote = await quote_of(self.store, request.order, request.change, seller)
        paid = await tender(request.payments, self.rules.tills) if request.payments else None
        return Asked(replace(request, payments=()), seller, quote, paid)

    async def _carry_out(
        self, asked: Asked, key: Attempt, deadline: float
    ) -> tuple[Task | None, int]:
        """The task that is to be done now, leased to this process, and the sequence of the last
        event. Raises EffectUsed.
        """
        deciding = Deciding(self.pss, self.rules, self.clock)
        while True:
            found = await self._at_rest(asked, deadline)
            now = self.clock.now()
            decided = await deciding(found, asked, key, now)
            unit = record(
                found.order,
                decided.events,
                now,
                done_task=waiting_task(found.order),
                lease_owner=self.deliverer.owner,
                lease_until=self.deliverer.lease_until(),
                answered=True,
            )
            unit = replace(unit, people=decided.people, claimed_by=key.key)
            try:
                await self.store.write(unit)
            except (EffectUsed, SoldOut):
                raise
            except Conflict:
                continue  # something else happened to it meanwhile
            return unit.next_task if unit.lease_owner else None, unit.order.sequence

    async def _at_rest(self, asked: Asked, deadline: float) -> OrderRecord:
        """The order when nothing is being carried out for it. Raises Unavailable (182), and what
        `own.py` raises.
        """
        reference, seller = asked.request.order, asked.seller
        found = await find_own(self.store, self.rules.owner, reference, seller)
        if not settled(found.order):
            await self.deliverer.watch(found.order.order_id, deadline)
            found = await find_own(self.store, self.rules.owner, reference, seller)
        check_current(found.order, reference)
        check_open(found.order, reference.path)
        check_settled(found.order)
        return found


def _check_shape(request: ChangeRequest) -> None:
    """Raises Invalid (912) for nothing at all, for payments beside what is not paid for, and for
    several quotes at once.
    """
    change, order = request.change, request.order
    if change is None and not request.payments:
        raise Invalid(
            "The request neither changes nor pays anything.",
            path=order.path,
            remedy="Send ChangeOrderChoice, PaymentFunctions, or both.",
        )
    free = isinstance(change, CancelUnpaid | UpdatePerson | AcceptAirlineChange)
    if request.payments and (free or (isinstance(change, AcceptQuote) and change.cancels)):
        raise Invalid(
            "This change is not paid for.",
            path=request.payments[0].path,
            remedy="Send the payment in a request of its own.",
        )
    if isinstance(change, AcceptQuote) and len(change.quote_ids) != 1:
        raise Invalid(
            f"{len(change.quote_ids)} offers are accepted; an order is changed by one at a time.",
            path=change.path,
            remedy="Send an OrderChange for each offer.",
        )

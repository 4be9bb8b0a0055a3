"""Splitting an order: some of its passengers get an order of their own. The airline's staff do it.

1  the order has come to rest, and is as it was seen
2  who goes can travel without who stays, and the other way round
3  it is recorded; then the booking is divided, and both orders are recorded at once
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ndc_oms.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.fulfilment.plan import record, settled, waiting_task
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.split_events import SplitAccepted
from ndc_oms.model.status import PaymentState
from ndc_oms.model.under_way import Split
from ndc_oms.model.with_partners import flying, protected, to_divide
from ndc_oms.orders.build import new_order_id
from ndc_oms.orders.change_scope import travelling
from ndc_oms.orders.own import check_current, check_open
from ndc_oms.orders.request import OrderReference
from ndc_oms.orders.reshop import check_settled
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.failpoint import reached
from ndc_oms.ports.store import OrderRecord, Store, Task

_UNDER_WAY: Final = frozenset(
    {PaymentState.REQUESTED, PaymentState.AWAITING, PaymentState.AUTHORISED}
)


@dataclass(frozen=True, slots=True)
class SplitDone:
    """staying: the order as it is now; going: the one that was made."""

    staying: OrderRecord
    going: OrderRecord


@dataclass(frozen=True, slots=True)
class SplitOrder:
    """owner: our designator. dividers: partners that divide a booking of theirs, by name.
    reply_within_s: how long whoever asks waits, in seconds.
    """

    store: Store
    deliverer: Deliverer
    clock: Clock
    entropy: Entropy
    owner: str
    dividers: frozenset[str] = frozenset()
    reply_within_s: float = 8.0

    async def __call__(
        self, order_id: str, passenger_ids: Sequence[str], version: int | None = None
    ) -> SplitDone:
        """passenger_ids: who goes; infants on their laps go with them. version: as it was seen;
        None: whatever it is. Raises NotFound 129, Invalid 143, Conflict 476, NotAllowed 182, 185,
        Expired 303, Unavailable 182.
        """
        deadline = asyncio.get_running_loop().time() + self.reply_within_s
        reference = OrderReference(order_id.strip().upper(), self.owner, version)
        new_id, task = await self._accept(reference, passenger_ids, deadline)
        reached("split.recorded")
        left_s = max(0.0, deadline - asyncio.get_running_loop().time())
        await self.deliverer.drive(replace(task, attempts=1), within_s=left_s)
        staying = await self.store.get_order(reference.order_id, None)
        if all(each.order_id != new_id for each in staying.order.splits):
            raise _not_yet(staying.order)
        await self._settle(new_id, deadline)
        return SplitDone(staying, await self.store.get_order(new_id, None))

    async def _accept(
        self, reference: OrderReference, passenger_ids: Sequence[str], deadline: float
    ) -> tuple[str, Task]:
        """The id of the order that is made, and the task that makes it."""
        while True:
            order = await self._at_rest(reference, deadline)
            going = who_goes(order, passenger_ids)
            check_apart(order, going)
            check_partners(order, going, self.dividers)
            new_id = await self._new_id()
            now = self.clock.now()
            unit = record(
                order,
                (SplitAccepted(at=now, split=Split(new_id, going)),),
                now,
                done_task=waiting_task(order),
                lease_owner=self.deliverer.owner,
                lease_until=self.deliverer.lease_until(),
            )
            if unit.next_task is None:
                raise AssertionError("a split has its step")
            try:
                await self.store.write(unit)
            except Conflict:
                continue  # something else happened to it meanwhile
            return new_id, unit.next_task

    async def _at_rest(self, reference: OrderReference, deadline: float) -> Order:
        found = await self.store.get_order(reference.order_id, None)
        if not settled(found.order):
            found = await self.deliverer.watch(reference.order_id, deadline)
        check_current(found.order, reference)
        check_open(found.order, "")
        check_settled(found.order)
        return found.order

    async def _new_id(self) -> str:
        """One that no order has."""
        while True:
            new_id = new_order_id(self.owner, self.entropy)
            try:
                await self.store.get_order(new_id, None)
            except NotFound:
                return new_id

    async def _settle(self, order_id: str, deadline: float) -> None:
        """What is due for the new order at once is done with it."""
        self.deliverer.wake()
        await self.deliverer.watch(order_id, deadline)


def who_goes(order: Order, passenger_ids: Iterable[str]) -> tuple[str, ...]:
    """With the infants on their laps, in the order's own order. Raises Invalid (143) for nobody
    and for strangers, NotAllowed (182) for who is not in it any more.
    """
    named = frozenset(each.strip() for each in passenger_ids if each.strip())
    strangers = named - {each.id for each in order.passengers}
    if strangers or not named:
        who = min(strangers, default="nobody")
        raise Invalid(
            f"The order has no passenger {who}." if strangers else "Nobody is named.",
            code="143",
            remedy="Name passengers by the PaxIDs of the order.",
        )
    there = {each.id for each in travelling(order)}
    for passenger_id in sorted(named - there):
        other = next((s.order_id for s in order.splits if passenger_id in s.passenger_ids), "")
        raise NotAllowed(
            f"Passenger {passenger_id} is in order {other} now."
            if other
            else f"Passenger {passenger_id} is no longer in the order.",
            code="182",
        )
    return tuple(
        each.id
        for each in order.passengers
        if each.id in there and (each.id in named or each.guardian in named)
    )


def check_apart(order: Order, going: Sequence[str]) -> None:
    """Raises NotAllowed (185) where who goes and who stays cannot travel apart; (182) while
    something waits for an answer or for a payer.
    """
    staying = [each for each in travelling(order) if each.id not in going]
    if not any(each.type.seated for each in staying):
        raise _not_so("Somebody has to stay in the order.")
    alone = next((each for each in _going(order, going) if _is_left(each, going)), None)
    if alone is not None:
        raise _not_so(f"Infant {alone.id} travels with {alone.guardian}.")
    if len({order.booking_of(each) for each in going}) != 1:
        raise _not_so("They are in several bookings: split them off one after another.")
    theirs = any(part.live and going[0] in flying(order, part) for part in order.parts)
    if order.booking_of(going[0]) is None and not theirs:
        raise _not_so("The order is not booked.")
    if protected(order, [each.id for each in travelling(order)]):
        raise _not_so("A partner airline flies some of it in our place.")
    if order.open_changes or order.heard:
        raise NotAllowed(
            "A change by the airline waits for an answer.",
            code="182",
            remedy="Have the seller answer it first.",
        )
    if any(payment.state in _UNDER_WAY for payment in order.payments):
        raise NotAllowed(
            "A payment of the order is not taken yet.",
            code="182",
            remedy="Wait until the order is paid for, or its payment has failed.",
        )


def check_partners(order: Order, going: Sequence[str], dividers: Collection[str]) -> None:
    """Raises NotAllowed (185) where a partner that divides no booking flies with both."""
    for part in to_divide(order, going):
        if part.partner not in dividers:
            raise NotAllowed(
                f"Partner {part.partner} flies a part of it, and divides no booking.",
                code="185",
                remedy="Have the seller cancel for those who leave, and order for them anew.",
            )


def _going(order: Order, going: Sequence[str]) -> tuple[Passenger, ...]:
    return tuple(each for each in order.passengers if each.id in going)


def _is_left(passenger: Passenger, going: Sequence[str]) -> bool:
    return passenger.guardian is not None and passenger.guardian not in going


def _not_so(text: str) -> NotAllowed:
    return NotAllowed(text, code="185", remedy="Name others.")


def _not_yet(order: Order) -> Unavailable:
    if order.split is not None:
        return Unavailable(
            "The booking is still being divided.",
            code="182",
            remedy=f"It goes on by itself; look at order {order.order_id} later.",
            done=f"Order {order.split.order_id} will be made.",
        )
    reason = order.failed_split.reason if order.failed_split else "The order was not split."
    return Unavailable(
        reason, code="182", remedy="Try again.", done=f"Order {order.order_id} is as before."
    )

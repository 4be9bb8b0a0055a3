"""One effect for one key: what a seller sends twice is done once.

The key (Idempotency-Key, else TrxID) is claimed before anything outside is touched: for a new
order together with the offer, for a change together with the order. What a second sending meets:

    same body, reply kept         that reply, byte for byte
    same body, effect recorded    the order as it stands
    same body, still under way    its reply, waited for; after the deadline a refusal with retry
    same body, its owner died     the work goes on, for the same order
    another body                  refused; nothing is done
    another key, the same offer   refused: an offer is accepted once

Refused requests leave no claim: the same key may come again, mended.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ndc_oms.errors import Conflict, Expired, Invalid, Unavailable
from ndc_oms.fulfilment.plan import settled
from ndc_oms.orders.request import OrderView
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.sellers import Attempt
from ndc_oms.ports.store import (
    Busy,
    ClaimKey,
    Differs,
    DropClaim,
    Fresh,
    OfferUsed,
    OrderRecord,
    Replay,
    Store,
)

# The answer from the order as it stands, and the sequence of the event that the key brought about;
# raises the refusal that the key came to.
Answer = Callable[[OrderRecord, int], OrderView]

# Long enough for the seats to be held, after which the order is on disk; a process that dies
# before that holds up a second sending for no longer.
LEASE: Final = timedelta(seconds=30)
_FIRST_LOOK_S: Final = 0.02
_LAST_LOOK_S: Final = 0.25
GRACE_S: Final = 1.0  # a finished order's reply is written within it, unless its process died
RETRY_S: Final = 2


@dataclass(slots=True)
class Claims:
    """The idempotency protocol of one seller's key. owner: this process, as in leases of tasks.
    changes: orders that are there already. waited: for an earlier sending, in `reserve`.
    """

    store: Store
    clock: Clock
    seller: str
    attempt: Attempt
    answer: Answer
    owner: str
    changes: bool = False
    waited: bool = field(default=False, init=False)
    _lease_until: datetime | None = field(default=None, init=False)  # of what was taken

    async def known(self) -> bool:
        """Whether this key came before (and was not refused)."""
        return await self.store.find_claim(self.seller, self.attempt.key) is not None

    async def take(self, order_id: str, offer_id: str, within_s: float) -> Fresh | OrderView:
        """The right to make or change the order, or the answer that an earlier sending has. Raises
        what `reserve` does.
        """
        deadline = asyncio.get_running_loop().time() + within_s
        standing = await self.reserve(order_id, offer_id, within_s)
        return standing if isinstance(standing, Fresh) else await self.replayed(standing, deadline)

    async def reserve(self, order_id: str, offer_id: str, within_s: float) -> Fresh | Replay:
        """The key is ours, or was done with. Raises Conflict (476) for another body, Expired (913)
        for an offer that is taken, Unavailable where the earlier sending is not through within
        `within_s`.
        """
        deadline = asyncio.get_running_loop().time() + within_s
        look_s = _FIRST_LOOK_S
        while True:
            now = self.clock.now()
            self._lease_until = now + LEASE
            answer = await self.store.write(
                ClaimKey(
                    self.seller,
                    self.attempt.key,
                    self.attempt.body_hash,
                    order_id,
                    offer_id,
                    now,
                    self._lease_until,
                    self.changes,
                    self.owner,
                )
            )
            match answer:
                case Fresh() | Replay():
                    return answer
                case Differs():
                    raise _differs()
                case OfferUsed():
                    raise _offer_used()
            if asyncio.get_running_loop().time() >= deadline:
                raise _busy()
            look_s = await self._while_busy(look_s, deadline)

    async def _while_busy(self, look_s: float, deadline: float) -> float:
        """Waits, cheaply, until the key stands differently; the next pause in seconds."""
        self.waited = True
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(max(0.0, min(look_s, deadline - loop.time())))
            look_s = min(look_s * 2, _LAST_LOOK_S)
            standing = await self.store.find_claim(self.seller, self.attempt.key)
            if not isinstance(standing, Busy) or loop.time() >= deadline:
                return look_s

    async def replayed(self, known: Replay, deadline: float) -> OrderView:
        """The bytes that were sent; where there are none (yet), the order as it stands."""
        loop = asyncio.get_running_loop()
        settled_at: float | None = None
        while known.reply is None:
            record = await self.store.get_order(known.order_id, self.seller)
            if settled(record.order) and settled_at is None:
                settled_at = loop.time()
            waited_enough = settled_at is not None and loop.time() - settled_at >= GRACE_S
            if record.order.failure or waited_enough or loop.time() >= deadline:
                return self.answer(record, known.sequence)
            await asyncio.sleep(_LAST_LOOK_S)
            standing = await self.store.find_claim(self.seller, self.attempt.key)
            known = standing if isinstance(standing, Replay) else known
        return OrderView(None, replay=known.reply)

    async def overtaken(self, order_id: str, deadline: float) -> OrderView:
        """The answer of another sending of the key, which was faster. Raises Unavailable (476)
        where that one was refused: it took the key over when our lease had run out, as a clock
        that is set forward lets it, and left no claim.
        """
        if await self.store.find_claim(self.seller, self.attempt.key) is None:
            raise _lost()
        return await self.replayed(Replay(order_id, None, 0), deadline)

    async def drop(self) -> None:
        """Nothing was done under this key, by this sending: where that took longer than its lease,
        another sending may have taken the key over and be at work under it.
        """
        await self.store.write(DropClaim(self.seller, self.attempt.key, self._lease_until))


def needed_key(attempt: Attempt | None, message: str) -> Attempt:
    """Raises Invalid (912) where a sending could not be told from its repetition."""
    if attempt is None or not attempt.key:
        raise Invalid(
            "The request has neither an Idempotency-Key nor a TrxID, so that a repetition could "
            "not be told from a second request.",
            path=f"/{message}/PayloadAttributes/TrxID",
            remedy="Send a TrxID of your own, or the header Idempotency-Key: a new one for each "
            "request, the same one when you repeat it.",
        )
    return attempt


def _differs() -> Conflict:
    return Conflict(
        "This key came before with another request.",
        remedy="Send a new key (Idempotency-Key or TrxID) with a new request; repeat a request "
        "unchanged.",
        done="Nothing was done now; what the first request with this key did stands.",
    )


def _offer_used() -> Expired:
    return Expired(
        "The offer was accepted already: an offer makes one order.",
        remedy="Repeat the first request with its own key to get its order, or shop again.",
    )


def _lost() -> Unavailable:
    return Unavailable(
        "Another sending of this request took its place, and was refused.",
        code="476",
        remedy="Send the same request again, with the same key.",
        retry_after_s=RETRY_S,
    )


def _busy() -> Unavailable:
    return Unavailable(
        "An earlier sending of this request is still being worked on.",
        code="476",
        remedy="Send the same request again, with the same key.",
        done="Nothing was done by this sending; the earlier one goes on.",
        retry_after_s=RETRY_S,
    )

"""OrderReshop: what would cancelling an order, or some of its passengers, give back?"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ndc_oms.errors import Unavailable
from ndc_oms.fulfilment.giving_back import concerns
from ndc_oms.fulfilment.plan import settled
from ndc_oms.model.order import Item, Order
from ndc_oms.model.quote import ItemQuote, Quote, QuoteKind
from ndc_oms.orders.cancel import check_free
from ndc_oms.orders.cancel_quote import (
    lost_item,
    refunded_item,
    unpaid_item,
    voidable,
    voided_item,
)
from ndc_oms.orders.coupons import Shown, show, unused
from ndc_oms.orders.own import check_current, check_open, find_own
from ndc_oms.orders.parts import check_rest, check_whole_passengers, chosen
from ndc_oms.orders.request import QuoteResult, ReshopRequest
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.pss import Pss
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import KeepQuote, Store
from ndc_oms.world.servicing import Servicing

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
ID_LENGTH: Final = 24
RETRY_S: Final = 2


@dataclass(frozen=True, slots=True)
class ReshopOrder:
    """owner: our designator."""

    store: Store
    pss: Pss
    owner: str
    servicing: Servicing
    clock: Clock
    entropy: Entropy

    async def __call__(self, request: ReshopRequest, seller: Seller) -> QuoteResult:
        """One quote, kept. Raises NotFound 129, Conflict 476 (another version), NotAllowed 182,
        185, Expired 303, Invalid 912, Unavailable 182.
        """
        record = await find_own(self.store, self.owner, request.order, seller)
        order, path = record.order, request.order.path
        check_current(order, request.order)
        check_open(order, path)
        check_settled(order)
        items, void = await self._items(order, request, path)
        now = self.clock.now()
        quote = Quote(
            quote_id=new_quote_id(self.entropy),
            order_id=order.order_id,
            order_version=order.version,
            seller=seller.org_id,
            kind=QuoteKind.CANCEL,
            currency=order.currency,
            created_at=now,
            expires_at=now + timedelta(seconds=self.servicing.quote_ttl_s),
            items=items,
            void=void,
        )
        await self.store.write(KeepQuote(quote))
        return QuoteResult(record, (quote,))

    async def _items(
        self, order: Order, request: ReshopRequest, path: str
    ) -> tuple[tuple[ItemQuote, ...], bool]:
        """Of each item that would be cancelled; whether its documents would be voided."""
        if not any(document.live for document in order.documents):
            items = chosen(order, request.item_ids, path)
            check_free(order, items, path)
            check_rest(order, items, path)
            return tuple(map(unpaid_item, items)), False
        shown = await show(self.pss, order)
        left = unused(order, shown, path)
        items = chosen(order, request.item_ids or [item.id for item in left], path)
        check_whole_passengers(order, items, left, path)
        void, now = self._void(order, items, shown), self.clock.now()

        def quoted(item: Item) -> ItemQuote:
            if item not in left:
                return lost_item(item)
            return voided_item(item) if void else refunded_item(order, item, now)

        return tuple(map(quoted, items)), void

    def _void(self, order: Order, items: tuple[Item, ...], shown: Shown) -> bool:
        now, hours = self.clock.now(), self.servicing.void_h
        ids = {item.id for item in items}
        documents = [d for d in shown.documents if concerns(order, d, ids)]
        return all(voidable(document, order, hours, now) for document in documents)


def new_quote_id(entropy: Entropy) -> str:
    return "Q" + entropy.token(LETTERS, ID_LENGTH)


def check_settled(order: Order) -> None:
    """Raises Unavailable (182) while something is being carried out."""
    if not settled(order):
        raise Unavailable(
            f"Something is still being carried out for order {order.order_id}.",
            code="182",
            remedy="Send the same request again, with the same key.",
            retry_after_s=RETRY_S,
        )

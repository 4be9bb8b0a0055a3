"""OrderList: a seller's own orders, newest first, in pages.

21.3 has no element for pages. A reply that does not show everything says so in a Warning and in a
Remark, `AFTER <OrderID>`, which is sent back as a Remark of OrderListParameters to read on.
"""

from dataclasses import dataclass, replace
from typing import Final

from ndc_oms.errors import NotFound
from ndc_oms.offers.request import Notice
from ndc_oms.orders.criteria import OrderCriteria
from ndc_oms.ports.search import OrderSearch
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import OrderRecord, Store

PAGE: Final = 50  # orders of a reply, at most
BATCH: Final = 50  # orders that are read at once
WEIGHED: Final = 400  # orders that one request looks at, at most: what it may cost is bounded


@dataclass(frozen=True, slots=True)
class ListRequest:
    """limit: of orders in the reply. after: an OrderID, where the reply before ended; path: its."""

    criteria: OrderCriteria
    limit: int = PAGE
    after: str | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class ListResult:
    """after: where to read on; None: these are all."""

    records: tuple[OrderRecord, ...]
    after: str | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class ListOrders:
    """The act. Only ever the caller's own orders: nobody else's are looked at."""

    store: Store

    async def __call__(self, request: ListRequest, seller: Seller) -> ListResult:
        """Raises NotFound (129) where `after` is no order of the seller."""
        limit = min(request.limit, PAGE)
        asked = OrderSearch(
            seller.org_id,
            request.criteria.index(),
            request.criteria.created,
            request.after,
            BATCH,
        )
        shown: list[OrderRecord] = []
        weighed = 0
        while True:
            batch = await self._read(asked, request)
            for record in batch:
                if len(shown) == limit or weighed == WEIGHED:
                    return _more(shown, asked.after, limit)
                weighed += 1
                if request.criteria.fits(record):
                    shown.append(record)
                asked = replace(asked, after=record.order.order_id)
            if len(batch) < BATCH:
                return ListResult(tuple(shown))

    async def _read(self, asked: OrderSearch, request: ListRequest) -> list[OrderRecord]:
        try:
            return list(await self.store.search_orders(asked))
        except NotFound:
            raise NotFound(
                "There is no such order to read on after, or it is not yours.",
                path=request.path,
                remedy="Send the Remark of the reply before as it was, or none to begin anew.",
            ) from None


def _more(shown: list[OrderRecord], after: str | None, limit: int) -> ListResult:
    why = (
        f"These are the first {len(shown)} orders"
        if len(shown) == limit
        else f"These were found among the {WEIGHED} orders that one request looks at"
    )
    text = f"{why}; send the same request with the Remark AFTER {after} to read on."
    return ListResult(tuple(shown), after, (Notice(text),))

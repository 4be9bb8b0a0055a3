"""An order's time limits as its items bear them: on what is unpaid, and on nothing else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from ndc_oms.model.balance import unpaid_items
from ndc_oms.model.items import Item
from ndc_oms.model.order import Order
from ndc_oms.ndc.compose import instant, leaf


@dataclass(frozen=True, slots=True)
class Limits:
    """unpaid: OrderItemIDs."""

    unpaid: frozenset[str]
    payment_at: datetime | None
    guarantee_until: datetime | None

    @classmethod
    def of(cls, order: Order) -> Self:
        unpaid = frozenset(item.id for item in unpaid_items(order))
        return cls(unpaid, order.payment_limit_at, order.price_guarantee_until)

    def payment(self, item: Item) -> str:
        return self._leaf("PaymentTimeLimitDateTime", self.payment_at, item)

    def guarantee(self, item: Item) -> str:
        return self._leaf("PriceGuaranteeTimeLimitDateTime", self.guarantee_until, item)

    def _leaf(self, name: str, at: datetime | None, item: Item) -> str:
        return leaf(name, instant(at)) if at is not None and item.id in self.unpaid else ""

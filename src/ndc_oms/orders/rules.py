"""OrderRules: how an order's items may be changed and cancelled, flights and what was bought beside
them, at which stage, for how much;
and the rules of a fare by its basis, for whoever holds an offer.
"""

from dataclasses import dataclass
from datetime import datetime

from ndc_oms.errors import Invalid, NotFound
from ndc_oms.model.items import AncillaryItem, Item
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order
from ndc_oms.model.product import Restriction, Stage
from ndc_oms.offers.fare_rules import FareRules
from ndc_oms.orders.own import check_current, find_own
from ndc_oms.orders.request import OrderReference
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import Store


@dataclass(frozen=True, slots=True)
class FareReference:
    """A fare as an offer names it. basis: FareBasisCode."""

    carrier: str
    origin: str
    destination: str
    basis: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class RulesRequest:
    """of: an order, of it `item_ids` (none: all that are not cancelled), or a fare."""

    of: OrderReference | FareReference
    item_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one fare, or for one product beside the flights (its basis is empty). name: of
    the family or the product. items: of the order, none for a fare by itself. departure, arrival:
    where its flights begin and end; None for a fare by itself.
    """

    carrier: str
    origin: str
    destination: str
    name: str
    basis: str
    changes: tuple[Restriction, ...]
    cancellations: tuple[Restriction, ...]
    items: tuple[str, ...] = ()
    departure: datetime | None = None
    arrival: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShowRules:
    """The act. owner: our designator."""

    store: Store
    fare_rules: FareRules
    owner: str

    async def __call__(self, request: RulesRequest, seller: Seller) -> tuple[Rules, ...]:
        """Raises NotFound: 129 for every order that is not the seller's own, 913 for a fare that
        is not ours; Invalid (912) for an item that the order has not; Conflict (476) for a
        version that the order no longer has.
        """
        if isinstance(request.of, FareReference):
            return (self._of_fare(request.of, seller),)
        order = (await find_own(self.store, self.owner, request.of, seller)).order
        check_current(order, request.of)
        items = _asked(order, request)
        return tuple(_of_item(order, each, items) for each in _one_a_fare(items))

    def _of_fare(self, fare: FareReference, seller: Seller) -> Rules:
        found = None
        if fare.carrier == self.owner:
            found = self.fare_rules.find(fare.origin, fare.destination, fare.basis, seller.currency)
        if found is None:
            raise NotFound(
                f"No fare {fare.basis[:40]} is sold from {fare.origin} to {fare.destination}.",
                code="913",
                path=fare.path,
                remedy="Send carrier, airports and FareBasisCode as an offer or an order has them.",
            )
        return Rules(
            fare.carrier,
            fare.origin,
            fare.destination,
            found.family.name,
            fare.basis,
            found.changes,
            found.cancellations,
        )


def _asked(order: Order, request: RulesRequest) -> list[Item]:
    """What costs nothing has no rules, unless it is asked for."""
    if not request.item_ids:
        paid = (each for each in order.live_ancillaries if each.fare.total)
        return [*order.live_items, *paid]
    every: tuple[Item, ...] = (*order.items, *order.ancillaries)
    known = {item.id: item for item in every}
    for item_id in request.item_ids:
        if item_id not in known:
            raise Invalid(
                f"The order has no item {item_id[:40]}.",
                path=request.of.path,
                remedy="Name OrderItemIDs of the order, or none for all of them.",
            )
    return [known[item_id] for item_id in request.item_ids]


def _one_a_fare(items: list[Item]) -> list[Item]:
    """The first of those for which the same holds."""
    return list({_key(item): item for item in reversed(items)}.values())[::-1]


def _key(item: Item) -> tuple[object, ...]:
    if isinstance(item, AncillaryItem):
        return item.product, tuple(service.segment_id for service in item.services)
    return item.bound_index, item.family.code, item.fare.basis, item.changes, item.cancellations


def _of_item(order: Order, item: Item, items: list[Item]) -> Rules:
    flights = [order.segment(service.segment_id).flight for service in item.services]
    if isinstance(item, AncillaryItem):
        name, cancellations = item.product.name, _refunds(item)
        changes: tuple[Restriction, ...] = ()
    else:
        name, changes, cancellations = item.family.name, item.changes, item.cancellations
    return Rules(
        order.owner,
        flights[0].origin,
        flights[-1].destination,
        name,
        item.fare.basis,
        changes,
        cancellations,
        tuple(each.id for each in items if _key(each) == _key(item)),
        flights[0].departure,
        flights[-1].arrival,
    )


def _refunds(item: AncillaryItem) -> tuple[Restriction, ...]:
    """As `cancel_quote` gives it back: whole and without a fee until its limit, or not at all."""
    product = item.product
    fee = Money.zero(item.fare.base.currency) if product.refundable else None
    return (
        Restriction(Stage.BEFORE, product.refundable, fee, product.refund_rule),
        Restriction(Stage.NO_SHOW, False, None, "Not refundable after departure."),
    )

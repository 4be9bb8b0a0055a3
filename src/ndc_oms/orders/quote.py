"""OrderQuote: what does an unpaid order cost now that its price guarantee is over?

The same flights and booking classes, priced as at this moment; the seats are in the booking. The
accepted price has a guarantee of its own, never beyond the payment time limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ndc_oms.errors import Unavailable
from ndc_oms.model.balance import open_items
from ndc_oms.model.events import ItemFare, OrderRepriced
from ndc_oms.model.items import OrderItem
from ndc_oms.model.journey import Journey
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare
from ndc_oms.model.order import Order
from ndc_oms.model.quote import ItemQuote, Quote, QuoteKind
from ndc_oms.offers.pricing import price_bound
from ndc_oms.offers.request import Notice
from ndc_oms.orders.new_quote import new_quote
from ndc_oms.orders.own import check_current, check_open, check_time, find_own
from ndc_oms.orders.parts import chosen
from ndc_oms.orders.pay import check_flown
from ndc_oms.orders.quote_services import QuoteServices
from ndc_oms.orders.request import QuoteRequest, QuoteResult, ServicesQuoteRequest
from ndc_oms.orders.reshop import check_settled
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import KeepQuote, OrderRecord, Store
from ndc_oms.world.servicing import Servicing
from ndc_oms.world.world import World


@dataclass(frozen=True, slots=True)
class QuoteOrder:
    store: Store
    world: World
    clock: Clock
    entropy: Entropy
    services: QuoteServices | None = None

    async def __call__(
        self, request: QuoteRequest | ServicesQuoteRequest, seller: Seller
    ) -> QuoteResult:
        """One quote, kept; none where the price still stands. Raises NotFound 129, Conflict 476,
        NotAllowed 182, 395, Expired 303, Invalid 912, Unavailable 182, 493; of services what
        `QuoteServices` does.
        """
        if isinstance(request, ServicesQuoteRequest):
            if self.services is None:
                raise Unavailable("No services are sold here.", code="496", path=request.order.path)
            return await self.services(request, seller)
        owner = self.world.airline.designator
        record = await find_own(self.store, owner, request.order, seller)
        order, path, now = record.order, request.order.path, self.clock.now()
        check_current(order, request.order)
        check_open(order, path)
        check_settled(order)
        check_time(order, now, path)
        chosen(order, request.item_ids, path)  # known, if they are named; all are priced anew
        until = order.price_guarantee_until
        if until is None or not open_items(order) or now < until:
            return _stands(record)
        check_flown(order, path)
        fares = self._fares(order, now)
        quote = self._quote(order, seller, fares, now)
        await self.store.write(KeepQuote(quote))
        return QuoteResult(record, (quote,))

    def _fares(self, order: Order, now: datetime) -> dict[str, Fare]:
        """By item id, of everything that is not paid for."""
        found: dict[str, Fare] = {}
        for item in open_items(order):
            # what a service costs was promised with it, and does not change with the fares
            if isinstance(item, OrderItem):
                found[item.id] = self._fare(order, item, now)
            else:
                found[item.id] = item.fare
        return found

    def _fare(self, order: Order, item: OrderItem, now: datetime) -> Fare:
        segments = [order.segment(service.segment_id) for service in item.services]
        family = next((f for f in self.world.families if f.code == item.family.code), None)
        kind = next(p.type for p in order.passengers if p.id == item.passenger_id)
        priced = family and price_bound(
            self.world,
            Journey(tuple(segment.flight for segment in segments)),
            family,
            tuple(segment.rbd for segment in segments),
            (kind,),
            order.currency,
            now,
            order.conditions,
        )
        if not priced:
            raise Unavailable(
                f"{item.family.name} is not sold any more on these flights.",
                remedy="Cancel the order, and shop again.",
            )
        return priced.fares[kind]

    def _quote(self, order: Order, seller: Seller, fares: dict[str, Fare], now: datetime) -> Quote:
        nothing = Money.zero(order.currency)
        ttl = timedelta(seconds=self.world.servicing.quote_ttl_s)
        expires_at = min(now + ttl, order.payment_limit_at or now + ttl)
        quote = new_quote(
            order, seller, QuoteKind.REPRICE, now=now, until=expires_at, entropy=self.entropy
        )
        return replace(
            quote,
            items=tuple(
                ItemQuote(item_id, order.item(item_id).fare, fare, nothing, nothing)
                for item_id, fare in fares.items()
            ),
        )


def _stands(record: OrderRecord) -> QuoteResult:
    until = record.order.price_guarantee_until
    if open_items(record.order) and until is not None:
        return QuoteResult(
            record, (), (Notice(f"The price stands until {until:%Y-%m-%dT%H:%MZ}."),)
        )
    return QuoteResult(record, (), (Notice("Nothing is to be paid: there is no price to quote."),))


def reprice(order: Order, quote: Quote, servicing: Servicing, now: datetime) -> OrderRepriced:
    """What follows from accepting the quote."""
    fares = [ItemFare(each.item_id, each.new) for each in quote.items if each.new is not None]
    return OrderRepriced(
        at=now,
        quote_id=quote.quote_id,
        fares=tuple(fares),
        price_guarantee_until=_guarantee(order, quote.items, servicing, now),
    )


def _guarantee(
    order: Order, items: Sequence[ItemQuote], servicing: Servicing, now: datetime
) -> datetime:
    """As for a new hold of these families; so long at least as a quote stands."""
    departure = min(segment.flight.departure for segment in order.segments)
    codes = {
        item.family.code
        for each in items
        if isinstance(item := order.item(each.item_id), OrderItem)
    }
    rules = [servicing.hold(code, departure, now) for code in codes]
    hours = min(rule.guarantee_h if rule else 0 for rule in rules)
    least = timedelta(seconds=servicing.quote_ttl_s)
    until = now + max(timedelta(hours=hours), least)
    return min(until, order.payment_limit_at or until)

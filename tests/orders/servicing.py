"""A house that holds seats, and the changes that a seller asks for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tests.orders.house import House
from tests.orders.offered import CARD, SELLER, T, attempt, request_for

from ndc_oms.model.balance import open_items
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.quote import ItemQuote, Quote, QuoteKind
from ndc_oms.offers.request import BoundRequest, SelectedItem, Selection
from ndc_oms.orders.exchange import offered_items
from ndc_oms.orders.request import (
    AcceptChange,
    AcceptQuote,
    AddServices,
    CancelUnpaid,
    ChangeRequest,
    OrderChange,
    OrderReference,
    OrderView,
    PaymentRequest,
    RenamePerson,
    ReshopRequest,
    Search,
)
from ndc_oms.ports.store import KeepQuote
from ndc_oms.world.servicing import HoldRule

HOLD = HoldRule((), min_days=3, limit_h=48, before_departure_h=24, guarantee_h=12)


class Desk(House):
    """keys: every change comes under a new one."""

    keys = 0

    @property
    def order(self) -> Order:
        (record,) = self.store.orders.values()
        return record.order

    def reference(self, **changes: Any) -> OrderReference:
        given: dict[str, Any] = {
            "order_id": self.order.order_id,
            "owner": "XX",
            "version": self.order.version,
            "path": "/RQ/Order",
        }
        return OrderReference(**given | changes)

    async def hold(self, *kinds: PassengerType, **other: Any) -> Order:
        offer = self.offer(*(kinds or (T.ADULT,)), **other)
        await self.create(request_for(offer, payments=()), SELLER, attempt("create"))
        return self.order

    async def sell(self, *kinds: PassengerType, **other: Any) -> Order:
        offer = self.offer(*(kinds or (T.ADULT,)), **other)
        await self.create(request_for(offer), SELLER, attempt("create"))
        return self.order

    async def ask(
        self,
        change: OrderChange | None = None,
        *payments: PaymentRequest,
        key: str = "",
        **reference: Any,
    ) -> OrderView:
        self.keys += 1
        request = ChangeRequest(self.reference(**reference), change, payments)
        return await self.change(request, SELLER, attempt(key or f"change:{self.keys}"))

    async def pay(self, *payments: PaymentRequest, **more: Any) -> OrderView:
        return await self.ask(None, *(payments or (card(),)), **more)

    async def drop(self, *item_ids: str, **more: Any) -> OrderView:
        return await self.ask(CancelUnpaid(item_ids, "/RQ/CancelUnpaidOrder"), **more)

    async def quoted(self, *item_ids: str) -> Quote:
        result = await self.reshop(ReshopRequest(self.reference(), item_ids), SELLER)
        (quote,) = result.quotes
        return quote

    async def accept(self, quote: Quote, **more: Any) -> OrderView:
        return await self.ask(AcceptQuote((quote.quote_id,), cancels=True, path="/RQ/A"), **more)

    async def changed(self, item_ids: Sequence[str], days: Sequence[int], **more: Any) -> OrderView:
        """Items exchanged for flights on these days of May 2031, paid as is due."""
        order = self.order
        ends = [order.segment(order.item(i).services[0].segment_id).flight for i in item_ids]
        pairs = dict.fromkeys((e.origin, e.destination) for e in ends)
        bounds = tuple(
            BoundRequest(*pair, date(2031, 5, day)) for pair, day in zip(pairs, days, strict=True)
        )
        asked = ReshopRequest(self.reference(), tuple(item_ids), Search(bounds, path="/S"))
        quote = (await self.reshop(asked, SELLER)).quotes[-1]
        return await self.take(quote, **more)

    async def take(
        self, quote: Quote, pay: Any = None, owed: bool = False, **more: Any
    ) -> OrderView:
        """Accepts a quote of a change, paid in the form `pay` (by card). owed: of an order that is
        held, all that it costs then is paid with it.
        """
        assert quote.proposal is not None
        due = total((each.collect for each in quote.proposal.items), "EUR")
        if owed:
            due = total((each.new.total for each in quote.proposal.items if each.new), "EUR")
        items = tuple(
            SelectedItem(item_id, (each.passenger_id,)) for item_id, each in offered_items(quote)
        )
        accepted = AcceptChange(Selection(quote.quote_id, "XX", items, "/RQ/A"))
        return await self.ask(accepted, *((((pay or card)(due)),) if due else ()), **more)

    async def renamed(self, asked: RenamePerson, pay: Any = None, **more: Any) -> OrderView:
        """Another name, asked for and taken, paid in the form `pay` (by card)."""
        result = await self.reshop(ReshopRequest(self.reference(), name=asked), SELLER)
        (quote,) = result.quotes
        assert quote.naming is not None
        due = quote.naming.renaming.fee
        items = (SelectedItem(f"{quote.quote_id}-1", (asked.passenger_id,)),)
        accepted = AcceptChange(Selection(quote.quote_id, "XX", items, "/RQ/A"))
        return await self.ask(accepted, *((((pay or card)(due)),) if due else ()), **more)

    async def requoted(self, dearer: int) -> Quote:
        """As OrderQuote keeps it: every open item costs so many minor units more."""
        order, now = self.order, self.clock.now()
        nothing = Money.zero(order.currency)
        items = tuple(
            ItemQuote(
                item.id,
                item.fare,
                replace(item.fare, base=item.fare.base + Money(dearer, order.currency)),
                nothing,
                nothing,
            )
            for item in open_items(order)
        )
        self.keys += 1
        quote = Quote(
            quote_id=f"Q-{self.keys}",
            order_id=order.order_id,
            order_version=order.version,
            seller=SELLER.org_id,
            kind=QuoteKind.REPRICE,
            currency=order.currency,
            created_at=now,
            expires_at=now + timedelta(minutes=15),
            items=items,
        )
        await self.store.write(KeepQuote(quote))
        return quote

    async def agree(self, quote: Quote, *payments: PaymentRequest, **more: Any) -> OrderView:
        accepted = AcceptQuote((quote.quote_id,), cancels=False, path="/RQ/AcceptRepricedOrder")
        return await self.ask(accepted, *payments, **more)

    def service(
        self, code: str, place: int = 0, *passengers: str, quantity: int = 1, price: int = 0
    ) -> SelectedItem:
        """An item as ServiceList gives it: a product on the flight at `place`, at `price` cents."""
        segment = self.order.segments[place]
        until = self.clock.now() + timedelta(minutes=30)
        cost = Fare("", Money(price, self.order.currency), ())
        item_id = self.tokens.mint(
            SELLER.org_id, code, [(segment.flight, segment.cabin)], cost, until
        )
        return SelectedItem(item_id, passengers or ("PAX1",), "/item", quantity)

    async def add(
        self, *items: SelectedItem, paid: tuple[PaymentRequest, ...] = (), **more: Any
    ) -> OrderView:
        return await self.ask(AddServices(items, "/RQ/Accept"), *paid, **more)

    async def wait(self, **how_long: float) -> None:
        """Time passes, and the worker does what is due."""
        self.clock.time += timedelta(**how_long)
        await self.deliverer.run_due()


def desk(**other: Any) -> Desk:
    return Desk(holds=(HOLD,), **other)


def card(amount: Money | None = None, *item_ids: str) -> PaymentRequest:
    return PaymentRequest(PaymentForm.CARD, amount, CARD, path="/pay", item_ids=item_ids)


def plan(amount: Money | None = None, *item_ids: str) -> PaymentRequest:
    return PaymentRequest(
        PaymentForm.SETTLEMENT_PLAN, amount, agency_number="1", path="/plan", item_ids=item_ids
    )


def redirect(amount: Money | None = None, *item_ids: str) -> PaymentRequest:
    return PaymentRequest(
        PaymentForm.REDIRECT,
        amount,
        path="/redirect",
        item_ids=item_ids,
        return_url="https://agent.example/back",
    )

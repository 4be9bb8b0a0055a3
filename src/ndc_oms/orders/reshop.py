"""OrderReshop: what would cancelling an order, or some of its items, give back; and, with flights
that are wanted instead (`rebook.py`), what would exchanging them cost? Or what would another name?
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ndc_oms.errors import NotAllowed, Unavailable
from ndc_oms.fulfilment.giving_back import concerns
from ndc_oms.fulfilment.plan import settled
from ndc_oms.model.items import AncillaryItem, Item
from ndc_oms.model.order import Order
from ndc_oms.model.quote import ItemQuote, Proposal, Quote, QuoteKind
from ndc_oms.orders.airline_answers import refundable_in_full, with_own_flights
from ndc_oms.orders.cancel import check_free, check_unpaid
from ndc_oms.orders.cancel_quote import (
    lost_item,
    refunded_item,
    unpaid_item,
    voidable,
    voided_item,
)
from ndc_oms.orders.change_quote import as_item, given_up
from ndc_oms.orders.change_scope import check_issuable, check_partly, check_scope
from ndc_oms.orders.coupons import (
    Shown,
    Use,
    check_arrived,
    check_unflown,
    check_unused,
    show,
    unused,
)
from ndc_oms.orders.followers import Moving, given_back
from ndc_oms.orders.name_desk import NameDesk
from ndc_oms.orders.new_quote import new_quote
from ndc_oms.orders.own import check_current, check_open, check_time, find_own
from ndc_oms.orders.parts import check_rest, chosen, flights_in, in_part
from ndc_oms.orders.rebook import Rebook
from ndc_oms.orders.rename import show_if_any
from ndc_oms.orders.request import QuoteResult, RenamePerson, ReshopRequest, Search
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.pss import Pss
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import KeepQuote, OrderRecord, Store
from ndc_oms.world.servicing import Servicing

RETRY_S: Final = 2


@dataclass(frozen=True, slots=True)
class ReshopOrder:
    """owner: our designator. rebook: what looks for other flights; None where nothing does. names:
    what knows the price of another name; None: names stay.
    """

    store: Store
    pss: Pss
    owner: str
    servicing: Servicing
    clock: Clock
    entropy: Entropy
    rebook: Rebook | None = None
    names: NameDesk | None = None

    async def __call__(self, request: ReshopRequest, seller: Seller) -> QuoteResult:
        """One quote, kept. Raises NotFound 129, Conflict 476 (another version), NotAllowed 182,
        185, Expired 303, Invalid 912, Unavailable 182.
        """
        record = await find_own(self.store, self.owner, request.order, seller)
        order, path = record.order, request.order.path
        check_current(order, request.order)
        check_open(order, path)
        check_settled(order)
        if request.name is not None:
            return await self._named(record, request.name, seller)
        named = request.item_ids or [item.id for item in order.live_items]
        _, before = with_own_flights(order, named, self.clock.now())
        own = replace(record, order=before)
        if request.search is not None:
            quotes = await self._exchanged(own, request, request.search, seller)
        else:
            quotes = await self._cancelled(own, request, seller)
        return QuoteResult(record, quotes)

    async def _exchanged(
        self, record: OrderRecord, request: ReshopRequest, search: Search, seller: Seller
    ) -> tuple[Quote, ...]:
        """What else can be flown. Raises what `Rebook` does; of an order that is held NotAllowed
        395 for what is paid for in part, Expired 303 after its payment limit.
        """
        order, path = record.order, request.order.path
        if self.rebook is None:
            raise Unavailable("Other flights are not looked for here.", code="496")
        if not order.ticketed:
            check_unpaid(order, path)
            check_time(order, self.clock.now(), path)
        shown = await show(self.pss, order)
        return await self.rebook(record, request, search, seller, shown)

    async def _named(self, record: OrderRecord, asked: RenamePerson, seller: Seller) -> QuoteResult:
        """Raises what `NameDesk.decide` does."""
        order, now = record.order, self.clock.now()
        if self.names is None:
            raise NotAllowed("Names are not changed here.", code="137", path=asked.path)
        shown = await show_if_any(self.pss, order)
        named = self.names.decide(order, record.people, asked, shown, now)
        quote = replace(self._quote(order, seller, QuoteKind.NAME, now), naming=named)
        await self.store.write(KeepQuote(quote))
        return QuoteResult(record, (quote,))

    async def _cancelled(
        self, record: OrderRecord, request: ReshopRequest, seller: Seller
    ) -> tuple[Quote, ...]:
        order, path, now = record.order, request.order.path, self.clock.now()
        items, void = await self.given_up(order, request.item_ids, path)
        quote = replace(
            self._quote(order, seller, QuoteKind.CANCEL, now),
            items=_as_items(items) if isinstance(items, Proposal) else items,
            void=void,
            proposal=items if isinstance(items, Proposal) else None,
        )
        await self.store.write(KeepQuote(quote))
        return (quote,)

    def _quote(self, order: Order, seller: Seller, kind: QuoteKind, now: datetime) -> Quote:
        until = now + timedelta(seconds=self.servicing.quote_ttl_s)
        return new_quote(order, seller, kind, now=now, until=until, entropy=self.entropy)

    async def given_up(
        self, order: Order, item_ids: Sequence[str], path: str
    ) -> tuple[tuple[ItemQuote, ...] | Proposal, bool]:
        """Of each item that would be cancelled; whether its documents would be voided. A proposal
        where tickets are given back in part.
        """
        if not order.ticketed:
            items = chosen(order, item_ids, path)
            check_free(order, items, path)
            check_rest(order, items, path)
            return tuple(map(unpaid_item, items)), False
        shown = await show(self.pss, order)
        left = unused(order, shown, path)
        items = chosen(order, item_ids or [item.id for item in left], path)
        check_arrived(order, shown, flights_in(items), path)
        _check_left(order, item_ids, items, left, path)
        void, now = self._void(order, items, shown), self.clock.now()
        if in_part(items, left):
            flights, rest = flights_in(items), flights_in(left)
            check_scope(order, flights, path)
            check_partly(order, flights, rest, path)
            check_issuable(order, flights, path)
            used = tuple(i.id for i in order.live_items if shown.use(i) is Use.SOME)
            offered = tuple(
                given_up(order, item, now, void=void or refundable_in_full(order, item))
                for item in flights
            )
            services = tuple(
                given_back(self._moving(order, shown, now), item)
                for item in items
                if isinstance(item, AncillaryItem)
            )
            return Proposal(offered, used=used, given_up=services), False
        check_rest(order, items, path)

        def quoted(item: Item) -> ItemQuote:
            if item not in left:
                return lost_item(item)
            owed = void or refundable_in_full(order, item)
            return voided_item(item) if owed else refunded_item(order, item, now)

        return tuple(map(quoted, items)), void

    def _moving(self, order: Order, shown: Shown, now: datetime) -> Moving:
        """Nothing takes the place of what is given up."""
        return Moving(order, (), (), shown, now, self.servicing.void_h)

    def _void(self, order: Order, items: tuple[Item, ...], shown: Shown) -> bool:
        now, hours = self.clock.now(), self.servicing.void_h
        ids = {item.id for item in items}
        documents = [d for d in shown.documents if concerns(order, d, ids)]
        return all(voidable(document, order, hours, now) for document in documents)


def _check_left(
    order: Order,
    item_ids: Sequence[str],
    items: tuple[Item, ...],
    left: tuple[Item, ...],
    path: str,
) -> None:
    """Raises Invalid (182) for what was used and does not end with the flights."""
    flights = flights_in(items)
    check_unflown(flights, left, path)
    ending = order.services_with(flights)
    named = [each for each in order.live_ancillaries if each.id in item_ids]
    check_unused([each for each in named if each not in ending], left, path)


def _as_items(proposal: Proposal) -> tuple[ItemQuote, ...]:
    return (*map(as_item, proposal.items), *proposal.given_up)


def check_settled(order: Order) -> None:
    """Raises Unavailable (182) while something is being carried out, NotAllowed (182) while a
    change waits for its payer.
    """
    waits = order.change is not None or order.replacing is not None
    if waits and settled(order):
        raise NotAllowed(
            f"A change of order {order.order_id} waits for its payer.",
            code="182",
            remedy="Retrieve the order: the change is made when it is paid, and comes to nothing "
            "when the payer's time is over.",
        )
    if not settled(order):
        raise Unavailable(
            f"Something is still being carried out for order {order.order_id}.",
            code="182",
            remedy="Send the same request again, with the same key.",
            retry_after_s=RETRY_S,
        )

"""OrderQuote with services: what do these cost beside an order, and what do others give back that
are given up for them?

Both are firm until the quote expires, and set off against each other: one difference is paid, or
paid back. Accepted, what is added comes first: paid, in the booking, on its document; then what is
given up goes. Where the first cannot be done, the second is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ndc_oms.errors import NotAllowed
from ndc_oms.model.events import CancellationAccepted, Event, ItemsAdded, ItemsCancelled
from ndc_oms.model.order import Order
from ndc_oms.model.quote import ItemQuote, Quote, QuoteKind
from ndc_oms.offers.selection import check_total, check_whole
from ndc_oms.orders.add import add_services
from ndc_oms.orders.cancel import accept_cancellation
from ndc_oms.orders.new_quote import new_quote
from ndc_oms.orders.own import check_open, check_time, find_own
from ndc_oms.orders.promise import PromiseServices
from ndc_oms.orders.request import (
    AcceptServices,
    AddServices,
    QuoteResult,
    ReshopRequest,
    ServicesQuoteRequest,
)
from ndc_oms.orders.reshop import ReshopOrder, check_settled
from ndc_oms.orders.service_desk import ServiceDesk, standing_for
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import KeepQuote


@dataclass(frozen=True, slots=True)
class QuoteServices:
    """reshop: what giving up costs is its to say."""

    promise: PromiseServices
    reshop: ReshopOrder

    async def __call__(self, request: ServicesQuoteRequest, seller: Seller) -> QuoteResult:
        """One quote, kept. Raises NotFound 129, NotAllowed 182, 185, 395, Expired 303, 913, Invalid
        912, Unavailable 182, 281, 493.
        """
        reshop = self.reshop
        if not request.selected:
            return await reshop(ReshopRequest(request.order, request.item_ids), seller)
        record = await find_own(reshop.store, reshop.owner, request.order, seller)
        order, path, now = record.order, request.order.path, reshop.clock.now()
        check_open(order, path)
        check_settled(order)
        check_time(order, now, path)
        items, void = await self._given_up(order, request)
        quote = new_quote(
            order,
            seller,
            QuoteKind.SERVICES,
            now=now,
            until=self._until(order, now),
            entropy=reshop.entropy,
        )
        added = await self.promise.for_order(
            request.selected,
            order,
            seller,
            until=quote.expires_at,
            name=quote.quote_id,
            without=[each.item_id for each in items],
        )
        quote = replace(quote, items=items, void=void, added=added)
        await reshop.store.write(KeepQuote(quote))
        return QuoteResult(record, (quote,))

    def _until(self, order: Order, now: datetime) -> datetime:
        """To the whole second, as items of services are signed."""
        until = now + timedelta(seconds=self.reshop.servicing.quote_ttl_s)
        until = min(until, order.held_until or until)
        return until.astimezone(UTC).replace(microsecond=0)

    async def _given_up(
        self, order: Order, request: ServicesQuoteRequest
    ) -> tuple[tuple[ItemQuote, ...], bool]:
        """And whether their documents would be voided."""
        if not request.item_ids:
            return (), False
        path = request.order.path
        flights = {item.id for item in order.live_items}
        if named := [each for each in request.item_ids if each in flights]:
            raise NotAllowed(
                f"Item {named[0]} is a flight, for which no service is taken instead.",
                code="185",
                path=path,
                remedy="Name items of services and seats; flights are given up by OrderReshop.",
            )
        items, void = await self.reshop.given_up(order, request.item_ids, path)
        if not isinstance(items, tuple):
            raise AssertionError("services were given up as flights are")
        return items, void


def check_services(quote: Quote, asked: AcceptServices) -> None:
    """Every added item is selected, for its passenger, at the total that was stated. Raises Invalid
    (914, 727, 729), Expired (913).
    """
    wanted = {each.id: each.passenger_id for each in quote.added}
    check_whole(asked.selection, wanted)
    check_total(asked.selection, quote.difference)


async def accept_services(
    desk: ServiceDesk,
    order: Order,
    quote: Quote,
    asked: AcceptServices,
    *,
    seller: Seller,
    now: datetime,
    paid: bool,
    hold: str,
) -> tuple[Event, ...]:
    """What follows from accepting the quote, without its payments. hold: under which its seats are
    kept. Raises what `add_services` refuses.
    """
    picked = AddServices(standing_for(asked.selection.items, quote.added), asked.path)
    instead = tuple(each.item_id for each in quote.items)
    added = await add_services(
        desk, order, picked, seller, now, paid=paid, hold=hold, without=instead, credit=quote.refund
    )
    if not quote.items:
        return (added,)
    return tuple(_exchanged(order, added, accept_cancellation(order, quote, now)))


def _exchanged(order: Order, added: ItemsAdded, given_up: CancellationAccepted) -> Iterator[Event]:
    """Nothing can go wrong with what nobody paid for: it is exchanged at once. Else what is given
    up waits until the other is there.
    """
    if order.ticketed:
        instead = tuple(item.id for item in added.items)
        replaces = replace(given_up.cancellation, instead=instead)
        yield ItemsAdded(at=added.at, items=added.items, replaces=replaces)
        return
    yield added
    yield given_up
    yield ItemsCancelled(at=added.at)

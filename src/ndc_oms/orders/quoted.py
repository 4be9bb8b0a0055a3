"""A quote that is accepted: which one it is, and whether it still stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ndc_oms.errors import Expired
from ndc_oms.model.items import Item
from ndc_oms.model.order import Order
from ndc_oms.model.quote import Quote, QuoteKind
from ndc_oms.orders.request import AcceptChange, AcceptQuote, AcceptServices, OrderReference
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import Store

Quoted = AcceptQuote | AcceptChange | AcceptServices  # what accepts one


async def quote_of(store: Store, reference: OrderReference, asked: Quoted, seller: Seller) -> Quote:
    """Raises Expired (913) for a quote that is not known, or not of this kind or order."""
    quote = await store.find_quote(_quote_id(asked))
    order_id = reference.order_id.strip().upper()
    if quote is None or (quote.seller, quote.order_id) != (seller.org_id, order_id):
        raise _no_quote(asked)
    if quote.kind not in _kinds(asked):
        raise _no_quote(asked)
    return quote


def check_quote(order: Order, quote: Quote, asked: Quoted, now: datetime) -> None:
    """Raises Expired (913)."""
    if now >= quote.expires_at:
        raise Expired(
            f"The offer expired at {quote.expires_at:%Y-%m-%dT%H:%MZ}.",
            path=asked.path,
            remedy=_again(asked),
        )
    if quote.order_version != order.version:
        raise outdated(asked)


def check_left(order: Order, quote: Quote, asked: Quoted, left: Sequence[Item]) -> None:
    """left: what is unused. A service that gives nothing back may have been used before it was
    quoted. Raises Expired (913).
    """
    unused = {item.id for item in left}
    flights = {item.id for item in order.live_items}
    given_back = {each.item_id for each in quote.items if each.refund or each.item_id in flights}
    if quote.proposal is not None:
        given_back |= {each.item_id for each in quote.proposal.items}
        given_back |= {each.item_id for each in quote.proposal.given_up if each.refund}
        if flights - unused != set(quote.proposal.used):
            raise outdated(asked)
    if not given_back <= unused:
        raise outdated(asked)


def _quote_id(asked: Quoted) -> str:
    return asked.quote_ids[0] if isinstance(asked, AcceptQuote) else asked.selection.offer_id


def _kinds(asked: Quoted) -> tuple[QuoteKind, ...]:
    if isinstance(asked, AcceptChange):
        return QuoteKind.CHANGE, QuoteKind.NAME
    if isinstance(asked, AcceptServices):
        return (QuoteKind.SERVICES,)
    return (QuoteKind.CANCEL if asked.cancels else QuoteKind.REPRICE,)


_FOR: Final = {
    QuoteKind.CHANGE: "of a change of",
    QuoteKind.CANCEL: "for cancelling",
    QuoteKind.REPRICE: "of a new price for",
    QuoteKind.SERVICES: "of services for",
}


def outdated(asked: Quoted) -> Expired:
    return Expired(
        "The order was changed since the offer was made for it.",
        path=asked.path,
        remedy=_again(asked),
    )


def _no_quote(asked: Quoted) -> Expired:
    return Expired(
        f"There is no offer {_quote_id(asked)[:80]} {_FOR[_kinds(asked)[0]]} this order.",
        path=asked.path,
        remedy=_again(asked),
    )


def _again(asked: Quoted) -> str:
    quoted = _kinds(asked)[0] in {QuoteKind.REPRICE, QuoteKind.SERVICES}
    message = "OrderQuote" if quoted else "OrderReshop"
    return f"Send {message} again and use its offer."

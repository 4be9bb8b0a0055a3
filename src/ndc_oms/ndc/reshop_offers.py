"""A QuoteResult to OrderReshopRS: the answer to OrderReshopRQ and OrderQuoteRQ.

Source: OrderReshopResponseType of 21.3. Cancelling is a ReshopOffers/Offer with a DeleteOrderItem
for each item; a change is an Offer of its own kind (`changed_offers`), and so is a name
(`name_offer`); a new price of an unpaid order is the RepricedOffer; no quote at all is NoChangeInd.
Items and services are named by the IDs that OrderViewRS gave them.
"""

from collections.abc import Sequence
from typing import Final

from ndc_oms.model.items import Item
from ndc_oms.model.money import Money, less, total
from ndc_oms.model.offer import Fare
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import People
from ndc_oms.model.quote import ItemQuote, Quote, QuoteKind
from ndc_oms.model.status import ServiceStatus
from ndc_oms.ndc.changed_offers import changed_offers
from ndc_oms.ndc.compose import (
    amount,
    fare_xml,
    flag,
    group,
    instant,
    leaf,
    reply,
    total_price,
    warnings,
)
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.name_offer import name_offer
from ndc_oms.ndc.offered_services import service_offer
from ndc_oms.ndc.people_lists import write_pax
from ndc_oms.ndc.refunds import kept, refunded_difference
from ndc_oms.orders.request import QuoteResult

_KIND: Final = leaf("TypeCode", "Cancellation")


def write(result: QuoteResult, envelope: Envelope) -> bytes:
    """OrderReshopRS."""
    parts = [*_parts(result), warnings(result.notices, envelope.warnings)]
    return reply("IATA_OrderReshopRS", envelope, parts)


def _parts(result: QuoteResult) -> list[str]:
    """Of its Response, in order. Quotes of several kinds never come together."""
    order, quotes = result.record.order, result.quotes
    kind = quotes[0].kind if quotes else None
    if kind is QuoteKind.SERVICES:
        (quote,) = quotes
        due = less((item.refund for item in quote.items), quote.added_total)
        removed = [
            _deleted(order, quote, item, left) for item, left in zip(quote.items, due, strict=True)
        ]
        return service_offer(order, quote, _order(order), removed, _penalties(quotes))
    if kind is QuoteKind.NAME:
        return name_offer(order, quotes[0], _order(order))
    if kind is QuoteKind.CHANGE:
        return changed_offers(order, quotes, _order(order))
    cancelling = quotes if kind is QuoteKind.CANCEL else ()
    return [
        _change_fees(cancelling),
        _data_lists(order, cancelling),
        _order(order),
        group("ReshopResults", _results(order, quotes, cancelling)),
    ]


def _results(order: Order, quotes: tuple[Quote, ...], cancelling: Sequence[Quote]) -> str:
    if not quotes:
        return group("NoChangeInd", flag("NoChangeInd", True))
    if cancelling:
        return group("ReshopOffers", *[_cancellation(order, quote) for quote in cancelling])
    (repriced,) = quotes  # the element stands once
    return _repriced(order, repriced)


def _order(order: Order) -> str:
    return group(
        "Order",
        leaf("CreationDateTime", instant(order.created_at)),
        leaf("OrderID", order.order_id),
        leaf("OrderVersionNumber", str(order.version)),
        leaf("OwnerCode", order.owner),
        leaf("StatusCode", order.status),
    )


def _data_lists(order: Order, cancelling: Sequence[Quote]) -> str:
    """Who the items are for, without who that is, and the penalties."""
    return group("DataLists", write_pax(order.passengers, People()), _penalties(cancelling))


def _penalties(quotes: Sequence[Quote]) -> str:
    return group(
        "PenaltyList",
        *[
            _penalty("Penalty", _penalty_id(quote, item), kept(item))
            for quote in quotes
            for item in quote.items
            if kept(item).minor
        ],
    )


def _change_fees(cancelling: Sequence[Quote]) -> str:
    """Their sum, where there is one offer that it can be the sum of."""
    if len(cancelling) != 1:
        return ""
    (quote,) = cancelling
    fees = total(map(kept, quote.items), quote.currency)
    return _penalty("ChangeFees", f"{quote.quote_id}-fees", fees)


def _penalty(name: str, penalty_id: str, fee: Money) -> str:
    return group(
        name, leaf("PenaltyID", penalty_id), group("Price", amount("TotalAmount", fee)), _KIND
    )


def _penalty_id(quote: Quote, item: ItemQuote) -> str:
    return f"fee.{_part_id(quote, item)}"


def _part_id(quote: Quote, item: ItemQuote) -> str:
    return f"{quote.quote_id}-{quote.items.index(item) + 1}"


# -- cancelling --------------------------------------------------------------------------------


def _cancellation(order: Order, quote: Quote) -> str:
    return group(
        "Offer",
        *[_deleted(order, quote, item) for item in quote.items],
        group("Desc", leaf("DescText", _in_words(quote))),
        leaf("OfferExpirationTimeLimitDateTime", instant(quote.expires_at)),
        leaf("OfferID", quote.quote_id),
        leaf("OwnerCode", order.owner),
        group("TotalPrice", amount("TotalAmount", -quote.refund)),
    )


def _in_words(quote: Quote) -> str:
    fees = total(map(kept, quote.items), quote.currency)
    if fees.minor:
        return f"Cancelling gives back {quote.refund}; {fees} is kept as a fee."
    if quote.void:
        return f"Cancelling is free for now: all of {quote.refund} comes back."
    return f"Cancelling gives back {quote.refund}, without a fee."


def _deleted(order: Order, quote: Quote, item: ItemQuote, due: Money | None = None) -> str:
    ordered = _ordered(order, item)
    fee = kept(item)
    return group(
        "DeleteOrderItem",
        group(
            "ExistingOrderItem",
            *[_ended(service.id) for service in ordered.services],
            leaf("OrderItemRefID", item.item_id),
        ),
        leaf("OfferItemID", _part_id(quote, item)),
        leaf("PenaltyRefID", _penalty_id(quote, item)) if fee.minor else "",
        group(
            "PriceDifferential",
            leaf("DifferentialTypeCode", "Void" if quote.void else "Refund"),
            group("DiffPrice", refunded_difference(item, due)),
            group("NewPrice", group("Price", amount("TotalAmount", _nothing(item)))),
            group("OldPrice", _fare_detail(item.old, ordered), fare_xml(item.old).price),
        ),
    )


def _ended(service_id: str) -> str:
    return group(
        "ExistingService",
        leaf("FutureStatusCode", ServiceStatus.CANCELLED),
        leaf("ServiceRefID", service_id),
    )


# -- a new price -------------------------------------------------------------------------------


def _repriced(order: Order, quote: Quote) -> str:
    bases = (item.new.base for item in quote.items if item.new)
    return group(
        "RepricedOffer",
        leaf("OfferExpirationTimeLimitDateTime", instant(quote.expires_at)),
        leaf("OfferRefID", quote.quote_id),
        leaf("OwnerCode", order.owner),
        *[_repriced_item(order, item) for item in quote.items],
        total_price(total(bases, quote.currency).minor, quote.new_total.minor, quote.currency),
    )


def _repriced_item(order: Order, item: ItemQuote) -> str:
    ordered = _ordered(order, item)
    if item.new is None:
        raise AssertionError("a new price without a fare")
    return group(
        "RepricedOfferItem",
        _fare_detail(item.new, ordered),
        group(
            "OriginalOrderItem",
            _fare_detail(item.old, ordered),
            leaf("OrderItemRefID", item.item_id),
            _total(item.old),
        ),
        _total(item.new),
    )


# -- both --------------------------------------------------------------------------------------


def _ordered(order: Order, item: ItemQuote) -> Item:
    return order.item(item.item_id)


def _nothing(item: ItemQuote) -> Money:
    return Money.zero(item.old.base.currency)


def _fare_detail(fare: Fare, ordered: Item) -> str:
    return group(
        "FareDetail",
        group("FareComponent", fare_xml(fare).basis),
        leaf("PaxRefID", ordered.passenger_id),
    )


def _total(fare: Fare) -> str:
    """A fare's Price under the name TotalPrice."""
    inside = fare_xml(fare).price.removeprefix("<Price>").removesuffix("</Price>")
    return group("TotalPrice", inside)

"""Quotes of changes as offers of OrderReshopRS: what is given up, what takes its place, and the
money that follows.

Source: ChangedOfferType, AddedOfferItemType and PriceDifferentialType of 21.3. DiffPrice is new
less old; DueToAirlineAmount and DueByAirlineAmount are what is left of that and of the penalty
once they are set off, so that one of the two is always zero.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ndc_oms.model.change import flight_item
from ndc_oms.model.journey import Journey
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order, OrderItem
from ndc_oms.model.passenger import People
from ndc_oms.model.quote import Exchanged, NewBound, Proposal, Quote
from ndc_oms.model.status import ServiceStatus
from ndc_oms.ndc.compose import (
    amount,
    cancellations,
    changes,
    fare_xml,
    flag,
    group,
    instant,
    leaf,
    leaves,
)
from ndc_oms.ndc.flights import Flights, JourneyXml, journey_xml
from ndc_oms.ndc.people_lists import write_pax
from ndc_oms.ndc.products import allowances, cabin_type, fare_components, price_class
from ndc_oms.orders.exchange import deleted_items, offered_items

_KIND: Final = leaf("TypeCode", "Change")
_FEE: Final = leaf("DescText", "Change fee")


def changed_offers(order: Order, quotes: Sequence[Quote], key: str) -> list[str]:
    """The parts of Response, in order, from DataLists on. key: its Order."""
    offers = [_offer(order, quote) for quote in quotes]
    return [
        _data_lists(order, quotes),
        key,
        group("ReshopResults", group("ReshopOffers", *offers)),
    ]


def _proposal(quote: Quote) -> Proposal:
    if quote.proposal is None:
        raise AssertionError(f"{quote.quote_id} is no quote of a change")
    return quote.proposal


def _data_lists(order: Order, quotes: Sequence[Quote]) -> str:
    flights, classes, bags = Flights(), dict[str, str](), dict[str, str]()
    pairs: dict[tuple[str, str], dict[str, None]] = {}
    for quote in quotes:
        for bound in _proposal(quote).bounds:
            made = _journey(bound)
            flights.put_journey(made)
            ends = (bound.flights[0].origin, bound.flights[-1].destination)
            pairs.setdefault(ends, {})[made.id] = None
            family = bound.family
            classes[family.code] = price_class(
                family.code, family.name, family.cabin, family.description
            )
            bags.update(allowances(family.baggage))
    return group(
        "DataLists",
        group("BaggageAllowanceList", *bags.values()),
        flights.operated(),
        group("OriginDestList", *_origin_dests(pairs)),
        flights.journeys(),
        write_pax(order.passengers, People()),
        flights.segments(),
        group("PenaltyList", *[each for quote in quotes for each in _penalties(quote)]),
        group("PriceClassList", *classes.values()),
    )


def _journey(bound: NewBound) -> JourneyXml:
    return journey_xml(Journey(bound.flights), bound.family.cabin)


def _origin_dests(pairs: dict[tuple[str, str], dict[str, None]]) -> Iterator[str]:
    for number, ((origin, destination), journeys) in enumerate(pairs.items(), 1):
        yield group(
            "OriginDest",
            leaf("DestCode", destination),
            leaf("OriginCode", origin),
            leaf("OriginDestID", f"OD{number}"),
            "".join([f"<PaxJourneyRefID>{each}</PaxJourneyRefID>" for each in journeys]),
        )


def _penalties(quote: Quote) -> Iterator[str]:
    for offer_item_id, each in deleted_items(quote):
        if each.penalty:
            yield group(
                "Penalty",
                leaf("PenaltyID", f"fee.{offer_item_id}"),
                group("Price", amount("TotalAmount", each.penalty)),
                _KIND,
            )


def _offer(order: Order, quote: Quote) -> str:
    items = _proposal(quote).items
    collect = total((each.collect for each in items), quote.currency)
    refund = total((each.refund for each in items), quote.currency)
    names = {each.item_id: offer_item_id for offer_item_id, each in deleted_items(quote)}
    return group(
        "Offer",
        *[_added(order, quote, item_id, each, names) for item_id, each in offered_items(quote)],
        *[_deleted(order, item_id, each) for item_id, each in deleted_items(quote)],
        group("Desc", leaf("DescText", _in_words(quote))),
        leaf("OfferExpirationTimeLimitDateTime", instant(quote.expires_at)),
        leaf("OfferID", quote.quote_id),
        leaf("OwnerCode", order.owner),
        group("TotalPrice", amount("TotalAmount", collect - refund)),
    )


def _in_words(quote: Quote) -> str:
    items = _proposal(quote).items
    sums = {
        "is to be paid": total((each.collect for each in items), quote.currency),
        "comes back": total((each.refund for each in items), quote.currency),
        "stays as a value for another purchase": total(
            (each.residual for each in items), quote.currency
        ),
    }
    said = [f"{money} {what}" for what, money in sums.items() if money]
    fees = total((each.penalty for each in items), quote.currency)
    with_fee = f", a fee of {fees} included" if fees else ""
    return f"{'; '.join(said) or 'Nothing is to be paid'}{with_fee}."


def _added(order: Order, quote: Quote, item_id: str, each: Exchanged, names: dict[str, str]) -> str:
    if each.new is None or each.bound is None:
        raise AssertionError(f"{item_id} is offered without flights")
    bound, ordered = _proposal(quote).bounds[each.bound], flight_item(order, each.item_id)
    made = _journey(bound)
    return group(
        "AddedOfferItem",
        cancellations(bound.cancellations),
        changes(bound.changes),
        _existing(ordered),
        _fare_detail(bound, each, made),
        flag("MandatoryInd", True),
        leaf("OfferItemID", item_id),
        leaf("OwnerCode", order.owner),
        leaf("PenaltyRefID", f"fee.{names[each.item_id]}") if each.penalty else "",
        group("ReshopPrice", _differential(each)),
        group(
            "Service",
            group("OfferServiceAssociation", group("PaxJourneyRef", made.ref)),
            leaf("PaxRefID", each.passenger_id),
            leaf("ServiceID", f"{item_id}.S"),
        ),
    )


def _existing(ordered: OrderItem) -> str:
    return group(
        "ExistingOrderItem",
        *[
            group(
                "ExistingService",
                leaf("FutureStatusCode", ServiceStatus.CANCELLED),
                leaf("ServiceRefID", service.id),
            )
            for service in ordered.services
        ],
        leaf("OrderItemRefID", ordered.id),
    )


def _fare_detail(bound: NewBound, each: Exchanged, made: JourneyXml) -> str:
    if each.new is None:
        raise AssertionError("a fare without flights")
    components = fare_components(
        cabin_type(bound.family.cabin),
        fare_xml(each.new).basis,
        leaf("PriceClassRefID", bound.family.code),
        made.segment_refs,
        bound.rbds,
    )
    return group("FareDetail", components, leaf("PaxRefID", each.passenger_id))


def _differential(each: Exchanged) -> str:
    if each.new is None:
        raise AssertionError("a difference to nothing")
    return group(
        "PriceDifferential",
        leaf("DifferentialTypeCode", _type(each)),
        group("DiffPrice", _difference(each, each.new.base, each.new.total)),
        group("NewPrice", fare_xml(each.new).price),
        group("OldPrice", fare_xml(each.old).price),
    )


def _type(each: Exchanged) -> str:
    """Which way the money flows."""
    if each.collect:
        return "AddCol"
    if each.residual:
        return "Residual"
    return "Refund" if each.refund else "EvenExchange"


def _difference(each: Exchanged, base: Money, whole: Money) -> str:
    """New less old, with the taxes that come back, the fee, and what is then due from whom."""
    taxes = (whole - base) - (each.old.total - each.old.base)
    return group(
        "Price",
        amount("BaseAmount", base - each.old.base),
        amount("DueByAirlineAmount", each.refund + each.residual),
        amount("DueToAirlineAmount", each.collect),
        group("Fee", amount("Amount", each.penalty), _FEE) if each.penalty else "",
        group(
            "TaxSummary",
            *[
                group(
                    "Tax",
                    amount("Amount", -tax.amount),
                    flag("RefundInd", tax.refundable),
                    leaf("TaxCode", tax.code),
                    leaf("TaxName", tax.name),
                )
                for tax in each.back_taxes
            ],
            amount("TotalTaxAmount", taxes),
        ),
        amount("TotalAmount", whole - each.old.total),
    )


def _deleted(order: Order, item_id: str, each: Exchanged) -> str:
    return group(
        "DeleteOrderItem",
        _existing(flight_item(order, each.item_id)),
        flag("MandatoryInd", True),
        leaf("OfferItemID", item_id),
        leaves("PenaltyRefID", (f"fee.{item_id}",) if each.penalty else ()),
    )

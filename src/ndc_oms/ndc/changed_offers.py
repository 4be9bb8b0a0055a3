"""Quotes of changes as offers of OrderReshopRS: what is given up, what takes its place, and the
money that follows.

Source: ChangedOfferType, AddedOfferItemType and PriceDifferentialType of 21.3. DiffPrice is new
less old; DueToAirlineAmount and DueByAirlineAmount are what is left of that and of the penalty
once they are set off, so that one of the two is always zero.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ndc_oms.model.change import flight_item
from ndc_oms.model.items import AncillaryItem, Item, Service
from ndc_oms.model.journey import Journey
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import People
from ndc_oms.model.quote import (
    Exchanged,
    ItemQuote,
    NewBound,
    Proposal,
    Quote,
    collected_by,
    refunded_by,
)
from ndc_oms.model.status import ServiceStatus
from ndc_oms.ndc.change_words import in_words
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
from ndc_oms.ndc.refunds import refunded_difference
from ndc_oms.orders.exchange import deleted_items, given_up_items, offered_items

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
    proposal = _proposal(quote)
    collect = collected_by(proposal, quote.currency)
    refund = refunded_by(proposal, quote.currency)
    names = {each.item_id: offer_item_id for offer_item_id, each in deleted_items(quote)}
    return group(
        "Offer",
        *[_added(order, quote, item_id, each, names) for item_id, each in offered_items(quote)],
        *[_deleted(order, item_id, each) for item_id, each in deleted_items(quote)],
        *[_given_up(order, item_id, each) for item_id, each in given_up_items(quote)],
        *[group("Desc", leaf("DescText", each)) for each in in_words(order, quote, proposal)],
        leaf("OfferExpirationTimeLimitDateTime", instant(quote.expires_at)),
        leaf("OfferID", quote.quote_id),
        leaf("OwnerCode", order.owner),
        group("TotalPrice", amount("TotalAmount", collect - refund)),
    )


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
        *[_following(each) for each in _followed(order, quote, each)],
        _fare_detail(bound, each, made),
        flag("MandatoryInd", True),
        leaf("OfferItemID", item_id),
        leaf("OwnerCode", order.owner),
        leaf("PenaltyRefID", f"fee.{names[each.item_id]}") if each.penalty else "",
        _until(_proposal(quote)),
        group("ReshopPrice", _differential(each, unpaid=_proposal(quote).unpaid)),
        group(
            "Service",
            group("OfferServiceAssociation", group("PaxJourneyRef", made.ref)),
            leaf("PaxRefID", each.passenger_id),
            leaf("ServiceID", f"{item_id}.S"),
        ),
    )


def _until(proposal: Proposal) -> str:
    """How long the price of what is not paid yet stands."""
    until = proposal.price_guarantee_until
    return "" if until is None else leaf("PriceGuaranteeTimeLimitDateTime", instant(until))


def _followed(order: Order, quote: Quote, each: Exchanged) -> Iterator[AncillaryItem]:
    """Services that go to these flights with the passenger."""
    for one in _proposal(quote).followed:
        item = order.item(one.item_id)
        there = any(bound == each.bound for _, bound, _ in one.places)
        if isinstance(item, AncillaryItem) and item.passenger_id == each.passenger_id and there:
            yield item


def _following(item: AncillaryItem) -> str:
    live = [each for each in item.services if each.status is ServiceStatus.CONFIRMED]
    return _existing_item(item, live, ServiceStatus.CONFIRMED)


def _existing(ordered: Item) -> str:
    return _existing_item(ordered, ordered.services, ServiceStatus.CANCELLED)


def _existing_item(item: Item, services: Iterable[Service], becomes: ServiceStatus) -> str:
    return group(
        "ExistingOrderItem",
        *[
            group(
                "ExistingService",
                leaf("FutureStatusCode", becomes),
                leaf("ServiceRefID", service.id),
            )
            for service in services
        ],
        leaf("OrderItemRefID", item.id),
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


def _differential(each: Exchanged, *, unpaid: bool) -> str:
    """unpaid: all of the new fare is due, since nothing of the old one was paid."""
    if each.new is None:
        raise AssertionError("a difference to nothing")
    return group(
        "PriceDifferential",
        leaf("DifferentialTypeCode", _type_of_held(each) if unpaid else _type(each)),
        group("DiffPrice", _difference(each, each.new, each.new.total if unpaid else each.collect)),
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


def _type_of_held(each: Exchanged) -> str:
    dearer = each.new is not None and each.new.total.minor > each.old.total.minor
    return "AddCol" if dearer else "EvenExchange"


def _difference(each: Exchanged, new: Fare, due: Money) -> str:
    """New less old, with the taxes that come back, the fee, and what is then due from whom."""
    base, whole = new.base, new.total
    taxes = (whole - base) - (each.old.total - each.old.base)
    return group(
        "Price",
        amount("BaseAmount", base - each.old.base),
        amount("DueByAirlineAmount", each.refund + each.residual),
        amount("DueToAirlineAmount", due),
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


def _given_up(order: Order, item_id: str, each: ItemQuote) -> str:
    """A service that does not follow, with what comes back of it."""
    return group(
        "DeleteOrderItem",
        _existing(order.item(each.item_id)),
        flag("MandatoryInd", True),
        leaf("OfferItemID", item_id),
        group(
            "PriceDifferential",
            leaf("DifferentialTypeCode", "Refund" if each.refund else "EvenExchange"),
            group("DiffPrice", refunded_difference(each)),
            group(
                "NewPrice",
                group("Price", amount("TotalAmount", Money.zero(each.old.base.currency))),
            ),
            group("OldPrice", fare_xml(each.old).price),
        ),
    )

"""An accepted quote of a change becomes the change itself: new segments and items, who pays and
who is refunded, which tickets are exchanged and which only revalidated. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ndc_oms.fulfilment.booking import coupons_of
from ndc_oms.model.balance import to_forms
from ndc_oms.model.cancellation import GivenUp
from ndc_oms.model.change import exchanged_seats, flight_item, seated
from ndc_oms.model.change_events import ChangeAccepted
from ndc_oms.model.items import OrderItem, OrderSegment
from ndc_oms.model.money import Money, total
from ndc_oms.model.numbering import last_service
from ndc_oms.model.order import Order
from ndc_oms.model.quote import Exchanged, ItemQuote, Proposal, Quote, collected_by, refunded_by
from ndc_oms.model.under_way import Change, Charge, ChargeKind, Move, ServiceMove
from ndc_oms.offers.selection import check_total, check_whole
from ndc_oms.orders.build import services_on
from ndc_oms.orders.cancel import given_up_of
from ndc_oms.orders.change_scope import booked_with
from ndc_oms.orders.request import AcceptChange
from ndc_oms.orders.segment_ids import NewSegmentIds
from ndc_oms.ports.pss import SegmentSale


def check_selection(quote: Quote, asked: AcceptChange) -> None:
    """Every new item of the quote is selected, for its passenger, at the total that was stated.
    Raises Invalid (914, 727, 729), Expired (913) for an item that it does not have.
    """
    optional: dict[str, str] = {}
    if quote.naming is not None:
        wanted = {f"{quote.quote_id}-1": quote.naming.renaming.passenger_id}
    else:
        wanted = {item_id: each.passenger_id for item_id, each in offered_items(quote)}
        optional = {item_id: each.passenger_id for item_id, each in deleted_items(quote)}
    services = {item_id for item_id, _ in given_up_items(quote)} if quote.proposal else set()
    check_whole(asked.selection, wanted, optional=optional, free=services, what="A change")
    check_total(asked.selection, _due(quote))


def _due(quote: Quote) -> Money:
    """To be paid for what is quoted; below nothing: to be paid back."""
    if quote.naming is not None:
        return quote.naming.renaming.fee
    proposal, money = _proposal(quote), quote.currency
    return collected_by(proposal, money) - refunded_by(proposal, money)


def offered_items(quote: Quote) -> Iterator[tuple[str, Exchanged]]:
    """OfferItemIDs of what takes the place of something, with it."""
    for number, each in enumerate(_proposal(quote).items, 1):
        if each.new is not None:
            yield f"{quote.quote_id}-N{number}", each


def deleted_items(quote: Quote) -> Iterator[tuple[str, Exchanged]]:
    """OfferItemIDs of what is given up, with it."""
    for number, each in enumerate(_proposal(quote).items, 1):
        yield f"{quote.quote_id}-{number}", each


def given_up_items(quote: Quote) -> Iterator[tuple[str, ItemQuote]]:
    """OfferItemIDs of services that do not follow, behind those of what is given up."""
    proposal = _proposal(quote)
    for number, each in enumerate(proposal.given_up, len(proposal.items) + 1):
        yield f"{quote.quote_id}-{number}", each


def _proposal(quote: Quote) -> Proposal:
    if quote.proposal is None:
        raise AssertionError(f"{quote.quote_id} is no quote of a change")
    return quote.proposal


def accept(order: Order, quote: Quote, now: datetime) -> ChangeAccepted:
    """The change, without what is paid for it."""
    proposal, number = _proposal(quote), order.sequence + 1
    segments = _segments(order, proposal)
    items = tuple(_items(order, quote, proposal, segments))
    by_offer_item = {item.offer_item_id: item for item in items}
    ids = {e.item_id: by_offer_item[o].id for o, e in offered_items(quote)}
    moves = tuple(
        Move(e.item_id, ids.get(e.item_id), e.penalty, e.collect, e.refund, e.residual)
        for e in proposal.items
    )
    services = tuple(given_up_of(order, each) for each in proposal.given_up)
    flights = tuple(
        GivenUp(e.item_id, e.refund, Money.zero(order.currency)) for e in proposal.items
    )
    refunds = to_forms(order, (*flights, *services))
    change = Change(
        number=number,
        quote_id=quote.quote_id,
        moves=moves,
        segments=segments,
        items=items,
        dividing=_dividing(order, proposal),
        used=proposal.used,
        charges=tuple(_charges(order, proposal)),
        refunds=refunds,
        moved=tuple(_moved(proposal, segments)),
        given_up=services,
        unpaid=proposal.unpaid,
        payment_limit_at=proposal.payment_limit_at,
        price_guarantee_until=proposal.price_guarantee_until,
    )
    change = replace(change, revalidated=tuple(_revalidated(order, change)))
    if exchanged_seats(order, change)[0]:
        change = replace(change, hold_reference=f"{order.order_id}:change:{quote.quote_id}")
    return ChangeAccepted(at=now, change=change)


def seats_wanted(order: Order, change: Change) -> tuple[SegmentSale, ...]:
    coming, _ = exchanged_seats(order, change)
    count = seated(order, change)
    return tuple(SegmentSale(each.flight.key, each.rbd, count) for each in coming)


def _segments(order: Order, proposal: Proposal) -> tuple[OrderSegment, ...]:
    next_bound = max(segment.bound_index for segment in order.segments) + 1
    ids, made = NewSegmentIds(order), []
    for at, bound in enumerate(proposal.bounds):
        for flight, rbd in zip(bound.flights, bound.rbds, strict=True):
            made.append(OrderSegment(ids.next(), next_bound + at, flight, rbd, bound.family.cabin))
    return tuple(made)


def _moved(proposal: Proposal, segments: Sequence[OrderSegment]) -> Iterator[ServiceMove]:
    """Services that go to the new flights."""
    first = min((segment.bound_index for segment in segments), default=0)
    for each in proposal.followed:
        for service_id, bound, place in each.places:
            flown = [s for s in segments if s.bound_index == first + bound]
            yield ServiceMove(service_id, flown[place].id)


def _items(
    order: Order, quote: Quote, proposal: Proposal, segments: Sequence[OrderSegment]
) -> Iterator[OrderItem]:
    first = min((segment.bound_index for segment in segments), default=0)
    number = len(order.items)
    services = last_service(order)
    for offer_item_id, each in offered_items(quote):
        if each.bound is None or each.new is None:
            raise AssertionError(f"{offer_item_id} is offered without flights")
        bound, number = proposal.bounds[each.bound], number + 1
        flown = [s for s in segments if s.bound_index == first + each.bound]
        yield OrderItem(
            id=f"{order.order_id}-{number}",
            offer_item_id=offer_item_id,
            passenger_id=each.passenger_id,
            bound_index=first + each.bound,
            family=bound.family,
            fare=each.new,
            changes=bound.changes,
            cancellations=bound.cancellations,
            services=services_on(flown, order.order_id, after=services),
        )
        services += len(flown)


def _dividing(order: Order, proposal: Proposal) -> tuple[str, ...]:
    """Those who change, where others are in their booking."""
    ids = tuple(dict.fromkeys(each.passenger_id for each in proposal.items))
    return () if set(booked_with(order, ids[0])) == set(ids) else ids


def _charges(order: Order, proposal: Proposal) -> Iterator[Charge]:
    """Of each passenger: the fee of what is exchanged, and what is left as a value."""
    for passenger in order.passengers:
        mine = [each for each in proposal.items if each.passenger_id == passenger.id]
        fee = total((each.penalty for each in mine if each.new is not None), order.currency)
        value = total((each.residual for each in mine), order.currency)
        for kind, amount in ((ChargeKind.PENALTY, fee), (ChargeKind.RESIDUAL, value)):
            if amount:
                yield Charge(kind, passenger.id, amount)


def _revalidated(order: Order, change: Change) -> Iterator[str]:
    """Passengers whose coupons stay what they are but for the day: the same fares and classes on
    the same route.
    """
    both = replace(
        order,
        items=(*order.items, *change.items),
        segments=(*order.segments, *change.segments),
    )
    for passenger in order.passengers:
        mine = [
            m for m in change.moves if flight_item(order, m.item_id).passenger_id == passenger.id
        ]
        if mine and all(_alike(order, both, move) for move in mine):
            yield passenger.id


def _alike(order: Order, both: Order, move: Move) -> bool:
    if move.new_item_id is None:
        return False
    old, new = flight_item(order, move.item_id), flight_item(both, move.new_item_id)
    if old.fare != new.fare or len(old.services) != len(new.services):
        return False
    for one, other in zip(coupons_of(both, old), coupons_of(both, new), strict=True):
        if one.flight is None or other.flight is None:
            return False
        route = (one.flight.origin, one.flight.destination, one.rbd, one.fare_basis, one.value)
        if route != (
            other.flight.origin, other.flight.destination, other.rbd, other.fare_basis, other.value
        ):  # fmt: skip
            return False
    return True

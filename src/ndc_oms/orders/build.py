"""The order that an accepted offer becomes: pure, before anything is held or charged."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from ndc_oms.model.items import Family, OrderItem, OrderSegment, Service
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Offer, PricedBound
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.payment import Card, Payment, PaymentForm
from ndc_oms.model.product import FareFamily
from ndc_oms.offers.limits import Limits
from ndc_oms.orders.partner_parts import parts_of
from ndc_oms.orders.service_items import Chosen, ancillary_items
from ndc_oms.ports.clock import Entropy

# No 0, 1, I, O: order ids are read over the telephone. 32 letters, 10 of them: 50 bits.
ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
ID_LENGTH: Final = 10


def new_order_id(owner: str, entropy: Entropy) -> str:
    """The owner's designator and ten letters, as `XX7KQ2MZP4TB`."""
    return owner + entropy.token(ALPHABET, ID_LENGTH)


def hold_reference(order_id: str) -> str:
    """Our reference for the seats that are held before the order is recorded."""
    return f"{order_id}:hold"


@dataclass(frozen=True, slots=True)
class Means:
    """One payment, checked, its card already a token. gateway: by name; routes: those after it.

    page_ttl_s: how long a payer has on a provider's page.
    """

    form: PaymentForm
    gateway: str
    amount: Money
    card: Card | None = None
    agency_number: str | None = None
    offer_item_ids: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    voucher: str | None = None
    return_url: str | None = None
    page_ttl_s: int = 0


def build(
    offer: Offer,
    *,
    order_id: str,
    seller: str,
    now: datetime,
    party: tuple[Passenger, ...],
    takers: Mapping[str, Passenger],
    means: Sequence[Means],
    limits: Limits | None = None,
    code_shares: Mapping[str, str] = MappingProxyType({}),
    services: Sequence[Chosen] = (),
) -> Order:
    """takers: who takes which item, by offer item id; all of them. limits: of an order that is
    not paid at once. code_shares: see partner_parts.py. services: bought beside the flights.
    """
    segments = tuple(_segments(offer.bounds))
    items = tuple(_items(offer, order_id, segments, takers))
    ancillaries = ancillary_items(services, order_id, [each.id for each in segments])
    bought = [(each.offer_item_id, each.id) for each in items]
    bought += [(each.offer_item_id, each.id) for each in ancillaries]
    return Order(
        order_id=order_id,
        owner=offer.owner,
        seller=seller,
        offer_id=offer.offer_id,
        currency=offer.currency,
        created_at=now,
        changed_at=now,
        passengers=party,
        segments=segments,
        items=items,
        payments=tuple(
            payment(
                number,
                each,
                tuple(own for offered, own in bought if offered in each.offer_item_ids),
                now,
                latest=limits.payment_at if limits else None,
            )
            for number, each in enumerate(means, 1)
        ),
        hold_reference=hold_reference(order_id),
        conditions=offer.conditions,
        payment_limit_at=limits.payment_at if limits else None,
        price_guarantee_until=limits.guarantee_until if limits else None,
        parts=parts_of(offer, segments, takers, code_shares),
        ancillaries=ancillaries,
        rested=0,
    )


def _segments(bounds: Sequence[PricedBound]) -> Iterator[OrderSegment]:
    number = 0
    for index, bound in enumerate(bounds):
        share = bound.share
        for place, flight in enumerate(bound.journey.segments):
            number += 1
            family = share.theirs.family if share and place in share.places else bound.family
            yield OrderSegment(f"SEG{number}", index, flight, bound.rbds[place], family.cabin)


def _items(
    offer: Offer,
    order_id: str,
    segments: tuple[OrderSegment, ...],
    takers: Mapping[str, Passenger],
) -> Iterator[OrderItem]:
    services = 0
    for number, item in enumerate(offer.items, 1):
        bound = offer.bounds[item.bound_index]
        flown = [s for s in segments if s.bound_index == item.bound_index]
        yield OrderItem(
            id=f"{order_id}-{number}",
            offer_item_id=item.id,
            passenger_id=takers[item.id].id,
            bound_index=item.bound_index,
            family=sold_as(bound.family),
            fare=item.fare,
            changes=bound.changes,
            cancellations=bound.cancellations,
            services=services_on(flown, order_id, after=services),
        )
        services += len(flown)


def sold_as(family: FareFamily) -> Family:
    """The family as the order keeps it, whatever the world makes of it later."""
    return Family(family.code, family.name, family.cabin, family.description, family.baggage)


def services_on(
    segments: Iterable[OrderSegment], order_id: str, *, after: int
) -> tuple[Service, ...]:
    """A service a segment, numbered on from as many as the order had."""
    return tuple(
        Service(f"{order_id}-S{after + at}", segment.id) for at, segment in enumerate(segments, 1)
    )


def payment(
    number: int, means: Means, item_ids: tuple[str, ...], now: datetime, latest: datetime | None
) -> Payment:
    """latest: when a page must be closed, whatever time its payer would have."""
    expires_at = None
    if means.form is PaymentForm.REDIRECT:
        expires_at = now + timedelta(seconds=means.page_ttl_s)
        expires_at = min(expires_at, latest) if latest else expires_at
    return Payment(
        id=f"PAY{number}",
        form=means.form,
        gateway=means.gateway,
        amount=means.amount,
        item_ids=item_ids,
        card=means.card,
        agency_number=means.agency_number,
        requested_at=now,
        routes=means.routes,
        voucher=means.voucher,
        return_url=means.return_url,
        expires_at=expires_at,
    )

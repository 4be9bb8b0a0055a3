"""Who flies with partners, and which of their bookings a split or a new name concerns. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from ndc_oms.model.items import AncillaryItem, Service
from ndc_oms.model.order import Order
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.under_way import Change


def flying(order: Order, part: PartnerPart) -> frozenset[str]:
    """Passengers of the order who are in the partner's booking and fly with it."""
    there = {item.passenger_id for item in order.items_on(part.segment_ids)}
    return frozenset(there.intersection(part.passenger_ids) if part.passenger_ids else there)


def protected(order: Order, passenger_ids: Collection[str]) -> bool:
    """Whether a partner takes some of them, or is to take them, where we cannot fly."""
    kept = (part for part in order.parts if part.kept and part.protection is not None)
    return any(not flying(order, part).isdisjoint(passenger_ids) for part in kept)


def to_divide(order: Order, going: Collection[str]) -> Iterator[PartnerPart]:
    """Parts in whose booking some stay and some go."""
    for part in order.parts:
        here = flying(order, part) if part.live else frozenset[str]()
        if here.intersection(going) and not here <= set(going):
            yield part


def to_rename(order: Order, change: Change) -> Iterator[PartnerPart]:
    """Parts whose partner does not know the new name yet; of a change that is taken back those
    whose partner knows it still.
    """
    if change.renaming is None:
        return
    back = change.failure is not None
    for part in order.parts:
        concerned = part.live and change.renaming.passenger_id in flying(order, part)
        if concerned and (part.id in change.documented) is back:
            yield part


def wanted_there(order: Order, part: PartnerPart) -> tuple[tuple[AncillaryItem, Service], ...]:
    """Services that are asked of the partner, on its flights, for those in its booking."""
    here = flying(order, part)
    return tuple(
        (item, service)
        for item in order.live_ancillaries
        if item.passenger_id in here and item.goes_along
        for service in item.services
        if service.segment_id in part.segment_ids
    )


def to_serve(order: Order) -> Iterator[PartnerPart]:
    """Parts whose partner was not asked for what is wanted on its flights now."""
    for part in order.parts:
        if part.kept and {s.id for _, s in wanted_there(order, part)} != set(part.asked):
            yield part


def parted(
    order: Order, part: PartnerPart, going: Collection[str]
) -> tuple[PartnerPart, PartnerPart]:
    """A part in two: of those who stay, and of those who go."""
    staying = flying(order, part).difference(going)

    def of(ids: Collection[str]) -> PartnerPart:
        fares = tuple(each for each in part.fares if each.passenger_id in ids)
        return replace(part, passenger_ids=tuple(sorted(ids)), fares=fares)

    return of(staying), of(going)

"""The order that its events make. Each kind of event has one effect, in the table of its room."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ndc_oms.model.effects import Effects
from ndc_oms.model.event import Event
from ndc_oms.model.events import OrderCreated
from ndc_oms.model.fold_airline import AIRLINE_EFFECTS
from ndc_oms.model.fold_changes import CHANGE_EFFECTS
from ndc_oms.model.fold_documents import DOCUMENT_EFFECTS
from ndc_oms.model.fold_items import ITEM_EFFECTS
from ndc_oms.model.fold_partners import PARTNER_EFFECTS
from ndc_oms.model.fold_payments import PAYMENT_EFFECTS
from ndc_oms.model.order import Order
from ndc_oms.model.splitting import SPLIT_EFFECTS
from ndc_oms.model.telling import known_after

ROOMS: Final[Sequence[Effects]] = (
    PAYMENT_EFFECTS,
    DOCUMENT_EFFECTS,
    PARTNER_EFFECTS,
    AIRLINE_EFFECTS,
    ITEM_EFFECTS,
    CHANGE_EFFECTS,
    SPLIT_EFFECTS,
)
EFFECTS: Final[Effects] = {kind: effect for room in ROOMS for kind, effect in room.items()}


def fold(events: Iterable[Event]) -> Order:
    """The order that the events made; raises AssertionError on a stream that cannot be."""
    order: Order | None = None
    for event in events:
        order = apply(order, event)
    if order is None:
        raise AssertionError("an order without events")
    return order


def apply(order: Order | None, event: Event) -> Order:
    """The order after one more event."""
    if order is None:
        if not isinstance(event, OrderCreated):
            raise AssertionError(f"{type(event).__name__} before OrderCreated")
        return event.order
    effect = EFFECTS.get(type(event))
    if effect is None:
        raise AssertionError(f"{type(event).__name__} cannot follow")
    changed = effect(order, event)
    rested, news = known_after(order, event)
    return replace(
        changed,
        rested=rested,
        news=news,
        sequence=order.sequence + 1,
        version=order.version + type(event).bumps,
        changed_at=event.at,
    )

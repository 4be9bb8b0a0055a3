"""How an order's documents stand at the PSS at this moment, item by item."""

import asyncio
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ndc_oms.errors import Invalid, NotAllowed, Unavailable
from ndc_oms.fulfilment.asking import answer_of
from ndc_oms.model.documents import BOARDED, REFUNDABLE, Document, DocumentType
from ndc_oms.model.item_states import is_used
from ndc_oms.model.items import AncillaryItem, Item, OrderItem
from ndc_oms.model.laps import aboard_untold
from ndc_oms.model.order import Order
from ndc_oms.model.protecting import taken_over
from ndc_oms.model.status import COUPON, CouponStatus
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import Pss

CALL_S: Final = 5.0
RETRY_S: Final = 5


class Use(Enum):
    NONE = "unused"
    SOME = "used, in part at least"
    HELD_UP = "neither open nor used"


@dataclass(frozen=True, slots=True)
class Shown:
    """Live documents as the PSS has them."""

    documents: tuple[Document, ...]

    def of(self, passenger_id: str) -> tuple[Document, ...]:
        return tuple(d for d in self.documents if d.passenger_id == passenger_id)

    def use(self, item: Item) -> Use:
        """An item of which one flight was flown is used: it comes back no more. A service without
        a document of its own is used with its flight.
        """
        if is_used(item):
            return Use.SOME
        if isinstance(item, AncillaryItem) and item.needs_document:
            states = self._states_of_emd(item)
        else:
            states = self._states_of_ticket(item)
        if states & BOARDED:
            return Use.SOME
        return Use.NONE if states and states <= REFUNDABLE else Use.HELD_UP

    def is_halted(self, passenger_id: str, segment_ids: Container[str]) -> bool:
        """Whether a coupon of the passenger's for one of these is neither open, used nor ended."""
        return any(
            coupon.segment_id in segment_ids
            and coupon.status not in REFUNDABLE | BOARDED | COUPON.final
            for document in self.of(passenger_id)
            if document.type is DocumentType.TICKET
            for coupon in document.coupons
        )

    def under_way(self, item: OrderItem) -> bool:
        """Some flight of it was flown, and another can still be: its coupon is on the same ticket
        as those of the journeys behind it.
        """
        states = self._states_of_ticket(item)
        return bool(states & BOARDED) and bool(states - BOARDED - COUPON.final)

    def _states_of_ticket(self, item: Item) -> set[CouponStatus]:
        flown = {service.segment_id for service in item.services}
        return {
            coupon.status
            for document in self.of(item.passenger_id)
            if document.type is DocumentType.TICKET
            for coupon in document.coupons
            if coupon.segment_id in flown
        }

    def _states_of_emd(self, item: AncillaryItem) -> set[CouponStatus]:
        return {
            coupon.status
            for document in self.documents
            for coupon in document.coupons
            if coupon.service_id in item.service_ids
        }


async def show(pss: Pss, order: Order) -> Shown:
    """Of a partner's documents what it said last is taken. Raises Unavailable (182) where the PSS
    does not say.
    """
    live = [each for each in order.documents if each.live and not each.of_money]
    numbers = [document.number for document in live if not document.issuer]
    found = await asyncio.gather(*(answer_of(pss.document(n), CALL_S) for n in numbers))
    documents = [each.value for each in found if isinstance(each, Confirmed) and each.value]
    if len(documents) < len(numbers):
        raise Unavailable(
            "The reservation system does not show the order's documents at the moment.",
            code="182",
            remedy="Send the request again.",
            retry_after_s=RETRY_S,
        )
    return Shown((*documents, *(document for document in live if document.issuer)))


def _use(order: Order, shown: Shown, item: Item) -> Use:
    """Of flights that a partner took over, our own coupons count too, until they are exchanged; an
    open coupon of an infant whose adult is on board says nothing.
    """
    use = shown.use(item)
    if use is not Use.NONE:
        return use
    flown = {(item.passenger_id, service.segment_id) for service in item.services}
    halted = shown.is_halted(item.passenger_id, taken_over(order, item))
    return Use.HELD_UP if halted or flown & aboard_untold(order) else use


def unused(order: Order, shown: Shown, path: str) -> tuple[Item, ...]:
    """Live items that can be given back. Raises NotAllowed (182) for a passenger who has checked
    in, or whose document is suspended; (395) where nothing is left.
    """
    uses: Mapping[str, Use] = {item.id: _use(order, shown, item) for item in order.live}
    held_up = [item.id for item in order.live_items if uses[item.id] is Use.HELD_UP]
    if held_up:
        raise NotAllowed(
            f"The documents of item {held_up[0]} are neither open nor used.",
            code="182",
            path=path,
            remedy="Have the passenger offloaded, or ask the airline what became of the document.",
        )
    left: Sequence[Item] = [i for i in order.live if uses[i.id] is Use.NONE]
    if not left:
        raise NotAllowed(
            f"Everything in order {order.order_id} has been flown.", code="182", path=path
        )
    return tuple(left)


def check_unflown(flights: Sequence[OrderItem], left: Sequence[Item], path: str) -> None:
    """Raises Invalid (182) for a flight that is not among what is left."""
    flown = [item.id for item in flights if item not in left]
    if flown:
        raise _used(flown[0], "has been flown", path)


def check_arrived(order: Order, shown: Shown, flights: Sequence[OrderItem], path: str) -> None:
    """Raises NotAllowed (182) where a passenger who gives up flights is on a journey: what is left
    of it would go with the rest of the ticket.
    """
    who = {item.passenger_id for item in flights}
    for item in order.live_items:
        if item.passenger_id in who and shown.under_way(item):
            raise NotAllowed(
                f"Passenger {item.passenger_id} is on the journey of item {item.id}.",
                code="182",
                path=path,
                remedy="Ask when it is flown to its end.",
            )


def check_unused(services: Sequence[AncillaryItem], left: Sequence[Item], path: str) -> None:
    """Raises Invalid (182) for a service that is not among what is left: it ends with its flights,
    and not by itself.
    """
    used = [item.id for item in services if item not in left]
    if used:
        raise _used(used[0], "has been used, or is in use", path)


def _used(item_id: str, what: str, path: str) -> Invalid:
    return Invalid(
        f"Item {item_id} {what}.", code="182", path=path, remedy="Name items that are not used yet."
    )

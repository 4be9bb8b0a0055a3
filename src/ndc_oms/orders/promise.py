"""Services and seats promised at a price: beside the flights of an offer, or for an order.

What was picked is looked at as if it were bought now: the catalogue's rules, what is left of it,
and whether a seat is free. Nothing is held: a promise is of the price, like that of the flights.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ndc_oms.errors import Refusal, Unavailable
from ndc_oms.model.offer import Offer, OfferedService
from ndc_oms.model.order import Order
from ndc_oms.offers.request import SelectedItem
from ndc_oms.offers.service_token import firm_id
from ndc_oms.offers.services import Flown
from ndc_oms.orders.about import flown_of_offer, flown_of_order
from ndc_oms.orders.prepare import raise_all
from ndc_oms.orders.service_desk import ServiceDesk
from ndc_oms.orders.service_items import Chosen
from ndc_oms.orders.show_seats import seats_gone
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.pss import Pss
from ndc_oms.ports.sellers import Seller


@dataclass(frozen=True, slots=True)
class PromiseServices:
    desk: ServiceDesk
    pss: Pss
    clock: Clock

    async def __call__(
        self, picked: Sequence[SelectedItem], offer: Offer, seller: Seller
    ) -> tuple[OfferedService, ...]:
        """As long as the offer stands. Raises what `choose` refuses, Unavailable 281 for a seat
        that is taken, 493 where the PSS does not say.
        """
        chosen, refused = await self.desk.for_offer(
            picked, offer, offer.party, seller, self.clock.now()
        )
        flown = flown_of_offer(offer)
        refused += await self._taken(picked, chosen, flown)
        raise_all(refused)
        return tuple(self._firm(chosen, flown, seller, until=offer.expires_at, name=offer.offer_id))

    async def for_order(
        self,
        picked: Sequence[SelectedItem],
        order: Order,
        seller: Seller,
        *,
        until: datetime,
        name: str,
        without: Sequence[str] = (),
    ) -> tuple[OfferedService, ...]:
        """name: of the quote that they are for. without: items that are given up for them. Raises
        as for an offer.
        """
        chosen, refused = await self.desk.for_order(
            picked, order, seller, self.clock.now(), without=without
        )
        flown = flown_of_order(order)
        refused += await self._taken(picked, chosen, flown)
        raise_all(refused)
        return tuple(self._firm(chosen, flown, seller, until=until, name=name))

    def _firm(
        self,
        chosen: Sequence[Chosen],
        flown: Sequence[Flown],
        seller: Seller,
        *,
        until: datetime,
        name: str,
    ) -> Iterator[OfferedService]:
        for number, each in enumerate(chosen, 1):
            product = each.product.product
            flights = [(flown[place].flight, flown[place].cabin) for place in each.places]
            claim = self.desk.tokens.mint(seller.org_id, product.code, flights, each.unit, until)
            yield OfferedService(
                firm_id(name, number),
                claim,
                each.passenger_id,
                product,
                each.fare,
                each.places,
                each.quantity,
                each.seat.seat if each.seat else None,
                each.seat.traits if each.seat else (),
            )

    async def _taken(
        self, picked: Sequence[SelectedItem], chosen: Sequence[Chosen], flown: Sequence[Flown]
    ) -> list[Refusal]:
        """A refusal for each seat that somebody has. Raises Unavailable (493)."""
        paths = {(each.item_id, who): each.path for each in picked for who in each.passenger_ids}
        found: list[Refusal] = []
        for each in chosen:
            if each.seat is None:
                continue
            flight = flown[each.places[0]].flight
            gone = await seats_gone(self.pss, self.desk.store, flight.key)
            if gone is None or each.seat.seat in gone:
                refused = Unavailable(
                    f"Seat {each.seat.seat} of {flight.carrier}{flight.number} is taken.",
                    code="281",
                    path=paths[each.offer_item_id, each.passenger_id],
                    remedy="Ask for the seat map again, and choose another seat.",
                )
                found.append(refused)
        return found

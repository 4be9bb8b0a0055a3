"""Where picked services are looked at with everything that decides whether they can be had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ndc_oms.errors import Refusal
from ndc_oms.model.offer import Offer
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.seating import wanted
from ndc_oms.offers.request import SelectedItem
from ndc_oms.offers.service_token import ServiceTokens
from ndc_oms.offers.services import Seen
from ndc_oms.orders.about import flown_of_offer, flown_of_order
from ndc_oms.orders.chosen_seats import MapOf
from ndc_oms.orders.list_services import taken_on
from ndc_oms.orders.service_items import Chosen, Shelf, choose, owned_by
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import Store
from ndc_oms.world.services import Catalogue


@dataclass(frozen=True, slots=True)
class ServiceDesk:
    """owner: our designator."""

    owner: str
    catalogue: Catalogue
    tokens: ServiceTokens
    store: Store
    map_of: MapOf

    async def for_offer(
        self,
        picked: Sequence[SelectedItem],
        offer: Offer,
        party: Sequence[Passenger],
        seller: Seller,
        now: datetime,
    ) -> tuple[list[Chosen], list[Refusal]]:
        flown = flown_of_offer(offer)
        seen = Seen(self.owner, now, await taken_on(self.store, flown) if picked else {})
        return choose(
            picked,
            Shelf(
                self.catalogue,
                self.tokens,
                seller.org_id,
                offer.currency,
                flown,
                party,
                seen,
                map_of=self.map_of,
            ),
        )

    async def for_order(
        self, picked: Sequence[SelectedItem], order: Order, seller: Seller, now: datetime
    ) -> tuple[list[Chosen], list[Refusal]]:
        """`places` of what is chosen are of the order's flights that somebody still takes."""
        flown = flown_of_order(order)
        staying = {item.passenger_id for item in order.live_items}
        party = [each for each in order.passengers if each.id in staying]
        return choose(
            picked,
            Shelf(
                self.catalogue,
                self.tokens,
                seller.org_id,
                order.currency,
                flown,
                party,
                Seen(self.owner, now, await taken_on(self.store, flown)),
                tuple(owned_by(order, flown)),
                self.map_of,
                tuple((each.passenger_id, each.flight, each.seat) for each in wanted(order)),
            ),
        )

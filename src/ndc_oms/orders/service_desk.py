"""Where picked services are looked at with everything that decides whether they can be had."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ndc_oms.errors import Refusal
from ndc_oms.model.offer import Offer, OfferedService
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.seating import wanted
from ndc_oms.offers.request import SelectedItem
from ndc_oms.offers.service_token import ServiceTokens
from ndc_oms.offers.services import Seen, spoken
from ndc_oms.orders.about import flown_of_offer, flown_of_order
from ndc_oms.orders.chosen_seats import MapOf
from ndc_oms.orders.list_services import taken_on
from ndc_oms.orders.service_items import Chosen, Shelf, choose, owned_by
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import Store
from ndc_oms.world.phrases import Phrases
from ndc_oms.world.services import Catalogue, CatalogueProduct


@dataclass(frozen=True, slots=True)
class ServiceDesk:
    """owner: our designator."""

    owner: str
    catalogue: Catalogue
    tokens: ServiceTokens
    store: Store
    map_of: MapOf
    phrases: Phrases = Phrases()  # noqa: RUF009  # frozen

    async def for_offer(
        self,
        picked: Sequence[SelectedItem],
        offer: Offer,
        party: Sequence[Passenger],
        seller: Seller,
        now: datetime,
    ) -> tuple[list[Chosen], list[Refusal]]:
        """Those that were priced with the offer among them."""
        picked = standing_for(picked, offer.services)
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
                say=self._speaking(offer.conditions.language),
            ),
        )

    async def for_order(
        self,
        picked: Sequence[SelectedItem],
        order: Order,
        seller: Seller,
        now: datetime,
        *,
        without: Collection[str] = (),
    ) -> tuple[list[Chosen], list[Refusal]]:
        """`places` of what is chosen are of the order's flights that somebody still takes. without:
        ancillary items that are given up for what is chosen.
        """
        flown = flown_of_order(order)
        kept = tuple(each for each in order.ancillaries if each.id not in without)
        rest = replace(order, ancillaries=kept)
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
                tuple(owned_by(rest, flown)),
                self.map_of,
                tuple((each.passenger_id, each.flight, each.seat) for each in wanted(rest)),
                self._speaking(order.conditions.language),
            ),
        )

    def _speaking(self, language: str | None) -> Callable[[CatalogueProduct], CatalogueProduct]:
        """Texts are kept in the language of the offer, as those of its fares are."""
        return lambda product: spoken(product, self.phrases, language)


def standing_for(
    picked: Iterable[SelectedItem], promised: Iterable[OfferedService]
) -> tuple[SelectedItem, ...]:
    """Of what was priced, what was picked then: how many, which seat, and its signed item. What is
    not among `promised` stays as it is.
    """
    known = {each.id: each for each in promised}
    return tuple(
        replace(item, claim=firm.claim, quantity=firm.quantity, seat=firm.seat)
        if (firm := known.get(item.item_id)) is not None
        else item
        for item in picked
    )

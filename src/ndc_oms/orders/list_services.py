"""ServiceList: what can be had beside the flights of an offer, of an order, or of named flights.

Nothing is written: each item is a signed token (offers/service_token.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ndc_oms.errors import Unavailable
from ndc_oms.offers.services import Flown, Taken
from ndc_oms.orders.about import AboutRequest, FindAbout
from ndc_oms.orders.service_offer import OfferServices, ServiceOffer
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import Store
from ndc_oms.world.services import CatalogueProduct
from ndc_oms.world.world import World


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which services: of these RFICs, RFISCs and taxonomy codes; () for any."""

    rfics: tuple[str, ...] = ()
    rfiscs: tuple[str, ...] = ()
    taxonomies: tuple[str, ...] = ()

    def fits(self, each: CatalogueProduct) -> bool:
        return (
            (not self.rfics or each.product.rfic in self.rfics)
            and (not self.rfiscs or each.product.rfisc in self.rfiscs)
            and (not self.taxonomies or each.taxonomy in self.taxonomies)
        )


@dataclass(frozen=True, slots=True)
class ServiceListRequest(AboutRequest):
    """wanted: which services alone."""

    wanted: Wanted = Wanted()


@dataclass(frozen=True, slots=True)
class ListServices:
    world: World
    find: FindAbout
    store: Store
    offers: OfferServices

    async def __call__(self, request: ServiceListRequest, seller: Seller) -> ServiceOffer:
        """Raises Expired 913, NotFound 129, NotAllowed 182, Invalid 100, 143, 914; Unavailable
        496 where nothing can be had.
        """
        about = await self.find(request, seller)
        products = [
            each
            for each in self.world.services.products()
            if each.seat is None and request.wanted.fits(each)
        ]
        taken = await taken_on(self.store, about.flown)
        offer = self.offers(products, about, about.flown, seller, taken=taken)
        if not offer.items:
            raise Unavailable(
                "No service is sold on these flights to these passengers at this time.",
                code="496",
                path=request.path,
                remedy="Ask for other flights, or with other criteria.",
            )
        return offer


async def taken_on(store: Store, flown: Sequence[Flown]) -> Taken:
    return {each.flight.key: await store.stock_taken(each.flight.key) for each in flown}

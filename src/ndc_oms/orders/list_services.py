"""ServiceList: what can be had beside the flights of an offer, of an order, or of named flights.

Nothing is written: each item is a signed token (offers/service_token.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ndc_oms.errors import Unavailable
from ndc_oms.model.passenger import Passenger
from ndc_oms.offers.request import Notice
from ndc_oms.offers.service_token import LETTERS, OFFER, OFFER_LENGTH, ServiceTokens
from ndc_oms.offers.services import Flown, Seen, ServiceItem, Taken, offered
from ndc_oms.orders.about import About, AboutRequest, FindAbout
from ndc_oms.ports.clock import Clock, Entropy
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
class ServiceListResult:
    """items: none where nothing can be had; notices say why."""

    offer_id: str
    owner: str
    currency: str
    expires_at: datetime
    party: tuple[Passenger, ...]
    flown: tuple[Flown, ...]
    items: tuple[ServiceItem, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class ListServices:
    world: World
    find: FindAbout
    store: Store
    tokens: ServiceTokens
    clock: Clock
    entropy: Entropy

    async def __call__(self, request: ServiceListRequest, seller: Seller) -> ServiceListResult:
        """Raises Expired 913, NotFound 129, NotAllowed 182, Invalid 100, 143, 914; Unavailable
        496 where nothing can be had.
        """
        about = await self.find(request, seller)
        now = self.clock.now()
        expires_at = now.astimezone(UTC).replace(microsecond=0)
        expires_at += timedelta(seconds=self.world.controls.offer_ttl_s)
        items = await self._items(request, about, seller, expires_at)
        if not items:
            raise Unavailable(
                "No service is sold on these flights to these passengers at this time.",
                code="496",
                path=request.path,
                remedy="Ask for other flights, or with other criteria.",
            )
        return ServiceListResult(
            offer_id=OFFER + self.entropy.token(LETTERS, OFFER_LENGTH),
            owner=self.world.airline.designator,
            currency=about.currency,
            expires_at=expires_at,
            party=about.party,
            flown=about.flown,
            items=items,
        )

    async def _items(
        self, request: ServiceListRequest, about: About, seller: Seller, expires_at: datetime
    ) -> tuple[ServiceItem, ...]:
        catalogue = self.world.services
        if catalogue.rates is None:
            return ()
        products = [
            each for each in catalogue.products() if each.seat is None and request.wanted.fits(each)
        ]
        taken = await taken_on(self.store, about.flown)
        return offered(
            products,
            catalogue.rates,
            flown=about.flown,
            party=about.party,
            currency=about.currency,
            seen=Seen(self.world.airline.designator, self.clock.now(), taken),
            mint=lambda product, place, fare: self.tokens.mint(
                seller.org_id,
                product.product.code,
                [each.flight for each in place],
                fare,
                expires_at,
            ),
        )


async def taken_on(store: Store, flown: Sequence[Flown]) -> Taken:
    return {each.flight.key: await store.stock_taken(each.flight.key) for each in flown}

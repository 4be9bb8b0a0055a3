"""An offer of services or of seats: signed items beside the flights of something. Nothing of it is
written down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ndc_oms.model.passenger import Passenger
from ndc_oms.offers.request import Notice
from ndc_oms.offers.service_token import LETTERS, OFFER, OFFER_LENGTH, ServiceTokens
from ndc_oms.offers.services import Flown, Seen, ServiceItem, Taken, offered, spoken
from ndc_oms.orders.about import About
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.sellers import Seller
from ndc_oms.world.services import CatalogueProduct
from ndc_oms.world.world import World


@dataclass(frozen=True, slots=True)
class ServiceOffer:
    """items: () where nothing can be had; notices say why. flown: what it is about."""

    offer_id: str
    owner: str
    expires_at: datetime
    party: tuple[Passenger, ...]
    flown: tuple[Flown, ...]
    items: tuple[ServiceItem, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferServices:
    """Prices and signs what of some products can be had, for as long as an offer holds."""

    world: World
    tokens: ServiceTokens
    clock: Clock
    entropy: Entropy

    def __call__(
        self,
        products: Sequence[CatalogueProduct],
        about: About,
        flown: Sequence[Flown],
        seller: Seller,
        *,
        taken: Taken,
    ) -> ServiceOffer:
        """taken: by flight, what of a stock that can sell out is gone."""
        now = self.clock.now()
        expires_at = now.astimezone(UTC).replace(microsecond=0)  # messages say no more
        expires_at += timedelta(seconds=self.world.controls.offer_ttl_s)
        seen = Seen(self.world.airline.designator, now, taken)
        return ServiceOffer(
            offer_id=OFFER + self.entropy.token(LETTERS, OFFER_LENGTH),
            owner=self.world.airline.designator,
            expires_at=expires_at,
            party=about.party,
            flown=tuple(flown),
            items=self._items(products, about, flown, seller, seen=seen, expires_at=expires_at),
            notices=about.notices,
        )

    def _items(
        self,
        products: Sequence[CatalogueProduct],
        about: About,
        flown: Sequence[Flown],
        seller: Seller,
        *,
        seen: Seen,
        expires_at: datetime,
    ) -> tuple[ServiceItem, ...]:
        rates = self.world.services.rates
        if rates is None or not products:
            return ()
        return offered(
            [spoken(each, self.world.phrases, about.language) for each in products],
            rates,
            flown=flown,
            party=about.party,
            currency=about.currency,
            seen=seen,
            mint=lambda product, place, fare: self.tokens.mint(
                seller.org_id,
                product.product.code,
                [(each.flight, each.cabin) for each in place],
                fare,
                expires_at,
            ),
        )

"""A whole sale in one call each: shop, price, create, retrieve, as the demo and tests play it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lxml import etree

from ndc_oms.kit.client import NdcClient, Reply, child_text, find_all
from ndc_oms.kit.requests import (
    Pax,
    Sender,
    air_shopping,
    card,
    offer_price,
    order_create,
    order_retrieve,
)

Items = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class OfferSummary:
    """What a client needs of an Offer to go on. amount: TotalAmount as written."""

    offer_id: str
    amount: str
    currency: str
    families: tuple[str, ...]
    items: Items
    expires: str


def offers_of(reply: Reply) -> list[OfferSummary]:
    """The offers of an AirShoppingRS, or the priced one of an OfferPriceRS."""
    elements = reply.all("Response/OffersGroup/CarrierOffers/Offer") or reply.all(
        "Response/PricedOffer"
    )
    names = {
        child_text(one, "PriceClassID"): child_text(one, "Name")
        for one in reply.all("Response/DataLists/PriceClassList/PriceClass")
    }
    return [_summary(element, names) for element in elements]


def _summary(offer: etree._Element, names: dict[str, str]) -> OfferSummary:
    amount = find_all(offer, "TotalPrice/TotalAmount")[0]
    families = dict.fromkeys(
        names.get(ref.text or "", ref.text or "") for ref in find_all(offer, "//PriceClassRefID")
    )
    items = tuple(
        (
            child_text(item, "OfferItemID"),
            tuple(dict.fromkeys(pax.text or "" for pax in find_all(item, "Service/PaxRefID"))),
        )
        for item in find_all(offer, "OfferItem")
    )
    return OfferSummary(
        child_text(offer, "OfferID"),
        amount.text or "",
        amount.get("CurCode", ""),
        tuple(families),
        items,
        child_text(offer, "OfferExpirationTimeLimitDateTime"),
    )


@dataclass(frozen=True, slots=True)
class Conversation:
    """One seller's talk with a server. Each call sends one message and returns its reply."""

    client: NdcClient
    sender: Sender = Sender()  # noqa: RUF009  # frozen

    async def shop(
        self,
        bounds: Sequence[tuple[str, str, date]],
        party: Sequence[Pax],
        *,
        cabin: str | None = None,
        currency: str | None = None,
        limit: int | None = None,
    ) -> Reply:
        return await self.client.send(
            air_shopping(
                bounds, party, cabin=cabin, currency=currency, limit=limit, sender=self.sender
            )
        )

    async def price(self, offer: OfferSummary, party: Sequence[Pax]) -> Reply:
        return await self.client.send(
            offer_price(offer.offer_id, offer.items, party, sender=self.sender)
        )

    async def create(
        self,
        offer: OfferSummary,
        party: Sequence[Pax],
        trx_id: str,
        *,
        pan: str = "4111111111111111",
        payment: str | None = None,
        email: str | None = "maren.hansen@example.com",
    ) -> Reply:
        """Pays by card `pan` for the offer's total, or as `payment` says."""
        paid = payment if payment is not None else card(pan, offer.amount, offer.currency)
        return await self.client.send(
            order_create(
                offer.offer_id,
                offer.items,
                party,
                paid,
                email=email,
                sender=self.sender,
                trx_id=trx_id,
            )
        )

    async def retrieve(self, order_id: str) -> Reply:
        return await self.client.send(order_retrieve(order_id, sender=self.sender))

"""A whole sale in one call each: shop, price, create, retrieve, as the demo and tests play it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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
from ndc_oms.kit.services import Picked, selection
from ndc_oms.kit.servicing import (
    accept_cancelled,
    accept_quoted,
    accept_repriced,
    cancel_unpaid,
    order_change,
    order_quote,
    order_quote_services,
    order_rebook,
    order_rename,
    order_reshop,
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
class OrderSummary:
    """What a client needs of an OrderViewRS to go on. amount: TotalAmount as written."""

    order_id: str
    version: int
    status: str
    amount: str
    currency: str
    items: tuple[str, ...]


def order_of(reply: Reply) -> OrderSummary:
    """The order of an OrderViewRS; raises ValueError where it has errors instead."""
    found = reply.all("Response/Order")
    if not found:
        raise ValueError(f"no order, but {reply.errors}")
    (order,) = found
    amount = find_all(order, "TotalPrice/TotalAmount")[0]
    return OrderSummary(
        child_text(order, "OrderID"),
        int(child_text(order, "OrderVersionNumber")),
        child_text(order, "StatusCode"),
        amount.text or "",
        amount.get("CurCode", ""),
        tuple(item.text or "" for item in find_all(order, "OrderItem/OrderItemID")),
    )


@dataclass(frozen=True, slots=True)
class ChangeOffer:
    """One way to change an order. items: OfferItemID and PaxID of each added item. collect, back:
    what is due to and by the airline, over all items; fee: the penalties; types: each item's
    DifferentialTypeCode; families: price classes. amount: TotalAmount as written.
    """

    offer_id: str
    items: tuple[tuple[str, str], ...]
    collect: Decimal
    back: Decimal
    fee: Decimal
    types: tuple[str, ...]
    families: tuple[str, ...]
    amount: str
    currency: str


def change_offers_of(reply: Reply) -> list[ChangeOffer]:
    """The offers of an OrderReshopRS that add something."""
    return [
        _change_offer(offer)
        for offer in reply.all("Response/ReshopResults/ReshopOffers/Offer")
        if find_all(offer, "AddedOfferItem") or find_all(offer, "OfferItem")
    ]


def _change_offer(offer: etree._Element) -> ChangeOffer:
    def sum_of(path: str) -> Decimal:
        return sum((Decimal(each.text or "0") for each in find_all(offer, path)), Decimal(0))

    added = find_all(offer, "AddedOfferItem") or find_all(offer, "OfferItem")
    pax = "Service/PaxRefID" if find_all(offer, "AddedOfferItem") else "NameChangeService/PaxRefID"
    total = find_all(offer, "TotalPrice/TotalAmount")[0]
    difference = "AddedOfferItem/ReshopPrice/PriceDifferential/DiffPrice/Price"
    return ChangeOffer(
        child_text(offer, "OfferID"),
        tuple((child_text(i, "OfferItemID"), find_all(i, pax)[0].text or "") for i in added),
        sum_of(f"{difference}/DueToAirlineAmount"),
        sum_of(f"{difference}/DueByAirlineAmount"),
        sum_of(f"{difference}/Fee/Amount"),
        tuple(each.text or "" for each in find_all(offer, "//DifferentialTypeCode")),
        tuple(dict.fromkeys(each.text or "" for each in find_all(offer, "//PriceClassRefID"))),
        total.text or "",
        total.get("CurCode", ""),
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

    async def price(self, offer: OfferSummary, party: Sequence[Pax], beside: str = "") -> Reply:
        """beside: services that are priced with it, as kit/services.py composes them."""
        return await self.client.send(
            offer_price(offer.offer_id, offer.items, party, beside=beside, sender=self.sender)
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
        beside: str = "",
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
                beside=beside,
                sender=self.sender,
                trx_id=trx_id,
            )
        )

    async def retrieve(self, order_id: str) -> Reply:
        return await self.client.send(order_retrieve(order_id, sender=self.sender))

    async def hold(self, offer: OfferSummary, party: Sequence[Pax], trx_id: str) -> Reply:
        """Orders without paying."""
        return await self.create(offer, party, trx_id, payment="")

    async def change(
        self,
        order: OrderSummary,
        trx_id: str,
        change: str = "",
        *,
        lists: str = "",
        payments: str = "",
    ) -> Reply:
        """OrderChange at the version of the summary: `change` of kit/servicing.py, or payments."""
        return await self.client.send(
            order_change(
                order.order_id,
                change,
                version=order.version,
                lists=lists,
                payments=payments,
                sender=self.sender,
                trx_id=trx_id,
            )
        )

    async def pay(self, order: OrderSummary, payments: str, trx_id: str) -> Reply:
        return await self.change(order, trx_id, payments=payments)

    async def cancel_unpaid(
        self, order: OrderSummary, trx_id: str, items: Sequence[str] = ()
    ) -> Reply:
        wanted = cancel_unpaid(order.order_id, items, owner=self.sender.carrier)
        return await self.change(order, trx_id, wanted)

    async def reshop(self, order_id: str, items: Sequence[str] = ()) -> Reply:
        """What would cancelling give back?"""
        return await self.client.send(order_reshop(order_id, items, sender=self.sender))

    async def quote(self, order_id: str, items: Sequence[str] = ()) -> Reply:
        """What does an unpaid order cost now?"""
        return await self.client.send(order_quote(order_id, items, sender=self.sender))

    async def quote_services(
        self, order_id: str, picked: Sequence[Picked] = (), given_up: Sequence[str] = ()
    ) -> Reply:
        """What do these services cost, and what do those items give back?"""
        owner = self.sender.carrier
        chosen = selection(picked, owner=owner, name="SelectedOffers") if picked else ""
        return await self.client.send(
            order_quote_services(order_id, chosen, given_up, sender=self.sender)
        )

    async def rebook(
        self,
        order_id: str,
        items: Sequence[str],
        bounds: Sequence[tuple[str, str, date]],
        *,
        cabin: str | None = None,
    ) -> Reply:
        """What would it cost to fly these bounds in place of these items?"""
        return await self.client.send(
            order_rebook(order_id, items, bounds, cabin=cabin, sender=self.sender)
        )

    async def rename(self, order_id: str, pax_id: str, surname: str, *given: str) -> Reply:
        """What would this name cost?"""
        return await self.client.send(
            order_rename(order_id, pax_id, surname, given, sender=self.sender)
        )

    async def accept_change(
        self, order: OrderSummary, chosen: ChangeOffer, trx_id: str, payments: str = ""
    ) -> Reply:
        """Does what an offer of an OrderReshopRS says."""
        wanted = accept_quoted(chosen.offer_id, chosen.items, owner=self.sender.carrier)
        return await self.change(order, trx_id, wanted, payments=payments)

    async def accept_cancelled(self, order: OrderSummary, quoted: Reply, trx_id: str) -> Reply:
        """Does what an OrderReshopRS offered."""
        offer_id = quoted.text("Response/ReshopResults/ReshopOffers/Offer/OfferID")
        wanted = accept_cancelled(offer_id, owner=self.sender.carrier)
        return await self.change(order, trx_id, wanted)

    async def accept_repriced(self, order: OrderSummary, quoted: Reply, trx_id: str) -> Reply:
        """Takes the new price that the OrderReshopRS of an OrderQuoteRQ gave."""
        offer_id = quoted.text("Response/ReshopResults/RepricedOffer/OfferRefID")
        return await self.change(order, trx_id, accept_repriced(offer_id))

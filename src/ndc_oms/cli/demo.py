"""`ndc-oms demo`: plays a sale against a server and shows it as tables."""

import secrets
from datetime import UTC, date, datetime, timedelta

from lxml import etree
from rich.console import Console
from rich.table import Table

from ndc_oms.errors import Refusal, Unavailable
from ndc_oms.kit.client import NdcClient, Reply, child_text, find_all
from ndc_oms.kit.conversation import Conversation, OfferSummary, offers_of
from ndc_oms.kit.requests import Pax, Sender

PARTY = (
    Pax("PAX1", "ADT", "Hansen", "Maren", date(1985, 4, 12), "Ms", gender="F"),
    Pax("PAX2", "CHD", "Hansen", "Jonas", date(2019, 8, 30), gender="M"),
)


async def play(
    url: str, key: str, sender: Sender, route: tuple[str, str], console: Console
) -> None:
    """Shop, price, create, retrieve. Raises Refusal when the server refuses a step."""
    day = datetime.now(UTC).date() + timedelta(days=30)
    back = day + timedelta(days=7)
    origin, destination = route
    async with NdcClient(url, key) as client:
        talk = Conversation(client, sender)
        console.rule(f"1  AirShopping: {origin}–{destination} on {day}, back on {back}")
        shopped = _accepted(
            await talk.shop(
                [(origin, destination, day), (destination, origin, back)], PARTY, limit=12
            )
        )
        offers = offers_of(shopped)
        console.print(_offers(offers, shopped))
        console.rule("2  OfferPrice: the first offer, firmed against the PSS")
        priced = _accepted(await talk.price(offers[0], PARTY))
        firm = offers_of(priced)[0]
        console.print(_price(priced))
        console.rule("3  OrderCreate: paid by a test card")
        created = _accepted(await talk.create(firm, PARTY, f"demo-{secrets.token_hex(6)}"))
        order_id = created.text("Response/Order/OrderID")
        console.print(_order(created))
        console.rule(f"4  OrderRetrieve: {order_id}")
        retrieved = _accepted(await talk.retrieve(order_id))
        console.print(_tickets(retrieved))


def _accepted(reply: Reply) -> Reply:
    if reply.root is None:
        raise Unavailable(f"The server answered HTTP {reply.status} without a document.")
    if reply.errors:
        code, text = reply.errors[0]
        raise Refusal(f"{code}: {text}")
    return reply


def _offers(offers: list[OfferSummary], reply: Reply) -> Table:
    table = Table(title=f"{len(offers)} offers")
    table.add_column("fare family", style="bold")
    table.add_column("flights")
    table.add_column("total", justify="right", style="green")
    table.add_column("valid until", style="dim")
    flights = _flights(reply)
    for offer, element in zip(
        offers, reply.all("Response/OffersGroup/CarrierOffers/Offer"), strict=True
    ):
        refs = dict.fromkeys(e.text or "" for e in find_all(element, "//PaxSegmentRefID"))
        table.add_row(
            ", ".join(offer.families),
            "  ".join(flights[ref] for ref in refs if ref in flights),
            f"{offer.amount} {offer.currency}",
            f"{offer.expires[11:16]} UTC",
        )
    return table


def _flights(reply: Reply) -> dict[str, str]:
    """PaxSegmentID → `T8 123 YYZ–LHR`."""
    lists = "Response/DataLists/"
    marketing = {
        child_text(one, "DatedMarketingSegmentId"): one
        for one in reply.all(lists + "DatedMarketingSegmentList/DatedMarketingSegment")
    }
    return {
        child_text(one, "PaxSegmentID"): _flight(
            marketing[child_text(one, "DatedMarketingSegmentRefId")]
        )
        for one in reply.all(lists + "PaxSegmentList/PaxSegment")
    }


def _flight(segment: etree._Element) -> str:
    return (
        f"{child_text(segment, 'CarrierDesigCode')}"
        f"{child_text(segment, 'MarketingCarrierFlightNumberText')} "
        f"{child_text(segment, 'Dep/IATA_LocationCode')}–"
        f"{child_text(segment, 'Arrival/IATA_LocationCode')} "
        f"{child_text(segment, 'Dep/AircraftScheduledDateTime')[11:16]}"
    )


def _price(reply: Reply) -> Table:
    table = Table(title="price by passenger and bound")
    for name in ("item", "for", "fare", "taxes and charges", "total"):
        table.add_column(name, justify="left" if name in ("item", "for") else "right")
    for item in reply.all("Response/PricedOffer/OfferItem"):
        taxes = "  ".join(
            f"{child_text(tax, 'TaxCode')} {child_text(tax, 'Amount')}"
            for tax in find_all(item, "Price/TaxSummary/Tax")
        )
        table.add_row(
            child_text(item, "OfferItemID"),
            child_text(item, "Service/PaxRefID"),
            child_text(item, "Price/BaseAmount"),
            taxes,
            child_text(item, "Price/TotalAmount"),
        )
    return table


def _order(reply: Reply) -> Table:
    table = Table(title=f"order {reply.text('Response/Order/OrderID')}")
    for name in ("item", "status", "services", "total"):
        table.add_column(name, justify="right" if name == "total" else "left")
    for item in reply.all("Response/Order/OrderItem"):
        delivery = dict.fromkeys(e.text or "" for e in find_all(item, "Service/DeliveryStatusCode"))
        table.add_row(
            child_text(item, "OrderItemID"),
            child_text(item, "StatusCode"),
            ", ".join(delivery),
            child_text(item, "Price/TotalAmount"),
        )
    table.add_section()
    paid = ", ".join(dict.fromkeys(e.text or "" for e in reply.all("//PaymentStatusCode")))
    table.add_row(
        "total", f"payment {paid}", "", reply.text("Response/Order/TotalPrice/TotalAmount")
    )
    return table


def _tickets(reply: Reply) -> Table:
    locators = dict.fromkeys(e.text or "" for e in reply.all("//BookingRef/BookingID"))
    table = Table(title=f"tickets, booking reference {', '.join(locators)}")
    for name in ("passenger", "ticket", "coupon", "flight", "status"):
        table.add_column(name)
    flights = _flights(reply)
    for info in reply.all("Response/TicketDocInfo"):
        for ticket in find_all(info, "Ticket"):
            for coupon in find_all(ticket, "Coupon"):
                table.add_row(
                    child_text(info, "PaxRefID"),
                    child_text(ticket, "TicketNumber"),
                    child_text(coupon, "CouponNumber"),
                    flights.get(child_text(coupon, "SoldAirlineInfo/PaxSegmentRefID"), ""),
                    child_text(coupon, "CouponStatusCode"),
                )
    return table

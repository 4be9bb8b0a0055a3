"""OrderReshopRS written."""

from dataclasses import replace
from datetime import timedelta

from lxml import etree
from tests.ndc import samples

from ndc_oms.model.items import OrderItem
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare
from ndc_oms.model.order import Order
from ndc_oms.model.quote import ItemQuote, Quote, QuoteKind
from ndc_oms.ndc import reshop_offers
from ndc_oms.offers.request import Notice
from ndc_oms.orders.request import QuoteResult
from ndc_oms.ports.store import OrderRecord

ENVELOPE = samples.envelope("IATA_OrderReshopRQ")
FEE = samples.money(7500)
NOTHING = samples.money(0)
UNTIL = samples.NOW + timedelta(minutes=30)
OFFER = "{*}Response/{*}ReshopResults/{*}ReshopOffers/{*}Offer"
REPRICED = "{*}Response/{*}ReshopResults/{*}RepricedOffer"


def write(order: Order, *quotes: Quote, notices: tuple[Notice, ...] = ()) -> etree._Element:
    record = OrderRecord(order, samples.people())
    result = QuoteResult(record, quotes, notices)
    return samples.check(reshop_offers.write(result, ENVELOPE))


def cancelled(item: OrderItem, fee: Money = FEE, *, base: bool = True) -> ItemQuote:
    """base: whether the fare comes back, or only those taxes that do in any case."""
    taxes = tuple(tax for tax in item.fare.taxes if base or tax.refundable)
    return ItemQuote(item.id, item.fare, None, fee, item.fare.base if base else NOTHING, taxes)


def quoted(order: Order, *items: ItemQuote, kind: QuoteKind, void: bool = False) -> Quote:
    return Quote(
        "QUOTE-1", order.order_id, order.version, order.seller, kind, order.currency,
        samples.NOW, UNTIL, items, void,
    )  # fmt: skip


def amounts(node: etree._Element, *names: str) -> list[str | None]:
    return [node.findtext(f"{{*}}{name}") for name in names]


def test_a_cancellation_is_an_offer_with_every_item() -> None:
    order = samples.order()
    items = tuple(cancelled(item) for item in order.items)
    root = write(order, quoted(order, *items, kind=QuoteKind.CANCEL))
    offer = root.find(OFFER)
    assert offer is not None
    assert offer.findtext("{*}OfferID") == "QUOTE-1"
    assert offer.findtext("{*}OfferExpirationTimeLimitDateTime") == "2026-03-01T12:30:00Z"
    refund = order.total - Money(4 * 7500, "CAD")
    assert offer.findtext("{*}TotalPrice/{*}TotalAmount") == (-refund).text()
    assert offer.findtext("{*}Desc/{*}DescText") == (
        f"Cancelling gives back {refund}; 300.00 CAD is kept as a fee."
    )
    deleted = offer.findall("{*}DeleteOrderItem")
    assert [x.findtext("{*}ExistingOrderItem/{*}OrderItemRefID") for x in deleted] == [
        item.id for item in order.items
    ]
    services = [s.id for item in order.items for s in item.services]
    assert samples.texts(root, "ServiceRefID") == services
    assert set(samples.texts(root, "FutureStatusCode")) == {"CANCELLED"}
    fees = root.find("{*}Response/{*}ChangeFees")
    assert fees is not None
    assert amounts(fees, "Price/{*}TotalAmount", "TypeCode") == ["300.00", "Cancellation"]


def test_what_comes_back_of_an_item_is_said_part_by_part() -> None:
    order = samples.order()
    root = write(order, quoted(order, cancelled(order.items[0]), kind=QuoteKind.CANCEL))
    one = root.find(f"{OFFER}/{{*}}DeleteOrderItem")
    assert one is not None
    money = one.find("{*}PriceDifferential/{*}DiffPrice/{*}Price")
    assert money is not None
    fare = order.items[0].fare
    due = fare.total - FEE
    assert amounts(
        money, "BaseAmount", "Fee/{*}Amount", "DueByAirlineAmount", "DueToAirlineAmount",
        "TotalAmount",
    ) == [fare.base.text(), "75.00", due.text(), "0.00", due.text()]  # fmt: skip
    taxes = money.findall("{*}TaxSummary/{*}Tax")
    assert [amounts(tax, "TaxCode", "Amount") for tax in taxes] == [
        [tax.code, tax.amount.text()] for tax in fare.taxes
    ]
    assert one.findtext("{*}PriceDifferential/{*}DifferentialTypeCode") == "Refund"
    assert one.findtext("{*}PriceDifferential/{*}NewPrice/{*}Price/{*}TotalAmount") == "0.00"
    assert one.findtext("{*}PriceDifferential/{*}OldPrice/{*}Price/{*}TotalAmount") == (
        fare.total.text()
    )
    assert one.findtext("{*}PenaltyRefID") == samples.texts(root, "PenaltyID")[1]


def test_of_a_fare_that_is_not_refunded_some_taxes_come_back() -> None:
    order = samples.order()
    item = cancelled(order.items[0], NOTHING, base=False)
    root = write(order, quoted(order, item, kind=QuoteKind.CANCEL))
    money = next(root.iter("{*}DiffPrice"))
    assert samples.texts(money, "TaxCode") == ["CA", "SQ"]
    assert samples.texts(money, "DueByAirlineAmount") == ["60.12"]
    assert samples.texts(money, "Fee") == samples.texts(root, "PenaltyRefID") == []


def test_a_fee_takes_no_more_than_there_is() -> None:
    order = samples.order()
    item = cancelled(order.items[0], samples.money(999_999))
    root = write(order, quoted(order, item, kind=QuoteKind.CANCEL))
    money = next(root.iter("{*}DiffPrice"))
    assert samples.texts(money, "DueByAirlineAmount") == ["0.00"]
    fee = money.findtext("{*}Price/{*}Fee/{*}Amount")
    assert fee == order.items[0].fare.total.text()


def test_in_the_void_window_everything_comes_back() -> None:
    order = samples.order()
    items = tuple(cancelled(item, NOTHING) for item in order.items)
    root = write(order, quoted(order, *items, kind=QuoteKind.CANCEL, void=True))
    assert set(samples.texts(root, "DifferentialTypeCode")) == {"Void"}
    offer = root.find(OFFER)
    assert offer is not None
    assert offer.findtext("{*}TotalPrice/{*}TotalAmount") == (-order.total).text()
    assert order.total.text() in (offer.findtext("{*}Desc/{*}DescText") or "")


def test_the_order_stands_with_the_version_that_is_quoted_for() -> None:
    order = replace(samples.order(), version=4)
    notice = Notice("Something to know.")
    root = write(
        order, quoted(order, cancelled(order.items[0]), kind=QuoteKind.CANCEL), notices=(notice,)
    )
    shown = root.find("{*}Response/{*}Order")
    assert shown is not None
    assert amounts(shown, "OrderID", "OrderVersionNumber", "OwnerCode", "StatusCode") == [
        order.order_id, "4", "T8", "OPENED",
    ]  # fmt: skip
    assert samples.texts(root, "PaxID") == ["PAX1", "PAX2"]
    assert samples.texts(root, "Surname") == []
    assert next(root.iter("{*}Warning")).findtext("{*}DescText") == notice.text


def dearer(fare: Fare) -> Fare:
    return Fare("NEW1", fare.base + samples.money(1000), fare.taxes)


def test_a_new_price_of_an_unpaid_order() -> None:
    order = samples.order(ticketed=False)
    items = tuple(
        ItemQuote(each.id, each.fare, dearer(each.fare), NOTHING, NOTHING) for each in order.items
    )
    root = write(order, quoted(order, *items, kind=QuoteKind.REPRICE))
    offer = root.find(REPRICED)
    assert offer is not None
    assert amounts(offer, "OfferRefID", "OfferExpirationTimeLimitDateTime") == [
        "QUOTE-1", "2026-03-01T12:30:00Z",
    ]  # fmt: skip
    whole = order.total + samples.money(4000)
    assert offer.findtext("{*}TotalPrice/{*}TotalAmount") == whole.text()
    first = offer.find("{*}RepricedOfferItem")
    assert first is not None
    fare = order.items[0].fare
    assert amounts(
        first, "OriginalOrderItem/{*}OrderItemRefID",
        "OriginalOrderItem/{*}TotalPrice/{*}TotalAmount", "TotalPrice/{*}TotalAmount",
        "FareDetail/{*}FareComponent/{*}FareBasisCode",
    ) == [order.items[0].id, fare.total.text(), dearer(fare).total.text(), "NEW1"]  # fmt: skip
    assert root.find("{*}Response/{*}ChangeFees") is None


def test_no_quote_means_that_nothing_changes() -> None:
    root = write(samples.order(ticketed=False))
    assert root.findtext("{*}Response/{*}ReshopResults/{*}NoChangeInd/{*}NoChangeInd") == "true"

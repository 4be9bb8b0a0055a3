"""The table of messages: complete, and true to what the readers do."""

from typing import Any

import pytest
from lxml import etree
from tests.ndc import documents as d
from tests.ndc import grammar as g
from tests.ndc import samples
from tests.ndc.generate import Generator
from tests.ndc.profile import PROFILE, unread

from ndc_oms.errors import Refusal
from ndc_oms.ndc.exchange import Exchange
from ndc_oms.ndc.rows import Acts, rows
from ndc_oms.offers.profile import Profile
from ndc_oms.offers.request import PriceResult, ShopResult
from ndc_oms.orders.history import Actor, Change, HistoryResult
from ndc_oms.orders.listing import ListResult
from ndc_oms.orders.request import OrderView, QuoteResult
from ndc_oms.orders.rules import Rules
from ndc_oms.orders.service_offer import ServiceOffer
from ndc_oms.orders.show_seats import SeatsResult
from ndc_oms.ports.sellers import Attempt, Caller, Seller
from ndc_oms.ports.store import OrderRecord

SELLER = Seller("91000000", "Test", "CAD")
# Open in the profile, and refused by the reader where sent: not to be ignored.
REFUSED = (
    "Request/PricedOffer/AcceptOrderItemList",
    "Request/CreateOrder/AcceptOrderItemList",
    "Request/ChangeOrderChoice/AcceptOrderItemList",
    "Request/UpdateOrder/ReshopOrder/ReshopOrderChoice/ServiceOrder/AddOfferItems",
    "Request/UpdateOrder/ReshopOrder/ReshopOrderChoice/UpdatePax",
    "Request/UpdateOrder/ReshopOrder/ReshopOrderChoice/UpdatePaxName",
    "Payload/ExistingOrder",
    "Payload/SelectedOffers",
)
TRX = "<m:PayloadAttributes><TrxID>T-9</TrxID></m:PayloadAttributes>"


class Clock:
    def now(self) -> Any:
        return samples.NOW


class Fakes:
    """Acts that note what they were asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def shop(self, request: Any, seller: Seller) -> ShopResult:
        self.asked.append((request, seller))
        return ShopResult((samples.offer(),), (samples.ADULT,), request.bounds)

    async def price(self, request: Any, seller: Seller) -> PriceResult:
        self.asked.append((request, seller))
        return PriceResult(samples.offer(priced=True))

    async def create(self, request: Any, seller: Seller, attempt: Attempt | None) -> OrderView:
        self.asked.append((request, seller, attempt))
        return OrderView(OrderRecord(samples.order(), samples.people()))

    async def retrieve(self, request: Any, seller: Seller) -> OrderView:
        self.asked.append((request, seller))
        return OrderView(OrderRecord(samples.order(), samples.people()))

    async def change(self, request: Any, seller: Seller, attempt: Attempt | None) -> OrderView:
        return await self.create(request, seller, attempt)

    async def services(self, request: Any, seller: Seller) -> ServiceOffer:
        self.asked.append((request, seller))
        return samples.service_list()

    async def seats(self, request: Any, seller: Seller) -> SeatsResult:
        self.asked.append((request, seller))
        return samples.seats()

    async def quoted(self, request: Any, seller: Seller) -> QuoteResult:
        self.asked.append((request, seller))
        return QuoteResult(OrderRecord(samples.order(), samples.people()), ())

    async def listed(self, request: Any, seller: Seller) -> ListResult:
        self.asked.append((request, seller))
        return ListResult((OrderRecord(samples.order(), samples.people()),), "T8A")

    async def told(self, request: Any, seller: Seller) -> HistoryResult:
        self.asked.append((request, seller))
        order = samples.order()
        made = Change(order.created_at, "ORDER CREATED", Actor.SELLER, "Made.", None, order)
        return HistoryResult(order, (made,))

    async def ruled(self, request: Any, seller: Seller) -> tuple[Rules, ...]:
        self.asked.append((request, seller))
        item = samples.order().items[0]
        return (Rules("T8", "YYZ", "LHR", "Lite", "KLLTOW", item.changes, item.cancellations),)

    async def profiled(self, request: Any, seller: Seller) -> Profile:
        self.asked.append((request, seller))
        return Profile("T8", "Trillium Airways", (("LHR", "YYZ", True),), (("Hub", "YYZ"),))


def table(fakes: Fakes | None = None) -> Any:
    acts = fakes or Fakes()
    return rows(
        Acts(
            acts.shop,
            acts.price,
            acts.create,
            acts.retrieve,
            change=acts.change,
            reshop=acts.quoted,
            quote=acts.quoted,
            list_orders=acts.listed,
            history=acts.told,
            rules=acts.ruled,
            profile=acts.profiled,
            services=acts.services,
            seats=acts.seats,
        )
    )


BODIES = {
    "IATA_AirShoppingRQ": d.flights() + d.pax_list(),
    "IATA_OfferPriceRQ": (
        f"<PricedOffer><SelectedOfferList>{d.selected()}</SelectedOfferList></PricedOffer>"
    ),
    "IATA_OrderCreateRQ": d.create(
        lists="<ContactInfoList><ContactInfo><ContactInfoID>C1</ContactInfoID></ContactInfo>"
        "</ContactInfoList>"
        + d.pax_list(d.pax(before="<Individual><Surname>Roy</Surname></Individual>")),
        payments=d.payment(
            "<PaymentCard><CardNumber>4111111111111111</CardNumber>"
            "<ExpirationDate>1130</ExpirationDate></PaymentCard>"
        ),
    ),
    "IATA_OrderRetrieveRQ": (
        "<OrderValidationFilterCriteria><OrderFilterCriteria><OrderID>T8A</OrderID>"
        "<OwnerCode>T8</OwnerCode></OrderFilterCriteria></OrderValidationFilterCriteria>"
    ),
    "IATA_OrderListRQ": (
        "<OrderSearchFilterCriteria><BookingRefFilterCriteria><BookingID>ABC234</BookingID>"
        "</BookingRefFilterCriteria></OrderSearchFilterCriteria>"
    ),
    "IATA_OrderHistoryRQ": ("<Order><OrderID>T8A</OrderID><OwnerCode>T8</OwnerCode></Order>"),
    "IATA_OrderRulesRQ": (
        "<RulesCoreRequest><OrderStructureKey><OrderID>T8A</OrderID><OwnerCode>T8</OwnerCode>"
        "</OrderStructureKey></RulesCoreRequest>"
    ),
    "IATA_AirlineProfileRQ": (
        "<AirlineProfileFilterCriteria><AllProfilesInd>true</AllProfilesInd>"
        "</AirlineProfileFilterCriteria>"
    ),
    "IATA_ServiceListRQ": (
        "<DatedMarketingSegmentList><DatedMarketingSegment><Arrival><IATA_LocationCode>LHR"
        "</IATA_LocationCode></Arrival><CarrierDesigCode>T8</CarrierDesigCode>"
        "<DatedMarketingSegmentId>M1</DatedMarketingSegmentId><DatedOperatingSegmentRefId>O1"
        "</DatedOperatingSegmentRefId><Dep><AircraftScheduledDateTime>2026-09-01T09:00:00"
        "</AircraftScheduledDateTime><IATA_LocationCode>YYZ</IATA_LocationCode></Dep>"
        "<MarketingCarrierFlightNumberText>101</MarketingCarrierFlightNumberText>"
        "</DatedMarketingSegment></DatedMarketingSegmentList><Pax><PaxID>P1</PaxID><PTC>ADT</PTC>"
        "</Pax><ServiceListCoreRequest><PaxSegmentRequest><PaxSegment>"
        "<CabinTypeAssociationChoice><SegmentCabinType><CabinTypeCode>5</CabinTypeCode>"
        "</SegmentCabinType></CabinTypeAssociationChoice><DatedMarketingSegmentRefId>M1"
        "</DatedMarketingSegmentRefId><PaxSegmentID>S1</PaxSegmentID></PaxSegment>"
        "</PaxSegmentRequest></ServiceListCoreRequest>"
    ),
    "IATA_SeatAvailabilityRQ": (
        "<SeatAvailCoreRequest><OrderRequest><Order><OrderID>T8A</OrderID><OwnerCode>T8</OwnerCode>"
        "</Order></OrderRequest></SeatAvailCoreRequest>"
    ),
    "IATA_OrderReshopRQ": (
        "<OrderRefID>T8A</OrderRefID><UpdateOrder><ReshopOrder><ReshopOrderChoice><ServiceOrder>"
        "<DeleteOrderItem><OrderItemRefID>T8A-1</OrderItemRefID></DeleteOrderItem></ServiceOrder>"
        "</ReshopOrderChoice></ReshopOrder></UpdateOrder>"
    ),
    "IATA_OrderQuoteRQ": (
        "<RepricedOrder><OrderID>T8A</OrderID><OwnerCode>T8</OwnerCode></RepricedOrder>"
    ),
    "IATA_OrderChangeRQ": (
        "<ChangeOrderChoice><CancelUnpaidOrder><OrderRefID>T8A</OrderRefID><OwnerCode>T8"
        "</OwnerCode></CancelUnpaidOrder></ChangeOrderChoice><Order><OrderID>T8A</OrderID>"
        "<OrderVersionNumber>1</OrderVersionNumber><OwnerCode>T8</OwnerCode></Order>"
        "<PaymentFunctions><OrderAssociation><OrderRefID>T8A</OrderRefID></OrderAssociation>"
        "<PaymentProcessingDetails><Amount CurCode='CAD'>1.00</Amount><PaymentMethod><Voucher>"
        "<VoucherID>V1</VoucherID></Voucher></PaymentMethod></PaymentProcessingDetails>"
        "</PaymentFunctions>"
    ),
}


@pytest.mark.parametrize("row", table(), ids=lambda row: row.message)
def test_what_the_profile_leaves_open_is_ignored_aloud_or_refused(row: Any) -> None:
    known = (*row.ignored, *REFUSED)
    silent = [
        path
        for path in unread(row.message)
        if not any(f"{path}/".startswith(f"{each}/") for each in known)
    ]
    assert silent == []
    assert len(set(row.ignored)) == len(row.ignored)


def asked(message: str) -> str:
    """The path of what is asked."""
    return f"/{message}/{'Payload' if message == 'IATA_OrderQuoteRQ' else 'Request'}"


def refused_at(row: Any, document: etree._Element) -> str:
    """The path of the refusal; of the Request where it was read."""
    try:
        row.read(document, samples.envelope(row.message))
    except Refusal as refused:
        return refused.path
    return asked(row.message)


@pytest.mark.parametrize("row", table(), ids=lambda row: row.message)
def test_any_valid_document_is_read_or_refused_with_a_path(row: Any) -> None:
    generator = Generator(g.Grammar.read(PROFILE / "ndc.xsd"), seed=21)
    for document in generator.documents(row.message, 150):
        assert refused_at(row, document).startswith(asked(row.message))


@pytest.mark.parametrize("row", table(), ids=lambda row: row.message)
def test_what_is_left_of_a_document_is_read_or_refused_with_a_path(row: Any) -> None:
    """A lenient seller's document may lack anything: here one element after another."""
    whole = etree.tostring(d.request(row.message, BODIES[row.message]))
    for at in range(len(list(etree.fromstring(whole).iter()))):
        document = etree.fromstring(whole)
        lost = list(document.iter())[at]
        parent = lost.getparent()
        if parent is not None:
            parent.remove(lost)
        assert refused_at(row, document).startswith(asked(row.message))


@pytest.mark.parametrize("message", BODIES)
async def test_each_message_goes_down_and_comes_up(message: str) -> None:
    fakes = Fakes()
    exchange = Exchange(
        table(fakes), samples.schema(PROFILE), clock=Clock(), secret=b"s", max_bytes=100_000
    )
    body = etree.tostring(d.request(message, BODIES[message]))
    reply = await exchange.handle(body, Caller(SELLER))
    assert (reply.outcome, reply.message) == ("ok", message)
    samples.check(reply.body)
    assert fakes.asked[0][1] == SELLER


async def test_an_order_is_created_under_the_sender_s_key_or_none() -> None:
    fakes = Fakes()
    exchange = Exchange(table(fakes), samples.schema(PROFILE), clock=Clock(), secret=b"s")
    body = etree.tostring(d.request("IATA_OrderCreateRQ", BODIES["IATA_OrderCreateRQ"])).decode()
    await exchange.handle(body.encode(), Caller(SELLER))
    keyed = body.replace("<m:Request>", TRX + "<m:Request>")
    await exchange.handle(keyed.encode(), Caller(SELLER))
    assert fakes.asked[0][2] is None
    assert "T-9" in fakes.asked[1][2].key


async def test_an_ignored_part_is_told() -> None:
    exchange = Exchange(table(), samples.schema(PROFILE), clock=Clock(), secret=b"s")
    wanted = BODIES["IATA_AirShoppingRQ"].replace(
        "<PaxList>",
        "<OfferCriteria><TripPurposeCode>Leisure</TripPurposeCode></OfferCriteria><PaxList>",
    )
    body = etree.tostring(d.request("IATA_AirShoppingRQ", wanted))
    root = samples.check((await exchange.handle(body, Caller(SELLER))).body)
    assert samples.texts(root, "TagText") == [
        "/IATA_AirShoppingRQ/Request/OfferCriteria/TripPurposeCode"
    ]

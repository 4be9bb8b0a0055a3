"""Composes the messages about an order that exists: change, reshop, quote, and what pays it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from ndc_oms.kit.requests import Sender, element, envelope, optional, origin_dests, payment
from ndc_oms.kit.services import FlightNamed, dated_flight

DEMO: Final = Sender()


def order_change(
    order_id: str,
    change: str = "",
    *,
    version: int | None = None,
    lists: str = "",
    payments: str = "",
    sender: Sender = DEMO,
    trx_id: str | None = None,
) -> bytes:
    """IATA_OrderChangeRQ. change: one branch of ChangeOrderChoice, of those below; "" to pay only.
    version: OrderVersionNumber as last seen. lists: the content of DataLists.
    """
    choice = f"<ChangeOrderChoice>{change}</ChangeOrderChoice>" if change else ""
    listed = f"<DataLists>{lists}</DataLists>" if lists else ""
    request = (
        f"{choice}{listed}<Order>{element('OrderID', order_id)}"
        f"{optional('OrderVersionNumber', version)}{element('OwnerCode', sender.carrier)}</Order>"
        f"{payments}"
    )
    return envelope("IATA_OrderChangeRQ", request, sender, trx_id)


def cancel_unpaid(order_id: str, items: Iterable[str] = (), *, owner: str = "T8") -> str:
    """CancelUnpaidOrder; without items the whole order."""
    selected = "".join(element("OrderItemRefID", item) for item in items)
    some = f"<SelectedOrderItem>{selected}</SelectedOrderItem>" if selected else ""
    return (
        f"<CancelUnpaidOrder>{element('OrderRefID', order_id)}{element('OwnerCode', owner)}{some}"
        "</CancelUnpaidOrder>"
    )


def accept_cancelled(offer_id: str, *, owner: str = "T8") -> str:
    """AcceptCancelledOffer, of an OfferID that OrderReshopRS gave."""
    return (
        f"<AcceptCancelledOffer>{element('OfferID', offer_id)}{element('OwnerCode', owner)}"
        "</AcceptCancelledOffer>"
    )


def accept_repriced(offer_id: str) -> str:
    """AcceptRepricedOrder, of the OfferRefID that OrderReshopRS gave for an OrderQuoteRQ."""
    return f"<AcceptRepricedOrder>{element('OfferRefID', offer_id)}</AcceptRepricedOrder>"


def update_pax(current: str | None, new: str | None) -> str:
    """UpdatePax. current: PaxID in the order; new: PaxID in DataLists that says what shall be."""

    def reference(name: str, pax_id: str | None) -> str:
        return f"<{name}>{element('PaxRefID', pax_id)}</{name}>" if pax_id else ""

    return f"<UpdatePax>{reference('Current', current)}{reference('New', new)}</UpdatePax>"


def contact(contact_id: str, *, email: str | None = None, phone: str | None = None) -> str:
    """A ContactInfo of ContactInfoList."""
    mail = (
        f"<EmailAddress>{element('EmailAddressText', email)}</EmailAddress>"
        if email is not None
        else ""
    )
    call = f"<Phone>{element('PhoneNumber', phone)}</Phone>" if phone is not None else ""
    return f"<ContactInfo>{element('ContactInfoID', contact_id)}{mail}{call}</ContactInfo>"


def reached_by(pax_id: str, contact_id: str) -> str:
    """A Pax of PaxList of whom no more is said than how to reach them."""
    return f"<Pax>{element('ContactInfoRefID', contact_id)}{element('PaxID', pax_id)}</Pax>"


def order_reshop(
    order_id: str,
    items: Iterable[str] = (),
    *,
    sender: Sender = DEMO,
    trx_id: str | None = None,
) -> bytes:
    """IATA_OrderReshopRQ: what would cancelling give back? Without items, the whole order."""
    deleted = "".join(
        f"<DeleteOrderItem>{element('OrderItemRefID', item)}</DeleteOrderItem>" for item in items
    )
    update = (
        "<ReshopOrder><ReshopOrderChoice><ServiceOrder>"
        f"{deleted}</ServiceOrder></ReshopOrderChoice></ReshopOrder>"
        if deleted
        else f"<CancelOrderRef>{element('OrderRefID', order_id)}</CancelOrderRef>"
    )
    request = f"{element('OrderRefID', order_id)}<UpdateOrder>{update}</UpdateOrder>"
    return envelope("IATA_OrderReshopRQ", request, sender, trx_id)


def order_rebook(
    order_id: str,
    items: Iterable[str],
    bounds: Iterable[tuple[str, str, date]],
    *,
    cabin: str | None = None,
    limit: int | None = None,
    sender: Sender = DEMO,
    trx_id: str | None = None,
) -> bytes:
    """IATA_OrderReshopRQ: what would it cost to fly these bounds in place of these items? limit: of
    offers.
    """
    criteria = "FlightRequestOriginDestinationsCriteria"
    wanted = f"<{criteria}>{origin_dests(bounds, cabin)}</{criteria}>"
    return _rebook(order_id, items, wanted, limit=limit, sender=sender, trx_id=trx_id)


def order_rebook_named(
    order_id: str,
    items: Iterable[str],
    journeys: Iterable[Sequence[FlightNamed]],
    *,
    sender: Sender = DEMO,
) -> bytes:
    """IATA_OrderReshopRQ: what would it cost to fly these very flights in place of these items? A
    journey is its flights, in their order.
    """
    pairs, flown, sold = "", "", ""
    for at, flights in enumerate(journeys, 1):
        segments = ""
        for place, each in enumerate(flights, 1):
            sold += dated_flight(each, f"{at}.{place}")
            segments += (
                f"<PaxSegment>{element('DatedMarketingSegmentRefId', f'MKT{at}.{place}')}"
                f"{element('PaxSegmentID', f'SEG{at}.{place}')}</PaxSegment>"
            )
        flown += f"<PaxJourney>{element('PaxJourneyID', f'J{at}')}{segments}</PaxJourney>"
        pairs += (
            f"<SpecificOriginDestCriteria>{element('DestCode', flights[-1].destination)}"
            f"{element('OriginCode', flights[0].origin)}{element('OriginDestID', f'OD{at}')}"
            f"{element('PaxJourneyRefID', f'J{at}')}</SpecificOriginDestCriteria>"
        )
    specific = "FlightRequestSpecificOriginDestinations"
    return _rebook(
        order_id,
        items,
        f"<{specific}>{pairs}</{specific}>",
        sold=f"<DatedMarketingSegmentList>{sold}</DatedMarketingSegmentList>",
        flown=f"<PaxJourneyList>{flown}</PaxJourneyList>",
        sender=sender,
    )


def _rebook(
    order_id: str,
    items: Iterable[str],
    wanted: str,
    *,
    sold: str = "",
    flown: str = "",
    limit: int | None = None,
    sender: Sender = DEMO,
    trx_id: str | None = None,
) -> bytes:
    restrict = (
        f"<PayloadRestrictions><Limit>{limit}</Limit><ObjectName>OFFER</ObjectName>"
        "</PayloadRestrictions>"
        if limit
        else ""
    )
    deleted = "".join(
        f"<DeleteOrderItem>{element('OrderItemRefID', item)}</DeleteOrderItem>" for item in items
    )
    request = (
        f"{sold}{element('OrderRefID', order_id)}{flown}{restrict}"
        "<UpdateOrder><ReshopOrder><ReshopOrderChoice><ServiceOrder>"
        f"<AddOfferItems><FlightRequest>{wanted}</FlightRequest></AddOfferItems>"
        f"{deleted}</ServiceOrder></ReshopOrderChoice></ReshopOrder></UpdateOrder>"
    )
    return envelope("IATA_OrderReshopRQ", request, sender, trx_id)


def accept_quoted(offer_id: str, items: Iterable[tuple[str, str]], *, owner: str = "T8") -> str:
    """AcceptSelectedQuotedOfferList, of an OfferID that OrderReshopRS gave. items: OfferItemID of
    each added item, and the PaxID that it is for.
    """
    selected = "".join(
        f"<SelectedOfferItem>{element('OfferItemRefID', item)}{element('PaxRefID', pax)}"
        "</SelectedOfferItem>"
        for item, pax in items
    )
    return (
        f"<AcceptSelectedQuotedOfferList><SelectedPricedOffer>{element('OfferRefID', offer_id)}"
        f"{element('OwnerCode', owner)}{selected}</SelectedPricedOffer>"
        "</AcceptSelectedQuotedOfferList>"
    )


def order_quote(
    order_id: str,
    items: Iterable[str] = (),
    *,
    sender: Sender = DEMO,
    trx_id: str | None = None,
) -> bytes:
    """IATA_OrderQuoteRQ: what does an unpaid order cost now? Without items, the whole order."""
    named = "".join(element("OrderItemRefID", item) for item in items)
    request = (
        f"<RepricedOrder>{element('OrderID', order_id)}{named}"
        f"{element('OwnerCode', sender.carrier)}</RepricedOrder>"
    )
    return envelope("IATA_OrderQuoteRQ", request, sender, trx_id)


# -- payments ----------------------------------------------------------------------------------


def for_items(composed: str, order_id: str, items: Iterable[str] = ()) -> str:
    """A composed PaymentFunctions (kit/requests.py and below), said to be for these items."""
    named = "".join(element("OrderItemRefID", item) for item in items)
    association = f"<OrderAssociation>{named}{element('OrderRefID', order_id)}</OrderAssociation>"
    return composed.replace("<PaymentFunctions>", f"<PaymentFunctions>{association}", 1)


def voucher(number: str, amount: str, currency: str) -> str:
    """PaymentFunctions for a voucher."""
    return payment(f"<Voucher>{element('VoucherID', number)}</Voucher>", amount, currency)


def redirect(amount: str, currency: str, back: str = "https://agency.example/paid") -> str:
    """PaymentFunctions for a page of the payment provider, to which the payer is sent."""
    method = (
        f"<OfflinePayment>{element('PayerReturnURI', back)}<PaymentTypeCode>CC</PaymentTypeCode>"
        "<RedirectionAcceptanceInd>true</RedirectionAcceptanceInd></OfflinePayment>"
    )
    return payment(method, amount, currency)


def authenticated(composed: str, *, value: str, status: str = "Y", eci: str = "05") -> str:
    """A composed payment by card with what 3-D Secure 2 said. value: the CAVV."""
    secure = (
        f"<SecurePaymentVersion2>{element('AuthenticationValue', value)}<DirectoryServerTrxID>"
        f"f38e6948-5388-41a6-bca4-b49723c19437</DirectoryServerTrxID>"
        f"{element('ElectronicCommerceInd', eci)}<ProgramProtocolText>2.2.0</ProgramProtocolText>"
        f"{element('TrxStatusText', status)}</SecurePaymentVersion2>"
    )
    return composed.replace("</PaymentCard>", f"{secure}</PaymentCard>", 1)


def accept_change(items: Iterable[str]) -> str:
    """Takes what the airline changed, for these items."""
    refs = "".join(element("OrderItemRefID", each) for each in items)
    return f"<AcceptChange>{refs}</AcceptChange>"

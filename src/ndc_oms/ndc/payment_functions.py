"""PaymentFunctions as a sender states them: how it pays, how much, and for what.

Source: PaymentFunctionsCreateType and PaymentFunctionsChangeType of 21.3. A card's number,
security code and authentication pass through here into a CardData and a CardAuthentication and
nowhere else. What became of a payment is written by `payment_summary`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.payment import PaymentForm
from ndc_oms.ndc.envelope import local
from ndc_oms.ndc.parts import (
    Node,
    every,
    find,
    find_text,
    get,
    get_money,
    get_text,
    missing,
    path_of,
    texts,
)
from ndc_oms.orders.request import PaymentRequest
from ndc_oms.ports.payment import CardAuthentication, CardData

# PaymentTypeCode (IATA code list PAYT, and 9888 in SettlementPlan): what is taken here.
CASH: Final = "CA"  # through the settlement plan: the agency owes what it sold
CARD: Final = "CC"
_TRUE: Final = frozenset({"true", "1"})


def read_payments(nodes: Iterable[Node], order_id: str = "") -> tuple[PaymentRequest, ...]:
    """Those that are to be carried out. A PaymentFunctions with PaymentMethodCriteria alone only
    announces the form in which a later message will pay.

    order_id: of the order that is paid; empty while it is being made. Raises Invalid: 466 for a
    form that is not taken here, 290 and 727 for an amount that is none, 912 for what is missing,
    or is said of another order.
    """
    return tuple(payment for node in nodes for payment in _payments(node, order_id))


def _payments(node: Node, order_id: str) -> Iterable[PaymentRequest]:
    details, criteria = find(node, "PaymentProcessingDetails"), find(node, "PaymentMethodCriteria")
    if details is not None and order_id and not get_money(details, "Amount"):
        return  # said of a change that is free, in any form
    if details is not None:
        asked = _by_method(details)
        yield replace(
            asked,
            amount=get_money(details, "Amount"),
            offer_item_ids=_offer_items(node),
            item_ids=_order_items(node, order_id),
            path=path_of(node),
        )
    elif criteria is not None:
        _check_type(criteria, CASH, CARD)
    elif find(node, "RefundMethodCriteria") is None:
        raise missing(node, "PaymentProcessingDetails")


def _offer_items(node: Node) -> tuple[str, ...]:
    return tuple(
        item for each in every(node, "OfferAssociation") for item in texts(each, "OfferItemRefID")
    )


def _order_items(node: Node, order_id: str) -> tuple[str, ...]:
    association = find(node, "OrderAssociation")
    if association is None:
        return ()
    if get_text(association, "OrderRefID") != order_id:
        raise Invalid(
            "The payment is said to be for another order than the message.",
            path=f"{path_of(association)}/OrderRefID",
            remedy="Name the OrderID of Request/Order, or leave OrderAssociation out.",
        )
    return texts(association, "OrderItemRefID")


def _by_method(details: Node) -> PaymentRequest:
    method = next(get(details, "PaymentMethod").iterchildren(), None)
    if method is None:
        raise missing(details, "PaymentMethod")
    read = _METHODS.get(local(method))
    if read is None:
        raise _not_taken(method)
    return read(method)


def _plan(method: Node) -> PaymentRequest:
    _check_type(method, CASH)
    agency = find_text(method, "IATA_Number")
    return PaymentRequest(PaymentForm.SETTLEMENT_PLAN, None, agency_number=agency)


def _voucher(method: Node) -> PaymentRequest:
    return PaymentRequest(PaymentForm.VOUCHER, None, voucher=get_text(method, "VoucherID"))


def _redirect(method: Node) -> PaymentRequest:
    """OfflinePayment: the payer is sent to the provider's page, if the sender agrees to that."""
    _check_type(method, CARD)
    if find_text(method, "RedirectionAcceptanceInd") not in _TRUE:
        raise Invalid(
            "An offline payment is made on a page to which the payer is sent.",
            code="466",
            path=f"{path_of(method)}/RedirectionAcceptanceInd",
            remedy="Send RedirectionAcceptanceInd true, or pay in another form.",
        )
    back = find_text(method, "PayerReturnURI")
    if back is not None and not back.startswith("https://"):
        raise Invalid(
            "PayerReturnURI is no address to which a payer can be sent safely.",
            path=f"{path_of(method)}/PayerReturnURI",
            remedy="Send an address that begins with https://, or none.",
        )
    return PaymentRequest(PaymentForm.REDIRECT, None, return_url=back)


def _check_type(node: Node, *codes: str) -> None:
    found = get(node, "PaymentTypeCode")
    if get_text(node, "PaymentTypeCode") not in codes:
        raise _not_taken(found)


def _not_taken(node: Node) -> Invalid:
    return Invalid(
        "This form of payment is not taken here.",
        code="466",
        path=path_of(node),
        remedy="Pay by PaymentCard, by SettlementPlan with PaymentTypeCode CA, by Voucher, or by "
        "OfflinePayment with PaymentTypeCode CC.",
    )


def _card_payment(node: Node) -> PaymentRequest:
    """Raises Invalid (466) for encrypted and tokenised cards: their keys are not ours."""
    for name in ("EncryptedData", "TokenizedCardID", "ProtectedCardID"):
        found = find(node, name)
        if found is not None and find(node, "CardNumber") is None:
            raise Invalid(
                f"{name} cannot be read here.",
                code="466",
                path=path_of(found),
                remedy="Send CardNumber and ExpirationDate.",
            )
    card = CardData(
        number=get_text(node, "CardNumber"),
        expiry=get_text(node, "ExpirationDate"),
        brand=find_text(node, "CardBrandCode") or "",
        security_code=find_text(node, "CardSecurityCode"),
        holder=find_text(node, "CardHolderName"),
    )
    return PaymentRequest(
        PaymentForm.CARD,
        None,
        card,
        authentication=_authentication(find(node, "SecurePaymentVersion2")),
    )


def _authentication(node: Node | None) -> CardAuthentication | None:
    """3-D Secure 2 as the seller got it; of several statuses the last, which is the outcome."""
    if node is None:
        return None
    return CardAuthentication(
        version=find_text(node, "ProgramProtocolText"),
        eci=find_text(node, "ElectronicCommerceInd"),
        value=find_text(node, "AuthenticationValue"),
        transaction_id=find_text(node, "DirectoryServerTrxID"),
        status=next(reversed(texts(node, "TrxStatusText")), None),
    )


_METHODS: Final[Mapping[str, Callable[[Node], PaymentRequest]]] = {
    "PaymentCard": _card_payment,
    "SettlementPlan": _plan,
    "Voucher": _voucher,
    "OfflinePayment": _redirect,
}

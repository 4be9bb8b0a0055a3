"""PaymentFunctions: how a sender pays, and what became of each payment.

Source: PaymentFunctionsCreateType and PaymentFunctionsOrderType of 21.3. A card's number and
security code pass through `read_payments` into a CardData and nowhere else.
"""

from collections.abc import Iterable
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.order import Order, Payment, PaymentForm
from ndc_oms.model.status import PaymentState
from ndc_oms.ndc.compose import amount, group, instant, leaf, leaves
from ndc_oms.ndc.parts import (
    Node,
    every,
    find,
    find_text,
    get,
    get_money,
    get_text,
    local,
    missing,
    path_of,
    texts,
)
from ndc_oms.orders.request import PaymentRequest
from ndc_oms.ports.payment import CardData

# PaymentTypeCode (IATA code list PAYT, and 9888 in SettlementPlan): what is taken here.
CASH: Final = "CA"  # through the settlement plan: the agency owes what it sold
CARD: Final = "CC"

# Coarser than ours. Source: the payment statuses that 21.3's code set has.
_STATUS: Final = {
    PaymentState.REQUESTED: "PENDING",
    PaymentState.AUTHORISED: "PENDING",
    PaymentState.CAPTURED: "SUCCESSFUL",
    PaymentState.DECLINED: "FAILED",
    PaymentState.RELEASED: "FAILED",
    PaymentState.REFUNDED: "SUCCESSFUL",  # it was; its refund stands beside it
}


def read_payments(nodes: Iterable[Node]) -> tuple[PaymentRequest, ...]:
    """Raises Invalid: 466 for a form that is not taken here, 495 for a card to come later, 290
    and 727 for an amount that is none, 912 for what is missing.
    """
    return tuple(_payment(node) for node in nodes)


def _payment(node: Node) -> PaymentRequest:
    items = tuple(
        item for each in every(node, "OfferAssociation") for item in texts(each, "OfferItemRefID")
    )
    details = find(node, "PaymentProcessingDetails")
    if details is None:
        return _form_only(node, items)
    method = next(get(details, "PaymentMethod").iterchildren(), None)
    if method is None:
        raise missing(details, "PaymentMethod")
    money = get_money(details, "Amount")
    if local(method) == "PaymentCard":
        return PaymentRequest(
            PaymentForm.CARD, money, _card(method), offer_item_ids=items, path=path_of(node)
        )
    if local(method) == "SettlementPlan":
        _check_form(method, CASH)
        agency = find_text(method, "IATA_Number")
        return PaymentRequest(
            PaymentForm.SETTLEMENT_PLAN,
            money,
            agency_number=agency,
            offer_item_ids=items,
            path=path_of(node),
        )
    raise _not_taken(method)


def _form_only(node: Node, items: tuple[str, ...]) -> PaymentRequest:
    """Only a form is named: enough for the settlement plan, which then pays the whole order."""
    criteria = find(node, "PaymentMethodCriteria")
    if criteria is None:
        raise missing(node, "PaymentProcessingDetails")
    if find_text(criteria, "PaymentTypeCode") == CARD:
        raise Invalid(
            "A card is announced but not given, and orders cannot be paid later here.",
            code="495",
            path=f"{path_of(node)}/PaymentProcessingDetails",
            remedy="Add PaymentProcessingDetails with the card and the amount.",
        )
    _check_form(criteria, CASH)
    return PaymentRequest(
        PaymentForm.SETTLEMENT_PLAN, None, offer_item_ids=items, path=path_of(node)
    )


def _check_form(node: Node, *codes: str) -> None:
    found = get(node, "PaymentTypeCode")
    if get_text(node, "PaymentTypeCode") not in codes:
        raise _not_taken(found)


def _not_taken(node: Node) -> Invalid:
    return Invalid(
        "This form of payment is not taken here.",
        code="466",
        path=path_of(node),
        remedy="Pay by PaymentCard, or by SettlementPlan with PaymentTypeCode CA.",
    )


def _card(node: Node) -> CardData:
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
    return CardData(
        number=get_text(node, "CardNumber"),
        expiry=get_text(node, "ExpirationDate"),
        brand=find_text(node, "CardBrandCode") or "",
        security_code=find_text(node, "CardSecurityCode"),
        holder=find_text(node, "CardHolderName"),
    )


def write_payments(order: Order) -> str:
    """m:PaymentFunctions of each payment; a refund is one of its own, with a negative amount."""
    made = []
    for payment in order.payments:
        made.append(_summary(order, payment, payment.id, _STATUS[payment.state]))
        if payment.state is PaymentState.REFUNDED:
            made.append(_summary(order, payment, f"{payment.id}-R", "SUCCESSFUL", refund=True))
    return "".join(made)


def _summary(
    order: Order, payment: Payment, payment_id: str, status: str, *, refund: bool = False
) -> str:
    reason = "Refund" if refund else payment.failure
    return group(
        "m:PaymentFunctions",
        group(
            "OrderAssociation",
            leaves("OrderItemRefID", payment.item_ids),
            leaf("OrderRefID", order.order_id),
        ),
        group(
            "PaymentProcessingSummary",
            amount("Amount", -payment.amount if refund else payment.amount),
            group("Desc", leaf("DescText", reason)),
            leaf("PaymentCommitmentDateTime", instant(order.created_at)),
            leaf("PaymentID", payment_id),
            group("PaymentProcessingSummaryPaymentMethod", _method(payment)),
            leaf("PaymentRefID", payment.id if refund else None),
            leaf("PaymentStatusCode", status),
        ),
    )


def _method(payment: Payment) -> str:
    """What a receipt shows: of a card only its last four digits."""
    card = payment.card
    if payment.form is PaymentForm.CARD:
        return (
            "<PaymentCard>"
            + leaf("CardBrandCode", card.brand if card else None)
            + leaf("CardHolderName", card.holder if card else None)
            + leaf("MaskedCardID", f"xxxxxxxxxxxx{card.last_four}" if card else None)
            + "</PaymentCard>"
        )
    return group(
        "SettlementPlan",
        leaf("IATA_Number", payment.agency_number),
        leaf("PaymentTypeCode", CASH),
    )


def is_paid_by_plan(order: Order) -> bool:
    """Whether documents are reported through the settlement plan."""
    return any(payment.form is PaymentForm.SETTLEMENT_PLAN for payment in order.payments)

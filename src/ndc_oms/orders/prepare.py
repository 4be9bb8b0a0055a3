"""From what was asked to what can be ordered: the offer recalled, cards exchanged for tokens,
everything checked in one pass. Nothing is written, held or charged here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from ndc_oms.errors import Invalid, Refusal, Refusals
from ndc_oms.model.offer import Offer
from ndc_oms.model.order import Card, PaymentForm
from ndc_oms.model.passenger import Passenger, People
from ndc_oms.orders.build import Means
from ndc_oms.orders.check_contacts import check_contacts
from ndc_oms.orders.check_names import check_names
from ndc_oms.orders.check_passengers import (
    Ages,
    check_ages,
    check_documents,
    check_ids,
    check_infants,
    with_guardians,
)
from ndc_oms.orders.check_payments import check_payments
from ndc_oms.orders.match import selection_of, travellers
from ndc_oms.orders.request import CreateRequest
from ndc_oms.payments.allocation import allocate
from ndc_oms.ports.payment import PaymentGateway
from ndc_oms.ports.sellers import Seller

# offers/recall.py: the offer with this id, for this seller and party; raises Expired (913), a
# Refusal of code 711 where its price no longer stands, Invalid (914) where the party is another.
Recall = Callable[[str, Seller, tuple[Passenger, ...]], Awaitable[Offer]]


@dataclass(frozen=True, slots=True)
class Draft:
    """What will be ordered. takers: who takes which item, by offer item id."""

    offer: Offer
    party: tuple[Passenger, ...]
    people: People
    takers: Mapping[str, Passenger]
    means: tuple[Means, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What requests are checked against. owner: our designator. gateways: one for each form of
    payment that is taken. ages: of the passenger types that are sold.
    """

    owner: str
    gateways: Mapping[PaymentForm, PaymentGateway]
    ages: Ages


async def prepare(request: CreateRequest, seller: Seller, recall: Recall, rules: Rules) -> Draft:
    """Raises the refusal, or Refusals with all that were found."""
    cards, refused = await _tokenise(request, rules)
    request = replace(
        request,
        passengers=with_guardians(request.passengers),
        # from here on no card number is in reach
        payments=tuple(replace(p, card=None) for p in request.payments),
    )
    selection = selection_of(request, rules.owner)
    _raise([*check_ids(request)])
    offer = await recall(selection.offer_id, seller, request.passengers)
    takers, found = travellers(request, offer, selection)
    found += [*check_names(request), *check_ages(request, offer, rules.ages)]
    found += [*check_infants(request), *check_contacts(request), *check_documents(request, offer)]
    found += [*check_payments(request, offer, seller, rules.gateways), *refused]
    _raise(found)
    return Draft(
        offer, request.passengers, _of_party(request), takers, _means(request, offer, cards, rules)
    )


def _raise(refusals: list[Refusal]) -> None:
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        raise Refusals(refusals)


async def _tokenise(
    request: CreateRequest, rules: Rules
) -> tuple[tuple[Card | None, ...], list[Refusal]]:
    """A token for each card, None for other payments; what gateways say of impossible cards."""
    gateway = rules.gateways.get(PaymentForm.CARD)
    cards: list[Card | None] = []
    refused: list[Refusal] = []
    for payment in request.payments:
        card: Card | None = None
        if payment.card is not None and gateway is not None:
            try:
                card = await gateway.tokenise(payment.card)
            except Refusal as refusal:
                refusal.path = refusal.path or payment.path
                refused.append(refusal)
        elif payment.form is PaymentForm.CARD and gateway is not None:
            refused.append(_no_card(payment.path))
        cards.append(card)
    return tuple(cards), refused


def _no_card(path: str) -> Refusal:
    return Invalid(
        "A payment by card has no card number.",
        path=path,
        remedy="Send CardNumber and ExpirationDate.",
    )


def _of_party(request: CreateRequest) -> People:
    """Without people who do not travel: what is not needed is not kept."""
    ids = {passenger.id for passenger in request.passengers}
    people = request.people
    return People(tuple(p for p in people.persons if p.passenger_id in ids), people.contacts)


def _means(
    request: CreateRequest, offer: Offer, cards: tuple[Card | None, ...], rules: Rules
) -> tuple[Means, ...]:
    amounts = allocate(offer.total, [payment.amount for payment in request.payments])
    return tuple(
        Means(
            form=payment.form,
            gateway=rules.gateways[payment.form].name,
            amount=amount,
            card=card,
            agency_number=payment.agency_number,
            offer_item_ids=payment.offer_item_ids,
        )
        for payment, amount, card in zip(request.payments, amounts, cards, strict=True)
    )

"""From what was asked to what can be ordered: the offer recalled, cards exchanged for tokens,
everything checked in one pass. Nothing is written, held or charged here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ndc_oms.errors import NotAllowed, Refusal, Refusals, Unavailable
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Offer
from ndc_oms.model.passenger import Passenger, People
from ndc_oms.model.payment import Card, PaymentForm
from ndc_oms.offers.limits import Limits, limits_of
from ndc_oms.offers.recall import pointing
from ndc_oms.offers.selection import check_total, one_selection
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
from ndc_oms.orders.check_payments import Bill, check_payments
from ndc_oms.orders.match import travellers
from ndc_oms.orders.name_desk import NameDesk
from ndc_oms.orders.request import CreateRequest, PaymentRequest
from ndc_oms.orders.service_desk import ServiceDesk
from ndc_oms.orders.service_items import Chosen
from ndc_oms.orders.tender import Tendered, Tills, routed, tender
from ndc_oms.payments.allocation import allocate
from ndc_oms.ports.sellers import Seller
from ndc_oms.world.servicing import Servicing

# offers/recall.py: the offer with this id, for this seller and party; raises Expired (913), a
# Refusal of code 711 where its price no longer stands, Invalid (914) where the party is another.
Recall = Callable[[str, Seller, tuple[Passenger, ...]], Awaitable[Offer]]


@dataclass(frozen=True, slots=True)
class Draft:
    """What will be ordered. takers: who takes which item, by offer item id. limits: of an order
    that is paid later; None: it is paid at once.
    """

    offer: Offer
    party: tuple[Passenger, ...]
    people: People
    takers: Mapping[str, Passenger]
    means: tuple[Means, ...]
    limits: Limits | None
    services: tuple[Chosen, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What requests are checked against. owner: our designator. ages: of the passenger types
    that are sold. code_shares: see partner_parts.py.
    """

    owner: str
    tills: Tills
    ages: Ages
    servicing: Servicing = field(default_factory=Servicing)
    code_shares: Mapping[str, str] = field(default_factory=dict)
    desk: ServiceDesk | None = None  # None: no services are sold
    names: NameDesk | None = None  # None: names stay as they are


async def prepare(
    request: CreateRequest, seller: Seller, recall: Recall, rules: Rules, now: datetime
) -> Draft:
    """Raises the refusal, or Refusals with all that were found."""
    tendered = await tender(request.payments, rules.tills)
    request = replace(
        request,
        passengers=with_guardians(request.passengers),
        payments=tendered.payments,  # from here on no card number is in reach
    )
    selection = one_selection(request.selections, rules.owner)
    raise_all([*check_ids(request)])
    with pointing(selection.path, request.passengers_path):
        offer = await recall(selection.offer_id, seller, request.passengers)
    limits = limits_of(rules.servicing, offer, now)
    takers, found = travellers(request, offer, selection)
    found += [*check_names(request), *check_ages(request, offer, rules.ages)]
    found += [*check_infants(request), *check_contacts(request), *check_documents(request, offer)]
    services, refused = await _services(request, offer, seller, rules, now)
    found += refused
    due = total((each.fare.total for each in services), offer.currency) + offer.flights_total
    item_ids = {item.id for item in offer.items} | {each.offer_item_id for each in services}
    if not refused:
        check_total(selection, due)
    bill = Bill(due, frozenset(item_ids))
    wrong = check_payments(request, bill, seller, rules.tills, limits)
    # what is to be paid is not known where a service cannot be had
    found += [each for each in wrong if not (refused and each.code == "290")]
    found += tendered.refused
    raise_all(found)
    means = _means(tendered, due, rules)
    later = not means or any(each.page_ttl_s for each in means)
    people = _of_party(request)
    return Draft(
        offer, request.passengers, people, takers, means, limits if later else None, services
    )


def raise_all(refusals: list[Refusal]) -> None:
    """None: nothing. Raises the one, or Refusals with all."""
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        raise Refusals(refusals)


def _of_party(request: CreateRequest) -> People:
    """Without people who do not travel: what is not needed is not kept."""
    ids = {passenger.id for passenger in request.passengers}
    people = request.people
    return People(tuple(p for p in people.persons if p.passenger_id in ids), people.contacts)


async def _services(
    request: CreateRequest, offer: Offer, seller: Seller, rules: Rules, now: datetime
) -> tuple[tuple[Chosen, ...], list[Refusal]]:
    if not request.services:
        return (), []
    found, refused = await desk_of(rules, request.services[0].path).for_offer(
        request.services, offer, request.passengers, seller, now
    )
    return tuple(found), refused


def desk_of(rules: Rules, path: str) -> ServiceDesk:
    """Raises Unavailable (496) in a house that sells no services."""
    if rules.desk is None:
        raise Unavailable("No services are sold here.", code="496", path=path)
    return rules.desk


def names_of(rules: Rules, path: str) -> NameDesk:
    """Raises NotAllowed (137) in a house where names stay as they are."""
    if rules.names is None:
        raise NotAllowed("Names are not changed here.", code="137", path=path)
    return rules.names


def _means(tendered: Tendered, due: Money, rules: Rules) -> tuple[Means, ...]:
    if not tendered.payments:
        return ()
    amounts = allocate(due, [payment.amount for payment in tendered.payments])
    return tuple(
        means_of(payment, card, amount, rules)
        for payment, card, amount in zip(tendered.payments, tendered.cards, amounts, strict=True)
    )


def means_of(payment: PaymentRequest, card: Card | None, amount: Money, rules: Rules) -> Means:
    """Raises NotAllowed (466) where no gateway takes it."""
    first, *others = routed(payment, card, amount, rules.tills)
    redirected = payment.form is PaymentForm.REDIRECT
    return Means(
        form=payment.form,
        gateway=first,
        amount=amount,
        card=card,
        agency_number=payment.agency_number,
        offer_item_ids=payment.offer_item_ids,
        routes=tuple(others),
        voucher=payment.voucher,
        return_url=payment.return_url,
        page_ttl_s=rules.servicing.page_ttl_s if redirected else 0,
    )

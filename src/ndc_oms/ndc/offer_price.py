"""OfferPriceRQ to a PriceRequest, a PriceResult to OfferPriceRS.

Source: OfferPriceRequestType and OfferPriceResponseType of 21.3.
"""

from collections.abc import Sequence
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.offer import Offer
from ndc_oms.model.payment import PaymentForm
from ndc_oms.ndc.air_shopping import read_currency
from ndc_oms.ndc.compose import flag, group, instant, leaf, reply, warnings
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.offer_criteria import read_languages
from ndc_oms.ndc.offering import Pair, Shelf
from ndc_oms.ndc.parts import Node, every, find, find_at, find_text, get, missing, path_of, request
from ndc_oms.ndc.pax import read_party
from ndc_oms.ndc.payment_functions import CARD, CASH
from ndc_oms.ndc.selecting import flights_of, read_selections, refuse_external, services_of
from ndc_oms.offers.limits import Limits
from ndc_oms.offers.request import PaymentWay, PriceRequest, PriceResult

# PaymentTypeCode, PADIS 9888. A voucher is miscellaneous there.
_TYPES: Final = {
    PaymentForm.CARD: CARD,
    PaymentForm.SETTLEMENT_PLAN: CASH,
    PaymentForm.VOUCHER: "MS",
    PaymentForm.REDIRECT: CARD,
}


def read(root: Node, envelope: Envelope) -> PriceRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid with the path: 12, 143, 257, 476, 727, 912, 913."""
    asked = request(root)
    chosen = get(asked, "PricedOffer")
    refuse_external(find(chosen, "AcceptOrderItemList"))
    selected = find(chosen, "SelectedOfferList")
    selections = read_selections(every(selected, "SelectedOffer"))
    if not selections:
        raise missing(chosen, "SelectedOfferList/SelectedOffer")
    services, flights = services_of(selections), flights_of(selections)
    if not flights:
        raise Invalid(
            "Services are priced with the flights that they are for.",
            path=services[0].path,
            remedy="Select the flights of an offer in the same message, or accept the services at "
            "the price of ServiceList or SeatAvailability.",
        )
    return PriceRequest(
        selections=flights,
        party=read_party(every(find_at(asked, "DataLists", "PaxList"), "Pax")),
        currency=read_currency(asked),
        party_path=f"{path_of(asked)}/DataLists/PaxList",
        languages=read_languages(asked),
        upsell=find_text(
            find_at(asked, "ResponseParameters", "PricingParameter"), "IncludeUpsellOffersInd"
        )
        in {"true", "1"},
        services=services,
    )


def write(result: PriceResult, envelope: Envelope) -> bytes:
    """OfferPriceRS: the firm offer as PricedOffer, others beside it."""
    shelf = Shelf(result.offer.party, _pairs(result.offer))
    priced: list[bytes] = []
    limit = _payment_limit(result.limits)
    shelf.put(priced, result.offer, "PricedOffer", payment_limit=limit)
    others: list[bytes] = []
    for offer in _alike(result):
        shelf.put(others, offer)
    parts: list[str | bytes] = [shelf.data_lists()]
    if others:
        parts += ["<OtherOffers>", *others, "</OtherOffers>"]
    parts += [_way(result.offer, each) for each in result.ways]
    parts += [*priced, warnings(result.notices, envelope.warnings)]
    return reply("IATA_OfferPriceRS", envelope, parts)


def _payment_limit(limits: Limits | None) -> str:
    """PaymentTimeLimit of an order that is made of it now: of one that is paid at once, no time."""
    if limits is None:
        stated = group("PaymentTimeLimitDuration", leaf("PaymentTimeLimitDuration", "PT0S"))
    else:
        at = instant(limits.payment_at)
        stated = group("PaymentTimeLimitDate", leaf("PaymentTimeLimitDateTime", at))
    return group("PaymentTimeLimit", stated)


def _way(offer: Offer, way: PaymentWay) -> str:
    """PaymentFunctions, one a brand where not every brand is taken."""
    association = group(
        "OfferAssociation", leaf("OfferRefID", offer.offer_id), leaf("OwnerCode", offer.owner)
    )
    redirected = flag("PaymentRedirectionInd", True) if way.form is PaymentForm.REDIRECT else ""
    return "".join(
        [
            group(
                "PaymentFunctions",
                association,
                group(
                    "PaymentSupportedMethod",
                    leaf("PaymentBrandCode", brand),
                    redirected,
                    leaf("PaymentTypeCode", _TYPES[way.form]),
                ),
            )
            for brand in way.brands or (None,)
        ]
    )


def _alike(result: PriceResult) -> Sequence[Offer]:
    """Others for the same party on as many bounds: only those can stand on one shelf."""
    offer = result.offer
    return [
        other
        for other in result.others
        if other.party == offer.party and len(other.bounds) == len(offer.bounds)
    ]


def _pairs(offer: Offer) -> list[Pair]:
    return [
        Pair(f"OD{at}", bound.journey.origin, bound.journey.destination)
        for at, bound in enumerate(offer.bounds, start=1)
    ]

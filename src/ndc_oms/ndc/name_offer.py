"""The quote of a name as an offer of OrderReshopRS.

Source: NameChangeOfferItemType of 21.3, and IATA's worked examples of a free and a paid change of
name: a service that is defined beside the offer, the new name, and what it costs.
"""

from collections.abc import Iterator
from typing import Final

from ndc_oms.model.change import residual_values
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import NewName, People
from ndc_oms.model.quote import Quote, QuotedName
from ndc_oms.ndc.compose import amount, flag, group, instant, leaf, leaves
from ndc_oms.ndc.people_lists import write_pax

_DEFINITION: Final = "def.name-change"
_TAXONOMY: Final = "012C"  # a change of name, in IATA's taxonomy


def name_offer(order: Order, quote: Quote, key: str) -> list[str]:
    """The parts of Response, in order, from DataLists on. key: its Order."""
    naming = quote.naming
    if naming is None:
        raise AssertionError(f"{quote.quote_id} is no quote of a name")
    return [
        group(
            "DataLists",
            write_pax(order.passengers, People()),
            _penalties(quote, naming),
            group("ServiceDefinitionList", _definition(order)),
        ),
        key,
        group("ReshopResults", group("ReshopOffers", _offer(order, quote, naming))),
    ]


def _definition(order: Order) -> str:
    return group(
        "ServiceDefinition",
        group("AirlineTaxonomy", leaf("TaxonomyCode", _TAXONOMY)),
        leaf("Name", "Name change"),
        leaf("OwnerCode", order.owner),
        leaf("ServiceDefinitionID", _DEFINITION),
    )


def _penalties(quote: Quote, naming: QuotedName) -> str:
    fee = naming.renaming.fee
    if not fee:
        return ""
    penalty = group(
        "Penalty",
        leaf("PenaltyID", _fee_id(quote)),
        group("Price", amount("TotalAmount", fee)),
        leaf("TypeCode", "Change"),
    )
    return group("PenaltyList", penalty)


def _fee_id(quote: Quote) -> str:
    return f"fee.{quote.quote_id}-1"


def _offer(order: Order, quote: Quote, naming: QuotedName) -> str:
    fee = naming.renaming.fee
    return group(
        "Offer",
        *[group("Desc", leaf("DescText", said)) for said in _in_words(order, naming)],
        leaf("OfferExpirationTimeLimitDateTime", instant(quote.expires_at)),
        leaf("OfferID", quote.quote_id),
        _item(order, quote, naming),
        leaf("OwnerCode", order.owner),
        group("TotalPrice", amount("TotalAmount", fee)),
    )


def _in_words(order: Order, naming: QuotedName) -> Iterator[str]:
    fee, renaming = naming.renaming.fee, naming.renaming
    yield f"{fee} is to be paid for the name." if fee else "The name is corrected for nothing."
    for value in residual_values(order, renaming.passenger_id):
        stays = "stays in the name that it is in, and good for nobody else"
        becomes = stays if renaming.another else "is issued anew in the new name"
        yield f"The value of {value.total} on document {value.number} {becomes}."


def _item(order: Order, quote: Quote, naming: QuotedName) -> str:
    fee, passenger = naming.renaming.fee, naming.renaming.passenger_id
    item_id = f"{quote.quote_id}-1"
    return group(
        "OfferItem",
        _for_good("CancelRestrictions"),
        _for_good("ChangeRestrictions"),
        flag("MandatoryInd", value=True),
        group(
            "NameChangeService",
            leaf("PaxRefID", passenger),
            leaf("ServiceDefinitionRefID", _DEFINITION),
            leaf("ServiceID", f"{item_id}.S"),
        ),
        leaf("OfferItemID", item_id),
        leaf("OwnerCode", order.owner),
        _named(naming.name, passenger),
        leaf("PenaltyRefID", _fee_id(quote)) if fee else "",
        group("Price", amount("BaseAmount", fee), amount("TotalAmount", fee)),
    )


def _for_good(name: str) -> str:
    """It is neither taken back nor exchanged."""
    return group(name, flag("AllowedModificationInd", value=False))


def _named(name: NewName, passenger_id: str) -> str:
    return group(
        "PaxNameChange",
        leaves("GivenName", name.given_names),
        leaves("MiddleName", name.middle_names),
        leaf("PaxRefID", passenger_id),
        leaf("SuffixName", name.suffix),
        leaf("Surname", name.surname),
        leaf("TitleName", name.title),
    )

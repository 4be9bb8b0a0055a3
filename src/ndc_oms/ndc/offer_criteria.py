"""What fares and services are wanted, and by which codes: OfferCriteria, and who the passengers are
to the airline.

Source: OfferCriteriaType of 21.3. Kinds of fare are those of PADIS 9910 that sellers send, and
plain words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ndc_oms.model.offer import PricedBound
from ndc_oms.ndc.levels import level_of
from ndc_oms.ndc.parts import Node, every, find, find_at, find_text, get_text, path_of, texts
from ndc_oms.offers.request import CodeQuoted, Membership, Notice
from ndc_oms.offers.wishes import Fare, FareTrait, Level, Wish

FARE_KINDS: Final = {
    "70J": FareTrait.PUBLIC,
    "70M": FareTrait.PRIVATE,  # a company's
    "749": FareTrait.PRIVATE,  # negotiated
    "758": FareTrait.PRIVATE,
    "PUBLIC": FareTrait.PUBLIC,
    "PRIVATE": FareTrait.PRIVATE,
    "REFUNDABLE": FareTrait.REFUNDABLE,
    "CHANGEABLE": FareTrait.CHANGEABLE,
}
# RFISC (ATPCO's list of optional services): bags in the hold that a family may include, and seats.
BAGS: Final = frozenset({"0AA", "0C3", "0CC", "0GO"})
SEATS: Final = frozenset({"0B5"})
_BAGGAGE: Final = "C"  # RFIC


@dataclass(slots=True)
class OfferCriteria:
    """unmet: what was asked for and is not looked at."""

    fares: list[Wish[PricedBound]] = field(default_factory=list)
    agreement: CodeQuoted | None = None
    promotion: CodeQuoted | None = None
    unmet: list[Notice] = field(default_factory=list)


def read_criteria(asked: Node) -> OfferCriteria:
    """asked: the Request. Raises Invalid (912) with the path."""
    found = OfferCriteria()
    node = find(asked, "OfferCriteria")
    if node is None:
        return found
    _read_bag(node, found)
    for each in every(node, "FareCriteria"):
        _read_fare(each, found)
    for each in every(node, "ServiceCriteria"):
        _read_service(each, found)
    found.agreement = _only(_agreements(node), found)
    found.promotion = _only(_promotions(node), found)
    _drop_codes(found)
    return found


def _read_bag(node: Node, found: OfferCriteria) -> None:
    """Whoever asks for checked baggage to be priced wants fares that include it."""
    criteria = find(node, "BaggagePricingCriteria")
    option = find_text(criteria, "BaggageOptionCode") or ""
    if criteria is None or not option:
        return
    if "CHECKED" in option.upper():
        wish = Wish(Fare(frozenset({FareTrait.WITH_BAG})), Level.REQUIRED, path_of(criteria))
        found.fares.append(wish)
    else:
        text = f"Baggage of kind {option[:40]} is not looked at; only CheckedBag is."
        found.unmet.append(Notice(text, path=path_of(criteria)))


def _read_fare(node: Node, found: OfferCriteria) -> None:
    level, path = level_of(node), path_of(node)
    if find_text(node, "NoPenaltyInd") in {"true", "1"}:
        found.fares.append(Wish(Fare(frozenset({FareTrait.NO_PENALTY})), level, path))
    kinds: set[FareTrait] = set()
    for code in texts(node, "FareTypeCode"):
        trait = FARE_KINDS.get(code.upper())
        if trait is None:
            text = f"Fares of kind {code[:20]} are not known; of: {', '.join(FARE_KINDS)}."
            found.unmet.append(Notice(text, path=f"{path}/FareTypeCode"))
        elif trait in {FareTrait.PUBLIC, FareTrait.PRIVATE}:
            kinds.add(trait)
        else:
            found.fares.append(Wish(Fare(frozenset({trait})), level, path))
    if kinds:
        found.fares.append(Wish(Fare(frozenset(kinds)), level, path))


def _read_service(node: Node, found: OfferCriteria) -> None:
    codes = frozenset(texts(node, "RFISC"))
    included = find_text(node, "IncludeInd")
    default = Level.EXCLUDED if included in {"false", "0"} else Level.PREFERRED
    level = level_of(node, Level.REQUIRED if included in {"true", "1"} else default)
    if codes & BAGS or (not codes and find_text(node, "RFIC") == _BAGGAGE):
        trait = FareTrait.WITH_BAG
    elif codes & SEATS:
        trait = FareTrait.WITH_SEAT
    else:
        text = "This service is not one that a fare may include: a checked bag (RFIC C) or a seat."
        found.unmet.append(Notice(text, path=path_of(node)))
        return
    found.fares.append(Wish(Fare(frozenset({trait})), level, path_of(node)))


def _agreements(node: Node) -> Iterator[CodeQuoted]:
    """The contract's number, else the account's."""
    for each in every(node, "ProgramCriteria"):
        code = find_text(find(each, "ProgamContract"), "ContractID") or find_text(
            find(each, "ProgramAccount"), "AccountID"
        )
        if code:
            yield CodeQuoted(code[:40], path_of(each))


def _promotions(node: Node) -> Iterator[CodeQuoted]:
    for each in every(node, "PromotionCriteria"):
        yield CodeQuoted(get_text(each, "PromotionID")[:40], path_of(each))


def _only(quoted: Iterator[CodeQuoted], found: OfferCriteria) -> CodeQuoted | None:
    """The first; others are not looked at."""
    first = next(quoted, None)
    for other in quoted:
        text = f"{other.code} is not looked at: one code of a kind counts, and that is the first."
        found.unmet.append(Notice(text, path=other.path))
    return first


def _drop_codes(found: OfferCriteria) -> None:
    """Where only public fares are an answer, a code could only take answers away."""
    public, private = Fare(frozenset({FareTrait.PUBLIC})), Fare(frozenset({FareTrait.PRIVATE}))
    if not any(
        (wish.feature, wish.level) in {(public, Level.REQUIRED), (private, Level.EXCLUDED)}
        for wish in found.fares
    ):
        return
    for quoted in filter(None, (found.agreement, found.promotion)):
        text = f"{quoted.code} is not looked at, since only public fares are asked for."
        found.unmet.append(Notice(text, path=quoted.path))
    found.agreement = found.promotion = None


# -- who asks ----------------------------------------------------------------------------------


def read_memberships(pax_list: Node | None) -> Iterator[Membership]:
    """Accounts with a number; the owner is the carrier, else the programme's own code."""
    for pax in every(pax_list, "Pax"):
        for account in every(pax, "LoyaltyProgramAccount"):
            number = find_text(account, "AccountNumber")
            programme = find(account, "LoyaltyProgram")
            owner = find_text(find_at(programme, "Carrier"), "AirlineDesigCode") or find_text(
                programme, "ProgramCode"
            )
            if number and owner:
                yield Membership(get_text(pax, "PaxID"), owner, number, path_of(account))


def read_languages(asked: Node) -> tuple[str, ...]:
    """ISO 639-1 in capitals, without a region, in the order sent."""
    usages = every(find(asked, "ResponseParameters"), "LangUsage")
    codes = (get_text(each, "LangCode") for each in usages)
    return tuple(dict.fromkeys(code.replace("_", "-").partition("-")[0].upper() for code in codes))


def read_country(pos: Node | None) -> str | None:
    """Of the point of sale, ISO 3166-1 alpha-2."""
    return find_text(find_at(pos, "Country"), "CountryCode")

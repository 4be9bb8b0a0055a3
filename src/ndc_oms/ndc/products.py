"""Fare families and baggage allowances: what a price includes.

Source: PriceClassType, BaggageAllowanceType and FareComponentType of 21.3.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ndc_oms.model.product import Baggage, Cabin, FareFamily
from ndc_oms.ndc.compose import CABINS, Kept, group, leaf, leaves, text


def price_class(
    code: str, name: str, cabin: Cabin, description: tuple[str, ...], rank: int | None = None
) -> str:
    """A fare family. Its code is its PriceClassID too. rank: where it stands in a shop's shelf."""
    shown = "".join([group("Desc", leaf("DescText", line)) for line in description])
    return (
        f"<PriceClass>{cabin_type(cabin)}{leaf('Code', code)}{shown}"
        f"{leaf('DisplayOrderText', None if rank is None else str(rank))}"
        f"{leaf('Name', name[:64])}{leaf('PriceClassID', code)}</PriceClass>"
    )


def _allowance(kind: str, pieces: int, weight: int) -> tuple[str, str]:
    allowance_id = f"bag.{kind.lower()}.{pieces}x{weight}"
    limit = (
        f"<WeightAllowance><MaximumWeightMeasure>{weight}</MaximumWeightMeasure>"
        "<WeightUnitOfMeasurement>KGM</WeightUnitOfMeasurement></WeightAllowance>"
        if pieces and weight
        else ""
    )
    return allowance_id, (
        f"<BaggageAllowance><BaggageAllowanceID>{allowance_id}</BaggageAllowanceID>"
        f"<PieceAllowance><TotalQty>{pieces}</TotalQty></PieceAllowance>"
        f"<TypeCode>{kind}</TypeCode>{limit}</BaggageAllowance>"
    )


def allowances(baggage: Baggage) -> dict[str, str]:
    """Fragments by BaggageAllowanceID: cabin bags, then checked ones; no piece is stated as 0."""
    return dict(
        (
            _allowance("CarryOn", baggage.carry_on_pieces, baggage.carry_on_kg),
            _allowance("Checked", baggage.checked_pieces, baggage.checked_kg),
        )
    )


def cabin_type(cabin: Cabin) -> str:
    return (
        f"<CabinType><CabinTypeCode>{cabin}</CabinTypeCode>"
        f"<CabinTypeName>{CABINS[cabin]}</CabinTypeName></CabinType>"
    )


class FamilyXml(NamedTuple):
    """A family's fragments. ref: an element that refers to it; allowance_refs: to its bags."""

    cabin: str
    ref: str
    price_class: str
    allowances: dict[str, str]
    allowance_refs: str


def _family(family: FareFamily) -> FamilyXml:
    bags = allowances(family.baggage)
    return FamilyXml(
        cabin_type(family.cabin),
        leaf("PriceClassRefID", family.code),
        price_class(family.code, family.name, family.cabin, family.description, family.rank),
        bags,
        leaves("BaggageAllowanceRefID", bags),
    )


family_xml: Final = Kept(_family, limit=256)


def fare_components(
    cabin: str, basis: str, price_class_ref: str, segment_refs: Sequence[str], rbds: Sequence[str]
) -> str:
    """One FareComponent a segment, since each may be in another booking class. All but `rbds` are
    composed elements.
    """
    return "".join(
        [
            f"<FareComponent>{cabin}{basis}{segment_ref}{price_class_ref}"
            f"<RBD><RBD_Code>{text(rbd)}</RBD_Code></RBD></FareComponent>"
            for segment_ref, rbd in zip(segment_refs, rbds, strict=True)
        ]
    )

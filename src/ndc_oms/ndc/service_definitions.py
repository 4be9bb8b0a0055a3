"""ServiceDefinitions: what a service is, by the product's own code.

Source: ServiceDefinitionType of 21.3. A bundle refers to the definitions of its parts, which stand
beside it.
"""

from collections.abc import Iterator

from ndc_oms.model.ancillary import Product
from ndc_oms.ndc.compose import group, leaf, leaves

_STEM = "def."


def definition_id(product: Product, quantity: int = 0) -> str:
    """quantity: of what is sold already or picked; 0: of what is on sale."""
    return f"{_STEM}{product.code}.{quantity}" if quantity else f"{_STEM}{product.code}"


def product_code(name: str) -> str:
    """Of a ServiceDefinitionID."""
    return name.removeprefix(_STEM).partition(".")[0]


def definitions_of(product: Product, owner: str, quantity: int) -> Iterator[tuple[str, str]]:
    """ServiceDefinitionID and ServiceDefinition, of a bundle also of its parts."""
    for each in (product, *product.parts):
        yield definition_id(each, quantity), definition(each, owner, quantity=quantity)


def definition(
    product: Product, owner: str, *, quantity: int = 0, taxonomy: str = "", most: int = 0
) -> str:
    """As `2 × Checked bag to 23 kg`, where there are several. most: for one passenger."""
    name = product.name if quantity < 2 else f"{quantity} × {product.name}"
    parts = [definition_id(part, quantity) for part in product.parts]
    refs = leaves("ServiceDefinitionRefID", parts)
    limit = leaf("MaximumServiceQty", str(most) if most else "")
    return group(
        "ServiceDefinition",
        group("AirlineTaxonomy", leaf("TaxonomyCode", taxonomy)),
        *[group("Desc", leaf("DescText", text)) for text in product.description],
        leaf("Name", name),
        leaf("OwnerCode", owner),
        leaf("RFIC", product.rfic),
        leaf("RFISC", product.rfisc),
        leaf("ServiceCode", product.ssr or product.code),
        group("ServiceDefinitionAssociation", group("ServiceBundle", limit, refs) if refs else ""),
        leaf("ServiceDefinitionID", definition_id(product, quantity)),
    )

"""A search read from a document outside the exchange: for staff who ask why it found little."""

from datetime import datetime
from pathlib import Path

from lxml import etree

from ndc_oms.errors import Invalid
from ndc_oms.ndc import air_shopping
from ndc_oms.ndc.door import guard
from ndc_oms.ndc.envelope import open_envelope, seller_links
from ndc_oms.ndc.schema import Schema, refusal
from ndc_oms.offers.request import ShopRequest

MESSAGE = "IATA_AirShoppingRQ"


def read_search(document: Path, schema: Schema, now: datetime) -> tuple[ShopRequest, str]:
    """The request, and the OrgID of its Seller ("" where it names none). Raises Refusal as the
    exchange would for a strict seller; Invalid for another message.
    """
    root = guard(document.read_bytes())
    name = etree.QName(root).localname
    if name != MESSAGE:
        raise Invalid(
            f"{name[:80]} is not a search.", path=f"/{name[:80]}", remedy=f"Give an {MESSAGE}."
        )
    violations = schema.check(root)
    if violations:
        raise refusal(violations)
    request = air_shopping.read(root, open_envelope(root, None, now))
    return request, next(iter(seller_links(root)), "")

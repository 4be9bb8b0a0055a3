"""What messages about an order that exists have in common."""

import re
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.ndc.parts import Node, find, get_text, path_of, text

_VERSION: Final = re.compile(r"\+?[0-9]{1,9}")


def find_version(node: Node) -> int | None:
    """OrderVersionNumber; raises Invalid (912) for one that no order can have."""
    found = find(node, "OrderVersionNumber")
    if found is None:
        return None
    if not _VERSION.fullmatch(text(found)):
        raise Invalid(
            "OrderVersionNumber is no version that an order can have.",
            path=path_of(found),
            remedy="Send the OrderVersionNumber of the latest OrderViewRS.",
        )
    return int(text(found))


def same_order(node: Node, order_id: str) -> None:
    """That the OrderRefID below repeats the message's own; raises Invalid (912)."""
    if get_text(node, "OrderRefID") != order_id:
        raise Invalid(
            "The message names two orders.",
            path=f"{path_of(node)}/OrderRefID",
            remedy="Name the same order in both places.",
        )

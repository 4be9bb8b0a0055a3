"""SellerFollowUpAction: what the airline waits for of one order item.

Source: SellerFollowUpActionType of 21.3.
"""

from collections.abc import Iterable

from ndc_oms.model.airline_change import AirlineChange
from ndc_oms.ndc.compose import flag, group, instant, leaf


def follow_up(changes: Iterable[AirlineChange], item_id: str) -> str:
    """Of the question about the item that is to be answered first; nothing where there is none."""
    asked = [each for each in changes if item_id in each.item_ids and each.limit_at is not None]
    if not asked:
        return ""
    first = min(asked, key=lambda each: (each.limit_at, each.id))
    return group(
        "SellerFollowUpAction",
        flag("ActionInd", True),
        leaf("ActionTimeLimitDateTime", instant(first.limit_at) if first.limit_at else None),
        leaf("ConsequenceOfInactionCode", first.inaction),
    )

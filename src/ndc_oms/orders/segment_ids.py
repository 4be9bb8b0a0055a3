"""Ids of segments that come into an order later."""

from dataclasses import dataclass, field

from ndc_oms.model.order import Order


@dataclass
class NewSegmentIds:
    """SEG1 and on: ids that no segment of the order ever had."""

    order: Order
    _last: int = field(init=False)

    def __post_init__(self) -> None:
        used = [segment.id for segment in self.order.segments]
        for change in self.order.airline_changes:
            for bound in change.bounds:
                used += [each.segment_id for each in (*bound.old, *bound.new)]
        for part in self.order.parts:
            used += part.segment_ids
        self._last = max(int("".join(filter(str.isdigit, each)) or 0) for each in used)

    def next(self) -> str:
        self._last += 1
        return f"SEG{self._last}"

"""What a room of the fold says: the effect of each kind of event that it knows."""

from collections.abc import Callable, Mapping
from typing import Any

from ndc_oms.model.event import Event
from ndc_oms.model.order import Order

# Each takes the order before, and its own kind of event, which is its key.
Effects = Mapping[type[Event], Callable[[Order, Any], Order]]

"""An order as JSON text: what an event leaves alone is not made into text again.

Records never change, and an order after an event shares with the order before it whatever the
event did not touch: its items and segments, two thirds of the text. Their texts are kept for a
while, by identity, so that each of an order's snapshots costs what is new in it. The text is
letter for letter what the encoder makes of the whole order.
"""

from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

import msgspec

from ndc_oms.model.order import Order

KEPT: Final = 1024  # texts, 2 kB each: what a few hundred orders under way share
_NAMES: Final = tuple(each.name for each in fields(Order))
_values: Final = attrgetter(*_NAMES)
# read-only mappings of shared records are written as the mappings they are
encode: Final = msgspec.json.Encoder(enc_hook=dict).encode

# An order with texts in place of records: the encoder knows its names beforehand, where those of a
# dictionary take it as long again as what stands under them.
_Written: Final = msgspec.defstruct("_Written", [(name, Any) for name in _NAMES], gc=False)

# By id; the record is kept with its text, so that its id is not given to another.
_texts: dict[int, tuple[object, msgspec.Raw]] = {}


def order_text(order: Order) -> bytes:
    """UTF-8."""
    written: Any = _Written(*_values(order))
    written.items, written.segments = _text(order.items), _text(order.segments)
    return encode(written)


def _text(record: object) -> msgspec.Raw:
    known = _texts.get(id(record))
    if known is not None and known[0] is record:
        return known[1]
    if len(_texts) >= KEPT:
        _texts.clear()  # at once: several threads may be here
    text = msgspec.Raw(encode(record))
    _texts[id(record)] = (record, text)
    return text

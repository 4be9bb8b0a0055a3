"""What sellers are pushed: every notification can be said, is valid, and its sides are whole."""

from collections.abc import Iterator, Sequence
from copy import deepcopy

from lxml import etree
from sqlalchemy import bindparam, select
from tests.houses import schemas
from tests.ndc.references import dangling

from ndc_oms.model.event import Event
from ndc_oms.ndc import order_change_notif
from ndc_oms.ndc.envelope import COMMON
from ndc_oms.store.in_memory import MemoryDatabase
from ndc_oms.store.rows import read_event
from ndc_oms.store.tables import notifications, order_events, orders

_TOLD = (
    select(notifications.c.order_id, notifications.c.sequence)
    .join(orders, orders.c.order_id == notifications.c.order_id)
    .where(notifications.c.receiver == orders.c.seller)
    .order_by(notifications.c.order_id, notifications.c.sequence)
)
_EVENTS = (
    select(order_events.c.kind, order_events.c.payload)
    .where(order_events.c.order_id == bindparam("order_id_"))
    .order_by(order_events.c.sequence)
)


def unsound(database: MemoryDatabase) -> Iterator[str]:
    known: dict[str, list[Event]] = {}
    for order_id, sequence in database.rows(_TOLD, {}):
        if order_id not in known:
            rows = database.rows(_EVENTS, {"order_id_": order_id})
            known[order_id] = [read_event(kind, payload) for kind, payload in rows]
        for each in _wrong(known[order_id][:sequence]):
            yield f"notification {order_id}.{sequence}: {each}"


def _wrong(events: Sequence[Event]) -> Iterator[str]:
    root = etree.fromstring(order_change_notif.compose(events, again=False))
    yield from map(str, schemas()[0].check(root))
    for name in ("Old", "New"):
        for side in root.iterfind(f".//{{{COMMON}}}ChangeOperation/{{{COMMON}}}{name}"):
            alone = deepcopy(side)
            alone.tag = f"{{{COMMON}}}New"
            yield from (f"{name} refers to {each}" for each in dangling(alone))

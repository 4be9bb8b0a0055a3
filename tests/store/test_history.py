"""Looking at the same database again and again: what was read before and stands there still is not
folded again, and whatever was changed since is found all the same.
"""

from collections.abc import Iterator

import pytest
from tests.store.samples import StoppedClock, life, order, record

from ndc_oms.model.fold import fold
from ndc_oms.store.history import History
from ndc_oms.store.in_memory import MemoryDatabase, MemoryStore
from ndc_oms.store.verify import Histories, verify_at_rest

EVENTS = life(order())  # six


@pytest.fixture
def database() -> Iterator[MemoryDatabase]:
    made = MemoryDatabase()
    yield made
    made.close()


async def looked_at_and_lived_on(database: MemoryDatabase) -> Histories:
    """An order that was looked at in the midst of its life, and then lived on."""
    store = MemoryStore(database, StoppedClock(), lambda: 0.0)
    await store.write(record(None, EVENTS[:3]))
    histories = Histories(History)
    await verify_at_rest(database.look, None, histories)  # nobody has paid for it yet
    await store.write(record(fold(EVENTS[:3]), EVENTS[3:]))
    return histories


async def test_what_came_since_goes_on_where_the_first_look_ended(
    database: MemoryDatabase,
) -> None:
    histories = await looked_at_and_lived_on(database)
    assert await verify_at_rest(database.look, None, histories) == []
    (history,) = histories.values()
    assert history.fold()[0] == database.orders()[0]


SPOILT = {
    "an event that was read before": "UPDATE order_events SET payload ="
    " replace(payload, 'T', 't') WHERE sequence = 1",
    "the kind of one": "UPDATE order_events SET kind = 'OrderClosed' WHERE sequence = 2",
    "an event is gone": "DELETE FROM order_events WHERE sequence = 3",
    "the last one is gone": "DELETE FROM order_events WHERE sequence = 6",
    "a posting": "UPDATE ledger_entries SET minor = minor + 1",
    "the snapshot": "UPDATE orders SET version = version + 1",
}


@pytest.mark.parametrize("spoilt", SPOILT)
async def test_what_is_spoilt_is_found_as_by_a_first_look(
    database: MemoryDatabase, spoilt: str
) -> None:
    histories = await looked_at_and_lived_on(database)
    assert database.connection.execute(SPOILT[spoilt]).rowcount > 0
    found = await verify_at_rest(database.look, None, histories)
    assert found
    assert found == await verify_at_rest(database.look)

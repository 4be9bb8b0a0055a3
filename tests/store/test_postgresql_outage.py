"""A PostgreSQL server that ends connections, or is away for a while."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from tests.store import raw
from tests.store.samples import StoppedClock, claim, creation

from ndc_oms.errors import Unavailable
from ndc_oms.ports.store import Fresh
from ndc_oms.store import postgresql
from ndc_oms.store.claims import claim_names
from ndc_oms.store.sql_store import SqlStore, open_store

# once they have ended: until then they might serve one statement more
END_ALL = (
    "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid != pg_backend_pid()"
)
IDS = [f"ZZ{n:010d}" for n in range(20)]


@pytest.fixture
def kind() -> str:
    return "postgresql"


async def test_connections_that_were_ended_are_made_anew(store: SqlStore, url: str) -> None:
    await store.write(creation(IDS[0]))
    await asyncio.gather(*(store.list_tasks(None) for _ in range(8)))
    await raw.rows(url, END_ALL)
    assert len(await store.list_tasks(None)) == 1  # nobody hears of it
    await store.write(creation(IDS[1]))
    assert len(await store.list_tasks(None)) == 2


async def test_what_was_acknowledged_is_kept_while_connections_end(
    store: SqlStore, url: str, clock: StoppedClock
) -> None:
    stop = asyncio.Event()

    async def disturb() -> None:
        while not stop.is_set():
            await raw.rows(url, END_ALL)
            await asyncio.sleep(0.01)

    async def sell(order_id: str) -> bool:
        try:
            await store.write(creation(order_id))
        except Unavailable:
            return False
        return True

    disturbing = asyncio.create_task(disturb())
    kept = [order_id for order_id in IDS if await sell(order_id)]
    stop.set()
    await disturbing
    other = await open_store(url, clock=clock)
    for order_id in kept:
        await other.get_order(order_id, None)
    await other.close()
    await store.write(creation("ZZ9999999999"))  # and it goes on


async def test_what_others_hold_too_long_is_refused_and_can_come_again(
    url: str, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgresql._FOR_WRITING, "lock_timeout", "30")
    store = await open_store(url, clock=clock)
    async with raw.behind(url) as other:
        (name, *_) = claim_names(claim())
        await other.execute(text(f"SELECT pg_advisory_xact_lock({postgresql.lock_key(name)})"))
        with pytest.raises(Unavailable) as refused:
            await store.write(claim())
        assert refused.value.done == "Nothing was done."
        await store.write(creation())  # which nobody holds
    assert await store.write(claim()) == Fresh("ZZ0000000001")
    await store.close()


async def test_a_database_that_is_away_is_said_to_be(store: SqlStore, url: str) -> None:
    await store.write(creation(IDS[0]))
    name = make_url(url).database
    beside = make_url(url).set(database="postgres").render_as_string()
    await raw.change(beside, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    await raw.rows(beside, END_ALL.replace("current_database()", f"'{name}'"))
    with pytest.raises(Unavailable) as refused:
        await store.write(creation(IDS[1]))
    assert refused.value.done == "Nothing was done."
    with pytest.raises(Unavailable):
        await store.get_order(IDS[0], None)
    await raw.change(beside, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
    await store.write(creation(IDS[1]))
    assert (await store.get_order(IDS[0], None)).order.order_id == IDS[0]

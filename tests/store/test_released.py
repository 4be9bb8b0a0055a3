"""Forward from every released schema, with data in it: nothing is lost, all of it is understood."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData
from tests.store import raw
from tests.store.record_released import DONE, FOLDER, KEY, UNDER_WAY
from tests.store.samples import NOW, PEOPLE, SELLER, StoppedClock, claim, life, order

from ndc_oms.model.fold import fold
from ndc_oms.ports.store import Fresh, LeaseTasks, Replay
from ndc_oms.store.place import place_of
from ndc_oms.store.sellers import hash_key
from ndc_oms.store.sql_store import open_store
from ndc_oms.store.verify import verify

FILES = sorted(FOLDER.glob("*.json"))
LATER = NOW + timedelta(minutes=1)


async def put_back(url: str, file: Path) -> None:
    """A database as that revision left it."""
    await place_of(url).migrate(file.stem)
    known = MetaData()
    kept = json.loads(file.read_text())
    async with raw.behind(url) as connection:
        await connection.run_sync(known.reflect)
        for table in known.sorted_tables:
            if kept.get(table.name):
                await connection.execute(table.insert(), [_typed(row) for row in kept[table.name]])


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    return {k: bytes.fromhex(v["hex"]) if isinstance(v, dict) else v for k, v in row.items()}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_a_released_database_is_brought_forward(empty_url: str, file: Path) -> None:
    await put_back(empty_url, file)
    store = await open_store(empty_url, clock=StoppedClock(LATER))
    assert await verify(empty_url) == []

    done = await store.get_order(DONE, SELLER)
    assert done.order == fold(life(order(DONE)))
    assert done.order == fold(await store.list_events(DONE))
    assert done.people == PEOPLE
    assert await store.find_claim(SELLER, "k1") == Replay(DONE, b"<reply/>")
    assert await store.find_offer("o1") is not None
    seller = await store.sellers.by_key_hash(hash_key(KEY))
    assert seller is not None
    assert (seller.org_id, seller.lenient, seller.rate_per_s) == (SELLER, True, 12.5)

    # what was under way goes on
    (task,) = await store.write(LeaseTasks("now", LATER, LATER + timedelta(seconds=30), 10))
    assert (task.order_id, task.attempts) == (UNDER_WAY, 2)
    assert await store.write(claim("k2", "ZZ0000000009", LATER)) == Replay(UNDER_WAY, None)
    assert await store.write(claim("k3", "ZZ0000000009", LATER)) == Fresh("ZZ0000000009")
    await store.close()


def test_the_first_release_is_among_them() -> None:
    assert [file.stem for file in FILES][:1] == ["0001"]


async def test_what_was_to_be_told_and_what_is_counted_come_along(empty_url: str) -> None:
    """From the revision before receivers: a notification of a seller, and places on a flight."""
    await put_back(empty_url, FILES[-1])
    await place_of(empty_url).migrate("0007")
    await raw.change(
        empty_url,
        "INSERT INTO notifications (order_id, sequence, seller, state, created_at, since, due_at,"
        " attempts, last_error, answer) SELECT order_id, 2, seller, 'waiting', created_at,"
        " created_at, created_at, 1, 'no', '' FROM orders",
    )
    await raw.change(
        empty_url,
        "INSERT INTO stock (flight, what, taken) VALUES ('T8101/13Mar27/YYZLHR', 'AVIH', 0)",
    )
    store = await open_store(empty_url, clock=StoppedClock(LATER))
    (note,) = await store.list_notifications(DONE)
    assert (note.receiver, note.sequence, note.attempts) == (SELLER, 2, 1)
    ((flight, day),) = await raw.rows(empty_url, "SELECT flight, day FROM stock")
    assert date.fromordinal(day).isoformat() == "2027-03-13", flight
    await store.close()

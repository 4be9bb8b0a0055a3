"""Records what the newest schema holds, for test_released.py: once, when a revision is released.

    python -m tests.store.record_released

Writes tests/store/released/<revision>.json: the rows of every table of a small house, bytes as
hexadecimal digits. A recorded revision is never written again.
"""

import asyncio
import json
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from tests.store import raw
from tests.store.samples import (
    NOW,
    SELLER,
    StoppedClock,
    claim,
    creation,
    life,
    offer,
    order,
    record,
)

from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import KeepOffer, KeepReply, LeaseTasks
from ndc_oms.store.migrations import HEAD
from ndc_oms.store.sql_store import SqlStore, open_store
from ndc_oms.store.tables import metadata

FOLDER = Path(__file__).parent / "released"
DONE, UNDER_WAY = "ZZ0000000001", "ZZ0000000002"
KEY = "ndc_test_released"


async def fill(store: SqlStore) -> None:
    """A sale that is done, one under way, an offer, a seller with a key."""
    await store.write(claim("k1", DONE))
    await store.write(record(None, life(order(DONE)), creation(DONE).people))
    await store.write(KeepReply(SELLER, "k1", b"<reply/>", b"<request/>", NOW))
    await store.write(claim("k2", UNDER_WAY))
    await store.write(creation(UNDER_WAY))
    await store.write(LeaseTasks("gone", NOW, NOW + timedelta(seconds=30), 1))
    await store.write(KeepOffer(offer("o1")))
    seller = Seller(SELLER, "Agency", "EUR", lenient=True, test=True, rate_per_s=12.5)
    await store.sellers.ensure(seller, KEY, "its key")


async def rows_of(url: str) -> dict[str, list[dict[str, Any]]]:
    async with raw.behind(url) as connection:
        return {
            table.name: [
                {name: _plain(value) for name, value in row.items()}
                for row in (await connection.execute(select(table))).mappings()
            ]
            for table in metadata.sorted_tables
        }


def _plain(value: Any) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value


async def main() -> None:
    file = FOLDER / f"{HEAD}.json"
    if file.exists():
        sys.exit(f"{file} is recorded already")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.sqlite3"
        store = await open_store(url, clock=StoppedClock())
        await fill(store)
        await store.close()
        text = json.dumps(await rows_of(url), indent=1, ensure_ascii=False)
    FOLDER.mkdir(exist_ok=True)
    file.write_text(text + "\n")


if __name__ == "__main__":
    asyncio.run(main())

"""`serve` without a database: orders are kept in dictionaries, and nothing of them reaches a disk.

What a server does for an order beside storing it: the other half of the bound that OrderCreate is
held against. `python -m tests.bench.no_database`, configured as the real one is.
"""

import sys
from collections import defaultdict
from typing import Any
from unittest.mock import patch

from tests.orders.fake_store import FakeStore

from ndc_oms.boot import house
from ndc_oms.config import load
from ndc_oms.ports.clock import SystemClock
from ndc_oms.ports.store import ClaimKey
from ndc_oms.running import run_server
from ndc_oms.store.sql_store import SqlStore, open_store


class Shelf(FakeStore):
    """The tests' store in dictionaries, without its walk through every order for each claim."""

    def __init__(self) -> None:
        super().__init__(SystemClock())  # type: ignore[arg-type]  # it only asks for the time
        self._takers: defaultdict[str, set[str]] = defaultdict(set)

    def _ClaimKey(self, unit: ClaimKey) -> Any:  # noqa: N802  # by unit's name
        answer = super()._ClaimKey(unit)
        self._takers[unit.offer_id].add(unit.order_id)
        return answer

    def _taken(self, offer_id: str, order_id: str) -> bool:
        return bool(self._takers[offer_id] - {order_id})


class Mixed:
    """A shelf for orders; the real store, as it was opened, for sellers and all the rest."""

    def __init__(self, real: SqlStore) -> None:
        self._real = real
        self._shelf = Shelf()
        for name in ("get_order", "find_by_booking", "list_events", "find_claim", "list_tasks"):
            setattr(self, name, getattr(self._shelf, name))

    async def write(self, unit: Any) -> Any:
        kept = hasattr(self._shelf, f"_{type(unit).__name__}")
        return await (self._shelf if kept else self._real).write(unit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


async def _open(*arguments: Any, **options: Any) -> Mixed:
    return Mixed(await open_store(*arguments, **options))


if __name__ == "__main__":
    with patch.object(house, "open_store", _open):
        sys.exit(run_server(load(None)))

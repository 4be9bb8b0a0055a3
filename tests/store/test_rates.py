"""Rates: what processes spend comes out of one bucket, and a debt is paid."""

import asyncio
from datetime import timedelta

import pytest
from tests.store.samples import NOW

from ndc_oms.ports.sellers import Spent
from ndc_oms.store.sql_store import SqlStore, open_store


def spent(tokens: float, org_id: str = "1") -> Spent:
    """At ten a second, at most twenty at once."""
    return Spent(org_id, tokens, rate_per_s=10, full=20)


async def test_all_spend_from_one_bucket_that_fills_with_time(store: SqlStore, url: str) -> None:
    other = await open_store(url)
    assert await store.sellers.spend([spent(5)], NOW) == {"1": 15}
    assert await other.sellers.spend([spent(10), spent(1, "2")], NOW) == {"1": 5, "2": 19}
    later = NOW + timedelta(milliseconds=500)
    assert await store.sellers.spend([spent(1)], later) == {"1": pytest.approx(9)}
    much_later = NOW + timedelta(hours=1)
    assert await store.sellers.spend([spent(1)], much_later) == {"1": 19}
    await other.close()


async def test_what_was_too_much_is_owed(store: SqlStore) -> None:
    assert await store.sellers.spend([spent(50)], NOW) == {"1": -30}
    assert await store.sellers.spend([spent(0)], NOW + timedelta(seconds=2)) == {"1": -10}


async def test_a_clock_that_is_behind_refills_nothing(store: SqlStore) -> None:
    await store.sellers.spend([spent(20)], NOW)
    behind = NOW - timedelta(minutes=1)
    assert await store.sellers.spend([spent(0)], behind) == {"1": 0}
    assert await store.sellers.spend([spent(0)], NOW + timedelta(seconds=1)) == {"1": 10}


async def test_many_at_once_lose_nothing(store: SqlStore, url: str) -> None:
    other = await open_store(url)
    each = [
        house.sellers.spend([spent(1, org_id), spent(1, "3")], NOW)
        for house in (store, other)
        for org_id in ("1", "2") * 10
    ]
    await asyncio.gather(*each)
    left = await store.sellers.spend([spent(0, org_id) for org_id in "123"], NOW)
    assert left == {"1": 0, "2": 0, "3": -20}
    await other.close()

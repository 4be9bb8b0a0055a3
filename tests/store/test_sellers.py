"""Sellers and keys: found by hash, never by anything stored in clear."""

from dataclasses import replace
from pathlib import Path

import pytest

from ndc_oms.errors import Conflict, NotFound
from ndc_oms.ports.sellers import Seller
from ndc_oms.store.sellers import hash_key
from ndc_oms.store.sql_store import SqlStore, open_store

AGENT = Seller("92000000", "Agent", "JPY", lenient=True, rate_per_s=12.5, can=frozenset({"shop"}))


async def test_a_key_finds_its_seller(store: SqlStore) -> None:
    key = await store.sellers.add(AGENT)
    assert key.startswith("ndc_live_")
    assert len(key) >= len("ndc_live_") + 43  # 256 bits in base 64
    assert await store.sellers.by_key_hash(hash_key(key)) == AGENT
    assert await store.sellers.by_key_hash(hash_key("ndc_live_other")) is None


async def test_a_test_sellers_key_says_so(store: SqlStore) -> None:
    key = await store.sellers.add(replace(AGENT, test=True))
    assert key.startswith("ndc_test_")


async def test_the_key_itself_is_not_on_disk(store: SqlStore, tmp_path: Path) -> None:
    key = await store.sellers.add(AGENT)
    await store.close()
    assert all(key.encode() not in file.read_bytes() for file in tmp_path.iterdir())


async def test_a_revoked_key_finds_nobody_and_stays_revoked(store: SqlStore, url: str) -> None:
    first = await store.sellers.add(AGENT)
    second = await store.sellers.add_key(AGENT.org_id, "second")
    assert await store.sellers.by_key_hash(hash_key(first)) == AGENT
    assert await store.sellers.revoke(AGENT.org_id, hash_key(first)[:12]) == 1
    assert await store.sellers.by_key_hash(hash_key(first)) is None
    assert await store.sellers.by_key_hash(hash_key(second)) == AGENT
    await store.sellers.ensure(AGENT, first)
    other = await open_store(url)
    assert await other.sellers.by_key_hash(hash_key(first)) is None
    await other.close()
    assert await store.sellers.revoke(AGENT.org_id) == 1
    assert await store.sellers.by_key_hash(hash_key(second)) is None


async def test_a_key_id_is_no_pattern(store: SqlStore) -> None:
    await store.sellers.add(AGENT)
    assert await store.sellers.revoke(AGENT.org_id, "%") == 0
    assert await store.sellers.revoke("93000000") == 0


async def test_a_seller_is_added_once(store: SqlStore) -> None:
    await store.sellers.add(AGENT)
    with pytest.raises(Conflict) as refused:
        await store.sellers.add(AGENT)
    assert refused.value.code == "717"
    with pytest.raises(NotFound):
        await store.sellers.add_key("93000000")


async def test_the_demo_seller_is_ensured_as_often_as_one_likes(store: SqlStore) -> None:
    demo = Seller("91000000", "Demo", "EUR", test=True)
    await store.sellers.ensure(demo, "ndc_test_demo", "demo")
    await store.sellers.ensure(replace(demo, name="Demo travel"), "ndc_test_demo", "demo")
    found = await store.sellers.by_key_hash(hash_key("ndc_test_demo"))
    assert found == replace(demo, name="Demo travel")
    (record,) = await store.sellers.list_sellers()
    assert record.seller == found
    assert [key.label for key in record.keys] == ["demo"]
    assert record.keys[0].key_id == hash_key("ndc_test_demo")[:12]

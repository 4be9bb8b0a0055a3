"""Idempotency: what a key stands at, whoever comes with it, whenever."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from tests.store.samples import NOW, SELLER, StoppedClock, claim, creation

from ndc_oms.ports.store import Busy, Differs, DropClaim, Fresh, KeepReply, OfferUsed, Replay
from ndc_oms.store.sql_store import SqlStore, open_store

LATER = NOW + timedelta(seconds=31)  # after the lease
OTHER_ID = "ZZ0000000002"


def reply(key: str = "k1", body: bytes = b"<reply/>") -> KeepReply:
    return KeepReply(SELLER, key, body, b"<request/>", NOW + timedelta(seconds=1))


async def test_a_new_key_is_fresh_and_its_twin_waits(store: SqlStore) -> None:
    assert await store.write(claim()) == Fresh("ZZ0000000001")
    assert await store.write(claim(order_id=OTHER_ID)) == Busy()
    assert await store.find_claim(SELLER, "k1") == Busy()


async def test_the_same_key_with_another_body_differs_for_ever(store: SqlStore) -> None:
    await store.write(claim())
    other = claim(body_hash="b2")
    assert await store.write(other) == Differs()
    await store.write(creation())
    await store.write(reply())
    assert await store.write(replace(other, now=NOW + timedelta(days=400))) == Differs()


async def test_a_kept_reply_is_replayed(store: SqlStore) -> None:
    await store.write(claim())
    await store.write(creation())
    await store.write(reply())
    kept = Replay("ZZ0000000001", b"<reply/>")
    assert await store.write(claim(order_id=OTHER_ID)) == kept
    assert await store.write(claim(now=LATER)) == kept
    assert await store.find_claim(SELLER, "k1") == kept


async def test_who_lost_the_lease_does_not_drop_the_claim_of_who_took_it(store: SqlStore) -> None:
    first, second = claim(), claim(now=LATER, lease_until=LATER + timedelta(seconds=30))
    await store.write(first)
    assert await store.write(second) == Fresh("ZZ0000000001", taken_over=True)
    await store.write(DropClaim(SELLER, "k1", first.lease_until))
    assert await store.write(replace(second, now=LATER)) == Busy()
    await store.write(DropClaim(SELLER, "k1", second.lease_until))
    assert await store.write(claim(order_id=OTHER_ID)) == Fresh(OTHER_ID)


async def test_the_first_reply_stands(store: SqlStore) -> None:
    await store.write(claim())
    await store.write(reply())
    await store.write(reply(body=b"<other/>"))
    assert await store.find_claim(SELLER, "k1") == Replay("ZZ0000000001", b"<reply/>")


async def test_while_the_lease_runs_the_key_is_busy_though_recorded(store: SqlStore) -> None:
    await store.write(claim())
    await store.write(creation())
    assert await store.write(claim()) == Busy()


async def test_a_recorded_order_without_reply_is_named_after_the_lease(
    store: SqlStore, clock: StoppedClock
) -> None:
    await store.write(claim())
    await store.write(creation())
    clock.at = LATER
    named = Replay("ZZ0000000001", None)
    assert await store.write(claim(order_id=OTHER_ID, now=LATER)) == named
    assert await store.find_claim(SELLER, "k1") == named


async def test_a_dead_claim_is_taken_over_under_its_order_id(
    store: SqlStore, clock: StoppedClock
) -> None:
    await store.write(claim())
    clock.at = LATER
    assert await store.find_claim(SELLER, "k1") is None
    again = claim(order_id=OTHER_ID, now=LATER, offer_id="offer-ZZ0000000001")
    assert await store.write(again) == Fresh("ZZ0000000001", taken_over=True)
    assert await store.write(again) == Busy()


async def test_the_lease_ends_at_its_very_end(store: SqlStore) -> None:
    await store.write(claim())
    end = NOW + timedelta(seconds=30)
    before = claim(now=end - timedelta(microseconds=1))
    assert await store.write(before) == Busy()
    assert await store.write(claim(now=end)) == Fresh("ZZ0000000001", taken_over=True)


async def test_an_offer_that_another_order_took_is_used(store: SqlStore) -> None:
    await store.write(creation())
    taken = claim("k2", OTHER_ID, offer_id="offer-ZZ0000000001")
    assert await store.write(taken) == OfferUsed()
    assert await store.find_claim(SELLER, "k2") is None  # nothing was claimed


async def test_an_offer_is_used_while_another_live_claim_has_it(store: SqlStore) -> None:
    await store.write(claim())
    second = claim("k2", OTHER_ID, offer_id="offer-ZZ0000000001")
    assert await store.write(second) == OfferUsed()
    assert await store.write(replace(second, seller="92000000")) == OfferUsed()
    after = replace(second, now=LATER, lease_until=LATER + timedelta(seconds=30))
    assert await store.write(after) == Fresh(OTHER_ID)
    # the first key's owner comes back too late
    assert await store.write(claim(now=LATER)) == OfferUsed()


async def test_keys_of_two_sellers_do_not_meet(store: SqlStore) -> None:
    await store.write(claim())
    other = claim(order_id=OTHER_ID, seller="92000000", body_hash="b9")
    assert await store.write(other) == Fresh(OTHER_ID)
    assert await store.find_claim("93000000", "k1") is None


async def test_a_dropped_claim_never_was(store: SqlStore) -> None:
    await store.write(claim())
    await store.write(DropClaim(SELLER, "k1"))
    other = claim(order_id=OTHER_ID, body_hash="b2", offer_id="offer-ZZ0000000001")
    assert await store.write(other) == Fresh(OTHER_ID)


async def test_a_recorded_order_keeps_its_claim(store: SqlStore) -> None:
    await store.write(claim())
    await store.write(creation())
    await store.write(DropClaim(SELLER, "k1"))
    assert await store.find_claim(SELLER, "k1") == Busy()


async def test_messages_without_an_offer_do_not_meet_over_it(store: SqlStore) -> None:
    assert await store.write(claim(offer_id="")) == Fresh("ZZ0000000001")
    assert await store.write(claim("k2", OTHER_ID, offer_id="")) == Fresh(OTHER_ID)


async def test_of_sixteen_at_once_one_is_fresh(store: SqlStore) -> None:
    sendings = [claim(order_id=f"ZZ{n:010d}", offer_id="o1") for n in range(16)]
    answers = await asyncio.gather(*map(store.write, sendings))
    assert sum(isinstance(answer, Fresh) for answer in answers) == 1
    assert answers.count(Busy()) == 15


async def test_of_sixteen_keys_at_once_one_takes_the_offer(store: SqlStore) -> None:
    sendings = [claim(f"k{n}", f"ZZ{n:010d}", offer_id="o1") for n in range(16)]
    answers = await asyncio.gather(*map(store.write, sendings))
    assert sum(isinstance(answer, Fresh) for answer in answers) == 1
    assert answers.count(OfferUsed()) == 15


async def test_a_claim_and_its_reply_outlive_a_restart(url: str, clock: StoppedClock) -> None:
    first = await open_store(url, clock=clock)
    await first.write(claim())
    await first.write(creation())
    await first.write(reply())
    await first.close()
    second = await open_store(url, clock=clock)
    assert await second.write(claim()) == Replay("ZZ0000000001", b"<reply/>")
    await second.close()

"""Keys: where they stand, and how long an answer about them is believed."""

import pytest

from ndc_oms.ports.sellers import Seller
from ndc_oms.server import auth
from ndc_oms.server.auth import Keyring, key_hash, sent_key

from .conftest import FakeSellers

KEY = "ndc_live_abcdefgh"
SELLER = Seller("91000001", "Agency", "EUR")


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def keyring() -> tuple[Keyring, FakeSellers, Time]:
    sellers, time = FakeSellers({key_hash(KEY): SELLER}), Time()
    return Keyring(sellers, monotonic=time), sellers, time


async def test_a_revoked_key_is_refused_within_seconds() -> None:
    ring, sellers, time = keyring()
    assert await ring.find(KEY) == SELLER
    sellers.by_hash.clear()
    time.now = auth.TTL_S - 0.1
    assert await ring.find(KEY) == SELLER
    time.now = auth.TTL_S + 0.1
    assert await ring.find(KEY) is None
    assert len(sellers.asked) == 2


async def test_a_new_key_is_known_within_seconds() -> None:
    ring, sellers, time = keyring()
    sellers.by_hash.clear()
    assert await ring.find(KEY) is None
    sellers.by_hash[key_hash(KEY)] = SELLER
    assert await ring.find(KEY) is None
    time.now = auth.TTL_S + 0.1
    assert await ring.find(KEY) == SELLER


async def test_strangers_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "MAX_ENTRIES", 3)
    ring, sellers, _ = keyring()
    for number in range(10):
        assert await ring.find(f"ndc_test_{number:08}") is None
    assert len(ring._known) == 3
    assert len(sellers.asked) == 10


def test_the_hash_is_sha_256() -> None:
    # FIPS 180-2, appendix B.1
    assert key_hash("abc").startswith("ba7816bf8f01cfea414140de5dae2223")


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({}, ""),
        ({"X-API-Key": " k "}, "k"),
        ({"X-API-Key": "a", "Authorization": "Bearer b"}, "a"),
        ({"Authorization": "Bearer"}, ""),
        ({"Authorization": "Token b"}, ""),
    ],
)
def test_where_a_key_stands(headers: dict[str, str], key: str) -> None:
    assert sent_key(headers) == key

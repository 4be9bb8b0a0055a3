"""Sellers and their API keys: `ports/sellers.Sellers`, and what the command line needs.

A key is shown once, when it is made; only its SHA-256 is kept. A revoked key stays as a row, so
that it never works again.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select, update

from ndc_oms.errors import Conflict, NotFound
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.sellers import Seller, Spent
from ndc_oms.ports.store import Unit
from ndc_oms.store.hand import DuplicateError, Hand, Readers
from ndc_oms.store.rates import SpendTokens
from ndc_oms.store.rows import instant, micros
from ndc_oms.store.tables import api_keys, sellers
from ndc_oms.store.writer import Writer

_KEY_ID_LENGTH: Final = 12

_CAN: Final = msgspec.json.Decoder(frozenset[str])
_SELLER: Final = tuple(
    sellers.c[name]
    for name in ("org_id", "name", "currency", "lenient", "test", "rate_per_s", "can")
)
_BY_HASH: Final = (
    select(*_SELLER)
    .join(api_keys, api_keys.c.org_id == sellers.c.org_id)
    .where(api_keys.c.sha256 == bindparam("sha256_"), api_keys.c.revoked_at.is_(None))
)
_ALL_SELLERS: Final = select(*_SELLER).order_by(sellers.c.org_id)
_ALL_KEYS: Final = select(
    api_keys.c.org_id,
    api_keys.c.sha256,
    api_keys.c.label,
    api_keys.c.created_at,
    api_keys.c.revoked_at,
).order_by(api_keys.c.created_at, api_keys.c.sha256)
_SET: Final = ("name", "currency", "lenient", "test", "rate_per_s", "can")
_UPDATE_SELLER: Final = (
    update(sellers)
    .where(sellers.c.org_id == bindparam("org_id_"))
    .values({name: bindparam(f"{name}_") for name in _SET})
)
_REVOKE: Final = (
    update(api_keys)
    .where(
        api_keys.c.org_id == bindparam("org_id_"),
        api_keys.c.sha256.like(bindparam("pattern_")),
        api_keys.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now_"))
)


@dataclass(frozen=True, slots=True)
class PutSeller(Unit[None]):
    """A new seller; replace: or new facts of one that is there."""

    seller: Seller
    now: datetime
    replace: bool = False


@dataclass(frozen=True, slots=True)
class AddKey(Unit[None]):
    """sha256: hex, of the key. Adding one that is there, even revoked, changes nothing."""

    sha256: str
    org_id: str
    label: str
    now: datetime


@dataclass(frozen=True, slots=True)
class RevokeKeys(Unit[int]):
    """Keys of one seller whose id starts with `key_id`; "": all. The answer: how many."""

    org_id: str
    key_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What may be shown of a key. key_id: the start of its hash."""

    key_id: str
    label: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SellerRecord:
    seller: Seller
    keys: tuple[KeyRecord, ...]


def hash_key(key: str) -> str:
    """As keys are stored and looked up. Plain SHA-256: a key is 256 random bits, no password."""
    return hashlib.sha256(key.encode()).hexdigest()


def new_key(*, test: bool) -> str:
    """256 random bits behind a prefix that names test or live."""
    return f"ndc_{'test' if test else 'live'}_{secrets.token_urlsafe(32)}"


class SqlSellers:
    """`ports/sellers.Sellers` over the store's writer and readers."""

    def __init__(self, writer: Writer, readers: Readers, clock: Clock) -> None:
        self._writer = writer
        self._readers = readers
        self._clock = clock

    async def by_key_hash(self, sha256_hex: str) -> Seller | None:
        rows = await self._readers.rows(_BY_HASH, {"sha256_": sha256_hex})
        return _read(rows[0]) if rows else None

    async def spend(self, spent: Sequence[Spent], now: datetime) -> Mapping[str, float]:
        return await self._writer.write(SpendTokens(tuple(spent), now))

    async def list_sellers(self) -> Sequence[SellerRecord]:
        rows = await self._readers.rows(_ALL_SELLERS, {})
        key_rows = await self._readers.rows(_ALL_KEYS, {})
        keys: dict[str, list[KeyRecord]] = {}
        for org_id, sha256, label, created_at, revoked_at in key_rows:
            record = KeyRecord(
                sha256[:_KEY_ID_LENGTH],
                label,
                instant(created_at),
                None if revoked_at is None else instant(revoked_at),
            )
            keys.setdefault(org_id, []).append(record)
        return [SellerRecord(_read(row), tuple(keys.get(row[0], ()))) for row in rows]

    async def add(self, seller: Seller, label: str = "") -> str:
        """A new seller; its first key, which is not kept anywhere. Raises Conflict (717)."""
        await self._writer.write(PutSeller(seller, self._clock.now()))
        return await self.add_key(seller.org_id, label)

    async def add_key(self, org_id: str, label: str = "") -> str:
        """One more key; raises NotFound (717)."""
        for record in await self.list_sellers():
            if record.seller.org_id == org_id:
                key = new_key(test=record.seller.test)
                await self._writer.write(AddKey(hash_key(key), org_id, label, self._clock.now()))
                return key
        raise NotFound(f"There is no seller {org_id}.", code="717")

    async def revoke(self, org_id: str, key_id: str = "") -> int:
        """Revokes the keys whose id starts with `key_id`, all for ""; how many it were."""
        return await self._writer.write(RevokeKeys(org_id, key_id, self._clock.now()))

    async def ensure(self, seller: Seller, key: str, label: str = "") -> None:
        """The seller is there as given, with this key; a key that was revoked stays so."""
        now = self._clock.now()
        await self._writer.write(PutSeller(seller, now, replace=True))
        await self._writer.write(AddKey(hash_key(key), seller.org_id, label, now))


def seller_names(unit: PutSeller) -> tuple[str, ...]:
    """Servers that start together welcome the same sellers."""
    return (f"seller {unit.seller.org_id}",)


def put_seller(hand: Hand, unit: PutSeller) -> None:
    row = _row(unit.seller)
    if unit.replace:
        changed = {f"{name}_": row[name] for name in _SET}
        if hand.change(_UPDATE_SELLER, {**changed, "org_id_": unit.seller.org_id}):
            return
    try:
        hand.add(sellers, [{**row, "created_at": micros(unit.now)}])
    except DuplicateError as error:
        raise Conflict(f"There is a seller {unit.seller.org_id} already.", code="717") from error


def add_key(hand: Hand, unit: AddKey) -> None:
    row = {
        "sha256": unit.sha256,
        "org_id": unit.org_id,
        "label": unit.label,
        "created_at": micros(unit.now),
        "revoked_at": None,
    }
    hand.add_if_new(api_keys, [row])


def revoke_keys(hand: Hand, unit: RevokeKeys) -> int:
    if not all(letter in "0123456789abcdef" for letter in unit.key_id):
        return 0  # no hash starts like that, and it must not act as a pattern
    asked = {
        "org_id_": unit.org_id,
        "pattern_": f"{unit.key_id}%",
        "now_": micros(unit.now),
    }
    return hand.change(_REVOKE, asked)


def _row(seller: Seller) -> dict[str, Any]:
    return {
        "org_id": seller.org_id,
        "name": seller.name,
        "currency": seller.currency,
        "lenient": int(seller.lenient),
        "test": int(seller.test),
        "rate_per_s": seller.rate_per_s,
        "can": msgspec.json.encode(sorted(seller.can)).decode(),
    }


def _read(row: Sequence[Any]) -> Seller:
    org_id, name, currency, lenient, test, rate_per_s, can = row
    return Seller(
        org_id=org_id,
        name=name,
        currency=currency,
        lenient=bool(lenient),
        test=bool(test),
        rate_per_s=rate_per_s,
        can=_CAN.decode(can),
    )

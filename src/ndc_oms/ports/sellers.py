"""Who is asking: sellers, their keys, and what a store must answer about them.

A key is 256 random bits behind a prefix that names test or live; only its SHA-256 is stored, so
the store is asked by hash and a stolen database opens nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

EVERYTHING: Final = "*"
DELIVER: Final = "deliver"  # the one thing that a provider may: to tell what it delivered


@dataclass(frozen=True, slots=True)
class Seller:
    """A travel agency or an aggregator that may send messages.

    org_id: as its DistributionChain names it. currency: ISO 4217, what offers are priced in when
    a request names none. lenient: deviations from the schema are answered with warnings. test:
    its orders are play. rate_per_s: requests a second that it may send for long. can: names of
    permissions, or EVERYTHING.
    """

    org_id: str
    name: str
    currency: str
    lenient: bool = False
    test: bool = False
    rate_per_s: float = 50.0
    can: frozenset[str] = frozenset({EVERYTHING})

    def may(self, permission: str) -> bool:
        return not permission or permission in self.can or EVERYTHING in self.can


@dataclass(frozen=True, slots=True)
class Caller:
    """The seller whose key came with a request, and the id under which its log lines stand."""

    seller: Seller
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What makes two sendings of a writing request one.

    key: the Idempotency-Key, else TrxID, "" when the sender gave neither (then every sending is
    a new request); unique within a seller. body_hash: hex, the same for documents that say the
    same, whatever their prefixes, white space, time stamps and retransmission marks.
    """

    key: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Spent:
    """Requests that a seller sent. full: how many it may send at once after a silence."""

    org_id: str
    tokens: float
    rate_per_s: float
    full: float


class Sellers(Protocol):
    """Where sellers are kept, and what all processes together let them send."""

    async def by_key_hash(self, sha256_hex: str) -> Seller | None:
        """The seller whose key has this hash; None when there is none, or it was revoked."""
        ...

    async def spend(self, spent: Sequence[Spent], now: datetime) -> Mapping[str, float]:
        """What each of them has left, by org_id; below zero for what it owes.

        now: the machine's, since what is limited is its work. Raises errors.Unavailable.
        """
        ...

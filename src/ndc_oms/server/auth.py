"""From an API key to a Caller.

Keys are 256 random bits, so SHA-256 without salt or stretching is a sound store; the lookup is by
hash, so no comparison leaks through its time.
"""

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

from ndc_oms.ports.sellers import Seller, Sellers

KEY_HEADERS: Final = ("X-API-Key", "Ocp-Apim-Subscription-Key")
TTL_S: Final = 2.0  # a revoked key is refused after this at the latest
MAX_ENTRIES: Final = 4096  # known and unknown keys together; the oldest go first
_KEY: Final = re.compile(r"ndc_(test|live)_[A-Za-z0-9_-]{4,86}")


def key_hash(key: str) -> str:
    """As stores keep it: SHA-256 in hex."""
    return hashlib.sha256(key.encode()).hexdigest()


def sent_key(headers: Mapping[str, str]) -> str:
    """The first key that a request bears, "" for none."""
    for name in KEY_HEADERS:
        if headers.get(name):
            return headers[name].strip()
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class Keyring:
    """Sellers by key, remembered for TTL_S: one question to the store a key, not one a request.

    monotonic: seconds, for tests.
    """

    def __init__(
        self,
        sellers: Sellers,
        *,
        ttl_s: float = TTL_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sellers = sellers
        self._ttl_s = ttl_s
        self._monotonic = monotonic
        self._known: OrderedDict[str, tuple[float, Seller | None]] = OrderedDict()

    async def find(self, key: str) -> Seller | None:
        """None for a key that is malformed, unknown or revoked."""
        if not _KEY.fullmatch(key):
            return None
        hashed = key_hash(key)
        remembered = self._known.get(hashed)
        if remembered is not None and remembered[0] > self._monotonic():
            return remembered[1]
        seller = await self._sellers.by_key_hash(hashed)
        self._known[hashed] = (self._monotonic() + self._ttl_s, seller)
        self._known.move_to_end(hashed)
        while len(self._known) > MAX_ENTRIES:
            self._known.popitem(last=False)
        return seller

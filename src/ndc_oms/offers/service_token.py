"""Offer items of services that say by themselves what was offered: signed, so nothing is kept.

An OfferItemID of a service is `SV.` and base64url text of a packed claim and its MAC. It names the
product, the flights it is for (by a mark of each), and the price; so it holds until its second,
whatever becomes of the catalogue's prices, with the shopped offer as with the priced one or the
order of the same flights.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

import msgspec

from ndc_oms.errors import Expired
from ndc_oms.model.journey import Segment
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare, Tax, item_stem
from ndc_oms.model.product import Cabin

ITEM: Final = "SV."  # begins an OfferItemID of a service
FIRM: Final = "SF."  # begins one that was priced: it stands for a claim that its offer keeps
OFFER: Final = "SVO"  # begins the OfferID beside them, which has no other meaning
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
OFFER_LENGTH: Final = 16
_MAC: Final = 9
_REMEDY: Final = "Send a ServiceList again, and use the items of its answer."


@dataclass(frozen=True, slots=True)
class ServiceClaim:
    """What a token says. marks: of the flights, in their order."""

    code: str
    marks: tuple[bytes, ...]
    fare: Fare
    expires_at: datetime


class _Packed(msgspec.Struct, array_like=True):
    code: str
    marks: list[bytes]
    currency: str
    base: int
    taxes: list[tuple[str, str, int, bool]]
    expires: int


_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder(_Packed).decode


Seated = tuple[Segment, Cabin]  # a flight, and the cabin in which it is flown


def mark(flight: Segment, cabin: Cabin) -> bytes:
    """6 bytes of a flight on its day, as operated, and the cabin: passengers of one order may be
    in several.
    """
    return blake2b(f"{flight.key} {cabin}".encode(), digest_size=6).digest()


def is_service(item_id: str) -> bool:
    """Of ServiceList or SeatAvailability, as they offered it or as it was priced."""
    return item_id.startswith((ITEM, FIRM))


def is_firm(item_id: str) -> bool:
    """Priced, with flights or for an order."""
    return item_id.startswith(FIRM)


def firm_id(offer_id: str, number: int) -> str:
    """OfferItemID of the offer's or quote's service of this number, from 1."""
    return f"{FIRM}{item_stem(offer_id)}-{number}"


class ServiceTokens:
    """Signs and reads. secret: shared by every process that shall honour the items."""

    def __init__(self, secret: bytes, owner: str) -> None:
        self._key = blake2b(secret + owner.encode(), person=b"service token").digest()

    def mint(
        self, seller: str, code: str, flights: Iterable[Seated], fare: Fare, expires_at: datetime
    ) -> str:
        """expires_at: to the whole second."""
        body = _ENCODE(
            _Packed(
                code,
                [mark(*each) for each in flights],
                fare.base.currency,
                fare.base.minor,
                [(t.code, t.name, t.amount.minor, t.refundable) for t in fare.taxes],
                int(expires_at.timestamp()),
            )
        )
        signed = base64.urlsafe_b64encode(body + self._mac(seller, body)).decode()
        return ITEM + signed.rstrip("=")

    def read(self, seller: str, item_id: str, now: datetime) -> ServiceClaim:
        """Raises Expired (913): not ours, another seller's, or past."""
        text = item_id.removeprefix(ITEM)
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raise _unknown() from None
        body, mac = raw[:-_MAC], raw[-_MAC:]
        if not hmac.compare_digest(mac, self._mac(seller, body)):
            raise _unknown()
        packed = _DECODE(body)
        expires_at = datetime.fromtimestamp(packed.expires, UTC)
        if now >= expires_at:
            raise Expired(f"The service was offered until {expires_at:%Y-%m-%dT%H:%M:%SZ}.",
                          remedy=_REMEDY)  # fmt: skip
        return ServiceClaim(packed.code, tuple(packed.marks), _fare(packed), expires_at)

    def _mac(self, seller: str, body: bytes) -> bytes:
        framed = len(seller).to_bytes(2, "big") + seller.encode() + body
        return blake2b(framed, key=self._key, digest_size=_MAC).digest()


def _fare(packed: _Packed) -> Fare:
    money = packed.currency
    taxes = (Tax(code, name, Money(n, money), back) for code, name, n, back in packed.taxes)
    return Fare("", Money(packed.base, money), tuple(taxes))


def _unknown() -> Expired:
    return Expired("There is no such service item.", remedy=_REMEDY)

"""Offer tokens: an OfferID that says by itself what was offered, signed, so that nothing is kept.

A token is base64url text of
    head   18 bytes  layout, second of issue, seconds it lives, party, currency, pricing version,
                     and a number of its own: what is asked for twice is offered twice
    terms   0 or 6 bytes  under which conditions (offers/conditions.py), where there are any;
                     the layout says whether
    sum     6 bytes  what the whole party pays, minor units; how many bounds
    bound  12, 21 or 27 bytes: family, day, airports, and for each flight its carrier, number,
           booking class and days since the bound's first; zeros up to a multiple of 3; with a
           partner's flights in it 9 more: whose and which they are, in which of its families
    MAC     9 bytes  BLAKE2b of all that with owner and seller, keyed
Every part is a multiple of 3 bytes long, so each has characters of its own: the head's are made
once a request, and the last 11 are signature alone (model.offer.item_stem). A one-way offer of a
direct flight has 60 characters. Who the passengers are is not in it: see offers/party.py.
"""

import base64
import binascii
import hmac
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from ndc_oms.errors import Expired
from ndc_oms.model.offer import PricedBound
from ndc_oms.offers.party import Counts

LAYOUT: Final = 1
LAYOUT_WITH_TERMS: Final = 2
TERMS: Final = 6  # bytes
NONCE: Final = 3  # bytes
MAX_LENGTH: Final = 268  # characters, what six bounds with two connections each take
LONGEST: Final = MAX_LENGTH + 6 * 12  # with a partner in every bound
MAX_SEGMENTS: Final = 3
MAX_FAMILIES: Final = 63
SHARED: Final = 63  # in place of a family: a share of a partner follows the flights

_HEAD: Final = struct.Struct(">BI5s2s3s3s")
_URL: Final = bytes.maketrans(b"+/", b"-_")
_MAC: Final = 9
_LAYOUTS: Final = (LAYOUT, LAYOUT_WITH_TERMS)
_EPOCH: Final = date(2020, 1, 1).toordinal()
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DAY_SHIFT: Final = 2  # a flight may leave two local days before the bound's first: date line
_REMEDY: Final = "Shop again and use an offer of the new answer."


@dataclass(frozen=True, slots=True)
class FlightClaim:
    """One flight of a token. day: local date at origin."""

    carrier: str
    number: str
    day: date
    origin: str
    destination: str
    rbd: str


@dataclass(frozen=True, slots=True)
class BoundClaim:
    """family: its place in the world's families, of the same pricing version."""

    family: int
    flights: tuple[FlightClaim, ...]
    share: "ShareClaim | None" = None


@dataclass(frozen=True, slots=True)
class ShareClaim:
    """A partner's flights in a bound. partner: its place among the world's partners. ours: how
    many flights are our own, ours_first: before its. mark: see share_mark, of its family's code.
    """

    partner: int
    ours: int
    ours_first: bool
    mark: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says. total: minor units of the whole party. version: see version_mark.
    terms: TERMS bytes, or none where the offer is one for everybody.
    """

    issued_at: datetime
    expires_at: datetime
    currency: str
    counts: Counts
    version: bytes
    total: int
    bounds: tuple[BoundClaim, ...]
    terms: bytes = b""


def unknown_offer(path: str = "") -> Expired:
    """One text for forged, garbled and other sellers' offers: nobody learns which it was."""
    return Expired("The offer is not known.", path=path, remedy=_REMEDY)


def past_offer(expires_at: datetime, path: str = "") -> Expired:
    text = f"The offer expired at {expires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}."
    return Expired(text, path=path, remedy=_REMEDY)


def version_mark(version: str) -> bytes:
    """3 bytes of the pricing version."""
    return blake2b(version.encode(), digest_size=3).digest()


class Tokens:
    """Signs and reads. secret: shared by every process that shall honour the offers."""

    def __init__(self, secret: bytes, owner: str) -> None:
        key = blake2b(secret, person=b"offer token").digest()
        self._keyed = blake2b(_framed(owner), key=key, digest_size=_MAC)

    def mint(
        self,
        *,
        seller: str,
        issued_at: datetime,
        ttl_s: int,
        currency: str,
        counts: Counts,
        version: str,
        nonce: bytes,
        terms: bytes = b"",
    ) -> Callable[[bytes], str]:
        """A function of an offer's `content` that writes the tokens of one request.

        issued_at: to the whole second. ttl_s: below 2**20. nonce: NONCE bytes, another for each
        request, since an offer is accepted once: two customers of one seller who are shown the
        same flights in the same second must not take each other's. terms: TERMS bytes, or none.
        """
        head = _HEAD.pack(
            LAYOUT_WITH_TERMS if terms else LAYOUT,
            int(issued_at.timestamp()),
            (ttl_s << 20 | _packed_counts(counts)).to_bytes(5, "big"),
            _letters(currency).to_bytes(2, "big"),
            version_mark(version),
            nonce,
        )
        head += terms
        text = _url_text(head)
        keyed = self._for(seller)
        keyed.update(head)
        copy = keyed.copy

        def write(content: bytes) -> str:
            mac = copy()
            mac.update(content)
            return text + _url_text(content + mac.digest())

        return write

    def read(self, offer_id: str, seller: str, now: datetime) -> Claim:
        """Raises Expired 913 for what this house did not sign for this seller, or what is past."""
        if not len(offer_id) <= LONGEST or len(offer_id) % 4 or not offer_id.isascii():
            raise unknown_offer()
        try:
            raw = base64.b64decode(offer_id.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise unknown_offer() from None
        body, sent = raw[:-_MAC], raw[-_MAC:]
        mac = self._for(seller)
        mac.update(body)
        # one text a token: the decoder also takes the alphabet's other two characters
        same = _url_text(raw) == offer_id
        if not hmac.compare_digest(mac.digest(), sent) or not same or body[0] not in _LAYOUTS:
            raise unknown_offer()
        claim = _claim(body)
        if now >= claim.expires_at:
            raise past_offer(claim.expires_at)
        return claim

    def _for(self, seller: str) -> blake2b:
        mac = self._keyed.copy()
        mac.update(_framed(seller))
        return mac


def content(total: int, packed: Sequence[bytes]) -> bytes:
    """What is said of one offer, whoever asks and when. total: minor units; packed: by `pack`."""
    return (total << 8 | len(packed)).to_bytes(6, "big") + b"".join(packed)


def pack(bound: PricedBound, family: int) -> bytes:
    """A bound's bytes: the same in every token, so whoever prices a bound keeps them."""
    if family >= MAX_FAMILIES:
        raise AssertionError("a token has no room for such a bound")
    return _pack(bound, family)


def pack_shared(bound: PricedBound, family: int, share: ShareClaim) -> bytes:
    """As `pack`, of a bound with a partner's flights. family: of our own flights in it."""
    packed = struct.pack(">BBB", share.partner, family, share.ours << 1 | share.ours_first)
    return _pack(bound, SHARED) + packed + share.mark + bytes(2)


def share_mark(family: str) -> bytes:
    """4 bytes of the code of a partner's family."""
    return blake2b(family.encode(), digest_size=4).digest()


def _pack(bound: PricedBound, family: int) -> bytes:
    segments = bound.journey.segments
    if len(segments) > MAX_SEGMENTS:
        raise AssertionError("a token has no room for such a bound")
    first = segments[0].departure.date().toordinal()
    parts = [bytes([family << 2 | len(segments)]), (first - _EPOCH).to_bytes(2, "big")]
    parts += [_packed_airport(segment.origin) for segment in segments]
    parts.append(_packed_airport(segments[-1].destination))
    for segment, rbd in zip(segments, bound.rbds, strict=True):
        parts.append(_packed_number(segment.carrier, segment.number))
        offset = segment.departure.date().toordinal() - first + _DAY_SHIFT
        parts.append(bytes([offset << 5 | (ord(rbd) - 64)]))
    packed = b"".join(parts)
    return packed + bytes(-len(packed) % 3)


# A network has so many airports and flight numbers, and asks for them in every offer.
@lru_cache(4096)
def _packed_airport(code: str) -> bytes:
    return _letters(code).to_bytes(2, "big")


@lru_cache(16384)
def _packed_number(carrier: str, number: str) -> bytes:
    digits = number.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    suffix = number[len(digits) :]
    # one width only, 1 to 4 digits without leading zeros, so that the text comes back as it was
    if digits != str(int(digits)) or len(digits) > 4 or len(suffix) > 1 or len(carrier) > 2:
        raise AssertionError(f"a token has no room for {carrier}{number}")
    designator = _DIGITS.index(carrier[0]) * 36 + _DIGITS.index(carrier[1])
    letter = ord(suffix) - 64 if suffix else 0
    return ((designator << 14 | int(digits)) << 5 | letter).to_bytes(4, "big")


def _url_text(raw: bytes) -> str:
    """base64url. raw: a multiple of 3 bytes, so nothing is padded."""
    return binascii.b2a_base64(raw, newline=False).translate(_URL).decode()


def _framed(text: str) -> bytes:
    """With its length, so that no owner and seller run into each other."""
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw


def _letters(code: str) -> int:
    """Three capital letters as a number below 17,576."""
    a, b, c = (ord(letter) - 65 for letter in code)
    return (a * 26 + b) * 26 + c


def _unlettered(number: int) -> str:
    rest, c = divmod(number, 26)
    a, b = divmod(rest, 26)
    return chr(65 + a) + chr(65 + b) + chr(65 + c)


def _packed_counts(counts: Counts) -> int:
    """20 bits, 4 for each type."""
    packed = 0
    for many in counts:
        packed = packed << 4 | many
    return packed


def _claim(body: bytes) -> Claim:
    """Of bytes whose signature is right, so their shape is what mint wrote."""
    layout, issued, ttl_and_party, currency, version, _ = _HEAD.unpack_from(body)
    ttl_s, packed_counts = divmod(int.from_bytes(ttl_and_party, "big"), 1 << 20)
    issued_at = datetime.fromtimestamp(issued, UTC)
    at = _HEAD.size + (TERMS if layout == LAYOUT_WITH_TERMS else 0)
    terms = body[_HEAD.size : at]
    total_and_count = int.from_bytes(body[at : at + 6], "big")
    at += 6
    bounds = []
    for _ in range(total_and_count & 0xFF):
        bound, at = _bound(body, at)
        bounds.append(bound)
    return Claim(
        issued_at,
        issued_at + timedelta(seconds=ttl_s),
        _unlettered(int.from_bytes(currency, "big")),
        tuple(packed_counts >> shift & 0xF for shift in (16, 12, 8, 4, 0)),
        version,
        total_and_count >> 8,
        tuple(bounds),
        terms,
    )


def _bound(body: bytes, start: int) -> tuple[BoundClaim, int]:
    family, many = body[start] >> 2, body[start] & 3
    first = int.from_bytes(body[start + 1 : start + 3], "big") + _EPOCH
    at = start + 3
    airports = [
        _unlettered(int.from_bytes(body[at + 2 * n : at + 2 * n + 2], "big"))
        for n in range(many + 1)
    ]
    at += 2 * (many + 1)
    flights = []
    for n in range(many):
        packed, last = int.from_bytes(body[at : at + 4], "big"), body[at + 4]
        carrier, number, letter = packed >> 19, packed >> 5 & 0x3FFF, packed & 0x1F
        flights.append(
            FlightClaim(
                _DIGITS[carrier // 36] + _DIGITS[carrier % 36],
                f"{number}{chr(64 + letter) if letter else ''}",
                date.fromordinal(first + (last >> 5) - _DAY_SHIFT),
                airports[n],
                airports[n + 1],
                chr(64 + (last & 0x1F)),
            )
        )
        at += 5
    at += -(at - start) % 3
    if family != SHARED:
        return BoundClaim(family, tuple(flights)), at
    partner, family, ours = body[at], body[at + 1], body[at + 2]
    share = ShareClaim(partner, ours >> 1, bool(ours & 1), body[at + 3 : at + 7])
    return BoundClaim(family, tuple(flights), share), at + 9

"""The tree of refusals. Anything else that is raised is a bug.

    Refusal                 what was asked is not done; says why, where, and what to do
    ├── Invalid             the request itself cannot be right (a path says where)
    ├── NotFound            no such thing, or not yours: the two read alike
    ├── Expired             it existed; its time is over
    ├── Conflict            something else happened first
    ├── NotAllowed          understood, but not permitted here
    ├── Unavailable         right, permitted, but not to be had (sold out, down, too busy)
    └── Refusals            several of them, found in one pass

Each bears its code of PADIS code list 9321 and says whether anything was done. One place
(`ndc/faults.py`) renders them on the wire, one (`server/`) maps them to HTTP.
"""

from collections.abc import Sequence
from typing import ClassVar, Final

# What each code means, in our words. Source: PADIS code list 9321, as NDC's Error/Code uses it.
CODES: Final = {
    "8": "date not possible",
    "12": "cabin or product not known",
    "68": "more than 9 seated passengers",
    "73": "age does not fit the passenger type",
    "100": "route not served",
    "102": "dates out of order or incomplete",
    "103": "time not possible",
    "111": "API key not valid",
    "129": "order not found",
    "130": "origin and destination pair not possible",
    "137": "name correction not permitted",
    "143": "passengers missing, or a passenger type not known or not eligible",
    "149": "name too long",
    "151": "surname missing, or does not match",
    "152": "given name missing, or does not match",
    "160": "name does not match",
    "182": "service not confirmed",
    "185": "services not compatible",
    "197": "no seat map: every seat is taken",
    "200": "no seat map",
    "207": "seats not offered here",
    "208": "flight has departed",
    "256": "seat does not exist",
    "257": "seat malformed",
    "271": "too many seats",
    "272": "number of seats is wrong",
    "281": "seat is taken",
    "290": "amount does not match",
    "303": "payment time limit passed",
    "314": "characters not allowed in a name",
    "316": "contact missing",
    "317": "e-mail address not valid",
    "318": "telephone number not valid",
    "324": "more infants than adults",
    "368": "seller not authorised for this",
    "386": "date or time malformed",
    "395": "already ticketed",
    "399": "two passengers of the same name",
    "466": "form of payment not possible here",
    "476": "the same identifier twice",
    "493": "not available",
    "495": "paying later not possible here",
    "496": "no offers",
    "708": "card refused",
    "711": "price changed",
    "717": "seller identification not valid",
    "724": "more than 6 origin-destinations",
    "727": "currency does not match",
    "729": "total does not match",
    "911": "internal error",
    "912": "mandatory element missing or schema violated",
    "913": "offer not known, expired or used",
    "914": "passengers differ from the offer's",
    "921": "card authentication failed",
    "923": "card authentication not available",
}

NOTHING_DONE: Final = "Nothing was done."


class Refusal(Exception):  # noqa: N818  # a refusal is an outcome of the domain, not a fault
    """What was asked is not done.

    text: one sentence, what is wrong. code: PADIS 9321. path: of the failing element, as
    `/IATA_AirShoppingRQ/Request/…`. remedy: one sentence, what to do. done: one sentence, what
    the refused request left behind. kept: it left something under its idempotency key, so the
    reply is kept like any other and sent again to who repeats the request.
    """

    default_code: ClassVar[str] = "911"
    kept: bool = False

    def __init__(
        self,
        text: str,
        *,
        code: str | None = None,
        path: str = "",
        remedy: str = "",
        done: str = NOTHING_DONE,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.code = code or self.default_code
        if self.code not in CODES:
            raise AssertionError(f"no meaning is written down for code {self.code}")
        self.path = path
        self.remedy = remedy
        self.done = done

    def __str__(self) -> str:
        where = f" at {self.path}" if self.path else ""
        return f"{self.code}: {self.text}{where}"


class Invalid(Refusal):
    """The request cannot be right, whoever sends it and whenever."""

    default_code = "912"


class NotFound(Refusal):
    """No such thing. Another seller's reads exactly the same."""

    default_code = "129"


class Expired(Refusal):
    """Its time is over: an offer, a guarantee, a payment limit."""

    default_code = "913"


class Conflict(Refusal):
    """Something else happened first: another version, another body under the same key."""

    default_code = "476"


class NotAllowed(Refusal):
    """Understood, but not permitted to this seller, or on this order."""

    default_code = "368"


class Unavailable(Refusal):
    """Right and permitted, but not to be had now. retry_after_s: None where no wait will help."""

    default_code = "493"

    def __init__(
        self,
        text: str,
        *,
        code: str | None = None,
        path: str = "",
        remedy: str = "",
        done: str = NOTHING_DONE,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(text, code=code, path=path, remedy=remedy, done=done)
        self.retry_after_s = retry_after_s


class Refusals(Refusal):
    """Several refusals found in one pass, so that a client mends its document once."""

    def __init__(self, each: Sequence[Refusal]) -> None:
        if not each:
            raise AssertionError("Refusals without a refusal")
        first = each[0]
        super().__init__(
            first.text, code=first.code, path=first.path, remedy=first.remedy, done=first.done
        )
        self.each = tuple(each)

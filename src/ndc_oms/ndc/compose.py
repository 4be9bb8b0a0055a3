"""Composing XML: escaping, values, the frame of a reply, and fragments that are made once.

The one place that turns texts into markup. Element names stand in f-strings where the order of
the schema can be read off; every text from outside goes through `text`. Fragments that depend on
nothing but an immutable object are kept by that object's identity (`Kept`): the timetable and
the fares hand out the same objects again and again, and hashing one costs more than composing.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from ndc_oms.model.money import Money, minor_text
from ndc_oms.model.offer import Fare
from ndc_oms.model.product import Cabin, Restriction
from ndc_oms.ndc.envelope import DECLARATION, NAMESPACES, Envelope

T = TypeVar("T")
F = TypeVar("F")

# What XML 1.0 forbids even as a reference, and what must be written as one.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL: Final = re.compile("[^\t\n\x20!#-%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
)

# Names for PADIS 9873, in our words.
CABINS: Final = {
    Cabin.FIRST: "First",
    Cabin.BUSINESS: "Business",
    Cabin.PREMIUM_ECONOMY: "Premium Economy",
    Cabin.ECONOMY: "Economy",
}


class Said(Protocol):
    """Something to warn of, whichever floor said it."""

    @property
    def text(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def path(self) -> str: ...


class Kept(Generic[T, F]):
    """Fragments by the identity of what they were made from, at most `limit` of them.

    The object is kept beside its fragment, so that its id cannot come to mean another. When half
    of the limit was made or asked for anew, what nobody asked for meanwhile is let go. Not for
    threads.
    """

    def __init__(self, make: Callable[[T], F], limit: int) -> None:
        self._make = make
        self._half = max(limit // 2, 1)
        self._kept: dict[int, tuple[T, F]] = {}
        self._older: dict[int, tuple[T, F]] = {}

    def __call__(self, thing: T) -> F:
        found = self._kept.get(id(thing))
        if found is not None:
            return found[1]
        found = self._older.get(id(thing)) or (thing, self._make(thing))
        if len(self._kept) >= self._half:
            self._kept, self._older = {}, self._kept
        self._kept[id(thing)] = found
        return found[1]

    def __len__(self) -> int:
        return len(self._kept | self._older)


def text(value: str) -> str:
    """Escaped for an element or an attribute, without what XML cannot hold."""
    if value.isalnum() and value.isascii():  # a code, as most texts are
        return value
    if _SPECIAL.search(value) is None:
        return value
    return _FORBIDDEN.sub("", value).translate(_REFERENCES)


def leaf(name: str, value: str | None) -> str:
    """`<name>value</name>`; nothing for None or an empty value."""
    return f"<{name}>{text(value)}</{name}>" if value else ""


def leaves(name: str, values: Iterable[str]) -> str:
    return "".join([leaf(name, value) for value in values])


def group(name: str, *children: str) -> str:
    """An element around composed children; nothing around nothing."""
    inside = "".join(children)
    return f"<{name}>{inside}</{name}>" if inside else ""


def flag(name: str, value: bool) -> str:
    return f"<{name}>{'true' if value else 'false'}</{name}>"


def amount(name: str, money: Money) -> str:
    currency = money.currency
    return f'<{name} CurCode="{currency}">{minor_text(money.minor, currency)}</{name}>'


def instant(moment: datetime) -> str:
    """`2026-09-01T13:30:00Z`, for limits and stamps."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local_time(moment: datetime) -> str:
    """`2026-09-01T09:30:00` on the airport's own clock, without offset, as schedules are read."""
    return moment.isoformat()[:19]


def duration(span: timedelta) -> str:
    """`PT8H5M`; hours run on beyond a day."""
    hours, minutes = divmod(span.days * 1440 + span.seconds // 60, 60)
    return f"PT{hours}H{minutes}M"


def warning(said: Said) -> str:
    """A Warning of a Response, in English."""
    return group(
        "Warning",
        leaf("Code", said.code),
        leaf("DescText", said.text),
        leaf("LangCode", "EN"),
        leaf("TagText", said.path),
    )


def warnings(*groups: Iterable[Said]) -> str:
    return "".join([warning(said) for each in groups for said in each])


def reply(
    name: str, envelope: Envelope, response: Iterable[str | bytes], *, after: str = ""
) -> bytes:
    """The whole message. response: the parts of Response, in order, encoded or not; after: what
    follows the echoed PayloadAttributes.
    """
    head = f"{DECLARATION}<m:{name} {NAMESPACES}><m:Response>"
    parts = [head, *response, f"</m:Response>{envelope.echo}{after}</m:{name}>"]
    return b"".join([each if isinstance(each, bytes) else each.encode() for each in parts])


class FareXml(NamedTuple):
    """A fare's fragments: its FareBasisCode and its Price."""

    basis: str
    price: str


@lru_cache(1024)
def _tax(refundable: bool, code: str, name: str) -> str:
    """A Tax behind its amount: the same wherever it is charged."""
    return f"{flag('RefundInd', refundable)}{leaf('TaxCode', code)}{leaf('TaxName', name)}</Tax>"


def _fare(fare: Fare) -> FareXml:
    currency, base, whole = fare.base.currency, fare.base.minor, fare.total.minor
    opening = f' CurCode="{currency}">'
    taxes = [
        f"<Tax><Amount{opening}{minor_text(tax.amount.minor, currency)}</Amount>"
        f"{_tax(tax.refundable, tax.code, tax.name)}"
        for tax in fare.taxes
    ]
    return FareXml(
        leaf("FareBasisCode", fare.basis),
        f"<Price><BaseAmount{opening}{minor_text(base, currency)}</BaseAmount>"
        f"<TaxSummary>{''.join(taxes)}"
        f"<TotalTaxAmount{opening}{minor_text(whole - base, currency)}</TotalTaxAmount>"
        f"</TaxSummary><TotalAmount{opening}{minor_text(whole, currency)}</TotalAmount></Price>",
    )


def _restriction(rule: Restriction, kind: str) -> str:
    fee = f"<Fee>{amount('Amount', rule.fee)}</Fee>" if rule.fee is not None else ""
    return (
        f"{flag('AllowedModificationInd', rule.permitted)}{kind}{leaf('DescText', rule.text)}"
        f"{fee}<JourneyStageCode>{rule.stage}</JourneyStageCode>"
    )


def _cancellations(rules: tuple[Restriction, ...]) -> str:
    return "".join([group("CancelRestrictions", _restriction(rule, "")) for rule in rules])


def _changes(rules: tuple[Restriction, ...]) -> str:
    kind = "<ChangeTypeCode>Flight</ChangeTypeCode>"
    return "".join([group("ChangeRestrictions", _restriction(rule, kind)) for rule in rules])


# Limits by what a fragment weighs: about 10 MB of prices (2.5 KB each), 4 MB of rules.
fare_xml: Final = Kept(_fare, limit=4096)
cancellations: Final = Kept(_cancellations, limit=2048)
changes: Final = Kept(_changes, limit=2048)


def total_price(base: int, whole: int, currency: str) -> str:
    """TotalPrice: what all passengers pay, in minor units. Each item has its own taxes; here is
    their sum.
    """
    opening = f' CurCode="{currency}">'
    return (
        f"<TotalPrice><BaseAmount{opening}{minor_text(base, currency)}</BaseAmount>"
        f"<TaxSummary><TotalTaxAmount{opening}{minor_text(whole - base, currency)}"
        f"</TotalTaxAmount></TaxSummary><TotalAmount{opening}{minor_text(whole, currency)}"
        "</TotalAmount></TotalPrice>"
    )

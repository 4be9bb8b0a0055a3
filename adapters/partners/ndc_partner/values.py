"""Values of a reply: texts, amounts, instants, local times. What cannot be read raises Unreadable,
and then the offer or the reply is passed over rather than guessed.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from ndc_oms.model.money import Money
from ndc_partner.connection import Node

MAX_TEXT: Final = 512
ZoneOf = Callable[[str], str | None]


class UnreadableError(ValueError):
    """Something in a reply is missing, or is not what it should be."""


def find_text(node: Node | None, path: str) -> str:
    """The text at a path of names as `{*}Price/{*}BaseAmount`; "" where there is none."""
    value = None if node is None else node.findtext(path)
    return " ".join((value or "").split())[:MAX_TEXT]


def get_text(node: Node, path: str) -> str:
    value = find_text(node, path)
    if not value:
        raise UnreadableError(f"{path.replace('{*}', '')} is missing")
    return value


def get(node: Node, path: str) -> Node:
    found = node.find(path)
    if found is None:
        raise UnreadableError(f"{path.replace('{*}', '')} is missing")
    return found


def get_money(node: Node, path: str, currency: str) -> Money:
    """An amount in the currency that was asked for; another one is as good as none."""
    found = get(node, path)
    if found.get("CurCode") != currency:
        raise UnreadableError(f"an amount in {found.get('CurCode')}, not in {currency}")
    try:
        return Money.parse(found.text or "", currency)
    except ValueError as wrong:
        raise UnreadableError(str(wrong)) from None


def get_quantity(node: Node | None, path: str) -> int:
    """A small whole number; 0 where there is none."""
    value = find_text(node, path) or "0"
    try:
        return int(Decimal(value)) if len(value) <= 6 else 0
    except ArithmeticError:
        raise UnreadableError(f"{value!r} is no number") from None


def get_instant(node: Node, path: str) -> datetime:
    value = get_text(node, path)
    try:
        found = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        raise UnreadableError(f"{value!r} is no moment") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def get_local_time(point: Node, zone_of: ZoneOf) -> datetime:
    """When a flight leaves or reaches a TransportPoint, with the offset of that airport then."""
    code = get_text(point, "{*}IATA_LocationCode")
    zone = zone_of(code)
    if zone is None:
        raise UnreadableError(f"the time zone of {code} is not known")
    value = get_text(point, "{*}AircraftScheduledDateTime")
    try:
        clock = datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        raise UnreadableError(f"{value!r} is no moment") from None
    offset = ZoneInfo(zone).utcoffset(clock) or timedelta()
    return clock.replace(tzinfo=timezone(offset))

"""Looking things up in a request: children by name, texts, values, and where they stood.

Readers run after validation, or on a lenient seller's document whose elements were put into the
right namespaces; so names are looked up as Clark names, and what should be there and is not is
refused with its path. Values are capped before they are parsed. Children are walked one by one: a
request's are few, and `exchange` holds their elements, so that each look finds them made.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from ndc_oms.errors import Invalid
from ndc_oms.model.money import Money
from ndc_oms.ndc.envelope import COMMON, MESSAGE, local

Node = etree._Element  # lxml-stubs' own name for an element

MAX_TOKEN: Final = 512  # characters of an identifier or name; ours and IATA's are far below
MAX_QUANTITY: Final = 12  # characters of a count

_C: Final = f"{{{COMMON}}}"
_M: Final = f"{{{MESSAGE}}}"
# xs:date as far as a calendar goes: a year of four digits, a zone that does not matter here.
_DATE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
_QUANTITY: Final = re.compile(r"\+?[0-9]{1,9}(\.0*)?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


def find(node: Node, name: str) -> Node | None:
    """The first child of this name, or None."""
    return _first(node, _C + name)


def _first(node: Node, tag: str) -> Node | None:
    for each in node:  # a third of what `iterchildren` with a name costs
        if each.tag == tag:
            return each
    return None


def get(node: Node, name: str) -> Node:
    """The first child of this name; raises Invalid (912) with its path."""
    found = find(node, name)
    if found is None:
        raise missing(node, name)
    return found


def every(node: Node | None, name: str) -> Sequence[Node]:
    """Each child of this name; none of None."""
    tag = _C + name
    return () if node is None else [each for each in node if each.tag == tag]


def find_at(node: Node | None, *names: str) -> Node | None:
    """Down a path of first children; None where it ends early."""
    for name in names:
        if node is None:
            return None
        node = find(node, name)
    return node


def request(root: Node, name: str = "Request") -> Node:
    """The message's Request; in OrderQuoteRQ it is called Payload."""
    found = find_part(root, name)
    if found is None:
        raise missing(root, name)
    return found


def find_part(root: Node, name: str) -> Node | None:
    """A child of the root, such as POS, or None."""
    return _first(root, _M + name)


def text(node: Node) -> str:
    """The element's text, white space collapsed; raises Invalid (912) beyond MAX_TOKEN."""
    value = " ".join((node.text or "").split())
    if len(value) > MAX_TOKEN:
        raise Invalid(
            f"{local(node)} has more than {MAX_TOKEN} characters.",
            path=path_of(node),
            remedy="Send a shorter value.",
        )
    return value


def find_text(node: Node | None, name: str) -> str | None:
    """The text of a child; None where the child or its text is not there."""
    found = None if node is None else find(node, name)
    return None if found is None else text(found) or None


def get_text(node: Node, name: str) -> str:
    """The text of a child that has to be there; raises Invalid (912)."""
    found = find_text(node, name)
    if found is None:
        raise missing(node, name)
    return found


def texts(node: Node | None, name: str) -> tuple[str, ...]:
    """The texts of every child of this name that has one."""
    return tuple(value for value in map(text, every(node, name)) if value)


def find_date(node: Node | None, name: str) -> date | None:
    """xs:date; a zone is dropped, since a birthday has none. Raises Invalid (386)."""
    found = None if node is None else find(node, name)
    return None if found is None else as_date(found)


def as_date(node: Node, *, of_datetime: bool = False) -> date:
    """of_datetime: only the day of an xs:dateTime is read."""
    value = text(node)
    day = _DATE.fullmatch(value[:10] if of_datetime else value)
    try:
        return date.fromisoformat(day[1] if day else "")
    except ValueError:
        raise Invalid(
            f"{local(node)} is not a date of the calendar.",
            code="386",
            path=path_of(node),
            remedy="Send a date as YYYY-MM-DD.",
        ) from None


def find_quantity(node: Node | None, name: str) -> int | None:
    """A whole number from 0 to 999,999,999; raises Invalid (912)."""
    found = None if node is None else find(node, name)
    if found is None:
        return None
    value = text(found)
    if len(value) > MAX_QUANTITY or not _QUANTITY.fullmatch(value):
        raise Invalid(
            f"{local(found)} is not a whole number.",
            path=path_of(found),
            remedy="Send a whole number.",
        )
    return int(Decimal(value))


def get_money(node: Node, name: str) -> Money:
    """An amount with its CurCode; raises Invalid (912 for the amount, 727 for the currency)."""
    found = get(node, name)
    currency = (found.get("CurCode") or "").strip()
    if not _CURRENCY.fullmatch(currency):
        raise Invalid(
            f"{name} names no currency.",
            code="727",
            path=f"{path_of(found)}/@CurCode",
            remedy="State CurCode, an ISO 4217 code.",
        )
    try:
        return Money.parse(text(found), currency)
    except ValueError as wrong:
        raise Invalid(
            f"{name} is not an amount of {currency}: {wrong}.",
            code="290",
            path=path_of(found),
            remedy="Send the amount with the decimals of its currency.",
        ) from None


def is_currency(code: str) -> bool:
    """Whether it has the form of an ISO 4217 alphabetic code."""
    return _CURRENCY.fullmatch(code) is not None


def path_of(node: Node) -> str:
    """`/IATA_OrderCreateRQ/Request/…/Pax[2]`: an index only where siblings share the name."""
    steps: list[str] = []
    parent = node.getparent()
    while parent is not None:
        twins = [each for each in parent if each.tag == node.tag]
        steps.append(local(node) if len(twins) == 1 else f"{local(node)}[{twins.index(node) + 1}]")
        node, parent = parent, parent.getparent()
    steps.append(local(node))
    return "/" + "/".join(reversed(steps))


def paths_of(nodes: Sequence[Node]) -> list[str]:
    """path_of each of all the children that one parent has of one name."""
    if len(nodes) < 2:
        return [path_of(node) for node in nodes]
    first = path_of(nodes[0]).removesuffix("[1]")
    return [f"{first}[{at}]" for at in range(1, len(nodes) + 1)]


def missing(parent: Node, name: str, *, code: str = "912") -> Invalid:
    """The refusal for a child that is not there."""
    return Invalid(
        f"{name} is missing, or empty.",
        code=code,
        path=f"{path_of(parent)}/{name}",
        remedy=f"Add {name} to {local(parent)}.",
    )


def by_name(nodes: Iterable[Node], name: str) -> dict[str, Node]:
    """Each by what its child `name` says. Raises Invalid: 476 where two say the same, 912."""
    named: dict[str, Node] = {}
    for node in nodes:
        called = get_text(node, name)
        if called in named:
            raise Invalid(
                f"Two elements have the {name} {called[:40]}.",
                code="476",
                path=f"{path_of(node)}/{name}",
                remedy="Give each its own identifier.",
            )
        named[called] = node
    return named

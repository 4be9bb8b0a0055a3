"""Scenarios: a folder is one conversation; it runs as a test and reads as documentation.

    fixtures/scenarios/<story>/
        README.md              what happens, and why one would want it
        01-AirShoppingRQ.xml   what the seller sends
        01-AirShoppingRS.xml   what comes back, as recorded
        02-…
        story.toml             optional: what happens around a step

A request may hold `{{today+30}}` (a date) and `{{01:Response/…/Offer[2]/OfferID}}` (a text of an
earlier reply, by path of local names). In a recorded reply, ids that are made at random stand as
`OfferID-1`, `OrderID-1` …, numbered as they appear, so that two runs compare equal.

story.toml, all optional:  [step.02]  advance_s = 1800   fault = "issue:times-out-after"
headers = { Idempotency-Key = "…" }   status = 200   key = "another seller's key"
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from lxml import etree

from ndc_oms.kit.client import Reply

_PLACE: Final = re.compile(r"\{\{([^{}]+)\}\}")
_DAY: Final = re.compile(r"today([+-]\d{1,3})?")
# Kinds of random ids, in the order in which they are replaced: an order's id is part of others.
_RANDOM: Final = (
    ("OfferID", ("OfferID", "OfferRefID")),
    ("OrderID", ("OrderID", "OrderRefID")),
    ("BookingID", ("BookingID",)),
    ("TicketNumber", ("TicketNumber",)),
)


class Stage(Protocol):
    """Where a scenario plays: a server, and the world around it."""

    @property
    def today(self) -> date: ...

    async def send(self, body: bytes, headers: Mapping[str, str]) -> Reply: ...

    async def advance(self, seconds: int) -> None: ...

    async def fault(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One message and what is expected back."""

    number: str
    message: str
    request: Path
    reply: Path
    around: Mapping[str, Any] = field(default_factory=dict)


def steps_of(folder: Path) -> list[Step]:
    """The steps of one story, in order; raises ValueError for a folder without any."""
    around: dict[str, Any] = {}
    settings = folder / "story.toml"
    if settings.exists():
        around = tomllib.loads(settings.read_text("utf-8")).get("step", {})
    steps = []
    for request in sorted(folder.glob("[0-9][0-9]-*RQ.xml")):
        number, message = request.stem.split("-", 1)
        reply = next(
            iter(sorted(folder.glob(f"{number}-*RS.xml"))),
            folder / f"{number}-{_reply_name(message)}.xml",
        )
        steps.append(Step(number, message, request, reply, around.get(number, {})))
    if not steps:
        raise ValueError(f"{folder} has no NN-…RQ.xml")
    return steps


def _reply_name(message: str) -> str:
    name = message.removesuffix("RQ")
    return "OrderViewRS" if name in {"OrderCreate", "OrderRetrieve", "OrderChange"} else f"{name}RS"


async def play(folder: Path, stage: Stage, *, update: bool = False) -> list[Reply]:
    """Plays a story; raises AssertionError with a diff where a reply is not the recorded one.

    update: records the replies instead.
    """
    replies: dict[str, Reply] = {}
    for step in steps_of(folder):
        await stage.advance(int(step.around.get("advance_s", 0)))
        if fault := step.around.get("fault"):
            await stage.fault(str(fault))
        body = fill(step.request.read_text("utf-8"), replies, stage.today)
        headers = dict(step.around.get("headers", {}))
        if key := step.around.get("key"):
            headers["X-API-Key"] = str(key)
        reply = await stage.send(body.encode(), headers)
        replies[step.number] = reply
        expected = int(step.around.get("status", 200))
        if reply.status != expected:
            raise AssertionError(f"{step.request}: HTTP {reply.status}, not {expected}")
        _compare(step, readable(reply.body), update=update)
    return list(replies.values())


def _compare(step: Step, text: str, *, update: bool) -> None:
    if update:
        step.reply.write_text(text, "utf-8")
        return
    recorded = step.reply.read_text("utf-8") if step.reply.exists() else ""
    if recorded != text:
        diff = difflib.unified_diff(
            recorded.splitlines(), text.splitlines(), "recorded", "answered", n=2, lineterm=""
        )
        raise AssertionError(f"{step.reply}:\n" + "\n".join(list(diff)[:80]))


def fill(text: str, replies: Mapping[str, Reply], today: date) -> str:
    """A request with its places filled; raises ValueError for one that names nothing."""

    def place(match: re.Match[str]) -> str:
        asked = match.group(1)
        if day := _DAY.fullmatch(asked):
            return (today + timedelta(days=int(day.group(1) or 0))).isoformat()
        number, _, path = asked.partition(":")
        found = replies[number].text(path) if number in replies else ""
        if not found:
            raise ValueError(f"{{{{{asked}}}}} names nothing")
        return found

    return _PLACE.sub(place, text)


def readable(body: bytes) -> str:
    """A reply as it is recorded: indented, without time of sending, random ids numbered."""
    root = etree.fromstring(body, etree.XMLParser(remove_blank_text=True, resolve_entities=False))
    for stamp in root.iterfind("{*}PayloadAttributes/{*}Timestamp"):
        stamp.text = "TIME"
    for error in root.iterfind("{*}Error/{*}ErrorID"):
        error.text = "ErrorID"
    text = etree.tostring(root, pretty_print=True, encoding="unicode")
    for kind, names in _RANDOM:
        seen: dict[str, str] = {}
        for element in root.iter():
            if etree.QName(element).localname in names and element.text:
                seen.setdefault(element.text, f"{kind}-{len(seen) + 1}")
        for value in sorted(seen, key=len, reverse=True):
            text = text.replace(value, seen[value])
            if kind == "OfferID":  # OfferItemIDs end their offer's id with its last characters
                text = text.replace(value[-11:], seen[value])
    return text

"""Scenarios: a folder is one conversation; it runs as a test and reads as documentation.

    fixtures/scenarios/<story>/
        README.md              what happens, and why one would want it; a title first
        01-AirShoppingRQ.xml   what the seller sends
        01-AirShoppingRS.xml   what comes back, as recorded
        02-…
        story.toml             optional: what happens around a step

A request may hold places, filled when it is sent:

    {{today+30}}                        a date, so many days from the stage's today
    {{ssim+30}}                         the same as a schedule message has it, as 11FEB27
    {{run}}                             another text each time a story is played
    {{01://Offer[2]/OfferID}}           a text of an earlier reply, by a path of local names

story.toml, all optional:

    [step.02]
    advance_s = 1800                    the clock moves before the step
    pss_fault = "issue:fails:1x"        planted before it; so is payment_fault
    schedule = "ASM\nCNL\nT8101/11FEB27"  messages that the reservation system carries out before it
    airport = "9682400000001 1 boarded" a coupon that moves before it; both may hold places
    key = "ndc_test_corner"             another seller sends it
    headers = { Idempotency-Key = "…" }
    status = 401                        HTTP's, where it is not 200
    payer = "02"                        the payer pays on the page that reply 02 named
    same_as = "01"                      the reply is that of an earlier step, byte for byte
    reply = "OrderViewRS"               where the reply is not the one that belongs to the request
"""

import re
import tomllib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from ndc_oms.errors import NotAllowed
from ndc_oms.kit.client import NdcClient, Reply

# When the recorded stories take place: a Tuesday, far from a change of daylight saving time.
BEGIN: Final = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
_PATIENT_S: Final = 100.0
_HURRIED_S: Final = 3.0
_FAULTS: Final = ("pss_fault", "payment_fault")  # of other sides, planted around a step

_PLACE: Final = re.compile(r"\{\{([^{}]+)\}\}")
_DAY: Final = re.compile(r"(today|ssim)([+-]\d{1,3})?")
# Requests whose reply is not named after them.
_REPLIES: Final = {
    "OrderCreateRQ": "OrderViewRS",
    "OrderRetrieveRQ": "OrderViewRS",
    "OrderChangeRQ": "OrderViewRS",
    "OrderQuoteRQ": "OrderReshopRS",
    "ServiceStatusChangeNotifRQ": "Acknowledgement",
}
_AROUND: Final = frozenset(
    {"advance_s", "pss_fault", "payment_fault", "key", "headers", "status", "same_as", "reply"}
    | {"payer", "schedule", "airport"}
)


class Stage(Protocol):
    """Where a story plays: a server, and the world around it. run: fills `{{run}}`."""

    @property
    def today(self) -> date: ...

    @property
    def run(self) -> str: ...

    async def send(self, body: bytes, headers: Mapping[str, str]) -> Reply: ...

    async def advance(self, seconds: int) -> None:
        """Moves the clock and lets what is then due be done."""
        ...

    async def fault(self, side: str, text: str) -> None:
        """side: `pss` or `payment`. text: see ports/simulation/faults.py."""
        ...

    async def happen(self, what: str, text: str) -> None:
        """what: `schedule`, SSM and ASM messages; or `airport`, number, coupon and status. What
        follows from it is done.
        """
        ...

    async def pay(self, page: str) -> None:
        """The payer who was sent to a page of the payment provider pays there."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One message and where its reply is recorded. around: of story.toml."""

    number: str
    message: str
    request: Path
    reply: Path
    around: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """HTTP's, that is expected."""
        return int(self.around.get("status", 200))


@dataclass(frozen=True, slots=True)
class Story:
    """One folder. title: the README's heading."""

    folder: Path
    title: str
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def needs_own_server(self) -> bool:
        """It moves the clock or plants faults, which nobody may do to a server from outside."""
        return self._happens(*_FAULTS, "advance_s", "payer", "schedule", "airport")

    @property
    def reply_s(self) -> float:
        """How long a reply waits for tickets, in seconds: until they are there, however slow the
        machine is; where another side fails, not long for what will be pending.
        """
        return _HURRIED_S if self._happens(*_FAULTS) else _PATIENT_S

    def _happens(self, *around: str) -> bool:
        return any(step.around.keys() & set(around) for step in self.steps)


@dataclass(frozen=True, slots=True)
class Played:
    """A step as it went. sent: the request with its places filled."""

    step: Step
    sent: str
    reply: Reply


def stories_in(folder: Path) -> list[Story]:
    """Every story below a folder, by name."""
    return [story_of(each.parent) for each in sorted(folder.glob("*/README.md"))]


def story_of(folder: Path) -> Story:
    """Raises ValueError for a folder without requests or heading, or with a setting unknown."""
    readme = (folder / "README.md").read_text("utf-8")
    heading = re.match(r"# (.+)\n\n\S", readme)
    if heading is None:
        raise ValueError(f"{folder}/README.md does not begin with a heading and a text")
    settings = folder / "story.toml"
    told = tomllib.loads(settings.read_text("utf-8")) if settings.exists() else {}
    steps = tuple(_steps(folder, told.get("step", {})))
    if not steps:
        raise ValueError(f"{folder} has no NN-…RQ.xml")
    unknown = told.get("step", {}).keys() - {step.number for step in steps}
    unknown |= {key for step in steps for key in step.around.keys() - _AROUND}
    if unknown:
        raise ValueError(f"{settings} has no use for {', '.join(sorted(unknown))}")
    return Story(folder, heading[1], steps)


def _steps(folder: Path, around: Mapping[str, Any]) -> list[Step]:
    steps = []
    for request in sorted(folder.glob("[0-9][0-9]-*RQ.xml")):
        number, message = request.stem.split("-", 1)
        name = _REPLIES.get(message, f"{message.removesuffix('RQ')}RS")
        told = around.get(number, {})
        reply = folder / f"{number}-{told.get('reply', name)}.xml"
        steps.append(Step(number, message, request, reply, told))
    return steps


async def play(story: Story, stage: Stage) -> AsyncIterator[Played]:
    """Sends one message after the other. Raises AssertionError where HTTP's status is not the
    expected one, or a reply that must be an earlier one is another.
    """
    replies: dict[str, Reply] = {}
    for step in story.steps:
        await _set_up(step, stage, replies)
        sent = fill(step.request.read_text("utf-8"), replies, stage)
        headers = {str(k): str(v) for k, v in step.around.get("headers", {}).items()}
        if key := step.around.get("key"):
            headers["X-API-Key"] = str(key)
        reply = replies[step.number] = await stage.send(sent.encode(), headers)
        if reply.status != step.status:
            raise AssertionError(f"{step.request}: HTTP {reply.status}, not {step.status}")
        same_as = step.around.get("same_as")
        if same_as and reply.body != replies[same_as].body:
            raise AssertionError(f"{step.request}: its reply is not that of step {same_as}")
        yield Played(step, sent, reply)


async def _set_up(step: Step, stage: Stage, replies: Mapping[str, Reply]) -> None:
    if number := step.around.get("payer"):
        await stage.pay(replies[number].text("//PaymentGatewayURI"))
    if seconds := int(step.around.get("advance_s", 0)):
        await stage.advance(seconds)
    for side in ("pss", "payment"):
        if fault := step.around.get(f"{side}_fault"):
            await stage.fault(side, str(fault))
    for what in ("schedule", "airport"):
        if text := step.around.get(what):
            await stage.happen(what, fill(str(text), replies, stage))


def fill(text: str, replies: Mapping[str, Reply], stage: Stage) -> str:
    """A request with its places filled; raises ValueError for one that names nothing."""

    def place(match: re.Match[str]) -> str:
        asked = match.group(1)
        if day := _DAY.fullmatch(asked):
            meant = stage.today + timedelta(days=int(day.group(2) or 0))
            return f"{meant:%d%b%y}".upper() if day.group(1) == "ssim" else meant.isoformat()
        if asked == "run":
            return stage.run
        number, _, path = asked.partition(":")
        found = replies[number].text(path) if number in replies else ""
        if not found:
            raise ValueError(f"{{{{{asked}}}}} names nothing")
        return found

    return _PLACE.sub(place, text)


@dataclass(frozen=True, slots=True)
class RemoteStage:
    """Any running server: its clock and its other sides are out of reach."""

    client: NdcClient
    run: str

    @property
    def today(self) -> date:
        return datetime.now(UTC).date()

    async def send(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        return await self.client.send(body, headers)

    async def advance(self, seconds: int) -> None:
        raise _out_of_reach(f"The story moves the clock by {seconds} s.")

    async def fault(self, side: str, text: str) -> None:
        raise _out_of_reach(f"The story plants a fault, {side} {text}.")

    async def happen(self, what: str, text: str) -> None:
        raise _out_of_reach(f"The story moves the airline, {what} {text}.")

    async def pay(self, page: str) -> None:
        raise _out_of_reach(f"The story pays on the page {page}.")


def _out_of_reach(text: str) -> NotAllowed:
    return NotAllowed(text, remedy="Play it on a server of its own: leave --url out.")

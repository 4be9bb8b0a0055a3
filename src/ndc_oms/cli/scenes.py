"""`ndc-oms scenario …`: conversations that are shipped with the server, played and shown."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lxml import etree
from rich.console import Console, Group
from rich.markdown import Markdown
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from ndc_oms import resources
from ndc_oms.errors import NotFound, Unavailable
from ndc_oms.kit.client import NdcClient, Reply, child_text
from ndc_oms.kit.scenario import Played, RemoteStage, Stage, Story, play, stories_in, story_of
from ndc_oms.kit.stage import own_stage
from ndc_oms.server.logs import configure

THEME = "ansi_dark"


def list_stories(console: Console) -> None:
    """Every story by its title."""
    table = Table(caption="Those with * move the clock or plant faults: play them without --url.")
    table.add_column("name", style="cyan", no_wrap=True)
    table.add_column("steps", justify="right")
    table.add_column("what happens", overflow="fold")
    for story in stories_in(folder()):
        steps = f"{len(story.steps)}{'*' if story.needs_own_server else ' '}"
        table.add_row(story.name, steps, story.title)
    console.print(table)


def folder() -> Path:
    return resources.fixtures() / "scenarios"


def find_story(name: str) -> Story:
    """By name or by folder; raises NotFound with those that there are."""
    for found in (folder() / name, Path(name)):
        if (found / "README.md").is_file():
            return story_of(found)
    there = ", ".join(story.name for story in stories_in(folder()))
    raise NotFound(f"There is no scenario {name}.", remedy=f"There are: {there}.")


async def show_story(name: str, url: str, key: str, console: Console, *, brief: bool) -> None:
    """Plays a story on the server at `url`, or on one of its own. brief: without the XML."""
    story = find_story(name)
    console.print(Markdown((story.folder / "README.md").read_text("utf-8")))
    async with _stage(story, url, key) as stage:
        try:
            async for played in play(story, stage):
                console.print()
                _show(played, console, brief=brief)
        except (AssertionError, ValueError) as wrong:
            raise Unavailable(
                f"The conversation cannot go on: {wrong}.",
                remedy="On a server whose clock shows another day, flights and seats are others.",
            ) from wrong


@asynccontextmanager
async def _stage(story: Story, url: str, key: str) -> AsyncIterator[Stage]:
    if not url:
        configure("console", "error")
        async with own_stage(story, key) as stage:
            yield stage
        return
    endpoint = url if "/ndc" in url else url.rstrip("/") + "/ndc"
    async with NdcClient(endpoint, key) as client:
        yield RemoteStage(client, secrets.token_hex(4))


def _show(played: Played, console: Console, *, brief: bool) -> None:
    step, reply = played.step, played.reply
    console.rule(f"[bold]{step.number}  {step.message}[/bold]")
    for name, value in step.around.items():
        console.print(f"[yellow]{name}[/yellow] {value}", highlight=False)
    if brief:
        console.print(_told(reply))
        return
    console.print(Panel(Syntax(played.sent.strip(), "xml", theme=THEME), title="request"))
    shown = Syntax(_pretty(reply), "xml", theme=THEME, word_wrap=True)
    title = f"reply, HTTP {reply.status}, {len(reply.body):,} bytes"
    console.print(Panel(Group(_told(reply), shown), title=title))


def _told(reply: Reply) -> Table:
    """What a reply says for people: its status, errors and warnings."""
    table = Table.grid(padding=(0, 2))
    name = etree.QName(reply.root).localname if reply.root is not None else "no XML"
    table.add_row(f"HTTP {reply.status}", f"[bold]{name}[/bold]")
    for code, text in reply.errors:
        table.add_row(f"[red]error {code}[/red]", text)
    for warning in reply.all("Response/Warning"):
        code, text = child_text(warning, "Code"), child_text(warning, "DescText")
        table.add_row(f"[yellow]warning {code}[/yellow]", text)
    return table


def _pretty(reply: Reply) -> str:
    if reply.root is None:
        return reply.body.decode("utf-8", "replace")
    return etree.tostring(reply.root, pretty_print=True, encoding="unicode")

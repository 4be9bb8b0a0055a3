"""Where the demo plays: against a running server, or one of its own on a temporary folder."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from ndc_oms.boot.house import open_house
from ndc_oms.boot.web import parts
from ndc_oms.cli.demo import play
from ndc_oms.config import load
from ndc_oms.kit.requests import Sender
from ndc_oms.server.app import build_app
from ndc_oms.server.listener import listen
from ndc_oms.server.logs import configure


async def play_demo(
    url: str, key: str, org_id: str, carrier: str, route: tuple[str, str], console: Console
) -> None:
    """url: "" for a server of the demo's own."""
    sender = Sender(org_id, carrier)
    if url:
        await play(_endpoint(url), key, sender, route, console)
        return
    with console.status("Starting a server on a temporary folder …"):
        async with _own_server() as own:
            console.print(f"[dim]A server of the demo's own answers at {own}[/dim]")
            await play(own, key, sender, route, console)


def _endpoint(url: str) -> str:
    return url if "/ndc" in url else url.rstrip("/") + "/ndc"


@asynccontextmanager
async def _own_server() -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory(prefix="ndc-oms-demo-") as folder:
        config = load(None, data=Path(folder), port=0, log_level="warning")
        configure(config.log_format, config.log_level)
        async with open_house(config) as house:
            listener = await listen(build_app(parts(house)), config)
            try:
                yield f"http://127.0.0.1:{listener.port}/ndc"
            finally:
                await listener.close()

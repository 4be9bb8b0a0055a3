"""`python -m tests.bench`: figures of this house, as ratios in one run. See `--help`."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import uvloop
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from tests.bench import growth, ordering, peers, servicing, shopping, soak, writing
from tests.bench.figures import Bench, Table

from ndc_oms import resources
from ndc_oms.server.logs import configure

Part = Callable[[Bench], AsyncIterator[Table]]

PARTS: Final[dict[str, Part]] = {
    "shopping": shopping.run,
    "servicing": servicing.run,
    "writing": writing.run,
    "ordering": ordering.run,
    "growth": growth.run,
}


def options(arguments: list[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--only", choices=PARTS, action="append", help="this part; may be repeated")
    asked.add_argument("--quick", action="store_true", help="a tenth of the work: does it run?")
    asked.add_argument("--large", action="store_true", help="1,000,000 rows of orders too")
    asked.add_argument(
        "--soak", type=float, metavar="SECONDS", help="look-to-book for so long, and nothing else"
    )
    asked.add_argument(
        "--peers", action="store_true", help="others on the same searches; needs pip and npm"
    )
    asked.add_argument("--seed", type=int, default=20, help="of what is asked")
    asked.add_argument(
        "--json", type=Path, default=Path("bench.json"), help="file for the figures; %(default)s"
    )
    return asked.parse_args(arguments)


def own_world(folder: Path) -> Path:
    """The demo airline, with sellers that no rate limit slows."""
    fixtures, world = resources.fixtures(), folder / "airline"
    shutil.copytree(fixtures / "airline", world)
    shutil.copytree(fixtures / "partners", folder / "partners")  # named by the airline
    sellers = world / "sellers.toml"
    text = sellers.read_text()
    sellers.write_text(text.replace("rate_limit_per_s = 200", "rate_limit_per_s = 10000"))
    return world


async def measure(asked: argparse.Namespace, console: Console) -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = []
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with (
        tempfile.TemporaryDirectory(prefix="ndc-oms-bench-") as folder,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        bench = Bench(
            Path(folder),
            own_world(Path(folder)),
            progress,
            scale=0.1 if asked.quick else 1.0,
            seed=asked.seed,
            large=asked.large,
        )
        parts: dict[str, AsyncIterator[Table]] = {
            name: PARTS[name](bench)
            for name in asked.only or (() if asked.soak or asked.peers else PARTS)
        }
        if asked.peers:
            parts["peers"] = peers.run(bench)
        if asked.soak:
            parts["soak"] = soak.run(bench, asked.soak)
        job = progress.add_task("", total=len(parts))
        for name, tables in parts.items():
            progress.update(job, description=f"[bold]{name}[/]")
            began = time.monotonic()
            async for table in tables:
                table.show(console)
                figures.append({"part": name, **table.plain()})
            progress.advance(job)
            console.print(f"[dim]{name}: {time.monotonic() - began:.0f} s[/]\n")
    return figures


def main() -> None:
    asked = options(sys.argv[1:])
    configure("json", "error")
    console, began = Console(width=None if sys.stdout.isatty() else 140), time.monotonic()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(measure(asked, console))
    asked.json.write_text(json.dumps(figures, indent=1) + "\n")
    console.print(f"{time.monotonic() - began:.0f} s; the figures are in {asked.json}")


if __name__ == "__main__":
    main()

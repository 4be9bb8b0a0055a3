"""`ndc-oms verify` and `ndc-oms world check`: does everything hold?"""

import time
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ndc_oms.boot.house import House, open_house
from ndc_oms.config import DATABASE, Config
from ndc_oms.errors import NotFound
from ndc_oms.fulfilment.plan import next_step
from ndc_oms.model.order import Order
from ndc_oms.model.step import Step
from ndc_oms.ports.partner import AuditedPartner
from ndc_oms.ports.pss import Audited
from ndc_oms.store.verify import verify
from ndc_oms.world.load import load
from ndc_oms.world.problems import WorldError


async def run_verify(config: Config, console: Console) -> int:
    """How many findings there are; each is printed. The database may be in use.

    Raises NotFound where there is none: an empty one would be found in order.
    """
    if not config.database and not (config.data / DATABASE).exists():
        raise NotFound(
            f"There is no database in {config.data}.",
            remedy="Name the folder that `serve` uses with --data, or the URL with --database.",
        )
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("orders", total=None)

        def advance(done: int, whole: int) -> None:
            progress.update(bar, completed=done, total=whole)

        found = await verify(config.database_url, next_step=planned_step, progress=advance)
    async with open_house(config) as house:
        if isinstance(house.sides.pss, Audited):
            found += [f"PSS: {finding}" for finding in await house.sides.pss.audit()]
        found += await partner_findings(house)
    if not found:
        console.print("[green]Every invariant holds.[/green]")
    for finding in found:
        console.print(f"[red]✗[/red] {finding}", highlight=False)
    return len(found)


async def partner_findings(house: House) -> list[str]:
    """What partners that can be counted have and we do not, or what does not hold in their own
    books. An order on which something is still to be done is not judged.
    """
    found = []
    for name, partner in house.sides.partners.items():
        if not isinstance(partner, AuditedPartner):
            continue
        found += [f"{name}: {finding}" for finding in await partner.audit()]
        for reference, order_id in (await partner.live_bookings()).items():
            if await house.store.list_tasks(order_id):
                continue
            try:
                order = (await house.store.get_order(order_id, None)).order
            except NotFound:
                found.append(f"{name}: booking {reference} is of no order: {order_id}")
                continue
            if not any(p.partner == name and p.reference == reference for p in order.parts):
                found.append(f"{name}: order {order_id} knows nothing of booking {reference}")
            elif not any(p.reference == reference and p.live for p in order.parts):
                found.append(f"{name}: booking {reference} of {order_id} stands, though cancelled")
    return found


def planned_step(order: Order) -> Step | None:
    planned = next_step(order)
    return planned.step if planned else None


def check_world(folder: Path, console: Console) -> bool:
    """Whether the folder is a world; prints what it holds, or every wrong row."""
    started = time.perf_counter()
    try:
        world = load(folder)
    except WorldError as wrong:
        table = Table(title=f"{len(wrong.problems)} problems in {folder}")
        table.add_column("file", style="cyan")
        table.add_column("line", justify="right")
        table.add_column("field")
        table.add_column("rule", overflow="fold")
        for problem in wrong.problems:
            table.add_row(problem.file, str(problem.line or ""), problem.field, problem.rule)
        console.print(table)
        return False
    took_s = time.perf_counter() - started
    console.print(
        f"[green]{world.airline.name} ({world.airline.designator})[/green]: "
        f"{len(world.airports)} airports, {len(world.families)} fare families, "
        f"{len(world.classes)} booking classes; version {world.version}, "
        f"loaded in {took_s:.2f} s.",
        highlight=False,
    )
    return True

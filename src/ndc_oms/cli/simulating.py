"""`ndc-oms simulate`: seeds, one after the other, until one fails or all are done."""

from collections import Counter

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ndc_oms.kit.simulation.ground import lay_ground
from ndc_oms.kit.simulation.play import Result, play

TAIL = 60  # lines of the trace that are shown


def run_simulation(
    console: Console, *, seeds: int, first: int, pss: str, payment: str, lines: int = TAIL
) -> bool:
    """Whether everything held in all of them. The first one that fails ends it, with what was
    found, the end of its trace, and how to see it again. pss, payment: as `lay_ground`.
    """
    ground = lay_ground(pss=pss, payment=payment)
    results: list[Result] = []
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("seeds", total=seeds)
        for seed in range(first, first + seeds):
            result = play(seed, ground)
            if result.findings:
                break
            results.append(result)
            progress.advance(bar)
    if len(results) < seeds:
        _show_failure(console, result, lines)
        return False
    _show_counts(console, results)
    return True


def _show_failure(console: Console, result: Result, lines: int) -> None:
    console.print(f"[red]Seed {result.seed} fails.[/red]", highlight=False)
    for line in result.tail[-lines:] if lines else ():
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    for finding in result.findings:
        console.print(f"✗ {finding}", markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"See it again: ndc-oms simulate --first {result.seed} --seeds 1",
        highlight=False,
        soft_wrap=True,
    )


def _show_counts(console: Console, results: list[Result]) -> None:
    faults: Counter[str] = Counter()
    for result in results:
        for (_, fault), times in result.faults.items():
            faults[fault] += times
    acts = sum(result.acts.total() for result in results)
    orders, deaths = (sum(getattr(r, name) for r in results) for name in ("orders", "deaths"))
    table = Table(title="Every invariant holds", show_header=False)
    for name, value in {
        "seeds": str(len(results)),
        "messages sent by sellers": f"{acts:,}",
        "orders": f"{orders:,}",
        "faults of other sides": f"{faults.total():,}",
        "processes that died": f"{deaths:,}",
        "faults by kind": ", ".join(f"{name} {n:,}" for name, n in sorted(faults.items())),
    }.items():
        table.add_row(name, value)
    console.print(table)

"""`ndc-oms`: start the server, play a sale, explain a document, look after the data."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from ndc_oms import __version__
from ndc_oms.cli.airline_changes import notifications_app, pss_app, seller_notify
from ndc_oms.cli.orders import order_app
from ndc_oms.cli.settings import ConfigFile, Data, Database, WorldFolder, configured, out
from ndc_oms.errors import Refusal
from ndc_oms.world.problems import WorldError

HELP = """An open offer and order management system that speaks IATA NDC 21.3.

Start with `ndc-oms serve`, then, in another terminal, `ndc-oms demo`.

Every option of `serve` can also be set by environment (NDC_OMS_PORT=8081) or in a TOML file
named by --config or NDC_OMS_CONFIG (port = 8081). The command line wins over the environment,
the environment over the file.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="markdown")
world_app = typer.Typer(help="The airline's data: one folder is one world.", no_args_is_help=True)
seller_app = typer.Typer(
    help="Who may send messages: sellers and their keys.", no_args_is_help=True
)
scenario_app = typer.Typer(help="Conversations to read, play and learn from.", no_args_is_help=True)
app.add_typer(world_app, name="world")
app.add_typer(seller_app, name="seller")
app.add_typer(scenario_app, name="scenario")
app.add_typer(order_app, name="order")
app.add_typer(pss_app, name="pss")
app.add_typer(notifications_app, name="notifications")
seller_app.command("notify")(seller_notify)
err = Console(stderr=True)


def main() -> None:
    """Runs a command; what it refuses is told in a line or two, status 2."""
    try:
        app()
    except Refusal as refusal:
        _give_up(refusal.text, refusal.remedy)
    except ValidationError as wrong:
        for each in wrong.errors():
            _give_up(f"{'.'.join(map(str, each['loc']))}: {each['msg']}", "Mend that setting.")
    except WorldError as wrong:
        _give_up(f"The world cannot be used: {wrong}", "`ndc-oms world check DIR` lists all.")
    except FileNotFoundError as missing:
        _give_up(f"{missing}.", "")


def _give_up(text: str, remedy: str) -> NoReturn:
    err.print(f"[red]{text}[/red] {remedy}", highlight=False, soft_wrap=True)
    sys.exit(2)


@app.callback(invoke_without_command=True)
def version(
    context: typer.Context,
    show: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False,
) -> None:
    if show:
        out.print(__version__, highlight=False)
        raise typer.Exit
    if context.invoked_subcommand is None:
        out.print(context.get_help())


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; default 127.0.0.1.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port; default 8080, 0 for a free one.")] = None,
    data: Data = None,
    database: Database = None,
    world: WorldFolder = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that share the port; one for each core.")
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(help="Under which sellers and payers reach it, as https://ndc.example.com."),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Start the server: the NDC endpoint, health, metrics, and the fulfilment worker.

    SIGTERM or Ctrl-C finishes what is in flight first. With several workers, one that dies is
    replaced. Servers on several machines share a PostgreSQL database.
    """
    from ndc_oms.running import run_server

    settings = configured(
        config,
        host=host,
        port=port,
        data=data,
        database=database,
        world=world,
        workers=workers,
        public_url=public_url,
    )
    if status := run_server(settings):
        raise typer.Exit(status)


@app.command()
def deliver(
    data: Data = None,
    database: Database = None,
    world: WorldFolder = None,
    config: ConfigFile = None,
) -> None:
    """Run the fulfilment worker alone, beside servers started with NDC_OMS_DELIVER=false."""
    from ndc_oms.running import run_worker

    run_worker(configured(config, data=data, database=database, world=world))


@app.command()
def demo(
    url: Annotated[str, typer.Option(help="A running server.")] = "",
    key: Annotated[str, typer.Option(help="The seller's key.")] = "ndc_test_demo",
    org_id: Annotated[str, typer.Option(help="The seller's OrgID.")] = "91000000",
    carrier: Annotated[str, typer.Option(help="The airline's designator.")] = "T8",
    origin: str = "YYZ",
    destination: str = "LHR",
) -> None:
    """Play a sale (shop, price, create, retrieve) and show it as tables.

    Without --url it plays against a server of its own, on a temporary folder.
    """
    from ndc_oms.cli.playing import play_demo

    asyncio.run(play_demo(url, key, org_id, carrier, (origin, destination), out))


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An NDC document.")],
) -> None:
    """List every violation of the schema in a document, with readable paths."""
    from ndc_oms.ndc.explain import explain as explain_document

    violations = explain_document(file)
    if not violations:
        out.print(f"[green]{file} is valid.[/green]")
        return
    table = Table(title=f"{len(violations)} violations in {file}")
    table.add_column("line", justify="right")
    table.add_column("where", style="cyan", overflow="fold")
    table.add_column("what", overflow="fold")
    for violation in violations:
        table.add_row(str(violation.line or ""), violation.path, violation.text)
    out.print(table)
    raise typer.Exit(1)


@app.command()
def why(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An AirShoppingRQ.")],
    data: Data = None,
    database: Database = None,
    world: WorldFolder = None,
    config: ConfigFile = None,
) -> None:
    """Tell what became of every journey of a search, and which rule removed it.

    As the seller that the document names, with the seats that the reservation system has now.
    """
    from ndc_oms.cli.why import run_why

    asyncio.run(run_why(file, configured(config, data=data, database=database, world=world), out))


@app.command()
def verify(data: Data = None, database: Database = None, config: ConfigFile = None) -> None:
    """Check every invariant on a database, also a live one. Status 1 when one does not hold."""
    from ndc_oms.cli.checking import run_verify

    broken = asyncio.run(run_verify(configured(config, data=data, database=database), out))
    raise typer.Exit(1 if broken else 0)


@app.command()
def simulate(
    seeds: Annotated[int, typer.Option(min=1, help="How many.")] = 100,
    first: Annotated[int, typer.Option(min=0, help="The first of them.")] = 0,
    pss: Annotated[
        str, typer.Option(help="A PSS adapter to try, by its entry point; default: simulated.")
    ] = "",
    payment: Annotated[
        str, typer.Option(help="A gateway to try, by its entry point; default: simulated.")
    ] = "",
    trace: Annotated[int, typer.Option(min=0, help="Lines of a failed seed's trace.")] = 60,
) -> None:
    """Play whole days of many sellers against other sides that fail, and check every invariant.

    One seed decides everything: who sends what when, which call is lost, late or done twice, when
    a process dies, how the clock jumps. Status 1 when something does not hold; the seed is shown.
    """
    from ndc_oms.cli.simulating import run_simulation

    held = run_simulation(out, seeds=seeds, first=first, pss=pss, payment=payment, lines=trace)
    raise typer.Exit(0 if held else 1)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="A new file.")],
    data: Data = None,
    database: Database = None,
    config: ConfigFile = None,
) -> None:
    """Write everything that a house keeps to one file, also while it is at work.

    The database, the databases of the simulated other sides, and the secret.
    """
    from ndc_oms.cli.keeping import run_backup

    asyncio.run(run_backup(configured(config, data=data, database=database), file, out))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="What `backup` wrote.")],
    data: Data = None,
    database: Database = None,
    config: ConfigFile = None,
) -> None:
    """Put a backup into an empty data folder (and an empty database), and verify it."""
    from ndc_oms.cli.keeping import run_restore

    broken = asyncio.run(run_restore(configured(config, data=data, database=database), file, out))
    raise typer.Exit(1 if broken else 0)


@world_app.command("check")
def world_check(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)],
) -> None:
    """Load a world and report every wrong row: file, line, field, rule."""
    from ndc_oms.cli.checking import check_world

    raise typer.Exit(0 if check_world(folder, out) else 1)


@seller_app.command("add")
def seller_add(
    org_id: Annotated[str, typer.Argument(help="OrgID of the Seller link in DistributionChain.")],
    name: Annotated[str, typer.Argument(help="The seller's name.")],
    currency: Annotated[str, typer.Option(help="Currency of its offers.")] = "USD",
    lenient: Annotated[bool, typer.Option(help="Read what deviates from the schema.")] = False,
    live: Annotated[bool, typer.Option(help="A live key instead of a test one.")] = False,
    rate: Annotated[float, typer.Option(help="Requests a second.")] = 50.0,
    provider: Annotated[
        bool, typer.Option(help="It sells nothing, and tells what it delivered (providers.toml).")
    ] = False,
    data: Data = None,
    database: Database = None,
    config: ConfigFile = None,
) -> None:
    """Add a seller or a provider and show its key, this once."""
    from ndc_oms.cli.selling import add_seller

    settings = configured(config, data=data, database=database)
    asyncio.run(
        add_seller(
            settings,
            org_id,
            name,
            currency,
            lenient=lenient,
            live=live,
            rate=rate,
            provider=provider,
            console=out,
        )
    )


@seller_app.command("list")
def seller_list(data: Data = None, database: Database = None, config: ConfigFile = None) -> None:
    """List sellers and their keys (never the keys themselves)."""
    from ndc_oms.cli.selling import list_sellers

    asyncio.run(list_sellers(configured(config, data=data, database=database), out))


@seller_app.command("revoke")
def seller_revoke(
    org_id: Annotated[str, typer.Argument(help="OrgID of the seller.")],
    key_id: Annotated[
        str, typer.Argument(help="As `seller list` shows it; without it every key of the seller.")
    ] = "",
    data: Data = None,
    database: Database = None,
    config: ConfigFile = None,
) -> None:
    """Revoke a key: it stops working within seconds."""
    from ndc_oms.cli.selling import revoke_key

    asyncio.run(revoke_key(configured(config, data=data, database=database), org_id, key_id, out))


@scenario_app.command("list")
def scenario_list() -> None:
    """List the conversations that are shipped with the server."""
    from ndc_oms.cli.scenes import list_stories

    list_stories(out)


@scenario_app.command("play")
def scenario_play(
    name: Annotated[str, typer.Argument(help="As `scenario list` shows it, or a folder.")],
    url: Annotated[str, typer.Option(help="A running server; without it, one of its own.")] = "",
    key: Annotated[str, typer.Option(help="The seller's key.")] = "ndc_test_demo",
    brief: Annotated[bool, typer.Option(help="Only what the replies say, without XML.")] = False,
) -> None:
    """Play a conversation and show every message of it.

    On a server of its own the clock stands where the conversation was recorded, so that it goes
    as it is told; on a running one the day is today, and flights and prices are others.
    """
    from ndc_oms.cli.scenes import show_story

    asyncio.run(show_story(name, url, key, out, brief=brief))


if __name__ == "__main__":
    main()

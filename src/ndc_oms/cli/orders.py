"""What the airline's staff do to an order."""

import asyncio
from typing import Annotated

import typer

from ndc_oms.cli.settings import ConfigFile, Data, Database, WorldFolder, configured, out

order_app = typer.Typer(help="What the airline's staff do to orders.", no_args_is_help=True)


@order_app.callback()
def orders() -> None:
    """What the airline's staff do to orders."""


@order_app.command("split")
def order_split(
    order_id: Annotated[str, typer.Argument(help="The order.")],
    passengers: Annotated[
        str, typer.Option(help="Who goes, by PaxID: PAX1,PAX2. Infants on their laps go along.")
    ],
    data: Data = None,
    database: Database = None,
    world: WorldFolder = None,
    config: ConfigFile = None,
) -> None:
    """Give some passengers of an order an order of their own, with all that is theirs.

    The booking is divided; tickets and EMDs keep their numbers; of each payment, what it paid for
    them goes along. The seller finds both orders, and is told where it has an endpoint.
    """
    from ndc_oms.cli.splitting import split_order

    settings = configured(config, data=data, database=database, world=world)
    asyncio.run(split_order(settings, order_id, passengers.split(","), out))

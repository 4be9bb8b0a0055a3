"""Commands about what the airline changes: airports and schedules of the simulated reservation
system, and what sellers are told of it.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ndc_oms.cli.settings import ConfigFile, Data, Database, WorldFolder, configured, out

pss_app = typer.Typer(
    help="Tells the simulated reservation system what happens.", no_args_is_help=True
)
notifications_app = typer.Typer(
    help="What sellers are told of changes by the airline.", no_args_is_help=True
)


@pss_app.command("coupon")
def pss_coupon(
    number: Annotated[str, typer.Argument(help="Of the ticket or EMD: 13 digits.")],
    coupon: Annotated[int, typer.Argument(help="1 to 4.")],
    status: Annotated[
        str,
        typer.Argument(
            help="checked-in, boarded, flown, no-show, suspended, open, airport-control, or a "
            "letter of PADIS 4405."
        ),
    ],
    data: Data = None,
    world: WorldFolder = None,
    config: ConfigFile = None,
) -> None:
    """Move a coupon, as an airport would. A server on the same folder hears of it at once."""
    from ndc_oms.cli.rehearsing import move_coupon

    settings = configured(config, data=data, world=world)
    asyncio.run(move_coupon(settings, number, coupon, status, out))


@pss_app.command("schedule")
def pss_schedule(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="SSM and ASM messages.")
    ],
    data: Data = None,
    world: WorldFolder = None,
    config: ConfigFile = None,
) -> None:
    """Change the schedule: NEW, CNL, TIM, EQT, RPL, RIN, CON. A server on the same folder hears
    of it at once, and changes the orders that it concerns.
    """
    from ndc_oms.cli.rehearsing import change_schedule

    settings, messages = configured(config, data=data, world=world), file.read_text("utf-8")
    asyncio.run(change_schedule(settings, messages, out))


def seller_notify(
    org_id: Annotated[str, typer.Argument(help="OrgID of the seller.")],
    url: Annotated[
        str, typer.Argument(help="Where it is told of changes; without it, nowhere any more.")
    ] = "",
    data: Data = None,
    database: Database = None,
    config: ConfigFile = None,
) -> None:
    """Tell a seller of changes that the airline makes, by OrderChangeNotifRQ to its endpoint.

    The endpoint is pinged first, and must answer with success. The key that notifications are
    signed with is shown, this once.
    """
    from ndc_oms.cli.notifying import register, unregister

    settings = configured(config, data=data, database=database)
    done = register(settings, org_id, url, out) if url else unregister(settings, org_id, out)
    asyncio.run(done)


@notifications_app.command("list")
def notifications_list(
    order_id: Annotated[str, typer.Argument(help="Of one order; without it, of all.")] = "",
    data: Data = None,
    database: Database = None,
    config: ConfigFile = None,
) -> None:
    """List what sellers were told, or are to be told, and what they answered."""
    from ndc_oms.cli.notifying import list_notifications

    settings = configured(config, data=data, database=database)
    asyncio.run(list_notifications(settings, order_id, out))


@notifications_app.command("resend")
def notifications_resend(
    order_id: Annotated[str, typer.Argument(help="The order.")],
    sequence: Annotated[
        int | None, typer.Argument(help="As `list` shows it; without it, all of the order.")
    ] = None,
    data: Data = None,
    database: Database = None,
    config: ConfigFile = None,
) -> None:
    """Send notifications again, whatever became of them."""
    from ndc_oms.cli.notifying import resend

    asyncio.run(resend(configured(config, data=data, database=database), order_id, sequence, out))

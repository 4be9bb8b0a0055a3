"""Options that many commands have, and where they print."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ndc_oms.config import Config, load

ConfigFile = Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")]
Data = Annotated[Path | None, typer.Option(help="Folder for the database and the secret.")]
Database = Annotated[
    str | None, typer.Option(help="postgresql+asyncpg://USER@HOST/NAME; default: SQLite in --data.")
]
WorldFolder = Annotated[Path | None, typer.Option(help="Folder of the airline's world.")]

out = Console()


def configured(file: Path | None, **options: object) -> Config:
    return load(file, **options)

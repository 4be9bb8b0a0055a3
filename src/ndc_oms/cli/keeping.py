"""`ndc-oms backup` and `ndc-oms restore`."""

from pathlib import Path

from rich.console import Console

from ndc_oms.cli.checking import run_verify
from ndc_oms.config import Config
from ndc_oms.store.backup import back_up, restore


async def run_backup(config: Config, file: Path, console: Console) -> None:
    with console.status("Copying …"):
        size = await back_up(config.database_url, config.data, file)
    console.print(f"Everything is in {file} ({size / 1e6:.1f} MB).", highlight=False)
    console.print("It holds the secret and personal data: keep it where nobody else reads it.")


async def run_restore(config: Config, file: Path, console: Console) -> int:
    """How many findings `verify` has on what was restored."""
    with console.status("Restoring …"):
        manifest = await restore(config.database_url, config.data, file)
    console.print(
        f"Restored into {config.data}, as it was at {manifest['made_at']}.", highlight=False
    )
    return await run_verify(config, console)

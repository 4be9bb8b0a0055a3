"""Brings a database to the newest schema, when it is opened.

Alembic is loaded only where there is something to do: a database that is up to date costs one
read. Processes that open one at the same time wait for each other, and find it done.
"""

from pathlib import Path
from typing import Final

from sqlalchemy.engine import Connection

from ndc_oms.store.migrations import HEAD

FOLDER: Final = Path(__file__).resolve().parent / "migrations"


def upgrade(connection: Connection, shown: str, to: str = HEAD) -> None:
    """In the connection's transaction, which holds off others. shown: the database's name.

    Raises RuntimeError for a schema that is newer than this version.
    """
    from alembic import command  # noqa: PLC0415  # a quarter of a second, rarely needed
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise RuntimeError(f"{shown}: {error}; was it written by a newer version?") from error

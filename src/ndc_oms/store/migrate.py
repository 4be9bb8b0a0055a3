"""Brings a database to the newest schema, when it is opened.

Alembic is loaded only where there is something to do: a database that is up to date costs one
read.
"""

import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.pool import NullPool

from ndc_oms.store import sqlite
from ndc_oms.store.hand import StorageError
from ndc_oms.store.migrations import HEAD

FOLDER: Final = Path(__file__).resolve().parent / "migrations"


def migrate(path: str) -> None:
    """Raises OSError where the folder cannot be made, StorageError where the file cannot be used,
    RuntimeError for a schema that is newer than this version.
    """
    Path(path).resolve().parent.mkdir(parents=True, exist_ok=True)
    try:
        if _revision(path) != HEAD:
            _upgrade(path)
    except sqlite3.Error as error:
        raise StorageError(f"{path}: {error}", certain=True) from error


def _revision(path: str) -> str | None:
    connection = sqlite.connect(path)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return None
    finally:
        connection.close()
    return None if row is None else str(row[0])


def _upgrade(path: str) -> None:
    from alembic import command  # noqa: PLC0415  # a quarter of a second, rarely needed
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = create_engine(
        URL.create("sqlite", database=path),
        creator=lambda: sqlite.connect(path),
        poolclass=NullPool,
    )

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # a second process waits, then finds it done

    event.listen(engine, "begin", begin)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise RuntimeError(f"{path}: {error}; was it written by a newer version?") from error
    finally:
        engine.dispose()

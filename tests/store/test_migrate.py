"""The schema: migrations end where the tables are, once, and quickly when already there."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from ndc_oms.store import sqlite
from ndc_oms.store.hand import StorageError
from ndc_oms.store.migrate import FOLDER, migrate
from ndc_oms.store.migrations import HEAD
from ndc_oms.store.sql_store import open_store
from ndc_oms.store.tables import metadata


def test_the_migrations_make_the_tables(url: str) -> None:
    migrate(sqlite.path_of(url))
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_database_that_is_up_to_date_opens_without_alembic(url: str) -> None:
    migrate(sqlite.path_of(url))
    script = (
        "import sys; from ndc_oms.store.migrate import migrate; "
        f"migrate({sqlite.path_of(url)!r}); print('alembic' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


async def test_two_may_open_a_new_database_at_once(url: str) -> None:
    path = sqlite.path_of(url)
    await asyncio.gather(*(asyncio.to_thread(migrate, path) for _ in range(4)))
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    connection.close()


async def test_the_folder_is_made(tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/a/b/store.sqlite3")
    await store.close()
    assert (tmp_path / "a/b/store.sqlite3").is_file()


def test_a_newer_schema_is_refused(url: str) -> None:
    path = sqlite.path_of(url)
    migrate(path)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(RuntimeError, match="newer version"):
        migrate(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no database at all, but long enough to look at" * 100)
    with pytest.raises(StorageError, match="not a database"):
        migrate(str(tmp_path / "file"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name"])
async def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///<path>"):
        await open_store(url)

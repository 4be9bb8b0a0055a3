"""The schema: migrations end where the tables are, once, and quickly when already there."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, make_url
from tests.store import raw

from ndc_oms.errors import Invalid, Unavailable
from ndc_oms.store.hand import StorageError
from ndc_oms.store.migrate import FOLDER
from ndc_oms.store.migrations import HEAD
from ndc_oms.store.place import place_of
from ndc_oms.store.sql_store import open_store
from ndc_oms.store.tables import metadata


def differences(connection: Connection) -> object:
    return compare_metadata(MigrationContext.configure(connection), metadata)


async def test_the_migrations_make_the_tables(empty_url: str) -> None:
    await place_of(empty_url).migrate()
    async with raw.behind(empty_url) as connection:
        assert await connection.run_sync(differences) == []


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_database_that_is_up_to_date_opens_without_alembic(url: str) -> None:
    script = (
        "import asyncio, sys; from ndc_oms.store.place import place_of; "
        f"asyncio.run(place_of({url!r}).migrate()); print('alembic' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


async def test_several_may_open_a_new_database_at_once(empty_url: str) -> None:
    await asyncio.gather(*(place_of(empty_url).migrate() for _ in range(4)))
    assert await raw.rows(empty_url, "SELECT version_num FROM alembic_version") == [(HEAD,)]


async def test_the_folder_is_made(tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/a/b/store.sqlite3")
    await store.close()
    assert (tmp_path / "a/b/store.sqlite3").is_file()


async def test_a_newer_schema_is_refused(url: str) -> None:
    await raw.change(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RuntimeError, match="newer version"):
        await place_of(url).migrate()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no database at all, but long enough to look at" * 100)
    with pytest.raises(StorageError, match="not a database"):
        await place_of(f"sqlite:///{tmp_path / 'file'}").migrate()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_database_that_was_not_created_is_refused_with_the_command(url: str) -> None:
    nowhere = make_url(url).set(database="nowhere")
    with pytest.raises(Unavailable, match="createdb nowhere"):
        await open_store(nowhere.render_as_string())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("mysql://host/name", "mysql database is not supported"),
        ("nonsense", "no database URL"),
    ],
)
async def test_other_databases_are_refused(wrong: str, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        await open_store(wrong)
    assert "sqlite:///<path>" in refused.value.remedy

"""`backup` of a house at work, `restore` into an empty one, which then goes on with the sale."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console
from tests.houses import serving
from typer.testing import CliRunner, Result

from ndc_oms.cli import main as cli
from ndc_oms.errors import NotAllowed
from ndc_oms.kit.conversation import offers_of
from ndc_oms.kit.requests import Pax

PARTY = (Pax("PAX1", surname="Hansen", given="Maren"),)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "out", Console(width=160))


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


async def test_a_house_is_restored_and_goes_on(tmp_path: Path) -> None:
    file, new = tmp_path / "monday.tar.gz", tmp_path / "new"
    async with serving(tmp_path / "old", database="") as served:
        offers = offers_of(
            await served.talk.shop([("YYZ", "YVR", served.today + timedelta(days=30))], PARTY)
        )
        created = await served.talk.create(offers[0], PARTY, "trx-1")
        order_id = created.text("Response/Order/OrderID")
        made = await asyncio.to_thread(run, "backup", file, "--data", tmp_path / "old")
        assert (made.exit_code, "MB" in made.output) == (0, True), made.output
        clock = served.clock
    done = await asyncio.to_thread(run, "restore", file, "--data", new)
    assert (done.exit_code, "Every invariant holds" in done.output) == (0, True), done.output
    async with serving(new, database="", clock=clock) as served:
        again = await served.talk.create(offers[0], PARTY, "trx-1")
        assert again.body == created.body
        kept = await served.talk.retrieve(order_id)
        assert [each.text for each in kept.all("//CouponStatusCode")] == ["O"]
        other = await served.talk.create(offers[1], PARTY, "trx-2")
        assert other.errors == ()  # with a ticket number that was not used before
        assert await served.findings() == []


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert isinstance(run("backup", tmp_path / "file").exception, NotAllowed)
    result = run("restore", tmp_path / "file", "--data", tmp_path)
    assert isinstance(result.exception, NotAllowed)

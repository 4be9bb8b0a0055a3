"""The command line as a person meets it: what is printed, and the status that scripts read."""

import asyncio
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from rich.console import Console
from tests.houses import configured, serving
from tests.store import raw
from typer.testing import CliRunner, Result

from ndc_oms import __version__, resources
from ndc_oms.cli import main as cli
from ndc_oms.errors import NotFound
from ndc_oms.kit.conversation import offers_of
from ndc_oms.kit.requests import Pax, air_shopping

AIRLINE = resources.fixtures() / "airline"


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "out", Console(width=160))
    for name in ("NDC_OMS_DATA", "NDC_OMS_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def test_help_names_every_command_and_how_to_start() -> None:
    said = run("--help").output
    for command in ("serve", "deliver", "demo", "explain", "verify", "world", "seller"):
        assert command in said
    assert "ndc-oms serve" in said
    assert "NDC_OMS_PORT" in said


def test_version_is_the_package_s() -> None:
    assert run("--version").output.strip() == __version__


def test_explain_says_valid_of_a_valid_document(tmp_path: Path) -> None:
    file = tmp_path / "shop.xml"
    file.write_bytes(air_shopping([("YYZ", "LHR", date(2027, 3, 1))]))
    result = run("explain", file)
    assert result.exit_code == 0
    assert "is valid" in result.output


def test_explain_lists_every_violation_with_its_path(tmp_path: Path) -> None:
    file = tmp_path / "shop.xml"
    wrong = air_shopping([("YYZ", "LHR", date(2027, 3, 1))]).replace(b"2027-03-01", b"soon")
    file.write_bytes(wrong.replace(b"<PTC>ADT</PTC>", b"<PTC>ADT</PTC><PTC>CHD</PTC>"))
    result = run("explain", file)
    assert result.exit_code == 1
    assert "2 violations" in result.output
    assert "OriginDepCriteria/Date" in result.output
    assert "PaxList/Pax" in result.output


def test_the_demo_s_world_is_sound() -> None:
    result = run("world", "check", AIRLINE)
    assert result.exit_code == 0
    assert "Trillium Airways" in result.output


def test_a_wrong_row_is_named_by_file_line_and_field(tmp_path: Path) -> None:
    shutil.copytree(AIRLINE, tmp_path, dirs_exist_ok=True)
    taxes = (tmp_path / "taxes.csv").read_text("utf-8").splitlines()
    at = next(n for n, line in enumerate(taxes) if line.startswith("CA,"))
    taxes[at] = taxes[at].replace("CAD", "XXQ")
    (tmp_path / "taxes.csv").write_text("\n".join(taxes) + "\n", "utf-8")
    result = run("world", "check", tmp_path)
    assert result.exit_code == 1
    row = next(line for line in result.output.splitlines() if "taxes.csv" in line)
    assert str(at + 1) in row
    assert "currency" in row


def test_a_provider_is_added_and_may_only_deliver(tmp_path: Path) -> None:
    data = ("--data", tmp_path)
    added = run("seller", "add", "95000009", "Corner Kitchen", "--provider", *data)
    assert "may tell what it delivered" in added.output
    assert re.search(r"ndc_test_\S{43}", added.output)
    listed = run("seller", "list", *data)
    assert re.search(r"95000009.*deliver", listed.output)


def test_sellers_are_added_listed_and_revoked(tmp_path: Path) -> None:
    data = ("--data", tmp_path)
    added = run("seller", "add", "92000000", "Wide World Travel", "--currency", "EUR", *data)
    assert added.exit_code == 0
    assert "ndc_test_" in added.output
    listed = run("seller", "list", *data).output
    assert "Wide World Travel" in listed
    assert "ndc_test_" not in listed
    assert "1 key of 92000000 revoked" in run("seller", "revoke", "92000000", *data).output
    assert "0 keys of 92000000 revoked" in run("seller", "revoke", "92000000", *data).output


def test_a_sale_is_played_as_tables() -> None:
    result = run("demo")
    assert result.exit_code == 0, result.output
    for word in ("12 offers", "price by passenger and bound", "READY TO PROCEED", "968"):
        assert word in result.output


async def test_verify_finds_a_sound_house_sound_and_a_broken_one_broken(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        party = (Pax("PAX1"),)
        day = served.today + timedelta(days=30)
        offers = offers_of(await served.talk.shop([("YYZ", "YVR", day)], party))
        assert (await served.talk.create(offers[0], party, "trx-1")).errors == ()
    url = configured(tmp_path).database_url
    asked = ("verify", "--data", tmp_path, "--database", url)
    sound = await asyncio.to_thread(run, *asked)
    assert (sound.exit_code, "Every invariant holds" in sound.output) == (0, True), sound.output
    await raw.change(url, "DELETE FROM order_events WHERE sequence = 2")
    broken = await asyncio.to_thread(run, *asked)
    assert broken.exit_code == 1
    assert "I6" in broken.output


def test_verify_of_nothing_is_refused(tmp_path: Path) -> None:
    result = run("verify", "--data", tmp_path)
    assert isinstance(result.exception, NotFound)

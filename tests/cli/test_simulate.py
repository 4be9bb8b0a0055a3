"""`ndc-oms simulate`: counts where all is well, the seed and how to see it again where not."""

import pytest
from rich.console import Console
from tests.simulation.planted import sellers_see_each_other_s
from typer.testing import CliRunner, Result

from ndc_oms.cli import main as cli


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, ["simulate", *(str(word) for word in words)])


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "out", Console(width=160))


def test_it_counts_what_happened() -> None:
    result = run("--seeds", 3, "--first", 70)
    assert result.exit_code == 0
    assert "Every invariant holds" in result.output
    assert "messages sent by sellers" in result.output


def test_a_failure_names_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    sellers_see_each_other_s(monkeypatch)
    result = run("--seeds", 50, "--first", 0, "--trace", 5)
    assert result.exit_code == 1
    assert "I24" in result.output
    seed = result.output.split("Seed ")[1].split(" ")[0]
    assert f"ndc-oms simulate --first {seed} --seeds 1" in result.output
    again = run("--seeds", 1, "--first", seed)
    assert again.exit_code == 1
    assert f"Seed {seed} fails" in again.output


def test_an_adapter_that_is_not_installed_is_told() -> None:
    result = run("--pss", "nowhere", "--seeds", 1)
    assert result.exit_code != 0
    assert "nowhere" in str(result.exception)

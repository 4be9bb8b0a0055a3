"""A failpoint is nothing until it is armed; then it is the end."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ndc_oms.ports import failpoint

SRC = Path(__file__).parents[2] / "src"
PASSING = """
from ndc_oms.ports.failpoint import reached
for n in range(3):
    reached("here")
    print(n, flush=True)
"""


def test_unarmed_it_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(failpoint.VARIABLE, raising=False)
    failpoint.reached("here")
    monkeypatch.setenv(failpoint.VARIABLE, "elsewhere")
    failpoint.reached("here")


@pytest.mark.parametrize(("armed", "printed"), [("here", ""), ("here:3", "0\n1\n")])
def test_armed_it_kills_at_the_named_passage(armed: str, printed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PASSING],
        env={"PYTHONPATH": str(SRC), failpoint.VARIABLE: armed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, printed)


def test_a_file_arms_it_while_it_runs(tmp_path: Path) -> None:
    script = """
from pathlib import Path
from ndc_oms.ports.failpoint import reached
reached("here")
print("unarmed", flush=True)
Path(__import__("sys").argv[1]).write_text("here\\n")
reached("elsewhere")
print("armed", flush=True)
reached("here")
"""
    armed = tmp_path / "armed"
    done = subprocess.run(
        [sys.executable, "-c", script, str(armed)],
        env={"PYTHONPATH": str(SRC), failpoint.VARIABLE: f"@{armed}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "unarmed\narmed\n")

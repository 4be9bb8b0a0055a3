"""The bench runs, all of it, on a tenth of the work. Its figures are looked at by people."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree
from tests.bench.plot import LOOKED_AT, picture

PARTS = {"shopping", "writing", "ordering", "growth"}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_bench_runs(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    command = [sys.executable, "-m", "tests.bench", "--quick", "--json", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    figures = json.loads(file.read_text())
    assert {table["part"] for table in figures} == PARTS
    assert all(table["rows"] for table in figures)
    assert len(etree.fromstring(picture(figures).encode()).findall("{*}g")) == len(LOOKED_AT)

"""The bench runs, on a tenth of the work: one part of it in `make test`, all of it in `make
test-all`. Its figures are looked at by people.
"""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree
from tests.bench.figures import middle
from tests.bench.plot import APART, LOOKED_AT, picture, spread
from tests.conftest import ALL

PARTS = {"shopping", "servicing", "writing", "ordering", "growth"}


def test_names_of_lines_do_not_touch() -> None:
    ends = [40.0, 160.0, 161.0, 90.0, 155.0]
    places = sorted(spread(ends))
    assert all(below - above >= APART for above, below in pairwise(places))
    assert spread(ends)[:4:3] == [40.0, 90.0]  # where there is room, beside their line


def test_what_a_neighbour_disturbed_does_not_count() -> None:
    assert middle([1.0, 2.0, 4.0, 90.0]) == 3.0
    assert middle([90.0, 1.5, 2.5, 1.0, 2.0, 0.1, 3.0, 80.0]) == 2.25
    assert middle([90.0, 1.0, 2.0]) == 2.0
    assert middle([1.5]) == 1.5


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_bench_runs(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    whole = bool(os.environ.get(ALL))
    only = [] if whole else ["--only", "writing"]
    command = [sys.executable, "-m", "tests.bench", "--quick", "--json", str(file), *only]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    figures = json.loads(file.read_text())
    assert {table["part"] for table in figures} == (PARTS if whole else {"writing"})
    assert all(table["rows"] for table in figures)
    if not whole:
        return
    assert len(etree.fromstring(picture(figures).encode()).findall("{*}g")) == len(LOOKED_AT)

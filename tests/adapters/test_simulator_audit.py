"""The audit finds what is wrong: each thing is planted once."""

import sqlite3
from pathlib import Path

import pytest
from tests.adapters.simulated_airline import FLIGHTS, MovingClock, settings

from ndc_oms.kit.pss_bench import Bench
from ndc_pss_simulator.simulator import FILE, Simulator

DAMAGE = [
    ("UPDATE classes SET sold = sold + 1 WHERE rbd = 'B' AND sold > seeded", "live PNRs"),
    ("UPDATE classes SET held = 1 WHERE rbd = 'B' AND sold > seeded", "live holds"),
    ("UPDATE classes SET used = 0 WHERE rbd = 'Y'", "with lower classes"),
    ("UPDATE classes SET authorised = used, sold = 50 WHERE rbd = 'Q'", "authorised"),
    ("DELETE FROM classes", "nobody counts"),
    (
        'UPDATE documents SET body = replace(body, \'"number":1,"status":"O"\','
        ' \'"number":1,"status":"V"\') WHERE first = number',
        "void in part",
    ),
    ("UPDATE counters SET value = 2400000002 WHERE name = 'document'", "given again"),
    ("UPDATE documents SET locator = 'ZZZZZZ'", "no PNR"),
    ("DELETE FROM documents WHERE number = first", "consecutive"),
]


@pytest.mark.parametrize(("damage", "found"), DAMAGE)
async def test_damage_is_found(tmp_path: Path, damage: str, found: str) -> None:
    clock = MovingClock()
    pss = Simulator(settings(str(tmp_path), clock))
    bench = Bench(pss, FLIGHTS, "B", 4, clock.now)
    await bench.issue(6)
    assert await pss.audit() == []
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute(damage)
    connection.commit()
    connection.close()
    wrong = await pss.audit()
    await pss.close()
    assert any(found in line for line in wrong), wrong

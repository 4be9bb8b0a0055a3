"""Several real processes on one file: the last seat is sold once, and a kill loses nothing."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.adapters.simulated_airline import FLIGHTS, MovingClock, settings

from ndc_oms.kit.pss_bench import done
from ndc_oms.ports.failpoint import VARIABLE
from ndc_pss_simulator.simulator import Simulator

ROOT = Path(__file__).parents[2]


def start(script: str, *arguments: str, failpoint: str | None = None) -> "subprocess.Popen[str]":
    paths = [str(ROOT), str(ROOT / "src"), str(ROOT / "adapters" / "pss")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    if failpoint:
        environment[VARIABLE] = failpoint
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


RACE = """
import asyncio, sys
from datetime import timedelta
from ndc_pss_simulator.simulator import Simulator
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import SegmentSale
from tests.adapters.simulated_airline import FLIGHTS, MovingClock, settings

async def race(folder, name):
    clock = MovingClock()
    pss = Simulator(settings(folder, clock))
    print("ready", flush=True)
    sys.stdin.readline()
    until = clock.now() + timedelta(minutes=15)
    got = 0
    for flight in FLIGHTS:
        for n in range(10):
            sale = SegmentSale(flight, "B", 1)
            answer = await pss.hold(f"{name}:{flight}:{n}", [sale], until)
            got += isinstance(answer, Confirmed)
    print(got, flush=True)
    await pss.close()

asyncio.run(race(*sys.argv[1:]))
"""


@pytest.mark.slow
async def test_processes_race_for_the_last_seats(tmp_path: Path) -> None:
    racers = [start(RACE, str(tmp_path), str(n)) for n in range(5)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    replies = await asyncio.gather(
        *(asyncio.to_thread(racer.communicate, "go\n") for racer in racers)
    )
    assert [racer.returncode for racer in racers] == [0] * 5
    assert sum(int(out) for out, _ in replies) == 4 * len(FLIGHTS)  # each has 4 B seats left
    pss = Simulator(settings(str(tmp_path), MovingClock()))
    assert await pss.audit() == []
    await pss.close()


DYING = """
import asyncio, sys
from ndc_pss_simulator.simulator import Simulator
from ndc_oms.kit.pss_bench import Bench
from tests.adapters.simulated_airline import FLIGHTS, MovingClock, settings

async def live(folder):
    clock = MovingClock()
    bench = Bench(Simulator(settings(folder, clock)), FLIGHTS, "B", 4, clock.now)
    sale = bench.sale()
    await bench.pss.hold("h", [sale], clock.now().replace(hour=23))
    booked = await bench.pss.book("b", bench.booking("h", sale))
    issued = await bench.pss.issue("i", bench.ticket(booked.value))
    await bench.pss.void("v", issued.value[0].number)
    await bench.pss.cancel("c", booked.value.locator)

asyncio.run(live(sys.argv[1]))
"""
STEPS = [("hold", "h"), ("book", "b"), ("issue", "i"), ("void", "v"), ("cancel", "c")]


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before-commit", "after-commit"])
@pytest.mark.parametrize(("verb", "reference"), STEPS)
async def test_a_kill_leaves_a_call_done_or_not_done(
    tmp_path: Path, verb: str, reference: str, moment: str
) -> None:
    dying = start(DYING, str(tmp_path), failpoint=f"pss.{verb}.{moment}")
    await asyncio.to_thread(dying.communicate)
    assert dying.returncode == -signal.SIGKILL
    pss = Simulator(settings(str(tmp_path), MovingClock()))
    assert (done(await pss.find(reference)) is not None) is (moment == "after-commit")
    assert await pss.audit() == []
    await pss.close()

"""kill -9: what was acknowledged is there, whole; what was not is there whole or not at all."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from tests.store.samples import StoppedClock, claim

from ndc_oms.errors import NotFound
from ndc_oms.store.sql_store import open_store
from ndc_oms.store.verify import verify

ROOT = Path(__file__).resolve().parents[2]
# Writes orders as fast as it can and prints each id after its acknowledgement.
CHILD = textwrap.dedent("""
    import asyncio, os, sys
    from ndc_oms.store.sql_store import open_store
    from tests.store.samples import claim, creation, life, order, record

    async def one(store, lane):
        for n in range(1_000_000):
            order_id = f"{lane}{n:09d}"
            await store.write(claim(f"key-{order_id}", order_id))
            serial = (ord(lane) * 1_000_000 + n) * 2
            await store.write(record(None, life(order(order_id), serial)))
            os.write(1, f"{order_id}\\n".encode())

    async def main():
        store = await open_store(sys.argv[1])
        await asyncio.gather(*(one(store, lane) for lane in "ABCDEFGH"))

    asyncio.run(main())
""")


def start(url: str, failpoint: str = "") -> "subprocess.Popen[str]":
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "NDC_OMS_FAILPOINT": failpoint,
    }
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, url], stdout=subprocess.PIPE, text=True, env=environment
    )


async def check(url: str, acknowledged: list[str]) -> None:
    assert await verify(url) == []
    store = await open_store(url, clock=StoppedClock())
    for order_id in acknowledged:
        kept = await store.get_order(order_id, None)
        assert kept.order.sequence == 6
        assert await store.find_claim(kept.order.seller, f"key-{order_id}") is not None
    await store.close()


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 50, 200])
async def test_killed_in_the_midst_of_writing(url: str, after: int) -> None:
    child = start(url)
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(after)]
    os.kill(child.pid, signal.SIGKILL)
    lines += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    acknowledged = [line.strip() for line in lines if line.endswith("\n")]
    assert len(acknowledged) >= after
    await check(url, acknowledged)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["store.before-commit", "store.after-commit"])
async def test_killed_around_the_commit(url: str, place: str) -> None:
    child = start(url, place)
    out, _ = await asyncio.to_thread(child.communicate)
    assert child.returncode == -signal.SIGKILL
    assert out == ""  # nothing was acknowledged
    store = await open_store(url, clock=StoppedClock())
    for lane in "ABCDEFGH":
        with pytest.raises(NotFound):
            await store.get_order(f"{lane}{0:09d}", None)
    first = await store.find_claim(claim().seller, f"key-A{0:09d}")
    assert (first is None) == (place == "store.before-commit")
    await store.close()
    await check(url, [])

"""`order split`, beside a house that is at work on the same folder."""

import asyncio
from pathlib import Path

import pytest
from rich.console import Console
from tests.e2e.servicing import COUPLE, bought
from tests.houses import serving
from typer.testing import CliRunner, Result

from ndc_oms.cli import main as cli
from ndc_oms.cli import orders
from ndc_oms.errors import Invalid, NotAllowed, NotFound


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "out", Console(width=200))
    monkeypatch.setenv("NDC_OMS_SECRET", "a secret of tests, long enough")


async def run(*words: object) -> Result:
    """As another process would: not in the loop of the house."""
    told = [str(word) for word in words]
    return await asyncio.to_thread(CliRunner().invoke, cli.app, told)


async def test_an_order_is_split_beside_a_running_house(tmp_path: Path) -> None:
    async with serving(tmp_path, database="") as served:
        order = await bought(served, COUPLE)
        wanted = ("order", "split", order.order_id, "--data", tmp_path, "--passengers")
        for who, kind in (("PAX7", Invalid), ("PAX1,PAX2", NotAllowed)):
            assert isinstance((await run(*wanted, who)).exception, kind)
        none = ("order", "split", "T8ZZZZZZZZZZ", "--data", tmp_path, "--passengers", "PAX1")
        assert isinstance((await run(*none)).exception, NotFound)
        done = await run(*wanted, "PAX2")
        assert done.exit_code == 0, done.output
        old = (await served.house.store.get_order(order.order_id, None)).order
        (split,) = old.splits
        new = (await served.house.store.get_order(split.order_id, None)).order
        assert old.own_booking is not None
        assert new.own_booking is not None
        for told in (old.order_id, new.order_id, old.own_booking.locator, new.own_booking.locator):
            assert told in done.output
        assert await served.findings() == []

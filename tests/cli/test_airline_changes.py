"""`pss`, `seller notify` and `notifications`, beside a house that is at work on the same folder."""

import asyncio
from pathlib import Path

import pytest
from rich.console import Console
from tests.e2e.airline import cancelled, first_segment, heard
from tests.e2e.receiver import fail, receiving
from tests.e2e.servicing import bought, coupons, seen
from tests.houses import serving
from typer.testing import CliRunner, Result

from ndc_oms.cli import airline_changes
from ndc_oms.cli import main as cli
from ndc_oms.errors import Invalid, NotAllowed, NotFound, Unavailable


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (cli, airline_changes):
        monkeypatch.setattr(module, "out", Console(width=200))
    monkeypatch.setenv("NDC_OMS_SECRET", "a secret of tests, long enough")
    monkeypatch.delenv("NDC_OMS_TEST_MODE", raising=False)


async def run(*words: object) -> Result:
    """As another process would: not in the loop of the house."""
    told = [str(word) for word in words]
    return await asyncio.to_thread(CliRunner().invoke, cli.app, told)


async def test_a_coupon_and_a_flight_are_moved_beside_a_running_house(tmp_path: Path) -> None:
    async with serving(tmp_path, database="") as served:
        order = await bought(served)
        kept = (await served.house.store.get_order(order.order_id, None)).order
        number = kept.documents[0].number
        moved = await run("pss", "coupon", number, 1, "checked-in", "--data", tmp_path)
        assert (moved.exit_code, "checked_in (C)" in moved.output) == (0, True), moved.output
        await heard(served)
        assert coupons(await seen(served, order)) == ["C"]
        wrong = await run("pss", "coupon", number, 1, "lost", "--data", tmp_path)
        assert isinstance(wrong.exception, Invalid)
        illegal = await run("pss", "coupon", number, 1, "R", "--data", tmp_path)
        assert isinstance(illegal.exception, Unavailable)

        file = tmp_path / "change.txt"
        segment = await first_segment(served, order)
        file.write_text(cancelled(segment))
        done = await run("pss", "schedule", file, "--data", tmp_path)
        assert (done.exit_code, "does not operate" in done.output) == (0, True), done.output
        await heard(served)
        assert (await first_segment(served, order)).flight.key != segment.flight.key
        again = await run("pss", "schedule", file, "--data", tmp_path)
        assert isinstance(again.exception, Invalid)


async def test_an_endpoint_is_registered_told_listed_and_told_again(tmp_path: Path) -> None:
    async with serving(tmp_path, database="", deliver=False) as served, receiving() as receiver:
        made = await run("seller", "notify", "91000000", receiver.url, "--data", tmp_path)
        assert (made.exit_code, "ndc_notify_" in made.output) == (0, True), made.output
        (ping,) = receiver.got
        assert ping.body.startswith(b"ping ")
        assert ping.signature

        order = await bought(served)
        await served.pss.schedule(cancelled(await first_segment(served, order)))
        await heard(served)
        listed = await run("notifications", "list", order.order_id, "--data", tmp_path)
        assert "waiting" in listed.output
        await served.house.notifier.run_due()
        listed = await run("notifications", "list", "--data", tmp_path)
        assert "OK: Seen" in listed.output
        again = await run("notifications", "resend", order.order_id, "--data", tmp_path)
        assert "1 notification to be sent again" in again.output
        unknown = await run("notifications", "resend", "T8NONE", "--data", tmp_path)
        assert isinstance(unknown.exception, NotFound)

        gone = await run("seller", "notify", "91000000", "--data", tmp_path)
        assert "nowhere any more" in gone.output


async def test_an_endpoint_that_cannot_be_told_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path, database="", deliver=False), receiving() as receiver:
        nobody = await run("seller", "notify", "nobody", receiver.url, "--data", tmp_path)
        assert isinstance(nobody.exception, NotFound)
        receiver.answer = fail
        deaf = await run("seller", "notify", "91000000", receiver.url, "--data", tmp_path)
        assert isinstance(deaf.exception, Unavailable)
        monkeypatch.setenv("NDC_OMS_TEST_MODE", "false")
        plain = await run("seller", "notify", "91000000", receiver.url, "--data", tmp_path)
        assert isinstance(plain.exception, Invalid)
        near = await run("seller", "notify", "91000000", "https://127.0.0.1/", "--data", tmp_path)
        assert isinstance(near.exception, NotAllowed)

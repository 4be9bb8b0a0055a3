"""Each fault of the PSS, the card gateway, the voucher book and the payment page, at each verb that
servicing calls: the order ends as without the fault, once, in every set of books.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from tests.faults.acting import act, post
from tests.faults.flow import Prepared
from tests.faults.servicing_flows import FLOWS
from tests.faults.servicing_process import money
from tests.houses import Served, serving

from ndc_oms.payments.gateways.pages import PaymentPages
from ndc_oms.payments.gateways.simulated import SimulatedGateway
from ndc_oms.payments.gateways.vouchers import VoucherBook
from ndc_oms.ports.simulation.side import SimulatedSide

# A fault that passes; each is met by the first call of the verb.
KINDS: Final = (
    "rejects-once",
    "times-out-before:1x",
    "times-out-after:1x",
    "garbage:1x",
    "reset:1x",
    "duplicate:1x",
    "slow:1500ms:1x",  # later than the caller waits
)
PATIENCE_S: Final = 1.0
LATER: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class Cell:
    """flow: of servicing_flows, that calls the verb of the side. leads: another fault, without
    which nobody would call it.
    """

    flow: str
    leads: str = ""


TABLE: Final[dict[str, Cell]] = {
    "pss cancel_part": Cell("drop one"),
    "pss update_services": Cell("update"),
    "pss rename": Cell("rename"),
    "pss divide": Cell("rebook"),
    "pss add_flights": Cell("rebook"),
    "pss exchange": Cell("rebook"),
    "pss drop_flights": Cell("rebook"),
    "pss revalidate": Cell("rebook revalidated"),
    "pss associate": Cell("rebook with services"),
    "pss refund": Cell("cancel"),
    "pss issue": Cell("pay"),
    "pss cancel": Cell("drop all"),
    "pss find": Cell("pay", leads="pss issue:times-out-after:1x"),
    "pss hold_seats": Cell("add seat"),
    "pss assign_seats": Cell("add seat"),
    "pss set_coupon": Cell("deliver"),
    "pss taken": Cell("other equipment"),
    "gateway authorise": Cell("pay"),
    "gateway capture": Cell("pay"),
    "gateway refund": Cell("cancel"),
    "gateway release": Cell("half declined"),
    "gateway find": Cell("pay", leads="gateway capture:times-out-after:1x"),
    "payment-page open_page": Cell("page"),
    "payment-page close_page": Cell("callback lost"),
    "payment-page capture": Cell("callback"),
    "payment-page release": Cell("page let go"),
    "payment-page refund": Cell("page given back"),
    "payment-page find": Cell("callback", leads="payment-page capture:times-out-after:1x"),
    "vouchers authorise": Cell("voucher"),
    "vouchers capture": Cell("voucher"),
    "vouchers release": Cell("voucher let go"),
    "vouchers refund": Cell("voucher given back"),
    "vouchers find": Cell("voucher", leads="vouchers capture:times-out-after:1x"),
}
CELLS: Final = [(verb, kind) for verb in TABLE for kind in KINDS]


def side(served: Served, name: str) -> SimulatedSide:
    if name == "pss":
        return served.pss._side
    found = served.house.sides.gateways["simulated" if name == "gateway" else name]
    assert isinstance(found, SimulatedGateway | PaymentPages | VoucherBook)
    return found._side


async def at_rest(served: Served, prepared: Prepared) -> None:
    """After retries, in the house's time."""
    for _ in range(40):
        await served.house.deliverer.run_due()
        tasks = await served.house.store.list_tasks(prepared.order_id)
        if not any(task.attempts for task in tasks):
            return
        served.clock.advance(LATER)
    raise AssertionError("it does not come to rest")


@pytest.mark.wide
@pytest.mark.parametrize(("verb", "kind"), CELLS)
async def test_a_fault_that_passes(tmp_path: Path, verb: str, kind: str) -> None:
    cell = TABLE[verb]
    flow = FLOWS[cell.flow]
    async with serving(tmp_path, reply_deadline_s=0.5, deliver=False) as served:
        prepared = await flow.prepare(served)
        name, _, of_side = verb.partition(" ")
        if cell.leads:
            leading, _, fault = cell.leads.partition(" ")
            await side(served, leading).plant(fault)
        await side(served, name).plant(f"{of_side}:{kind}")
        if kind.startswith("slow"):
            served.house.deliverer._call_s = PATIENCE_S
        await act(served, prepared)
        await at_rest(served, prepared)
        again = await post(served, prepared) if prepared.body else None
        await at_rest(served, prepared)  # of what was refused, and is done now
        retrieved = await served.talk.retrieve(prepared.order_id)
        order = (await served.house.store.get_order(prepared.order_id, None)).order
        assert await served.findings() == []
        assert money(tmp_path, order) == []
        assert not await side(served, name).look(_left_over), "the verb was not called"
        await flow.ends(served, again, retrieved)


def _left_over(connection: object) -> bool:
    """Whether a planted fault was not met."""
    rows = connection.execute("SELECT count(*) FROM faults WHERE times > 0")  # type: ignore[attr-defined]
    return bool(rows.fetchone()[0])

"""The processes in which the flows of `servicing_flows.py` run: forked from one that has read the
world already, so that each costs a fraction of a second.
"""

import asyncio
import json
import os
import pickle
import traceback
from datetime import datetime
from pathlib import Path

from tests import databases, loops
from tests.faults.acting import act, post
from tests.faults.books import ACCOUNTS, rows
from tests.faults.flow import Prepared
from tests.faults.servicing_flows import FLOWS
from tests.forks import FORKS
from tests.houses import START, MovingClock, Served, serving
from tests.patience import PATIENCE_S, tries

from ndc_oms.fulfilment.plan import settled
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.ports.failpoint import VARIABLE

KILLED, FINE = -9, 0


def run(data: Path, flow: str, place: str) -> int:
    """The exit code. place: where it dies, while it does what was prepared; "" for the process
    that does it again and looks at what came of it all.
    """
    child = FORKS.Process(target=_main, args=(data, databases.of_folder(data), flow, place))
    child.start()
    child.join(PATIENCE_S)
    code = child.exitcode
    child.close()
    return FINE - 1 if code is None else code


def _main(data: Path, database: str, flow: str, place: str) -> None:
    databases.adopt(data, database)
    data.mkdir(parents=True, exist_ok=True)
    arm = data / "failpoint"
    os.environ[VARIABLE] = f"@{arm}"
    try:
        loops.run(_first(data, flow, place, arm) if place else _second(data, flow, arm))
    except BaseException:
        (data / "failed").write_text(traceback.format_exc())
        os._exit(1)


async def _first(data: Path, flow: str, place: str, arm: Path) -> None:
    clock = MovingClock()
    async with serving(data, clock=clock) as served:
        prepared = await FLOWS[flow].prepare(served)
        kept = json.dumps([clock.now().isoformat()])
        (data / "clock").write_text(kept)
        (data / "prepared").write_bytes(pickle.dumps(prepared))
        arm.write_text(place)
        await act(served, prepared)
    raise AssertionError(f"{flow} does not come by {place}")


async def _second(data: Path, flow: str, arm: Path) -> None:
    arm.unlink(missing_ok=True)
    clock = MovingClock()
    (kept,) = json.loads((data / "clock").read_text())
    clock.advance(datetime.fromisoformat(kept) - START)
    prepared: Prepared = pickle.loads((data / "prepared").read_bytes())  # noqa: S301  # our own
    async with serving(data, clock=clock) as served:
        again, get = await act(served, prepared), served.house.store.get_order
        order = await _settled(served, prepared.order_id)
        if again is not None and not _pending(again.body):
            assert (await post(served, prepared)).body == again.body
        retrieved = await served.talk.retrieve(prepared.order_id)
        assert retrieved.errors == ()
        assert await served.findings() == []
        others = [await get(each.order_id, None) for each in order.splits]
        assert list(money(data, order, *(each.order for each in others))) == []
        await FLOWS[flow].ends(served, again, retrieved)
        await _settled(served, prepared.order_id)
        assert await served.findings() == []


def _pending(body: bytes) -> bool:
    return b"Pending:" in body


async def _settled(served: Served, order_id: str) -> Order:
    for _ in tries():
        await served.house.deliverer.run_due()
        order = (await served.house.store.get_order(order_id, None)).order
        if settled(order):
            return order
        await asyncio.sleep(0.05)
    raise AssertionError("it does not come to rest")


def money(data: Path, *orders: Order) -> "list[str]":
    """What the gateways' books say of the orders, against ours. Orders that were one share what it
    paid.
    """
    found = []
    ours: dict[str, list[Payment]] = {}
    for payment in (each for order in orders for each in order.payments):
        if payment.authorisation:
            ours.setdefault(payment.authorisation, []).append(payment)
    for path in sorted((data / "payment").rglob("*.sqlite3")):
        for authorisation, _, captured, released, refunded in rows(path, ACCOUNTS):
            payments = ours.get(authorisation)
            if payments is None:
                found.append(f"{authorisation} is in {path.name} only")
                continue
            payment = payments[0]
            left = sum(each.left.minor for each in payments if each.capture)
            if captured - refunded != left:
                found.append(f"{payment.id}: {captured} captured, {refunded} refunded there")
            if bool(released) != (payment.state.value == "RELEASED"):
                found.append(f"{payment.id} is {payment.state}, there released is {released}")
    return found

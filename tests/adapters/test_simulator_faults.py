"""Every kind of fault on every verb: what the caller sees, and what was done all the same."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.adapters.simulated_airline import DAY, FLIGHTS, MovingClock, settings

from ndc_oms.kit.pss_bench import HOLD_TIME, Bench, done
from ndc_oms.model.documents import DocumentType
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.pss import Pnr, Revalidation, SpecialService
from ndc_oms.ports.simulation.faults import FaultKind
from ndc_pss_simulator.simulator import Simulator, plant_faults

Call = Callable[[], Awaitable[Outcome[object]]]
CHANGING = (
    "hold",
    "release",
    "book",
    "cancel",
    "cancel_part",
    "update_services",
    "issue",
    "void",
    "refund",
    "set_coupon",
    "add_flights",
    "drop_flights",
    "divide",
    "exchange",
    "revalidate",
    "associate",
    "reaccommodate",
    "rename",
)
READING = ("availability", "check", "pnr", "document", "find", "head", "events")
NOT_APPLIED = {FaultKind.FAILS, FaultKind.REJECTS_ONCE, FaultKind.TIMES_OUT_BEFORE}
ANSWERED = {FaultKind.SLOW, FaultKind.DUPLICATE}
REFERENCE = "under test"


def simulator_of(bench: Bench) -> Simulator:
    assert isinstance(bench.pss, Simulator)
    return bench.pss


async def prepared(bench: Bench, verb: str) -> Call:
    """The call of a verb on something that is there."""
    pss = bench.pss
    kept = await bench.hold(bench.sale())
    booking = bench.booking(kept.reference, bench.sale())
    pnr = await bench.book(bench.sale(flight=1))
    (ticket,) = done(await pss.issue(bench.reference("issue"), bench.ticket(pnr)))
    pair = await bench.book(replace(bench.sale(flight=1), seats=2))
    other = replace(bench.ticket(pnr), total=bench.ticket(pnr).total * 2)
    calls: dict[str, Call] = {
        "hold": lambda: pss.hold(REFERENCE, [bench.sale(flight=2)], bench.now() + HOLD_TIME),
        "release": lambda: pss.release(kept.reference),
        "book": lambda: pss.book(REFERENCE, booking),
        "cancel": lambda: pss.cancel(REFERENCE, pnr.locator),
        "cancel_part": lambda: pss.cancel_part(REFERENCE, pair.locator, (), ("PAX2",)),
        "update_services": lambda: pss.update_services(
            REFERENCE, pnr.locator, (SpecialService("WCHR", "PAX1"),)
        ),
        "issue": lambda: pss.issue(REFERENCE, other),
        "void": lambda: pss.void(REFERENCE, ticket.number),
        "refund": lambda: pss.refund(REFERENCE, ticket.number),
        "set_coupon": lambda: pss.set_coupon(
            REFERENCE, ticket.number, 1, CouponStatus.AIRPORT_CONTROL
        ),
        "rename": lambda: pss.rename(
            REFERENCE, pnr.locator, replace(pnr.travellers[0], surname="HANSSEN")
        ),
        "reaccommodate": lambda: pss.reaccommodate(
            REFERENCE, pnr.locator, FLIGHTS[1:2], [bench.sale(flight=2)]
        ),
        **await changing_flights(bench, pair),
        "availability": lambda: pss.availability(DAY),
        "check": lambda: pss.check(FLIGHTS[:1]),
        "pnr": lambda: pss.pnr(pnr.locator),
        "document": lambda: pss.document(ticket.number),
        "find": lambda: pss.find(kept.reference),
        "events": lambda: pss.events(0, 10),
        "head": pss.head,
    }
    return calls[verb]


async def changing_flights(bench: Bench, pair: Pnr) -> dict[str, Call]:
    """Verbs of a change, on two flights in one booking and a ticket for the first."""
    pss, both = bench.pss, await bench.book(bench.sale(flight=3), bench.sale(flight=4))
    wanted = bench.ticket(both)
    (old,) = done(await pss.issue(bench.reference("issue"), wanted))
    added = [bench.sale(flight=5)]
    lounge = replace(wanted, type=DocumentType.EMD_STANDALONE, rfic="E")
    (emd,) = done(await pss.issue(bench.reference("issue"), lounge))
    same = Revalidation("SEG1", replace(wanted.coupons[0], segment_id="SEG9"))
    return {
        "add_flights": lambda: pss.add_flights(REFERENCE, both.locator, "no hold", added),
        "drop_flights": lambda: pss.drop_flights(REFERENCE, both.locator, [bench.sale(flight=4)]),
        "divide": lambda: pss.divide(REFERENCE, pair.locator, ("PAX2",)),
        "exchange": lambda: pss.exchange(REFERENCE, old.number, wanted),
        "revalidate": lambda: pss.revalidate(REFERENCE, old.number, [same]),
        "associate": lambda: pss.associate(REFERENCE, emd.number, None, [same]),
    }


async def was_done(bench: Bench, verb: str) -> bool:
    if verb == "release":
        return await bench.left() == bench.seats
    return done(await bench.pss.find(REFERENCE)) is not None


@pytest.mark.parametrize("kind", list(FaultKind))
@pytest.mark.parametrize("verb", CHANGING)
async def test_a_fault_of_a_changing_verb(bench: Bench, verb: str, kind: FaultKind) -> None:
    call = await prepared(bench, verb)
    wait = ":1ms" if kind is FaultKind.SLOW else ""
    await simulator_of(bench).plant(f"{verb}:{kind}:1x{wait}")
    answer = await call()
    applied = kind not in NOT_APPLIED
    assert await was_done(bench, verb) is applied
    if kind in {FaultKind.FAILS, FaultKind.REJECTS_ONCE}:
        assert isinstance(answer, Rejected)
        assert answer.final is (kind is FaultKind.FAILS)
    elif kind in ANSWERED:
        assert isinstance(answer, Confirmed)
    else:
        assert isinstance(answer, Unknown)
    assert isinstance(await call(), Confirmed)  # the fault is used up; the reference is the same
    assert await was_done(bench, verb)


@pytest.mark.parametrize("kind", list(FaultKind))
@pytest.mark.parametrize("verb", READING)
async def test_a_fault_of_a_reading_verb(bench: Bench, verb: str, kind: FaultKind) -> None:
    call = await prepared(bench, verb)
    wait = ":1ms" if kind is FaultKind.SLOW else ""
    await simulator_of(bench).plant(f"{verb}:{kind}:1x{wait}")
    answer = await call()
    if kind in {FaultKind.FAILS, FaultKind.REJECTS_ONCE}:
        assert isinstance(answer, Rejected)
    elif kind in ANSWERED:
        assert isinstance(answer, Confirmed)
    else:
        assert isinstance(answer, Unknown)
    assert isinstance(await call(), Confirmed)


async def test_a_refused_call_whose_reply_is_lost_is_unknown_and_not_done(bench: Bench) -> None:
    await simulator_of(bench).plant("hold:times-out-after:1x")
    sales = [bench.sale(bench.seats + 1)]
    answer = await bench.pss.hold(REFERENCE, sales, bench.now() + HOLD_TIME)
    assert isinstance(answer, Unknown)
    assert done(await bench.pss.find(REFERENCE)) is None


async def test_a_chance_is_drawn_from_the_seed(tmp_path: Path) -> None:
    async def drawn(folder: str, seed: str) -> list[bool]:
        options = {"faults": "release:fails:0.5", "seed": seed}
        pss = Simulator(settings(str(tmp_path / folder), MovingClock(), options))
        answers = [await pss.release(f"none {n}") for n in range(40)]
        await pss.close()
        return [isinstance(answer, Rejected) for answer in answers]

    first = await drawn("one", "7")
    assert await drawn("two", "7") == first
    assert await drawn("three", "8") != first
    assert 8 < sum(first) < 32


async def test_a_count_of_the_options_is_not_refilled_by_a_restart(tmp_path: Path) -> None:
    async def first_two(options: dict[str, str]) -> list[bool]:
        pss = Simulator(settings(str(tmp_path), MovingClock(), options))
        answers = [await pss.release("none"), await pss.release("none")]
        await pss.close()
        return [isinstance(answer, Rejected) for answer in answers]

    assert await first_two({"faults": "release:fails:1x"}) == [True, False]
    assert await first_two({"faults": "release:fails:1x"}) == [False, False]
    assert await first_two({"faults": "release:fails:2x"}) == [True, True]
    assert await first_two({}) == [False, False]


async def test_faults_are_planted_from_outside_for_a_running_server(
    bench: Bench, tmp_path: Path
) -> None:
    plant_faults(str(tmp_path), "*:garbage:1x")
    assert isinstance(await bench.pss.check(FLIGHTS[:1]), Unknown)
    assert isinstance(await bench.pss.check(FLIGHTS[:1]), Confirmed)
    plant_faults(str(tmp_path), "check:fails")
    assert isinstance(await bench.pss.check(FLIGHTS[:1]), Rejected)
    await simulator_of(bench).clear_faults()
    assert isinstance(await bench.pss.check(FLIGHTS[:1]), Confirmed)

"""A batch that is gathered answers, and leaves behind, what its units one by one would."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests import databases
from tests.store.samples import (
    NOW,
    PEOPLE,
    SELLER,
    claim,
    creation,
    life,
    offer,
    order,
    record,
    task,
)

from ndc_oms.model.order import Order
from ndc_oms.model.step import Step
from ndc_oms.ports.store import (
    DropClaim,
    DropTask,
    Fresh,
    KeepOffer,
    KeepReply,
    LeaseTasks,
    PostponeTask,
    RecordOrder,
    Unit,
)
from ndc_oms.store import writer
from ndc_oms.store.hand import Database
from ndc_oms.store.place import place_of
from ndc_oms.store.tables import metadata
from ndc_oms.store.units import APPLY
from ndc_oms.store.writer import Failed, run_batch

IDS = [f"ZZ{n:010d}" for n in range(6)]  # few, so that units meet
LEASE = timedelta(seconds=30)
Batches = Callable[[random.Random], Iterator[list[Unit[Any]]]]


def some_unit(draw: random.Random, minute: int) -> Unit[Any]:
    """Any unit about any order, sensible or not."""
    order_id, now = draw.choice(IDS), NOW + timedelta(minutes=minute)
    serial = IDS.index(order_id) * 10 + 1
    events = life(order(order_id), serial)
    step = draw.choice([Step.AUTHORISE, Step.BOOK])
    at = draw.randrange(1, len(events))
    so_far = record(None, events[:at]).order
    passing = {
        "done_task": draw.choice([None, task(order_id).key]),
        "next_task": draw.choice([None, task(order_id, step)]),
    }
    return draw.choice(
        [
            claim(draw.choice(["k1", "k2", "k3"]), order_id, now),
            claim(f"key {order_id}", order_id, now, body_hash=draw.choice(["b1", "b1", "b2"])),
            DropClaim(SELLER, draw.choice(["k1", "k2"])),
            KeepReply(SELLER, f"key {order_id}", b"<reply/>", b"<request/>", now),
            KeepOffer(offer(f"offer-{order_id}")),
            creation(order_id),
            creation(order_id, offer_id=f"offer-{draw.choice(IDS)}"),
            record(so_far, events[at : at + 1], **passing),
            record(None, events),
            LeaseTasks("w1", now, now + LEASE, draw.randrange(1, 4)),
            PostponeTask(task(order_id, step).key, now + LEASE, "no answer"),
            DropTask(task(order_id, step).key),
        ]
    )


def quarrels(draw: random.Random) -> Iterator[list[Unit[Any]]]:
    """Most of these batches have a unit that raises, so that they are written twice."""
    for minute in range(12):
        yield [some_unit(draw, minute) for _ in range(draw.randrange(1, 10))]


def harmony(draw: random.Random) -> Iterator[list[Unit[Any]]]:
    """Lives of orders side by side, with claims and leases between: none raises."""
    lives = {each: life(order(each), IDS.index(each) * 10 + 1) for each in IDS}
    state: dict[str, Order] = {}
    for minute in range(12):
        units: list[Unit[Any]] = []
        for order_id in draw.sample(IDS, draw.randrange(1, len(IDS))):
            before = state.get(order_id)
            done = before.sequence if before else 0
            if done == len(lives[order_id]):
                continue
            steps = lives[order_id][done : done + draw.randrange(1, 3)]
            unit = record(
                before,
                steps,
                PEOPLE if before is None or draw.random() < 0.2 else None,
                done_task=task(order_id, Step.AUTHORISE).key if done else None,
                next_task=task(order_id, draw.choice([Step.AUTHORISE, Step.BOOK])),
            )
            state[order_id] = unit.order
            units.append(unit)
        others = [some_unit(draw, minute) for _ in range(draw.randrange(8))]
        units += [unit for unit in others if not isinstance(unit, RecordOrder)]
        draw.shuffle(units)
        yield units


def told(answer: Any) -> Any:
    """To compare: a failure by its kind and words, an error of the driver by its kind."""
    if isinstance(answer, Failed):
        return type(answer.error), getattr(answer.error, "text", "")
    return answer


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    database.begin(())
    kept = {
        table.name: database.rows(select(table).order_by(*table.primary_key.columns), {})
        for table in metadata.sorted_tables
    }
    database.rollback()
    return kept


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Database]:
    folder.mkdir()
    with databases.new(kind, folder) as url, closing(place_of(url).open_database()) as database:
        yield database


@pytest.mark.parametrize("batches", [quarrels, harmony])
@pytest.mark.parametrize("seed", range(8))
def test_together_is_as_one_by_one(
    kind: str, tmp_path: Path, batches: Batches, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if batches is harmony:
        monkeypatch.delattr(writer, "_one_by_one")  # no batch needs it
    ranks = list(APPLY)
    with opened(kind, tmp_path / "a") as together, opened(kind, tmp_path / "b") as singly:
        for units in filter(None, batches(random.Random(seed))):
            units.sort(key=lambda unit: ranks.index(type(unit)))  # the order of a batch
            answers = run_batch(together, APPLY, units)
            wanted = [run_batch(singly, APPLY, [unit])[0] for unit in units]
            assert list(map(told, answers)) == list(map(told, wanted))
        assert dump(together) == dump(singly)


def test_a_batch_is_answered_in_the_order_of_its_units(url: str) -> None:
    database = place_of(url).open_database()
    units = [LeaseTasks("w", NOW, NOW + LEASE, 9), creation(IDS[0]), claim(), creation(IDS[0])]
    leased, created, fresh, again = run_batch(database, APPLY, units)
    assert [each.order_id for each in leased] == [IDS[0]]  # kinds are written in their order
    assert created is None
    assert fresh == Fresh(claim().order_id)
    assert isinstance(again, Failed)
    database.close()


def test_an_empty_batch_is_none(url: str) -> None:
    database = place_of(url).open_database()
    assert run_batch(database, APPLY, []) == []
    database.close()

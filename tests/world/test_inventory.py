"""Seeded seats: the same everywhere, nested, uneven."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from ndc_oms.model.journey import FlightKey
from ndc_oms.model.product import Cabin
from ndc_oms.ports.pss import CabinInventory, InventorySource
from ndc_oms.world.load import load
from ndc_oms.world.world import World

DAY = date(2027, 4, 16)
SCRIPT = """
from datetime import date
from pathlib import Path
import sys
from ndc_oms.world.load import load
inventory = load(Path(sys.argv[1])).inventory
print([inventory.cabins(key) for key in inventory.on(date(2027, 4, 16))][:40])
"""


def week(world: World) -> list[tuple[CabinInventory, ...]]:
    source: InventorySource = world.inventory
    days = [DAY + timedelta(days=at) for at in range(7)]
    return [source.cabins(key) for day in days for key in source.on(day)]


def test_nested_limits_hold_for_what_is_sold_already(world: World) -> None:
    for cabins in week(world):
        assert cabins
        for each in cabins:
            assert each.limits[0][1] == each.capacity
            below = 0
            for (rbd, limit), (same, sold) in reversed(
                list(zip(each.limits, each.sold, strict=True))
            ):
                below += sold
                assert rbd == same
                assert sold >= 0
                assert below <= limit <= each.capacity


def test_loads_are_uneven_with_full_flights_and_closed_classes(world: World) -> None:
    economy = [cabins[-1] for cabins in week(world)]
    loads = [sum(sold for _, sold in each.sold) / each.capacity for each in economy]
    assert 0.4 < sum(loads) / len(loads) < 0.8
    assert 20 < sum(load == 1 for load in loads) < 300
    assert min(loads) < 0.45
    closed = sum(each.sold[-1][1] == each.limits[-1][1] for each in economy)
    assert 0.05 < closed / len(economy) < 0.7


def test_flights_far_ahead_are_emptier_as_of_a_day(folder: Path) -> None:
    world = load(folder, as_of=DAY)

    def load_on(day: date) -> float:
        cabins = [world.inventory.cabins(key)[-1] for key in world.timetable.on(day)]
        seats = sum(each.capacity for each in cabins)
        return sum(sold for each in cabins for _, sold in each.sold) / seats

    assert load_on(DAY) > 0.65
    assert load_on(DAY + timedelta(days=140)) < 0.35


def test_another_process_with_another_hash_seed_says_the_same(world: World, folder: Path) -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(folder)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert said[0] == said[1]
    here = [world.inventory.cabins(key) for key in world.inventory.on(DAY)][:40]
    assert said[0].strip() == str(here)


def test_unknown_flights_raise(world: World) -> None:
    for key in (
        FlightKey("T8", "9999", DAY, "YYZ", "LHR"),
        FlightKey("XX", "824", DAY, "YYZ", "LHR"),
        FlightKey("T8", "824", date(2020, 1, 1), "YYZ", "LHR"),
    ):
        with pytest.raises(KeyError):
            world.inventory.cabins(key)


def test_pairs_of_a_flight_with_stops_share_its_seats(world: World) -> None:
    seats = {
        (key.origin, key.destination): world.inventory.cabins(key)[-1].capacity
        for key in world.timetable.on(DAY)
        if key.number == "32"
    }
    fitted = world.equipment["789"][Cabin.ECONOMY]
    assert seats["YYZ", "YVR"] + seats["YYZ", "SYD"] <= fitted
    assert seats["YVR", "SYD"] + seats["YYZ", "SYD"] <= fitted
    assert min(seats.values()) > 100

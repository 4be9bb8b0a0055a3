"""Seat maps: every seat in its place, and a wrong row told with file, line and rule."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import Seat, Trait
from ndc_oms.resources import fixtures
from ndc_oms.world.load import load
from ndc_oms.world.problems import WorldError
from ndc_oms.world.seat_maps import Zone
from ndc_oms.world.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return load(fixtures() / "airline")


def test_every_aircraft_has_a_map_with_the_seats_that_are_sold(world: World) -> None:
    for aircraft, cabins in world.equipment.items():
        assert {c: len(m.seats) for c, m in world.seat_maps[aircraft].items()} == dict(cabins)


def test_no_seat_is_there_twice_in_an_aircraft(world: World) -> None:
    for cabins in world.seat_maps.values():
        seats = [each.seat for cabin in cabins.values() for each in cabin.seats]
        assert len(set(seats)) == len(seats)


def test_traits_follow_from_the_place(world: World) -> None:
    economy = world.seat_maps["7M8"][Cabin.ECONOMY]
    by_seat = {each.seat: each for each in economy.seats}
    assert by_seat[Seat(15, "A")].traits == (Trait.WINDOW,)
    assert by_seat[Seat(15, "B")].traits == (Trait.CENTRE,)
    assert by_seat[Seat(15, "C")].traits == (Trait.AISLE,)
    exit_seat = by_seat[Seat(20, "F")]
    assert exit_seat.zone is Zone.EXIT
    assert {Trait.WINDOW, Trait.EXIT, Trait.LEG_SPACE, Trait.NO_INFANT} == set(exit_seat.traits)
    assert Trait.BASSINET in by_seat[Seat(12, "B")].traits
    assert by_seat[Seat(13, "A")].zone is Zone.FRONT
    assert Seat(37, "F") not in by_seat


def test_a_flight_has_the_seats_of_its_aircraft(world: World) -> None:
    flights = world.inventory.on(date(2027, 2, 21))[:200]
    seen = 0
    for flight in flights:
        sold = {each.cabin: each.capacity for each in world.inventory.cabins(flight)}
        for cabin, seats in world.inventory.seats(flight).items():
            assert len(seats) == sold[cabin]
            seen += 1
    assert seen > 100


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('rows = "1-20"', 'rows = "1-21"', "equipment.csv says 78"),
        ('columns = "AC-DF"', 'columns = "AA-DF"', "stands here twice"),
        ('absent = ["1A", "1C"]', 'absent = ["1A", "99C"]', "99C is not in the cabin"),
        ("legroom = [2]", "legroom = [200]", "a list of rows from 1 to 20"),
        ('kind = "lavatory"', 'kind = "bar"', "one of galley, lavatory"),
        ('aircraft = "DH4"', 'aircraft = "DH5"', "no such cabin in equipment.csv"),
    ],
)
def test_a_wrong_map_is_told_with_its_line(tmp_path: Path, old: str, new: str, rule: str) -> None:
    folder = tmp_path / "airline"
    shutil.copytree(fixtures() / "airline", folder)
    file = folder / "seat_maps.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(WorldError) as told:
        load(folder)
    found = [each for each in told.value.problems if each.file == "seat_maps.toml"]
    assert any(rule in each.rule for each in found), found
    assert all(each.line > 0 for each in found)

"""Loading a folder: whole and the same every time, or with every problem named."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from ndc_oms.world.load import load
from ndc_oms.world.problems import Problem, WorldError
from ndc_oms.world.world import World


def spoil(folder: Path, name: str, old: str, new: str) -> int:
    """Replaces a text that stands once; gives its line."""
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(WorldError) as caught:
        load(folder)
    return caught.value.problems


def test_the_version_is_of_the_content(world: World, folder: Path, spoilt: Path) -> None:
    assert load(folder).version == load(spoilt).version == world.version
    spoil(spoilt, "taxes.csv", "9.46", "9.47")
    assert load(spoilt).version != world.version


def test_it_is_shown_by_its_name(world: World) -> None:
    """Whole it would be megabytes, and whatever holds it is shown now and then: asyncio shows a
    task with its result whenever its runner puts a signal's handler back.
    """
    assert repr(world) == f"<World of T8, {world.version}>"


@pytest.mark.parametrize(
    ("name", "old", "new", "field"),
    [
        ("airline.toml", 'designator = "T8"', 'designator = "T88"', "designator"),
        ("airline.toml", "sell_days = 330", "sell_days = 999", "sell_days"),
        ("airports.csv", "Asia/Hong_Kong", "Asia/Hongkong2", "zone"),
        ("rbd.csv", "Y,economy", "Y,attic", "cabin"),
        ("equipment.csv", "DH4,De Havilland Canada Dash 8-400,economy,78,",
         "DH4,De Havilland Canada Dash 8-400,economy,0,", "seats"),
        ("families.toml", 'code = "LIGHT"', 'code = "light"', "code"),
        ("families.toml", 'fee = "450.00"', 'fee = "450.005"', "fee"),
        ("families.toml", 'basis = "BF"', 'bases = "BF"', "bases"),
        ("fares.csv", "ASIA-CA-1,L,LIGHT,M,0,", "ASIA-CA-9,L,LIGHT,M,0,", "market"),
        ("fares.csv", "ASIA-CA-1,L,LIGHT,M,0,", "ASIA-CA-1,L,LIGHT,J,0,", "rbd"),
        ("fares.csv", "ASIA-CA-1,L,LIGHT,M,0,", "ASIA-CA-1,L,LIGHT,M,999,", "advance_days"),
        ("currencies.csv", "JPY,0.0091,100,10", "JPY,0.0091,100,0.5", "tax_unit"),
        ("taxes.csv", "9.46,CAD,,", "9.46,CAX,,", "currency"),
        ("taxes.csv", ",*,*,9.46,", ",*,far,9.46,", "miles"),
        ("passenger_types.csv", "CHD,Child,2,11", "CHD,Child,12,11", "age_to"),
        ("connections.csv", "*,domestic,domestic,45", "*,domestic,domestic,soon", "minutes"),
        ("controls.toml", "max_party = 9 ", "max_party = 10 ", "max_party"),
        ("sellers.toml", 'org_id = "91000000"', "org_id = 91000000", "org_id"),
        ("markets.csv", "CA-CA-2,CA,CA,301", "CA-CA-2,CA,CA,300", "miles_from"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_file_line_and_field(
    spoilt: Path, name: str, old: str, new: str, field: str
) -> None:
    line = spoil(spoilt, name, old, new)
    assert (name, line, field) in {
        (each.file, each.line, each.field) for each in problems_of(spoilt)
    }


def test_all_problems_come_in_one_go(spoilt: Path) -> None:
    spoil(spoilt, "taxes.csv", "9.46,CAD,,", "x,CAD,,")
    spoil(spoilt, "seasons.csv", "*,L,01-06,03-31", "*,L,01-06,03-30")
    spoil(spoilt, "rbd.csv", "J,business,1,100", "J,business,1,80")
    (spoilt / "sellers.toml").unlink()
    found = {(each.file, each.field) for each in problems_of(spoilt)}
    assert {("taxes.csv", "amount"), ("seasons.csv", "zone"), ("rbd.csv", "share")} <= found
    assert ("sellers.toml", "") in found


def test_a_problem_reads_as_a_sentence(spoilt: Path) -> None:
    line = spoil(spoilt, "rbd.csv", "Y,economy,1,", "Y,economy,x,")
    problem = problems_of(spoilt)[0]
    assert str(problem) == f"rbd.csv:{line}: rank: a whole number from 1 to 26, not 'x'"


def test_an_aircraft_without_seats_is_a_problem(spoilt: Path) -> None:
    spoil(spoilt, "equipment.csv", "DH4,", "DH8,")
    assert ("schedule.ssim", "aircraft", "DH4 is not in equipment.csv") in {
        (each.file, each.field, each.rule) for each in problems_of(spoilt)
    }


def test_no_folder_at_all_is_an_error_and_not_a_crash(tmp_path: Path) -> None:
    assert len(problems_of(tmp_path / "nothing")) > 10


def test_cities_and_airports_are_located(world: World) -> None:
    assert world.locate("LHR") == ("LHR",)
    assert world.locate("TYO") == ("HND", "NRT")
    assert world.locate("YTO") == ("YYZ",)
    assert world.locate("XXX") == ()


def test_minimum_connections_depend_on_where_flights_come_from_and_go_to(world: World) -> None:
    assert world.minimum_connection("YYZ", "CA", "CA") == timedelta(minutes=35)
    assert world.minimum_connection("YYZ", "CA", "GB") == timedelta(minutes=60)
    assert world.minimum_connection("YYZ", "US", "CA") == timedelta(minutes=75)
    assert world.minimum_connection("SCL", "CA", "AR") == timedelta(minutes=75)


def test_the_demo_seller_is_there(world: World) -> None:
    (seller,) = [each for each in world.sellers if each.key == "ndc_test_demo"]
    assert (seller.org_id, seller.test, seller.currency) == ("91000000", True, "CAD")


def test_controls_hold_back_seats(world: World) -> None:
    day = date(2027, 5, 1)
    show = world.controls.saleable
    assert show(9, "agency", "YYZ", "LHR", day) == 9
    assert show(9, "metasearch", "YYZ", "LHR", day) == 4
    assert show(9, "agency", "YYZ", "SYD", day) == 7
    assert show(-2, "agency", "YYZ", "LHR", day) == 0


def test_families_are_ranked_in_two_cabins(world: World) -> None:
    assert [each.rank for each in world.families] == [1, 2, 3, 4, 5]
    assert {each.cabin.name for each in world.families} == {"ECONOMY", "BUSINESS"}
    assert world.family("LIGHT").refundable is False
    assert world.family("FLEX").baggage.checked_pieces == 2
    with pytest.raises(KeyError):
        world.family("NONE")

"""Agreements, promotions, tiers, experiments, languages: each wrong rule is named with its line."""

from pathlib import Path

import pytest
from tests.world.test_load import problems_of, spoil

from ndc_oms.world.load import load
from ndc_oms.world.world import World


def test_the_demo_airline_has_all_of_them(world: World) -> None:
    personal = world.personal
    assert {"MAPLEWORKS", "NORDWAERTS"} <= personal.agreements.keys()
    assert list(personal.programme.tiers) == ["GOLD", "SILVER", "MEMBER"]
    assert personal.programme.members
    assert personal.experiments
    assert world.phrases.languages == ("EN", "FR")
    assert world.points_of_sale["FR"].currency == "EUR"
    assert world.airline.designator in world.alliances["NLA"]


def test_a_world_needs_none_of_them(spoilt: Path) -> None:
    for name in ("corporate", "promotions", "loyalty", "experiments", "phrases"):
        (spoilt / f"{name}.toml").unlink()
    for name in ("points_of_sale", "alliances"):
        (spoilt / f"{name}.csv").unlink()
    (spoilt / "partners.toml").unlink(missing_ok=True)  # it names folders beside this one
    (spoilt / "servicing.toml").unlink()  # it names partners
    world = load(spoilt)
    assert not world.personal.agreements
    assert not world.personal.programme.tiers
    assert world.phrases.languages == ("EN",)
    assert world.phrases.say("Lounge", None) == "Lounge"


@pytest.mark.parametrize(
    ("name", "old", "new", "field"),
    [
        ("corporate.toml", 'code = "NORDWAERTS"', 'code = "MAPLEWORKS"', "code"),
        ("corporate.toml", 'families = ["FLEX", "BUSFLEX"]', 'families = ["PLUSH"]', "families"),
        ("corporate.toml", "percent_off = 15", "percent_off = 101", "percent_off"),
        ("corporate.toml", "percent_off = 15", "percent_off = 1.005", "percent_off"),
        ("corporate.toml", "percent_off = 15", "percent_of = 15", "percent_of"),
        ("corporate.toml", "percent_off = 15", 'free_seat = true\ntext = "x"', "free_seat"),
        ("promotions.toml", 'designator = "WS"', 'designator = "w s"', "designator"),
        ("promotions.toml", "last = 2025-12-31", 'last = "soon"', "last"),
        ("promotions.toml", 'text = "One more checked bag, on us"', "", "text"),
        ("loyalty.toml", "rank = 2", "rank = 1", "tier"),
        ("loyalty.toml", 'number = "TC100000002"\ntier = "SILVER"',
         'number = "TC100000002"\ntier = "TIN"', "tier"),
        ("loyalty.toml", 'number = "TC100000002"', 'number = "TC100000001"', "number"),
        ("experiments.toml", "share = 20", "share = 60", "share"),
        ("phrases.toml", 'text = "Lounge"', 'text = "Longue"', "phrase"),
        ("phrases.toml", 'FR = "Accès au salon"', 'DE = "Lounge"', "FR"),
        ("points_of_sale.csv", "FR,EUR,FR", "FR,EUX,FR", "currency"),
        ("points_of_sale.csv", "FR,EUR,FR", "FR,EUR,IT", "language"),
        ("alliances.csv", "NLA,T8", "NLA,T89", "carrier"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(spoilt: Path, name: str, old: str, new: str, field: str) -> None:
    spoil(spoilt, name, old, new)
    found = problems_of(spoilt)
    assert (name, field) in {(each.file, each.field) for each in found}

"""providers.toml: who delivers what; a wrong one is refused with its line and rule."""

import shutil
from pathlib import Path

import pytest

from ndc_oms import resources
from ndc_oms.world.load import load
from ndc_oms.world.problems import WorldError
from ndc_oms.world.providers import FILE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resources.fixtures() / "airline", tmp_path / "airline"))


def test_the_demo_has_who_delivers_lounges_and_who_handles_flights() -> None:
    world = load(resources.fixtures() / "airline")
    lounge = world.services.find("LOUNGE")
    assert lounge is not None
    assert world.providers[lounge.product.provider].name == "Quiet Rooms lounges"
    assert [each.name for each in world.providers.values() if each.carriers == {"T8"}] == [
        "Demo Airport Handling"
    ]


def test_a_world_without_providers_delivers_by_itself(folder: Path) -> None:
    (folder / FILE).unlink()
    services = folder / "services.toml"
    services.write_text(services.read_text().replace('provider = "95000001"\n', ""))
    world = load(folder)
    assert world.providers == {}
    assert {each.product.provider for each in world.services.products()} == {""}


def test_offers_hold_whoever_delivers(folder: Path) -> None:
    before = load(folder).version
    (folder / FILE).write_text('[[provider]]\norg_id = "95000001"\nname = "Others"\n')
    assert load(folder).version == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('org_id = "x"\nname = "A"', "org_id"),
        ('org_id = "95000001"', "name"),
        ('org_id = "95000001"\nname = "A"\nkey = "ndc_live_secret"', "key"),
        ('org_id = "95000001"\nname = "A"\ncarriers = ["t8"]', "carriers"),
        ('org_id = "95000001"\nname = "A"\nairports = []', "airports"),
        ('org_id = "95000009"\nname = "A"', "is not in providers.toml"),
    ],
)
def test_a_wrong_one_is_refused(folder: Path, text: str, said: str) -> None:
    (folder / FILE).write_text(f"[[provider]]\n{text}\n")
    with pytest.raises(WorldError, match=said):
        load(folder)

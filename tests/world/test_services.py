"""The catalogue of services: read whole, a wrong entry named, read again when it changes."""

import os
from decimal import Decimal
from pathlib import Path

import pytest
from tests.world.test_load import problems_of, spoil

from ndc_oms.model.ancillary import EmdKind
from ndc_oms.model.passenger import PassengerType
from ndc_oms.world.load import load
from ndc_oms.world.services import FILE
from ndc_oms.world.world import World

NEW = """
[[product]]
code = "FASTTRK"
name = "Fast track at security"
rfic = "E"
rfisc = "0BY"
emd = "S"
per = "flight"
[[product.price]]
amount = "15.00"
currency = "CAD"
"""


def test_the_demo_sells_services_of_every_kind(world: World) -> None:
    products = {each.product.code: each for each in world.services.products()}
    assert {each.product.emd for each in products.values()} == set(EmdKind)
    assert products["WCHR"].product.ssr == "WCHR"
    assert not any(price.amount for price in products["WCHR"].prices)
    assert products["CHML"].passengers == {
        PassengerType.CHILD,
        PassengerType.INFANT_SEATED,
    }
    assert products["COMFORT"].bundle == ("BAG23", "PRIO", "LOUNGE")
    assert products["BAG23"].prices[0].tax_percent == Decimal(5)
    assert [products[code].follows for code in ("BAG23", "LOUNGE")] == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('code = "BAGKG"', 'code = "bag"', "code"),
        ('code = "BAGKG"', 'code = "BAG23"', "code"),
        ('rfisc = "0DD"', 'rfisc = "0DDD"', "rfisc"),
        ('rfisc = "0DD"\nemd = "A"', 'rfisc = "0DD"', "emd"),
        ('ssr = "WCHC"\nper = "journey"', 'per = "journey"', "ssr"),
        ('included_in = ["FLEX"]\nnotice_h = 2\n', 'included_in = ["FLEXX"]\n', "included_in"),
        ('bundle = ["BAG23",', 'bundle = ["BAG99",', "bundle"),
        ('bundle = ["BAG23", "PRIO"', 'bundle = ["BAG23", "INSURE"', "bundle"),
        ('bundle = ["BAG23", "PRIO"', 'bundle = ["BAG23", "PETC"', "bundle"),
        ('passengers = ["CHD", "INS"]', 'passengers = ["KID"]', "passengers"),
        ('amount = "130.00"', "amount = 130.00", "amount"),
        ('amount = "130.00"\ncurrency = "CAD"', 'amount = "130.00"\ncurrency = "CAX"', "currency"),
        ("stock = 400", "stock = -1", "stock"),
        ('route = "CA-US"\namount = "45.00"', 'route = "Canada"\namount = "45.00"', "route"),
        ("stock = 400", "stok = 400", "stok"),
        ("follows = true", 'follows = "yes"', "follows"),
    ],
)
def test_a_wrong_entry_is_named_with_file_line_and_rule(
    spoilt: Path, old: str, new: str, field: str
) -> None:
    spoil(spoilt, FILE, old, new)
    problems = [each for each in problems_of(spoilt) if each.file == FILE]
    assert [each.field for each in problems][:1] == [field]
    assert all(each.line for each in problems)
    assert all(each.rule for each in problems)


def test_a_new_product_is_on_sale_without_a_restart(spoilt: Path) -> None:
    world = load(spoilt)
    assert world.services.find("FASTTRK") is None
    write(spoilt, (spoilt / FILE).read_text("utf-8") + NEW)
    found = world.services.find("FASTTRK")
    assert found is not None
    assert found.product.emd is EmdKind.STANDALONE
    assert load(spoilt).version == world.version  # offers of flights stay what they were


def test_a_file_that_became_wrong_changes_nothing(spoilt: Path) -> None:
    world = load(spoilt)
    before = world.services.products()
    write(spoilt, (spoilt / FILE).read_text("utf-8") + NEW.replace('"S"', '"X"'))
    assert world.services.products() == before
    write(spoilt, (spoilt / FILE).read_text("utf-8").replace('"X"', '"A"'))
    assert world.services.find("FASTTRK") is not None


def test_a_world_without_the_file_sells_none(spoilt: Path) -> None:
    (spoilt / FILE).unlink()
    assert load(spoilt).services.products() == ()


def write(folder: Path, text: str) -> None:
    """With another time of change, however fast the test is."""
    file = folder / FILE
    file.write_text(text, "utf-8")
    stamp = file.stat().st_mtime_ns + 1_000_000
    os.utime(file, ns=(stamp, stamp))

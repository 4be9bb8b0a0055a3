"""partners.toml: read, checked, and told what is wrong with it."""

from pathlib import Path

import pytest

from ndc_oms import resources
from ndc_oms.world.airports import load_airports
from ndc_oms.world.partners import PartnerTerms, load_partners
from ndc_oms.world.problems import Problem, Problems

AIRLINE = resources.fixtures() / "airline"
GOOD = """
[[partner]]
name = "aster"
kind = "file"
carrier = "XA"
accounting_prefix = "906"
markets = ["LHR-ABZ", "NCL-*"]
interline = ["LHR"]
"""


def load(folder: Path, text: str | None) -> tuple[tuple[PartnerTerms, ...], list[Problem]]:
    if text is not None:
        (folder / "partners.toml").write_text(text)
    problems = Problems()
    airports = load_airports(AIRLINE, Problems())
    found = load_partners(folder, "T8", airports, ["LIGHT", "STANDARD"], problems)
    return found, problems.found


def test_a_world_need_not_have_partners(tmp_path: Path) -> None:
    assert load(tmp_path, None) == ((), [])


def test_terms_and_what_they_are_by_default(tmp_path: Path) -> None:
    (terms,), problems = load(tmp_path, GOOD)
    assert problems == []
    assert (terms.budget_s, terms.keep_s, terms.code_share) == (1.5, 60, False)
    assert terms.serves("ABZ", "LHR")
    assert terms.serves("JER", "NCL")
    assert not terms.serves("LHR", "JER")
    assert not terms.takes_over("LHR", "ABZ")  # what is sold is not what is taken over


def test_where_a_partner_takes_our_passengers(tmp_path: Path) -> None:
    (terms,), problems = load(tmp_path, GOOD.replace("markets", "protects"))
    assert problems == []
    assert terms.takes_over("ABZ", "LHR")
    assert terms.takes_over("JER", "NCL")
    assert not terms.takes_over("LHR", "JER")
    assert not terms.serves("LHR", "ABZ")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('carrier = "XA"', 'carrier = "T8"', "carrier"),
        ('carrier = "XA"', 'carrier = "XAA"', "carrier"),
        ("906", "90", "accounting_prefix"),
        ("LHR-ABZ", "LHR-QQQ", "markets"),
        ("LHR-ABZ", "LHRABZ", "markets"),
        ('interline = ["LHR"]', 'protects = ["LHR-QQQ"]', "protects"),
        ('["LHR"]', '["QQQ"]', "interline"),
        ('"aster"', '"Aster!"', "name"),
        ('interline = ["LHR"]', 'folder = "nowhere"', "folder"),
        ('interline = ["LHR"]', 'colour = "red"', "colour"),
        ('interline = ["LHR"]', "budget_ms = 1", "budget_ms"),
        ('interline = ["LHR"]', "options = {url = 1}", "options"),
        ('interline = ["LHR"]', 'families = {BASIC = "GOLD"}', "families"),
    ],
)
def test_each_mistake_is_named_with_its_field(
    tmp_path: Path, old: str, new: str, field: str
) -> None:
    _, problems = load(tmp_path, GOOD.replace(old, new))
    assert field in {each.field for each in problems}
    assert all(each.file == "partners.toml" and each.line for each in problems)


def test_two_of_one_name(tmp_path: Path) -> None:
    _, problems = load(tmp_path, GOOD + GOOD)
    assert {each.field for each in problems} == {"name", "carrier"}

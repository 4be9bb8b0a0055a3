"""servicing.toml and payments.toml: read, and wrong values named."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ndc_oms.model.money import Money
from ndc_oms.model.payment import PaymentForm
from ndc_oms.world.payments import load_routes
from ndc_oms.world.problems import Problems
from ndc_oms.world.servicing import Servicing, load_servicing
from ndc_oms.world.world import World

NOW = datetime(2031, 3, 3, tzinfo=UTC)


def test_the_demos_holds(world: World) -> None:
    def limit_h(family: str, days: int) -> int | None:
        rule = world.servicing.hold(family, NOW + timedelta(days=days), NOW)
        return rule and rule.limit_h

    assert [limit_h("LIGHT", days) for days in (13, 14)] == [None, 24]
    assert [limit_h("FLEX", days) for days in (2, 3, 20, 21)] == [None, 24, 24, 72]


def test_the_demos_changes_by_the_airline(world: World) -> None:
    assert world.servicing.airline_change.free_days == 3
    assert world.servicing.airline_change.partners == ("aster", "isfugl")
    assert Servicing().airline_change.free_days == 0
    assert Servicing().airline_change.partners == ()


def test_the_demos_routes(world: World) -> None:
    def gateways(form: PaymentForm, brand: str) -> tuple[str, ...]:
        amount = Money(100, "CAD")
        return next(r.gateways for r in world.routes if r.takes(form, brand, amount))

    assert gateways(PaymentForm.CARD, "VI") == ("simulated", "simulated-2")
    assert gateways(PaymentForm.CARD, "AX") == ("simulated-2", "simulated")
    assert gateways(PaymentForm.REDIRECT, "") == ("payment-page",)


def test_the_demos_names(world: World) -> None:
    rules = world.servicing
    assert (rules.correction.letters, rules.correction.times) == (3, 1)
    fees = {code: rules.name_fee(code) for code in ("LIGHT", "STANDARD", "FLEX")}
    assert {code: rule and int(rule.fee) for code, rule in fees.items()} == {
        "LIGHT": None,
        "STANDARD": 150,
        "FLEX": 75,
    }


def test_a_world_without_the_files(tmp_path: Path) -> None:
    problems = Problems()
    assert load_servicing(tmp_path, problems) == Servicing()
    assert load_routes(tmp_path, problems) == ()
    assert problems.found == []
    assert Servicing().hold("FLEX", NOW + timedelta(days=100), NOW) is None


ROUTE = '[[route]]\nform = "card"\ngateways = ["a", "b"]\n'


def test_by_brand_currency_and_amount(tmp_path: Path) -> None:
    text = f'{ROUTE}brands = ["VI"]\ncurrencies = ["EUR"]\nup_to = 50\n'
    (tmp_path / "payments.toml").write_text(text)
    (route,) = load_routes(tmp_path, Problems())
    card = PaymentForm.CARD
    assert route.takes(card, "VI", Money(5_000, "EUR"))
    assert not route.takes(card, "VI", Money(5_001, "EUR"))
    assert not route.takes(card, "VI", Money(5_000, "USD"))
    assert not route.takes(card, "CA", Money(5_000, "EUR"))
    assert not route.takes(PaymentForm.VOUCHER, "VI", Money(5_000, "EUR"))


HOLD = "[[hold]]\nmin_days = 3\nlimit_h = 24\nbefore_departure_h = 24\nguarantee_h = 12\n"


@pytest.mark.parametrize(
    ("file", "text", "field"),
    [
        ("payments.toml", ROUTE.replace("card", "cash"), "form"),
        ("payments.toml", ROUTE.replace('["a", "b"]', "[]"), "gateways"),
        ("payments.toml", ROUTE.replace('"b"', '"a"'), "gateways"),
        ("payments.toml", f"{ROUTE}up_to = 0\n", "up_to"),
        ("payments.toml", f"{ROUTE}gateway = 1\n", "gateway"),
        ("servicing.toml", "void_h = 100\n", "void_h"),
        ("servicing.toml", "void = 24\n", "void"),
        ("servicing.toml", "[[airline_change]]\nfree_days = 31\n", "free_days"),
        ("servicing.toml", '[[airline_change]]\npartners = ["nobody"]\n', "partners"),
        ("servicing.toml", "[[airline_change]]\npartner_later_h = 241\n", "partner_later_h"),
        ("servicing.toml", HOLD.replace("limit_h = 24", "limit_h = 0"), "limit_h"),
        ("servicing.toml", "[[name_correction]]\nletters = 11\n", "letters"),
        ("servicing.toml", "[[name_correction]]\nletters = 3\nfree = 1\n", "free"),
        ("servicing.toml", '[[name_change]]\nfee = "-1"\n', "fee"),
        ("servicing.toml", '[[name_change]]\nfee = "1"\nfamily = "LIGHT"\n', "family"),
        ("servicing.toml", HOLD.replace("min_days = 3", "min_days = 0"), "before_departure_h"),
    ],
)
def test_wrong_values_are_named(tmp_path: Path, file: str, text: str, field: str) -> None:
    (tmp_path / file).write_text(text)
    problems = Problems()
    load_routes(tmp_path, problems)
    load_servicing(tmp_path, problems)
    assert [(problem.file, problem.field) for problem in problems.found] == [(file, field)]

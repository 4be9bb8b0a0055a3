"""Conditions: what holds for whom, what it does to a fare, and that a token brings it back."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from tests.offers.offer_fakes import ADULT, DAY, NOW, SELLER, House, bound, demo_world, party

from ndc_oms.model.offer import FOR_EVERYBODY, Conditions
from ndc_oms.model.passenger import Passenger
from ndc_oms.offers.conditions import NO_CUT, agreed, cut, dressed, packed, unpacked
from ndc_oms.offers.request import CodeQuoted, Membership, ShopRequest
from ndc_oms.offers.token import TERMS
from ndc_oms.ports.sellers import Seller
from ndc_oms.world.deals import Benefit
from ndc_oms.world.experiments import Experiment

WORLD = demo_world()
GOLD, SILVER, MEMBER = "TC100000001", "TC100000002", "TC100000003"


def conditions(seller: Seller = SELLER, channel: str = "agency", **more: object) -> Conditions:
    request = ShopRequest((bound("YYZ", "YVR"),), **{"party": ADULT, **more})  # type: ignore[arg-type]
    return agreed(WORLD, request, seller, channel, NOW)[0]


def account(passenger: str, number: str) -> Membership:
    return Membership(passenger, "T8", number)


def test_nothing_said_is_an_offer_for_everybody() -> None:
    assert conditions() is FOR_EVERYBODY
    assert packed(WORLD, FOR_EVERYBODY) == b""
    assert unpacked(WORLD, b"") is FOR_EVERYBODY


def test_every_condition_comes_back_from_a_token() -> None:
    personal = WORLD.personal
    trials = [f"{each.name}/{arm}" for each in personal.experiments for arm in ("on", "control")]
    for fields in product(
        (None, *personal.agreements),
        (None, *personal.promotions),
        (None, *personal.programme.tiers),
        (None, *trials),
        (None, *WORLD.phrases.languages[1:]),
    ):
        made = Conditions(*fields)
        raw = packed(WORLD, made)
        assert len(raw) in {0, TERMS}
        assert unpacked(WORLD, raw) == made


def test_an_agreement_of_one_seller_is_not_another_s() -> None:
    quoted = {"agreement": CodeQuoted("NORDWAERTS")}
    assert conditions(**quoted).agreement == "NORDWAERTS"
    assert conditions(Seller("91000001", "Other", "CAD"), **quoted).agreement is None


@pytest.mark.parametrize(
    ("kinds", "accounts", "tier"),
    [
        ("ADT", [("P1", GOLD)], "GOLD"),
        ("ADT ADT", [("P2", GOLD)], "GOLD"),
        ("ADT ADT", [("P1", SILVER)], None),
        ("ADT ADT", [("P1", SILVER), ("P2", SILVER)], "SILVER"),
        ("ADT ADT", [("P1", SILVER), ("P2", MEMBER)], "MEMBER"),
        ("ADT ADT", [("P1", SILVER), ("P2", GOLD)], "GOLD"),
        ("ADT INF", [("P1", SILVER)], "SILVER"),
        ("ADT", [("P1", MEMBER), ("P1", SILVER)], "SILVER"),
        ("ADT", [("P1", "TC000")], None),
    ],
)
def test_the_tier_of_a_party(kinds: str, accounts: list[tuple[str, str]], tier: str | None) -> None:
    people: tuple[Passenger, ...] = party(kinds)
    found = conditions(party=people, memberships=tuple(account(*each) for each in accounts))
    assert found.tier == tier


def test_the_better_deal_counts_and_the_tier_comes_off_what_is_left() -> None:
    both = Conditions(agreement="MAPLEWORKS", promotion="WINTERSUN", tier="GOLD")
    sun, home = ("YYZ", "MBJ"), ("YYZ", "YVR")
    assert cut(WORLD, both, sun, "LIGHT", DAY) == ((Decimal(80), Decimal(97)), "WS", "WINTERSUN")
    assert cut(WORLD, both, sun[::-1], "LIGHT", DAY).code == "WINTERSUN"
    assert cut(WORLD, both, home, "LIGHT", DAY) == ((Decimal(90), Decimal(97)), "MW", "MAPLEWORKS")
    assert cut(WORLD, FOR_EVERYBODY, home, "LIGHT", DAY) == NO_CUT


def test_a_trial_s_control_changes_nothing() -> None:
    on, control = (Conditions(trial=f"bag-in-light/{arm}") for arm in ("on", "control"))
    plain = WORLD.family("LIGHT")
    assert dressed(WORLD, "LIGHT", control) == plain
    assert dressed(WORLD, "LIGHT", on).baggage.checked_pieces == 1
    assert dressed(WORLD, "LIGHT", on).baggage.checked_kg == 23
    assert dressed(WORLD, "FLEX", on) == WORLD.family("FLEX")


def test_a_dressed_family_is_always_the_same_object() -> None:
    gold = Conditions(tier="GOLD", language="FR")
    assert dressed(WORLD, "LIGHT", gold) is dressed(WORLD, "LIGHT", gold)
    assert dressed(WORLD, "LIGHT", gold).name == "Économie Légère"


def test_the_share_of_an_experiment() -> None:
    trial = Experiment("t", 20, frozenset({"web"}), Benefit())
    arms = [trial.arm("S", f"search {n}") for n in range(4000)]
    assert 700 < arms.count("on") < 900
    assert 700 < arms.count("control") < 900
    assert arms == [trial.arm("S", f"search {n}") for n in range(4000)]
    assert arms != [trial.arm("other", f"search {n}") for n in range(4000)]
    assert (trial.runs("web"), trial.runs("agency")) == (True, False)


def test_an_arm_hangs_on_places_days_and_party_alone() -> None:
    def arms(channel: str, **more: object) -> list[str | None]:
        requests = [
            ShopRequest((bound("YYZ", "YVR", DAY + timedelta(days=n)),), ADULT, **more)  # type: ignore[arg-type]
            for n in range(60)
        ]
        return [agreed(WORLD, each, SELLER, channel, NOW)[0].trial for each in requests]

    plain = arms("metasearch")
    assert set(plain) == {None, "bag-in-light/on", "bag-in-light/control"}
    assert plain == arms("metasearch", currency="EUR", limit=5, languages=("FR",))
    assert set(arms("agency")) == {None}


@pytest.mark.parametrize("gone", ["agreement", "promotion", "tier"])
def test_a_code_that_the_world_lost_changes_nothing(gone: str) -> None:
    """Of an offer that was stored before a reload."""
    lost = Conditions(**{gone: "GONE"})
    assert cut(WORLD, lost, ("YYZ", "YVR"), "LIGHT", date(2027, 4, 1)) == NO_CUT
    assert dressed(WORLD, "LIGHT", lost) == WORLD.family("LIGHT")


async def test_every_offer_under_conditions_recalls_to_the_letter() -> None:
    house = House()
    request = ShopRequest(
        (bound("YYZ", "MBJ"), bound("MBJ", "YYZ", DAY + timedelta(days=7))),
        party("ADT CHD INF"),
        agreement=CodeQuoted("MAPLEWORKS"),
        promotion=CodeQuoted("WINTERSUN"),
        memberships=(account("P1", GOLD),),
        languages=("FR",),
    )
    result = await house.shop(request, SELLER)
    assert result.offers
    for offer in result.offers:
        back = await house.recall(offer.offer_id, SELLER, request.party)
        assert (back.bounds, back.conditions) == (offer.bounds, offer.conditions)
        assert back.total == offer.total
    plain = await house.shop(ShopRequest(request.bounds, request.party), SELLER)
    assert len(plain.offers[0].offer_id) == len(result.offers[0].offer_id) - TERMS * 4 // 3

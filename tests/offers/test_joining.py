"""Our flights and a partner's as one bound, and what a token says of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from tests.houses import demo_world

from ndc_oms.model.journey import Journey, Leg, Segment
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare, PricedBound, Tax
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import Baggage, Restriction, Stage
from ndc_oms.offers.joining import join
from ndc_oms.offers.partner_content import NO_FAMILY, fits, routes
from ndc_oms.offers.partner_recall import earliest_end
from ndc_oms.offers.token import (
    LONGEST,
    MAX_LENGTH,
    NONCE,
    ShareClaim,
    Tokens,
    content,
    pack,
    pack_shared,
    share_mark,
)
from ndc_oms.ports.partner import PartnerOffer

ADT = PassengerType.ADULT
NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
ENDS = NOW + timedelta(minutes=15)


def segment(carrier: str, number: str, ends: str, hour: int) -> Segment:
    left = datetime(2027, 2, 11, hour, tzinfo=UTC)
    leg = Leg(ends[:3], ends[3:], left, left + timedelta(hours=1), "32Q")
    return Segment(carrier, number, carrier, number, (leg,))


def rule(fee: str | None, stage: Stage = Stage.BEFORE) -> Restriction:
    money = Money.parse(fee, "CAD") if fee else None
    return Restriction(stage, fee is not None, money, f"costs {fee}")


def bound(
    *segments: Segment,
    place: int = 1,
    taxes: tuple[Tax, ...] = (),
    changes: tuple[Restriction, ...] = (),
    basis: str = "KST",
) -> PricedBound:
    fare = Fare(basis, Money(20000, "CAD"), taxes)
    family = demo_world().families[place]
    return PricedBound(Journey(segments), family, ("K",) * len(segments), {ADT: fare}, changes, ())


def tax(code: str, minor: int, *, refundable: bool = True) -> Tax:
    return Tax(code, code, Money(minor, "CAD"), refundable)


OURS = bound(segment("T8", "828", "YYZLHR", 6), taxes=(tax("YQ", 100), tax("GB", 5)))
THEIRS = bound(
    segment("XA", "121", "LHRABZ", 9), place=0, basis="VBA",
    taxes=(tax("YQ", 30, refundable=False), tax("GB", 7)),
)  # fmt: skip
TERMS = demo_world().partners[0]
OFFER = PartnerOffer(THEIRS, ENDS, "their-name")


def test_the_two_add_up_exactly() -> None:
    made = join(TERMS, OFFER, OURS)
    fare = made.fares[ADT]
    assert fare.total == OURS.fares[ADT].total + THEIRS.fares[ADT].total
    assert fare.basis == "KST"
    assert [(t.code, t.amount.minor, t.refundable) for t in fare.taxes] == [
        ("YQ", 100, True), ("GB", 12, True), ("YQ", 30, False),
    ]  # fmt: skip
    assert made.share is not None
    assert list(made.share.places) == [1]
    assert made.rbds == ("K", "K")
    assert made.family.code == "STANDARD+XA-LIGHT"


def test_theirs_may_come_first_or_alone() -> None:
    before = join(TERMS, OFFER, OURS, ours_first=False)
    assert before.share is not None
    assert list(before.share.places) == [0]
    assert [each.carrier for each in before.journey.segments] == ["XA", "T8"]
    alone = join(TERMS, OFFER)
    assert alone.fares is THEIRS.fares
    assert alone.family.code == "XA-LIGHT"
    assert alone.share is not None
    assert list(alone.share.places) == [0]


@pytest.mark.parametrize(
    ("ours", "theirs", "fee"),
    [
        ((rule("100.00"),), (rule("45.00"),), "145.00"),
        ((rule("0.00"),), (rule("0.00"),), "0.00"),
        ((rule("100.00"),), (rule(None),), None),
        ((rule(None),), (rule("45.00"),), None),
        ((rule("100.00"),), (), None),  # what one does not state it does not permit
        ((), (rule("45.00"),), None),
    ],
)
def test_only_what_both_permit_is_permitted(
    ours: tuple[Restriction, ...], theirs: tuple[Restriction, ...], fee: str | None
) -> None:
    offer = replace(OFFER, bound=replace(THEIRS, changes=theirs))
    (made,) = join(TERMS, offer, replace(OURS, changes=ours)).changes
    assert made.permitted is (fee is not None)
    assert made.fee == (Money.parse(fee, "CAD") if fee else None)


def test_the_fewest_bags_count() -> None:
    light, heavy = Baggage(1, 8, 0, 0), Baggage(1, 10, 2, 23)
    ours = replace(OURS, family=replace(OURS.family, baggage=heavy))
    theirs = replace(THEIRS, family=replace(THEIRS.family, baggage=light))
    assert join(TERMS, replace(OFFER, bound=theirs), ours).family.baggage == Baggage(1, 8, 0, 0)


def test_an_offer_ends_with_its_partners() -> None:
    shared = join(TERMS, OFFER, OURS)
    later = NOW + timedelta(minutes=30)
    assert earliest_end([OURS, shared], later) == ENDS
    assert earliest_end([OURS], later) == later
    assert earliest_end([shared], NOW) == NOW


# -- tokens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ours", "first"), list(product((0, 1, 2), (True, False))))
def test_a_token_tells_whose_flights_are_whose(ours: int, first: bool) -> None:
    shared = join(TERMS, OFFER, OURS, ours_first=first)
    claim = ShareClaim(5, ours, first, share_mark("BASIC"))
    whole = content(12345, [pack(OURS, 3), pack_shared(shared, NO_FAMILY, claim), pack(OURS, 4)])
    tokens = Tokens(b"a secret", "T8")
    write = tokens.mint(
        seller="91000000", issued_at=NOW, ttl_s=900, currency="CAD", counts=(1, 0, 0, 0, 0),
        version="v1", nonce=bytes(NONCE),
    )  # fmt: skip
    read = tokens.read(write(whole), "91000000", NOW)
    assert [each.family for each in read.bounds] == [3, NO_FAMILY, 4]
    assert [each.share for each in read.bounds] == [None, claim, None]
    assert [f.carrier for f in read.bounds[1].flights] == (["T8", "XA"] if first else ["XA", "T8"])


def test_six_bounds_with_a_partner_each_fit() -> None:
    long = bound(*(segment("T8", "8280Z"[:4], ends, 6) for ends in ("YYZLHR", "LHRCDG", "CDGFCO")))
    packed = pack_shared(long, 62, ShareClaim(62, 2, True, share_mark("X" * 40)))
    tokens = Tokens(b"a secret", "T8")
    write = tokens.mint(
        seller="91000000", issued_at=NOW, ttl_s=900, currency="CAD", counts=(9, 0, 0, 0, 9),
        version="v1", nonce=bytes(NONCE), terms=bytes(6),
    )  # fmt: skip
    token = write(content(10**12, [packed] * 6))
    assert MAX_LENGTH < len(token) <= LONGEST
    assert len(tokens.read(token, "91000000", NOW).bounds) == 6


@pytest.mark.parametrize(
    ("number", "room"), [("1", True), ("9999", True), ("12A", True), ("012", False), ("A", False)]
)
def test_what_a_token_has_room_for(number: str, room: bool) -> None:
    assert fits((segment("XA", number, "LHRABZ", 9),)) is room


# -- ways --------------------------------------------------------------------------------------


def ways(origin: str, destination: str) -> list[tuple[str, str | None, bool]]:
    found = routes(demo_world(), (origin,), (destination,))
    return [(way.terms.name, way.via, way.ours_first) for way in found]


def test_where_partners_have_a_part() -> None:
    assert ways("LHR", "ABZ") == [("aster", None, True)]
    assert ways("ABZ", "LHR") == [("aster", None, True)]
    assert ways("YYZ", "ABZ") == [("aster", "LHR", True)]
    assert ways("ABZ", "YYZ") == [("aster", "LHR", False)]
    assert ways("YYZ", "OSL") == [("isfugl", "CPH", True)]
    assert ways("YYZ", "LHR") == []
    assert ways("ABZ", "OSL") == []

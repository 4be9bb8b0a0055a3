"""The partner that is fed by files: its prices, its counters, its bookings and documents."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.houses import MovingClock

from ndc_oms import resources
from ndc_oms.errors import Invalid
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.money import Money
from ndc_oms.model.passenger import Passenger, PassengerType, People, Person
from ndc_oms.model.status import CouponStatus
from ndc_oms.partners.file import FilePartner, open_partner
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.partner import PartnerBooking, PartnerOffer, PartnerOrder, PartnerSettings, Seek
from ndc_oms.ports.pss import SegmentSale, SpecialService
from ndc_oms.ports.simulation.faults import FaultKind
from ndc_oms.world.problems import WorldError

ADT, CHD, INF = PassengerType.ADULT, PassengerType.CHILD, PassengerType.INFANT
DAY = date(2027, 2, 11)
ONE = ((ADT, 1),)
SOURCE = resources.fixtures() / "airline" / "partners" / "aster"


def settings(folder: Path, clock: MovingClock, source: Path | None = SOURCE) -> PartnerSettings:
    return PartnerSettings("aster", "XA", "906", folder, source, {}, clock.now, lambda _: None)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
async def aster(tmp_path: Path, clock: MovingClock) -> AsyncIterator[FilePartner]:
    partner = open_partner(settings(tmp_path, clock))
    yield partner
    assert await partner.audit() == []
    await partner.close()


def value(outcome: Outcome[object]) -> object:
    assert isinstance(outcome, Confirmed), outcome
    return outcome.value


async def offers(
    aster: FilePartner, party: tuple[tuple[PassengerType, int], ...] = ONE, currency: str = "GBP"
) -> tuple[PartnerOffer, ...]:
    found = await aster.search(Seek("LHR", "ABZ", DAY, party, currency))
    assert isinstance(found, Confirmed)
    return found.value


def order(offer: PartnerOffer, seek: Seek, order_id: str = "T8AAA") -> PartnerOrder:
    passengers = tuple(
        Passenger(f"{kind}{n}", kind, "ADT1" if kind is INF else None)
        for kind, many in seek.party
        for n in range(1, many + 1)
    )
    sales = tuple(
        SegmentSale(each.key, rbd, seek.seats)
        for each, rbd in zip(offer.bound.journey.segments, offer.bound.rbds, strict=True)
    )
    family, total = offer.bound.family.code, offer.total(seek)
    people = People(tuple(Person(each.id, "Hansen", (each.id,)) for each in passengers))
    return PartnerOrder(order_id, seek, sales, passengers, people, family, total)


async def first(
    aster: FilePartner,
    order_id: str = "T8AAA",
    *,
    party: tuple[tuple[PassengerType, int], ...] = ONE,
) -> PartnerOrder:
    seek = Seek("LHR", "ABZ", DAY, party, "GBP")
    return order((await offers(aster, party))[0], seek, order_id)


async def test_prices_are_filed_ones_with_their_taxes(aster: FilePartner) -> None:
    basic, plus, *_ = await offers(aster, ((ADT, 1), (CHD, 1), (INF, 1)))
    adult = basic.bound.fares[ADT]
    assert (adult.base, adult.total) == (Money(7400, "GBP"), Money(11150, "GBP"))
    assert [(tax.code, tax.amount.minor) for tax in adult.taxes] == [
        ("YQ", 600), ("GB", 700), ("UB", 2450),
    ]  # fmt: skip
    assert basic.bound.fares[CHD].base == Money(6000, "GBP")  # 80 %, up to the whole pound
    assert basic.bound.fares[INF].taxes == ()
    assert [rule.fee for rule in plus.bound.changes] == [Money(3000, "GBP")]


async def test_prices_in_another_currency_round_by_its_rule(aster: FilePartner) -> None:
    yen = (await offers(aster, currency="JPY"))[0].bound.fares[ADT]
    assert yen.base.minor % 100 == 0
    assert all(tax.amount.minor % 10 == 0 for tax in yen.taxes)
    assert await offers(aster, currency="CHF") == ()


async def test_a_flight_closes_before_it_leaves(aster: FilePartner, clock: MovingClock) -> None:
    seen = await offers(aster)
    assert {each.expires_at for each in seen} == {clock.now() + timedelta(minutes=15)}
    departure = seen[0].bound.journey.departure
    clock.advance(departure - clock.now() - timedelta(minutes=125))
    ending = await offers(aster)
    assert ending[0].expires_at == departure - timedelta(minutes=120)
    clock.advance(timedelta(minutes=5))
    assert len(await offers(aster)) == len(seen) - 2  # in both families
    late = await aster.book("late", order(seen[0], Seek("LHR", "ABZ", DAY, ONE, "GBP")))
    assert isinstance(late, Rejected)
    assert late.code == "CLOSED"


async def test_the_next_class_is_offered_when_one_is_sold(aster: FilePartner) -> None:
    party = ((ADT, 8),)
    seek = Seek("LHR", "ABZ", DAY, party, "GBP")
    cheap = (await offers(aster, party))[0]
    assert cheap.bound.rbds == ("V",)
    assert isinstance(await aster.book("one", order(cheap, seek)), Confirmed)
    assert (await offers(aster, party))[0].bound.rbds == ("S",)
    firm = await aster.price(seek, cheap)
    assert isinstance(firm, Confirmed)
    assert firm.value.bound.rbds == ("S",)
    assert cheap.total(seek).minor < firm.value.total(seek).minor
    sold = await aster.book("two", order(cheap, seek))
    assert isinstance(sold, Rejected)
    assert sold.code == "SOLD OUT"


async def test_fifty_at_once_do_not_oversell(aster: FilePartner) -> None:
    wanted = await first(aster)
    made = await asyncio.gather(
        *(aster.book(f"r{n}", replace(wanted, order_id=f"T8{n}")) for n in range(50))
    )
    assert sum(isinstance(each, Confirmed) for each in made) == 8


async def test_the_same_reference_is_the_same_booking(aster: FilePartner) -> None:
    wanted = await first(aster)
    assert await aster.find("r1", wanted) == Confirmed(None)
    made = await aster.book("r1", wanted)
    assert await aster.book("r1", wanted) == made
    assert await aster.find("r1", wanted) == made
    assert list(await aster.live_bookings()) == [made.value.locator]  # type: ignore[union-attr]


async def test_a_price_that_was_promised_wrongly_is_refused(aster: FilePartner) -> None:
    wanted = replace(await first(aster), total=Money(1, "GBP"))
    refused = await aster.book("r1", wanted)
    assert isinstance(refused, Rejected)
    assert refused.code == "PRICE"


async def test_documents_are_issued_once_and_taken_back_once(
    aster: FilePartner, clock: MovingClock
) -> None:
    wanted = await first(aster)
    booking = value(await aster.book("r1", wanted)).reference  # type: ignore[attr-defined]
    (document,) = value(await aster.documents("r2", wanted, booking))  # type: ignore[misc]
    assert document.number.startswith("906")
    assert document.total == wanted.total
    assert document.coupons[0].flight == wanted.sales[0].flight
    assert value(await aster.documents("r3", wanted, booking)) == (document,)
    cancelled = value(await aster.cancel("r4", booking))
    assert [c.status for d in cancelled.documents for c in d.coupons] == [CouponStatus.VOID]  # type: ignore[attr-defined]
    assert value(await aster.cancel("r5", booking)) == cancelled
    assert isinstance(await aster.documents("r6", wanted, booking), Rejected)
    assert await aster.live_bookings() == {}
    second = value(await aster.book("r7", wanted)).reference  # type: ignore[attr-defined]
    (next_one,) = value(await aster.documents("r8", wanted, second))  # type: ignore[misc]
    assert int(next_one.number) == int(document.number) + 1
    clock.advance(timedelta(hours=24))
    refunded = value(await aster.cancel("r9", second))
    assert [c.status for d in refunded.documents for c in d.coupons] == [CouponStatus.REFUNDED]  # type: ignore[attr-defined]


async def test_a_code_share_has_seats_and_no_documents_of_theirs(aster: FilePartner) -> None:
    key = FlightKey("XA", "101", DAY, "LHR", "NCL")
    seats = await aster.seats(DAY)
    assert isinstance(seats, Confirmed)
    assert seats.value[key] == {"Y": 9, "M": 9, "K": 6}
    shared = PartnerOrder(
        "T8AAA", Seek("LHR", "NCL", DAY, ((ADT, 4),), "CAD"), (SegmentSale(key, "K", 4),), (),
        People(), "", Money.zero("CAD"),
    )  # fmt: skip
    assert isinstance(await aster.book("r1", shared), Confirmed)
    after = await aster.seats(DAY)
    assert isinstance(after, Confirmed)
    assert after.value[key]["K"] == 2
    assert isinstance(await aster.book("r2", shared), Rejected)


VERBS = (
    "search", "price", "seats", "book", "documents", "cancel", "booking", "find", "divide",
    "rename", "serve",
)  # fmt: skip


@pytest.mark.parametrize("kind", list(FaultKind))
@pytest.mark.parametrize("verb", VERBS)
async def test_every_fault_of_every_verb(aster: FilePartner, verb: str, kind: FaultKind) -> None:
    wanted = await first(aster, party=((ADT, 2),))
    booking = value(await aster.book("r1", wanted)).reference  # type: ignore[attr-defined]
    one, other = wanted.passengers
    verbs = {
        "search": lambda: aster.search(wanted.seek),
        "price": lambda: aster.price(wanted.seek, seen),
        "seats": lambda: aster.seats(DAY),
        "book": lambda: aster.book("r2", replace(wanted, order_id="T8BBB")),
        "documents": lambda: aster.documents("r3", wanted, booking),
        "cancel": lambda: aster.cancel("r4", booking),
        "booking": lambda: aster.booking(booking),
        "find": lambda: aster.find("r1", wanted),
        "divide": lambda: aster.divide("r5", booking, (other,), "T8NEW"),
        "serve": lambda: aster.serve("r7", booking, (SpecialService("WCHR", one.id),)),
        "rename": lambda: aster.rename("r6", booking, one, Person(one.id, "Hanssen", ("Maren",))),
    }
    seen = (await offers(aster))[0]
    await aster.side.plant(f"{verb}:{kind}" + (":10ms" if kind is FaultKind.SLOW else ":1x"))
    outcome = await verbs[verb]()
    expected = {FaultKind.FAILS: Rejected, FaultKind.REJECTS_ONCE: Rejected}
    expected |= {FaultKind.SLOW: Confirmed, FaultKind.DUPLICATE: Confirmed}  # type: ignore[dict-item]
    assert isinstance(outcome, expected.get(kind, Unknown))
    assert isinstance(await verbs[verb](), Confirmed)  # and then as if nothing had been


async def test_a_booking_in_two_keeps_seats_and_documents(aster: FilePartner) -> None:
    wanted = await first(aster, party=((ADT, 2), (INF, 1)))
    whole: PartnerBooking = value(await aster.book("r1", wanted))  # type: ignore[assignment]
    value(await aster.documents("r2", wanted, whole.reference))
    one, other, lap = wanted.passengers
    for going in ((lap,), (one, other, lap), (replace(other, id="ADT7"),)):
        assert isinstance(await aster.divide("r3", whole.reference, going, "T8NEW"), Rejected)
    apart: PartnerBooking = value(  # type: ignore[assignment]
        await aster.divide("r3", whole.reference, (one, lap), "T8NEW")
    )
    again = await aster.divide("r3", whole.reference, (one, lap), "T8NEW")
    assert again == Confirmed(apart)
    assert (apart.order_id, apart.locator != whole.locator) == ("T8NEW", True)
    assert {each.passenger_id for each in apart.documents} == {one.id, lap.id}
    left: PartnerBooking = value(await aster.booking(whole.reference))  # type: ignore[assignment]
    assert [each.passenger_id for each in left.documents] == [other.id]
    assert await aster.audit() == []
    gone: PartnerBooking = value(await aster.cancel("r4", apart.reference))  # type: ignore[assignment]
    assert not any(each.live for each in gone.documents)
    assert await aster.audit() == []
    assert await aster.live_bookings() == {whole.reference: wanted.order_id}
    assert isinstance(await aster.divide("r5", apart.reference, (one,), "T8NEW"), Rejected)


async def test_what_nobody_pays_lapses_with_its_time(
    aster: FilePartner, clock: MovingClock
) -> None:
    wanted = replace(await first(aster, party=((ADT, 2),)), unpaid=True)
    kept: PartnerBooking = value(await aster.book("r1", wanted))  # type: ignore[assignment]
    paid: PartnerBooking = value(  # type: ignore[assignment]
        await aster.book("r2", replace(wanted, order_id="T8BBB"))
    )
    assert kept.held_until == paid.held_until == clock.now() + timedelta(hours=12)
    assert (await offers(aster))[0].hold_until == kept.held_until
    apart: PartnerBooking = value(  # type: ignore[assignment]
        await aster.divide("r3", kept.reference, wanted.passengers[:1], "T8NEW")
    )
    value(await aster.documents("r4", wanted, paid.reference))
    clock.advance(timedelta(hours=12))
    assert await aster.live_bookings() == {paid.reference: "T8BBB"}
    for each in (kept, apart):
        shown: PartnerBooking = value(await aster.booking(each.reference))  # type: ignore[assignment]
        assert shown.cancelled
        assert isinstance(await aster.documents("r5", wanted, each.reference), Rejected)
    assert await aster.audit() == []
    assert isinstance(await aster.cancel("r6", kept.reference), Confirmed)
    object.__setattr__(aster._filed, "hold", timedelta())
    assert isinstance(await aster.book("r7", replace(wanted, order_id="T8C")), Rejected)
    object.__setattr__(aster._filed, "hold", timedelta(hours=12))


async def test_another_name_is_on_another_document(aster: FilePartner) -> None:
    wanted = await first(aster, party=((ADT, 2),))
    made: PartnerBooking = value(await aster.book("r1", wanted))  # type: ignore[assignment]
    value(await aster.documents("r2", wanted, made.reference))
    one, other = wanted.passengers
    person = Person(one.id, "Hanssen", ("Maren",))
    named: PartnerBooking = value(  # type: ignore[assignment]
        await aster.rename("r3", made.reference, one, person)
    )
    assert await aster.rename("r4", made.reference, one, person) == Confirmed(named)
    old, new = [each for each in named.documents if each.passenger_id == one.id]
    assert (old.live, new.live, new.exchange_of) == (False, True, old.number)
    assert (new.total, [c.flight for c in new.coupons]) == (
        old.total,
        [c.flight for c in old.coupons],
    )
    stranger = replace(other, id="ADT9")
    assert isinstance(await aster.rename("r5", made.reference, stranger, person), Rejected)
    gone: PartnerBooking = value(await aster.cancel("r6", made.reference))  # type: ignore[assignment]
    assert [c.status for d in gone.documents for c in d.coupons] == [
        CouponStatus.EXCHANGED,
        CouponStatus.VOID,
        CouponStatus.VOID,
    ]
    assert await aster.audit() == []


def test_a_folder_with_problems_is_told_whole(tmp_path: Path, clock: MovingClock) -> None:
    shutil.copytree(SOURCE, tmp_path / "aster")
    folder = tmp_path / "aster"
    (folder / "fares.csv").write_text(
        "origin,destination,family,rbd,amount,currency\nLHR,ABZ,GOLD,v,7x,GBP\n"
    )
    with (folder / "taxes.csv").open("a") as taxes:
        taxes.write("YR,Surcharge,bound,*,*,ADT,*,*,,,10,base,yes\n")
    with pytest.raises(WorldError) as caught:
        open_partner(settings(tmp_path, clock, folder))
    told = {(each.file, each.field) for each in caught.value.problems}
    assert {("fares.csv", "family"), ("fares.csv", "rbd"), ("fares.csv", "amount")} <= told
    assert ("taxes.csv", "percent") in told
    with pytest.raises(Invalid, match="names no folder"):
        open_partner(settings(tmp_path, clock, None))

"""The partner that is asked over NDC: what is understood of its replies, and what they prove."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree
from tests.houses import (
    MovingClock,
    schemas,  # ours, and IATA's where they are there
    serving,
)
from tests.partners.joint import isfugl_world

from ndc_oms.errors import Invalid
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.kit.client import find_all
from ndc_oms.kit.fault_proxy import FaultProxy, Spoil
from ndc_oms.model.passenger import Contact, Passenger, PassengerType, People, Person
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.partner import PartnerOffer, PartnerOrder, PartnerSettings, Seek
from ndc_oms.ports.pss import SegmentSale
from ndc_partner import open_partner, requests
from ndc_partner.offers import read_offers, unpack_reference
from ndc_partner.orders import read_order
from ndc_partner.partner import NdcPartner

ADT, CHD = PassengerType.ADULT, PassengerType.CHILD
DAY = date(2027, 2, 11)
SEEK = Seek("CPH", "OSL", DAY, ((ADT, 1), (CHD, 1)), "CAD")
PEOPLE = People(
    (
        Person("P1", "Hansen", ("Maren",), contact_ids=("C1",)),
        Person("P2", "Hansen", ("Ole",), birthdate=date(2020, 5, 4)),
    ),
    (Contact("C1", emails=("maren.hansen@example.com",)),),
)


def zone_of(code: str) -> str | None:
    found = isfugl_world().airports.get(code)
    return found.zone if found else None


def opened(url: str, folder: Path, **options: str) -> NdcPartner:
    known = {
        "url": url, "key": "ndc_test_trillium", "org_id": "92000068", "agency_number": "91000000",
        "timeout_s": "100",
    }  # fmt: skip
    clock = MovingClock()
    return open_partner(
        PartnerSettings("isfugl", "XI", "913", folder, None, known | options, clock.now, zone_of)
    )


class Talk:
    """Isfugl's house, what spoils the talk with it, and our side of that talk."""

    def __init__(
        self, folder: Path, wire: FaultProxy, clock: MovingClock, deliverer: Deliverer
    ) -> None:
        self.deliverer = deliverer
        self.partner = opened(wire.url, folder)
        self.hurried = opened(wire.url, folder, timeout_s="1.0")
        self.wire = wire
        self.clock = clock

    def asked(self, spoil: Spoil) -> NdcPartner:
        """Who is not to wait long for a reply that does not come."""
        return self.hurried if spoil in {Spoil.SILENCE, Spoil.LATE} else self.partner

    async def close(self) -> None:
        await self.partner.close()
        await self.hurried.close()

    async def firm(self, family: str = "BLUE") -> PartnerOffer:
        found = await self.partner.search(SEEK)
        assert isinstance(found, Confirmed)
        offer = next(each for each in found.value if each.bound.family.code == family)
        priced = await self.partner.price(SEEK, offer)
        assert isinstance(priced, Confirmed)
        return priced.value

    async def order(self, *, held: bool = False) -> PartnerOrder:
        """held: of a family that is kept unpaid."""
        offer = await self.firm("ICE" if held else "BLUE")
        bound = offer.bound
        sales = tuple(
            SegmentSale(each.key, rbd, 2)
            for each, rbd in zip(bound.journey.segments, bound.rbds, strict=True)
        )
        party = (Passenger("P2", CHD), Passenger("P1", ADT))
        return PartnerOrder(
            "T8AAA", SEEK, sales, party, PEOPLE, bound.family.code, offer.total(SEEK),
            offer.reference, held,
        )  # fmt: skip


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    clock = MovingClock()
    async with serving(tmp_path, clock=clock, world=isfugl_world()) as house:
        port = urlsplit(house.url).port
        assert port is not None
        async with FaultProxy("127.0.0.1", port) as wire:
            made = Talk(tmp_path, wire, clock, house.house.deliverer)
            yield made
            await made.close()


async def test_an_order_from_search_to_its_end(talk: Talk) -> None:
    wanted = await talk.order()
    made = await talk.partner.book("T8AAA:book", wanted)
    assert isinstance(made, Confirmed)
    assert made.value.reference.startswith("XI")
    assert await talk.partner.find("T8AAA:book", wanted) == made
    issued = await talk.partner.documents("T8AAA:issue", wanted, made.value.reference)
    assert isinstance(issued, Confirmed)
    assert {each.passenger_id for each in issued.value} == {"P1", "P2"}
    assert sum(each.total.minor for each in issued.value) == wanted.total.minor
    assert all(c.flight == wanted.sales[0].flight for d in issued.value for c in d.coupons)
    cancelled = await talk.partner.cancel("T8AAA:cancel", made.value.reference)
    assert isinstance(cancelled, Confirmed)
    assert cancelled.value.cancelled
    states = {c.status for d in cancelled.value.documents for c in d.coupons}
    assert states == {CouponStatus.VOID}
    assert await talk.partner.cancel("T8AAA:cancel", made.value.reference) == cancelled
    gone = await talk.partner.documents("T8AAA:issue", wanted, made.value.reference)
    assert isinstance(gone, Rejected)
    assert await talk.partner.booking("XIAAAAAAAAAA") == Confirmed(None)


# -- holds -------------------------------------------------------------------------------------


async def test_a_hold_is_paid_and_then_has_its_documents(talk: Talk) -> None:
    assert (await talk.firm()).hold_until is None  # paid at once
    until = talk.clock.now() + timedelta(hours=18)
    assert (await talk.firm("ICE")).hold_until == until
    wanted = await talk.order(held=True)
    made = await talk.partner.book("T8AAA:book", wanted)
    assert isinstance(made, Confirmed)
    assert (made.value.documents, made.value.held_until) == ((), until)
    name = made.value.reference
    talk.clock.advance(timedelta(hours=17))
    assert await talk.partner.find("T8AAA:book", wanted) == made
    assert await talk.partner.booking(name) == made
    issued = await talk.partner.documents("T8AAA:issue", wanted, name)
    assert isinstance(issued, Confirmed)
    assert sum(each.total.minor for each in issued.value) == wanted.total.minor
    assert await talk.partner.documents("T8AAA:issue", wanted, name) == issued
    talk.clock.advance(timedelta(hours=2))
    kept = await talk.partner.booking(name)
    assert isinstance(kept, Confirmed)
    assert kept.value is not None
    assert (kept.value.cancelled, kept.value.held_until) == (False, None)
    assert kept.value.documents == issued.value


async def test_a_hold_that_is_given_up_is_free_at_once(talk: Talk) -> None:
    wanted = await talk.order(held=True)
    made = await talk.partner.book("T8AAA:book", wanted)
    assert isinstance(made, Confirmed)
    gone = await talk.partner.cancel("T8AAA:cancel", made.value.reference)
    assert isinstance(gone, Confirmed)
    assert gone.value.cancelled
    assert gone.value.held_until is None
    assert await talk.partner.cancel("T8AAA:cancel", made.value.reference) == gone
    late = await talk.partner.documents("T8AAA:issue", wanted, made.value.reference)
    assert isinstance(late, Rejected)


async def test_a_hold_that_lapsed_there_is_cancelled(talk: Talk) -> None:
    wanted = await talk.order(held=True)
    made = await talk.partner.book("T8AAA:book", wanted)
    assert isinstance(made, Confirmed)
    talk.clock.advance(timedelta(hours=19))
    while await talk.deliverer.run_due():
        pass
    shown = await talk.partner.booking(made.value.reference)
    assert isinstance(shown, Confirmed)
    assert shown.value is not None
    assert shown.value.cancelled
    assert isinstance(await talk.partner.cancel("T8AAA:c", made.value.reference), Confirmed)
    late = await talk.partner.documents("T8AAA:issue", wanted, made.value.reference)
    assert isinstance(late, Rejected)
    assert late.final


async def test_what_is_paid_at_once_there_is_not_held(talk: Talk) -> None:
    wanted = replace(await talk.order(), unpaid=True)
    refused = await talk.partner.book("T8AAA:book", wanted)
    assert isinstance(refused, Rejected)
    assert refused.code == "495"
    assert await talk.partner.find("T8AAA:book", wanted) == Confirmed(None)


LOSES = [s for s in Spoil if s not in {Spoil.DUPLICATE, Spoil.SLICED}]


@pytest.mark.wide
@pytest.mark.parametrize("spoil", LOSES)
@pytest.mark.parametrize("verb", ["documents", "cancel"])
async def test_a_payment_or_an_end_of_a_hold_that_is_lost_is_asked_after(
    talk: Talk, spoil: Spoil, verb: str
) -> None:
    wanted = await talk.order(held=True)
    made = await talk.partner.book("T8AAA:book", wanted)
    assert isinstance(made, Confirmed)
    name = made.value.reference

    async def send(partner: NdcPartner) -> Outcome[object]:
        if verb == "cancel":
            return await partner.cancel("T8AAA:cancel", name)
        return await partner.documents("T8AAA:issue", wanted, name)

    talk.wire.plant(spoil, "IATA_OrderChangeRQ", delay_s=1.2)
    assert isinstance(await send(talk.asked(spoil)), Unknown)
    assert isinstance(await send(talk.partner), Confirmed)
    shown = await talk.partner.booking(name)
    assert isinstance(shown, Confirmed)
    assert shown.value is not None
    assert shown.value.cancelled is (verb == "cancel")
    assert len(shown.value.documents) == (0 if verb == "cancel" else 2)


async def test_the_earlier_of_two_limits_binds(talk: Talk) -> None:
    wanted = await talk.order(held=True)
    offer_id, items = unpack_reference(wanted.offer)
    body = requests.order_create(talk.partner._access, wanted, offer_id, items, "T8AAA:book")
    sent = await talk.partner._connection.send(body)
    assert isinstance(sent, Confirmed)
    (limit, *_) = find_all(sent.value, "//PriceGuaranteeTimeLimitDateTime")
    limit.text = "2027-01-12T11:00:00Z"
    held = read_order(sent.value, "XI", zone_of).booking.held_until
    assert held == talk.clock.now() + timedelta(hours=2)


async def test_times_bear_the_airports_own_offsets(talk: Talk) -> None:
    journey = (await talk.firm()).bound.journey
    assert journey.departure.utcoffset() == timedelta(hours=1)
    summer = Seek("CPH", "HEL", date(2027, 7, 1), ((ADT, 1),), "CAD")
    found = await talk.partner.search(summer)
    assert isinstance(found, Confirmed)
    flown = found.value[0].bound.journey
    assert flown.departure.utcoffset() == timedelta(hours=2)
    assert flown.arrival.utcoffset() == timedelta(hours=3)
    assert timedelta(minutes=60) < flown.duration < timedelta(minutes=150)


@pytest.mark.parametrize(
    ("seek", "why"),
    [
        (Seek("CPH", "LHR", DAY, ((ADT, 1),), "CAD"), "not served"),
        (Seek("CPH", "OSL", date(2026, 1, 1), ((ADT, 1),), "CAD"), "past"),
        (Seek("CPH", "OSL", DAY, ((ADT, 1),), "JPY"), "currency"),
    ],
)
async def test_having_nothing_is_an_answer(talk: Talk, seek: Seek, why: str) -> None:
    assert await talk.partner.search(seek) == Confirmed(()), why


async def test_no_code_is_shared_over_ndc(talk: Talk) -> None:
    assert await talk.partner.seats(DAY) == Confirmed({})
    wanted = await talk.order()
    shared = PartnerOrder("T8AAA", SEEK, wanted.sales, (), PEOPLE, "", wanted.total)
    assert isinstance(await talk.partner.book("r", shared), Rejected)


async def test_an_offer_that_ended_is_certainly_not_booked(talk: Talk) -> None:
    wanted = await talk.order()
    talk.clock.advance(timedelta(minutes=21))
    refused = await talk.partner.book("T8AAA:book", wanted)
    assert refused == Rejected("913", refused.reason)  # type: ignore[union-attr]  # it is one
    assert await talk.partner.find("T8AAA:book", wanted) == Confirmed(None)


async def test_a_door_that_is_closed_proves_nothing_of_an_earlier_sending(
    talk: Talk, tmp_path: Path
) -> None:
    wanted = await talk.order()
    stranger = opened(talk.wire.url, tmp_path, key="ndc_test_nobody")
    refused = await stranger.book("T8AAA:book", wanted)
    assert isinstance(refused, Rejected)
    assert not refused.final
    assert isinstance(await stranger.find("T8AAA:book", wanted), Unknown)
    await stranger.close()
    nobody = opened("http://127.0.0.1:9/ndc", tmp_path)
    assert isinstance(await nobody.book("T8AAA:book", wanted), Rejected)
    assert isinstance(await nobody.find("T8AAA:book", wanted), Unknown)
    await nobody.close()


@pytest.mark.parametrize("spoil", [s for s in Spoil if s not in {Spoil.DUPLICATE, Spoil.SLICED}])
async def test_what_is_lost_on_the_way_is_unknown_and_can_be_found(
    talk: Talk, spoil: Spoil
) -> None:
    wanted = await talk.order()
    talk.wire.plant(spoil, "IATA_OrderCreateRQ", delay_s=1.2)
    lost: Outcome[object] = await talk.asked(spoil).book("T8AAA:book", wanted)
    assert isinstance(lost, Unknown)
    found = await talk.partner.find("T8AAA:book", wanted)
    assert isinstance(found, Confirmed)
    assert await talk.partner.book("T8AAA:book", wanted) == found


def test_what_is_needed_to_ask_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="agency_number"):
        opened("http://127.0.0.1:9/ndc", tmp_path, agency_number="")


# -- replies that are not what they should be --------------------------------------------------

Change = Callable[[etree._Element], None]


def text_at(path: str, text: str) -> Change:
    def change(root: etree._Element) -> None:
        find_all(root, path)[0].text = text

    return change


def without(path: str) -> Change:
    def change(root: etree._Element) -> None:
        node = find_all(root, path)[0]
        parent = node.getparent()
        assert parent is not None
        parent.remove(node)

    return change


def in_euros(root: etree._Element) -> None:
    for node in find_all(root, "//TotalAmount"):
        node.set("CurCode", "EUR")


@pytest.mark.parametrize(
    "change",
    [
        text_at("//Offer/TotalPrice/TotalAmount", "1.00"),
        text_at("//OfferItem/Price/TotalAmount", "1.00"),
        text_at("//OfferItem/Price/BaseAmount", "1e3"),
        text_at("//OfferItem/FareDetail/FareComponent/RBD/RBD_Code", ""),
        text_at("//Offer/OfferExpirationTimeLimitDateTime", "soon"),
        text_at("//Offer/JourneyOverview/JourneyPriceClass/PaxJourneyRefID", "nowhere"),
        text_at("//Offer/JourneyOverview/JourneyPriceClass/PriceClassRefID", "nothing"),
        text_at("//OfferItem/FareDetail/PaxRefID", "CHD9"),
        without("//Offer/OfferID"),
        without("//Offer/OfferItem"),
        without("//OfferItem/Price"),
        in_euros,
    ],
)
async def test_an_offer_that_is_not_understood_whole_is_left_out(
    talk: Talk, change: Change
) -> None:
    body = requests.air_shopping(talk.partner._access, SEEK, 1)
    sent = await talk.partner._connection.send(body)
    assert isinstance(sent, Confirmed)
    assert len(read_offers(sent.value, SEEK, zone_of)) == 1
    change(sent.value)
    assert read_offers(sent.value, SEEK, zone_of) == ()


async def test_flights_of_airports_that_we_do_not_know_are_left_out(talk: Talk) -> None:
    sent = await talk.partner._connection.send(requests.air_shopping(talk.partner._access, SEEK, 1))
    assert isinstance(sent, Confirmed)
    assert read_offers(sent.value, SEEK, lambda _: None) == ()


# -- what is sent ------------------------------------------------------------------------------


async def test_every_message_is_one_that_any_server_of_ndc_takes(talk: Talk) -> None:
    wanted, access = await talk.order(), talk.partner._access
    held = await talk.order(held=True)
    offer_id, items = unpack_reference(wanted.offer)
    sent = {
        "IATA_AirShoppingRQ": requests.air_shopping(access, SEEK, 60),
        "IATA_OfferPriceRQ": requests.offer_price(access, SEEK, offer_id, items),
        "IATA_OrderCreateRQ": requests.order_create(access, wanted, offer_id, items, "T8AAA:book"),
        "IATA_OrderRetrieveRQ": requests.order_retrieve(access, "XIAAAAAAAAAA"),
        "IATA_OrderReshopRQ": requests.order_reshop(access, "XIAAAAAAAAAA"),
        "IATA_OrderChangeRQ": requests.order_cancel(access, "XIAAAAAAAAAA", "2", "Q1", "T8AAA:c"),
    }
    for name, body in sent.items():
        root = etree.fromstring(body)
        assert etree.QName(root).localname == name
        for schema in schemas():
            assert schema.check(root) == [], name
    for body in (
        requests.order_create(access, held, offer_id, items, "T8AAA:book"),
        requests.order_pay(access, "XIAAAAAAAAAA", wanted.total, "T8AAA:issue"),
        requests.order_release(access, "XIAAAAAAAAAA", "T8AAA:cancel"),
    ):
        for schema in schemas():
            assert schema.check(etree.fromstring(body)) == []

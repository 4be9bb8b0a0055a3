"""The simulated gateway: what each published number does, and that its books stay right."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ndc_oms.errors import Invalid
from ndc_oms.model.cards import luhn
from ndc_oms.model.money import Money
from ndc_oms.payments.gateways.magic import MAGIC, Behaviour
from ndc_oms.payments.gateways.simulated import SimulatedGateway, open_gateway, plant_faults
from ndc_oms.ports.outcome import Confirmed, Rejected, Unknown
from ndc_oms.ports.payment import CardAuthentication, CardData, Charge
from ndc_oms.ports.simulation.faults import FaultKind


class StillClock:
    def now(self) -> datetime:
        return datetime(2031, 5, 1, 12, 0, tzinfo=UTC)


NUMBER = "4111111111111111"
CARD = CardData(NUMBER, "1235", "VI", "4747", "MAREN HANSEN")
FARE = Money(12_345, "CAD")


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[SimulatedGateway]:
    opened = open_gateway(tmp_path, StillClock())
    yield opened
    await opened.close()


async def charge(gateway: SimulatedGateway, behaviour: Behaviour = Behaviour.APPROVES) -> Charge:
    magic = next(each for each in MAGIC if each.behaviour is behaviour)
    card = await gateway.tokenise(CardData(magic.number, "1235", magic.brand))
    return Charge("T8ORDER", FARE, card)


async def authorised(gateway: SimulatedGateway) -> str:
    answer = await gateway.authorise("auth", await charge(gateway))
    assert isinstance(answer, Confirmed)
    return answer.value


async def test_every_published_number_can_be_a_card(gateway: SimulatedGateway) -> None:
    assert {magic.behaviour for magic in MAGIC} == set(Behaviour)
    for magic in MAGIC:
        assert luhn(magic.number)
        token = (await gateway.tokenise(CardData(magic.number, "1235", magic.brand))).token
        assert magic.number not in token


async def test_a_token_says_nothing_of_the_number(gateway: SimulatedGateway) -> None:
    one, other = await gateway.tokenise(CARD), await gateway.tokenise(CARD)
    assert one.token != other.token
    assert (one.brand, one.last_four) == ("VI", "1111")
    assert "MAREN" not in repr(one)
    assert not any(NUMBER[at : at + 6] in one.token for at in range(11))


@pytest.mark.parametrize(
    "card",
    [
        replace(CARD, number="4111111111111112"),
        replace(CARD, number="411111"),
        replace(CARD, number="4111x11111111111"),
        replace(CARD, number=""),
        replace(CARD, brand="AX"),
        replace(CARD, expiry="1335"),
        replace(CARD, expiry="12/35"),
        replace(CARD, expiry="0431"),
        replace(CARD, security_code="12"),
    ],
)
async def test_what_can_be_no_card_is_refused(gateway: SimulatedGateway, card: CardData) -> None:
    with pytest.raises(Invalid) as caught:
        await gateway.tokenise(card)
    assert caught.value.code == "708"
    assert "1111" not in str(caught.value)
    await gateway.tokenise(replace(CARD, expiry="0531"))  # good through its last month


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (Behaviour.DECLINES, "708"),
        (Behaviour.EXPIRED, "708"),
        (Behaviour.AUTHENTICATION_FAILS, "921"),
        (Behaviour.AUTHENTICATION_DOWN, "923"),
    ],
)
async def test_refusals(gateway: SimulatedGateway, behaviour: Behaviour, code: str) -> None:
    answer = await gateway.authorise("a", await charge(gateway, behaviour))
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.final) == (code, True)
    assert await gateway.find("a") == Confirmed(None)


@pytest.mark.parametrize(
    ("status", "code"),
    [("N", "921"), ("R", "921"), ("C", "921"), ("U", "923"), ("Y", ""), ("A", ""), (None, "")],
)
async def test_what_the_issuer_said_of_the_holder(
    gateway: SimulatedGateway, status: str | None, code: str
) -> None:
    said = CardAuthentication("2.2.0", "05", "AJkBBkhgQQAAAE4gSEJydQAAAAA=", "f25084f0", status)
    card = await gateway.tokenise(replace(CARD, authentication=said))
    assert said.value is not None
    assert said.value not in repr((card, said, replace(CARD, authentication=said)))
    answer = await gateway.authorise("a", Charge("T8ORDER", FARE, card))
    assert isinstance(answer, Rejected if code else Confirmed)
    assert getattr(answer, "code", "") == code


async def test_a_token_of_one_is_good_at_the_other(tmp_path: Path) -> None:
    one = open_gateway(tmp_path / "one", StillClock())
    other = open_gateway(tmp_path / "other", StillClock(), {"name": "simulated-2"})
    card = await one.tokenise(CARD)
    assert isinstance(await other.authorise("a", Charge("T8ORDER", FARE, card)), Confirmed)
    assert (one.name, other.name) == ("simulated", "simulated-2")
    await one.close()
    await other.close()


async def test_times_out_once(gateway: SimulatedGateway) -> None:
    asked = await charge(gateway, Behaviour.TIMES_OUT_ONCE)
    assert isinstance(await gateway.authorise("a", asked), Unknown)
    assert await gateway.find("a") == Confirmed(None)
    answer = await gateway.authorise("a", asked)
    assert isinstance(answer, Confirmed)
    assert await gateway.find("a") == answer


async def test_never_answers(gateway: SimulatedGateway) -> None:
    asked = await charge(gateway, Behaviour.NEVER_ANSWERS)
    for _ in range(3):
        assert isinstance(await gateway.authorise("a", asked), Unknown)
    assert await gateway.find("a") == Confirmed(None)


async def test_a_charge_whose_reply_was_lost_is_found_after_a_restart(tmp_path: Path) -> None:
    before = open_gateway(tmp_path, StillClock())
    asked = await charge(before, Behaviour.TIMES_OUT_AFTER_CHARGING)
    assert isinstance(await before.authorise("a", asked), Unknown)
    await before.close()
    after = open_gateway(tmp_path, StillClock())
    found = await after.find("a")
    assert isinstance(found, Confirmed)
    assert found.value is not None
    assert await after.authorise("a", asked) == found
    assert isinstance(await after.capture("c", found.value, FARE), Confirmed)
    await after.close()


async def test_captures_that_fail_or_are_lost(gateway: SimulatedGateway) -> None:
    declining = await gateway.authorise("a", await charge(gateway, Behaviour.CAPTURE_DECLINES))
    losing = await gateway.authorise("b", await charge(gateway, Behaviour.CAPTURE_TIMES_OUT))
    assert isinstance(declining, Confirmed)
    assert isinstance(losing, Confirmed)
    refused = await gateway.capture("ca", declining.value, FARE)
    assert isinstance(refused, Rejected)
    assert refused.code == "708"
    assert await gateway.release("ra", declining.value) == Confirmed(None)
    assert isinstance(await gateway.capture("cb", losing.value, FARE), Unknown)
    assert await gateway.find("cb") == await gateway.capture("cb", losing.value, FARE)


async def test_the_same_reference_gets_the_same_answer(gateway: SimulatedGateway) -> None:
    asked = await charge(gateway)
    answers = await asyncio.gather(*(gateway.authorise("a", asked) for _ in range(16)))
    assert len({str(answer) for answer in answers}) == 1
    other = replace(asked, amount=FARE * 2)
    assert isinstance(await gateway.authorise("a", other), Rejected)


async def test_no_more_is_captured_than_was_authorised(gateway: SimulatedGateway) -> None:
    authorisation = await authorised(gateway)
    assert isinstance(await gateway.capture("c1", authorisation, FARE * 2), Rejected)
    yen = Money(1, "JPY")
    assert isinstance(await gateway.capture("c2", authorisation, yen), Rejected)
    first = await gateway.capture("c3", authorisation, FARE)
    assert isinstance(first, Confirmed)
    assert await gateway.capture("c3", authorisation, FARE) == first
    assert isinstance(await gateway.capture("c4", authorisation, Money(1, "CAD")), Rejected)
    assert isinstance(await gateway.release("r", authorisation), Rejected)


async def test_no_more_is_refunded_than_was_captured(gateway: SimulatedGateway) -> None:
    authorisation = await authorised(gateway)
    captured = await gateway.capture("c", authorisation, FARE)
    assert isinstance(captured, Confirmed)
    first = await gateway.refund("r1", captured.value, Money(12_000, "CAD"))
    assert isinstance(first, Confirmed)
    assert await gateway.refund("r1", captured.value, Money(12_000, "CAD")) == first
    assert isinstance(await gateway.refund("r2", captured.value, Money(346, "CAD")), Rejected)
    assert isinstance(await gateway.refund("r3", captured.value, Money(345, "CAD")), Confirmed)


async def test_what_was_released_is_not_captured(gateway: SimulatedGateway) -> None:
    authorisation = await authorised(gateway)
    for reference in ("r", "r", "another"):
        assert await gateway.release(reference, authorisation) == Confirmed(None)
    assert await gateway.find("r") == Confirmed(authorisation)
    assert isinstance(await gateway.capture("c", authorisation, FARE), Rejected)


async def test_unknown_things_are_refused(gateway: SimulatedGateway) -> None:
    asked = await charge(gateway)
    assert asked.card is not None
    stranger = replace(asked, card=replace(asked.card, token="4111111111111111"))
    assert isinstance(await gateway.authorise("a", stranger), Rejected)
    assert isinstance(await gateway.authorise("a", replace(asked, card=None)), Rejected)
    assert isinstance(await gateway.authorise("a", replace(asked, amount=FARE * 0)), Rejected)
    assert isinstance(await gateway.capture("c", "AUTHX", FARE), Rejected)
    assert isinstance(await gateway.release("r", "AUTHX"), Rejected)
    assert isinstance(await gateway.refund("f", "CAPTX", FARE), Rejected)


VERBS = ("authorise", "capture", "release", "refund")


@pytest.mark.parametrize("kind", list(FaultKind))
@pytest.mark.parametrize("verb", VERBS)
async def test_a_fault_of_each_verb(
    gateway: SimulatedGateway, tmp_path: Path, verb: str, kind: FaultKind
) -> None:
    asked = await charge(gateway)
    one, other = await authorised(gateway), await gateway.authorise("other", asked)
    assert isinstance(other, Confirmed)
    captured = await gateway.capture("captured", other.value, FARE)
    assert isinstance(captured, Confirmed)
    calls = {
        "authorise": lambda: gateway.authorise("x", asked),
        "capture": lambda: gateway.capture("x", one, FARE),
        "release": lambda: gateway.release("x", one),
        "refund": lambda: gateway.refund("x", captured.value, FARE),
    }
    plant_faults(tmp_path, f"{verb}:{kind}:1x" + (":1ms" if kind is FaultKind.SLOW else ""))
    answer = await calls[verb]()
    found = await gateway.find("x")
    nothing = {FaultKind.FAILS, FaultKind.REJECTS_ONCE, FaultKind.TIMES_OUT_BEFORE}
    applied = kind not in nothing
    assert isinstance(found, Confirmed)
    assert (found.value is not None) is applied
    expected = {FaultKind.FAILS: Rejected, FaultKind.REJECTS_ONCE: Rejected}
    expected[FaultKind.SLOW] = expected[FaultKind.DUPLICATE] = Confirmed
    assert isinstance(answer, expected.get(kind, Unknown))
    assert isinstance(await calls[verb](), Confirmed)


async def test_no_number_and_no_security_code_reaches_the_disk(tmp_path: Path) -> None:
    gateway = open_gateway(tmp_path, StillClock())
    card = await gateway.tokenise(CARD)
    answer = await gateway.authorise("a", Charge("T8ORDER", FARE, card))
    assert isinstance(answer, Confirmed)
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    await gateway.close()
    assert answer.value.encode() in on_disk
    assert NUMBER.encode() not in on_disk
    assert b"4747" not in on_disk

"""The provider with pages: a page ends once; callbacks are signed; what was paid is money."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ndc_oms.errors import Invalid, NotAllowed
from ndc_oms.model.money import Money
from ndc_oms.payments.gateways.pages import SIGNATURE, PaymentPages
from ndc_oms.ports.outcome import Confirmed, Rejected, Unknown
from ndc_oms.ports.payment import CardData, Charge, Page, RedirectGateway

NOW = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=30)
FARE = Money(12_345, "CAD")
CHARGE = Charge("T8ORDER", FARE, None)


class Clock:
    at = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(folder: Path, clock: Clock, **options: str) -> PaymentPages:
    return PaymentPages(folder, clock, {"secret": "s", "base": "https://pay.example/p", **options})


@pytest.fixture
async def pages(tmp_path: Path, clock: Clock) -> AsyncIterator[PaymentPages]:
    made = opened(tmp_path, clock)
    yield made
    await made.close()


async def page(pages: PaymentPages) -> Page:
    answer = await pages.open_page("T8ORDER:redirect:PAY1", CHARGE, "https://a.example", UNTIL)
    assert isinstance(answer, Confirmed)
    return answer.value


async def test_it_is_a_gateway_with_pages(pages: PaymentPages) -> None:
    assert isinstance(pages, RedirectGateway)
    assert isinstance(await pages.authorise("a", CHARGE), Rejected)
    with pytest.raises(Invalid):
        await pages.tokenise(CardData("4111111111111111", "1235", "VI"))


async def test_the_same_page_for_the_same_reference(pages: PaymentPages) -> None:
    first = await page(pages)
    assert await page(pages) == first
    assert first.url == f"https://pay.example/p/{first.session}"
    assert first.expires_at == UNTIL


async def test_paid_captured_refunded(pages: PaymentPages) -> None:
    made = await page(pages)
    callback = await pages.pay(made.session)
    assert callback is not None
    notice = pages.read_notice(*callback)
    assert (notice.reference, notice.session) == ("T8ORDER:redirect:PAY1", made.session)
    assert notice.authorisation is not None
    taken = await pages.capture("c", notice.authorisation, FARE)
    assert isinstance(taken, Confirmed)
    assert await pages.find("c") == taken
    assert isinstance(await pages.refund("r", taken.value, FARE), Confirmed)
    assert isinstance(await pages.refund("r2", taken.value, FARE), Rejected)


async def test_a_page_ends_once(pages: PaymentPages, clock: Clock) -> None:
    made = await page(pages)
    assert await pages.close_page("x", made.session) == Confirmed(None)
    assert await pages.close_page("x", made.session) == Confirmed(None)
    assert await pages.pay(made.session) is None
    assert await pages.refuse(made.session) is None
    assert await pages.pay("no such page") is None
    assert isinstance(await pages.close_page("x", "no such page"), Rejected)
    clock.at = UNTIL
    assert await pages.pay(made.session) is None


async def test_an_expired_page_can_only_be_closed(pages: PaymentPages, clock: Clock) -> None:
    made = await page(pages)
    clock.at = UNTIL
    assert await pages.pay(made.session) is None
    assert await pages.close_page("x", made.session) == Confirmed(None)


async def test_who_paid_is_told_when_it_is_closed(pages: PaymentPages) -> None:
    made = await page(pages)
    callback = await pages.pay(made.session)
    assert callback is not None
    authorisation = pages.read_notice(*callback).authorisation
    assert await pages.close_page("x", made.session) == Confirmed(authorisation)
    assert await pages.release("l", authorisation or "") == Confirmed(None)


async def test_who_gives_up_says_so(pages: PaymentPages) -> None:
    made = await page(pages)
    callback = await pages.refuse(made.session)
    assert callback is not None
    notice = pages.read_notice(*callback)
    assert (notice.authorisation, notice.reason) == (None, "the payer gave up")
    assert await pages.close_page("x", made.session) == Confirmed(None)


async def test_only_the_provider_can_call_back(
    pages: PaymentPages, tmp_path: Path, clock: Clock
) -> None:
    made = await page(pages)
    callback = await pages.pay(made.session)
    assert callback is not None
    body, headers = callback
    for forged in (
        (body + b" ", headers),
        (body, {SIGNATURE: "0" * 64}),
        (body, {}),
        (body, {SIGNATURE: "ä"}),
        (b"", headers),
    ):
        with pytest.raises(NotAllowed):
            pages.read_notice(*forged)
    assert pages.read_notice(body, {SIGNATURE.lower(): headers[SIGNATURE]})
    other = opened(tmp_path, clock, secret="another")
    with pytest.raises(NotAllowed):
        other.read_notice(body, headers)
    await other.close()


@pytest.mark.parametrize("body", [b"{}", b"[]", b"no JSON", b"\xff", b'"text"', b"null"])
async def test_signed_nonsense_is_refused(pages: PaymentPages, body: bytes) -> None:
    with pytest.raises(Invalid):
        pages.read_notice(body, {SIGNATURE: pages._sign(body)})


async def test_a_lost_answer_is_no_second_page(tmp_path: Path, clock: Clock) -> None:
    made = opened(tmp_path, clock, faults="open_page:times-out-after:1x")
    answer = await made.open_page("r", CHARGE, None, UNTIL)
    assert isinstance(answer, Unknown)
    first = await made.open_page("r", CHARGE, None, UNTIL)
    assert first == await made.open_page("r", CHARGE, None, UNTIL)
    await made.close()


async def test_a_callback_says_nothing_of_the_payer(pages: PaymentPages) -> None:
    callback = await pages.pay((await page(pages)).session)
    assert callback is not None
    assert set(json.loads(callback[0])) == {"reference", "session", "authorisation", "reason"}

"""The book of vouchers: balances come down when promised and back when let go or refunded."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ndc_oms.errors import Invalid
from ndc_oms.model.money import Money
from ndc_oms.payments.gateways.vouchers import VoucherBook
from ndc_oms.ports.outcome import Confirmed, Rejected, Unknown
from ndc_oms.ports.payment import CardData, Charge

NUMBER = "VCH250CAD01"


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[VoucherBook]:
    opened = VoucherBook(tmp_path, {})
    yield opened
    await opened.close()


def cad(minor: int) -> Money:
    return Money(minor, "CAD")


def charge(amount: Money, number: str = NUMBER) -> Charge:
    return Charge("T8ORDER", amount, None, voucher=number)


async def authorised(book: VoucherBook, minor: int, reference: str = "a") -> str:
    answer = await book.authorise(reference, charge(cad(minor)))
    assert isinstance(answer, Confirmed)
    return answer.value


async def test_a_promise_comes_off_the_balance_once(book: VoucherBook) -> None:
    assert await book.balance(NUMBER) is None
    first = await authorised(book, 10_000)
    assert await authorised(book, 10_000) == first
    assert await book.find("a") == Confirmed(first)
    assert await book.balance(NUMBER) == cad(15_000)


async def test_never_more_than_it_has(book: VoucherBook) -> None:
    charges = [book.authorise(f"r{n}", charge(cad(10_000))) for n in range(8)]
    answers = await asyncio.gather(*charges)
    assert sum(isinstance(each, Confirmed) for each in answers) == 2
    assert await book.balance(NUMBER) == cad(5_000)


@pytest.mark.parametrize(
    ("amount", "number"),
    [
        (Money(100, "EUR"), NUMBER),
        (cad(25_001), NUMBER),
        (cad(100), "VOUCHER"),
        (cad(100), ""),
        (cad(0), NUMBER),
    ],
)
async def test_refused(book: VoucherBook, amount: Money, number: str) -> None:
    answer = await book.authorise("a", charge(amount, number))
    assert isinstance(answer, Rejected)
    assert answer.final
    assert await book.find("a") == Confirmed(None)


async def test_let_go(book: VoucherBook) -> None:
    promised = await authorised(book, 10_000)
    for reference in ("let go", "let go", "again"):
        assert await book.release(reference, promised) == Confirmed(None)
        assert await book.balance(NUMBER) == cad(25_000)
    assert isinstance(await book.capture("c", promised, cad(1)), Rejected)


async def test_refunded_in_parts(book: VoucherBook) -> None:
    taken = await book.capture("c", await authorised(book, 10_000), cad(10_000))
    assert isinstance(taken, Confirmed)
    for reference, left in (("r1", 19_000), ("r1", 19_000), ("r2", 23_000)):
        assert isinstance(await book.refund(reference, taken.value, cad(4_000)), Confirmed)
        assert await book.balance(NUMBER) == cad(left)
    assert isinstance(await book.refund("r3", taken.value, cad(4_000)), Rejected)
    assert isinstance(await book.release("let go", "nothing"), Rejected)


async def test_a_lost_answer_is_found_after_a_restart(tmp_path: Path) -> None:
    book = VoucherBook(tmp_path, {"faults": "authorise:times-out-after:1x"})
    assert isinstance(await book.authorise("a", charge(cad(100))), Unknown)
    await book.close()
    again = VoucherBook(tmp_path, {"faults": "authorise:times-out-after:1x"})
    found = await again.find("a")
    assert isinstance(found, Confirmed)
    assert found.value is not None
    assert await again.balance(NUMBER) == cad(24_900)
    await again.close()


async def test_it_takes_no_cards(book: VoucherBook) -> None:
    with pytest.raises(Invalid):
        await book.tokenise(CardData("4111111111111111", "1235", "VI"))

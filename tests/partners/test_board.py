"""The board: partners asked together, each within its time, none at the cost of another."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.houses import MovingClock, demo_world

from ndc_oms.model.journey import Journey, Leg, Segment
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare, PricedBound
from ndc_oms.model.passenger import PassengerType
from ndc_oms.partners import board as boards
from ndc_oms.partners.board import Board
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.partner import PartnerOffer, Seek
from ndc_oms.world.partners import PartnerTerms

ADT = PassengerType.ADULT
SEEK = Seek("LHR", "ABZ", date(2027, 2, 11), ((ADT, 1),), "CAD")


def offer(expires_at: datetime) -> PartnerOffer:
    left = datetime(2027, 2, 11, 9, tzinfo=UTC)
    leg = Leg("LHR", "ABZ", left, left + timedelta(hours=1), "32Q")
    bound = PricedBound(
        Journey((Segment("XA", "121", "XA", "121", (leg,)),)),
        demo_world().families[0],
        ("V",),
        {ADT: Fare("VBA", Money(10000, "CAD"), ())},
        (),
        (),
    )
    return PartnerOffer(bound, expires_at)


class Fake:
    """A partner whose answers are prepared: each search takes the next."""

    def __init__(self, *answers: Callable[[], Outcome[tuple[PartnerOffer, ...]]] | float) -> None:
        self.answers = list(answers)
        self.asked: list[Seek] = []
        self.release = asyncio.Event()

    name = "fake"

    async def search(self, seek: Seek) -> Outcome[tuple[PartnerOffer, ...]]:
        self.asked.append(seek)
        answer = self.answers.pop(0)
        if isinstance(answer, float):
            await asyncio.wait_for(self.release.wait(), answer)
            return Confirmed(())
        return answer()

    async def close(self) -> None:
        pass


def terms(name: str = "fake", *, budget_s: float = 0.05, keep_s: float = 30) -> PartnerTerms:
    return PartnerTerms(
        name, "file", "XA", "906", None, (("LHR", "ABZ"),), ("LHR",), budget_s, keep_s,
        code_share=False, families={}, options={},
    )  # fmt: skip


def found(clock: MovingClock) -> Callable[[], Outcome[tuple[PartnerOffer, ...]]]:
    return lambda: Confirmed((offer(clock.now() + timedelta(minutes=15)),))


def down() -> Outcome[tuple[PartnerOffer, ...]]:
    return Unknown("no answer")


def board_of(clock: MovingClock, *sides: tuple[PartnerTerms, Fake]) -> Board:
    return Board(sides, clock)  # type: ignore[arg-type]  # Fake has what a search needs


async def test_answers_are_kept_while_they_are_young() -> None:
    clock = MovingClock()
    fake = Fake(found(clock), found(clock))
    board = board_of(clock, (terms(), fake))
    first = await board.search([("fake", SEEK)])
    clock.advance(timedelta(seconds=30))
    assert (await board.search([("fake", SEEK)])).offers == first.offers
    assert len(fake.asked) == 1
    clock.advance(timedelta(seconds=1))
    await board.search([("fake", SEEK)])
    assert len(fake.asked) == 2
    assert list(board) == [("fake", "answered", 2), ("fake", "kept", 1)]


async def test_an_answer_that_is_about_to_expire_is_not_shown_again() -> None:
    clock = MovingClock()
    fake = Fake(lambda: Confirmed((offer(clock.now() + timedelta(seconds=75)),)), found(clock))
    board = board_of(clock, (terms(), fake))
    await board.search([("fake", SEEK)])
    clock.advance(timedelta(seconds=20))
    await board.search([("fake", SEEK)])
    assert len(fake.asked) == 2


async def test_a_slow_partner_costs_its_budget_and_no_more() -> None:
    clock = MovingClock()
    slow, quick = Fake(5.0), Fake(found(clock))
    board = board_of(clock, (terms("slow"), slow), (terms("quick"), quick))
    answers = await board.search([("slow", SEEK), ("quick", SEEK)])
    assert len(answers.offers["quick", SEEK]) == 1
    assert [each.partner for each in answers.silences] == ["slow"]
    assert "no answer within 0.05 s" in answers.silences[0].text
    slow.release.set()
    await asyncio.sleep(0.01)
    again = await board.search([("slow", SEEK)])  # what came late is there
    assert again.silences == ()
    assert len(slow.asked) == 1
    await board.close()


async def test_equal_questions_under_way_are_one() -> None:
    clock = MovingClock()
    fake = Fake(1.0)
    board = board_of(clock, (terms(budget_s=1.0), fake))
    both = asyncio.gather(board.search([("fake", SEEK)]), board.search([("fake", SEEK)] * 2))
    await asyncio.sleep(0.01)
    fake.release.set()
    assert all(each.silences == () for each in await both)
    assert len(fake.asked) == 1


async def test_who_leaves_takes_nobody_along() -> None:
    clock = MovingClock()
    fake = Fake(1.0)
    board = board_of(clock, (terms(budget_s=1.0), fake))
    leaving = asyncio.create_task(board.search([("fake", SEEK)]))
    staying = asyncio.create_task(board.search([("fake", SEEK)]))
    await asyncio.sleep(0.01)
    leaving.cancel()
    fake.release.set()
    assert (await staying).silences == ()


async def test_a_partner_that_fails_rests_for_a_while() -> None:
    clock = MovingClock()
    fake = Fake(*[down] * boards.FAILURES, down, found(clock))
    board = board_of(clock, (terms(), fake))
    for _ in range(boards.FAILURES):
        await board.search([("fake", SEEK)])
    spared = await board.search([("fake", SEEK)])
    assert "is not asked for some seconds" in spared.silences[0].reason
    assert len(fake.asked) == boards.FAILURES
    clock.advance(boards.REST)
    await board.search([("fake", SEEK)])  # one more failure is enough to rest again
    await board.search([("fake", SEEK)])
    assert len(fake.asked) == boards.FAILURES + 1
    clock.advance(boards.REST)
    assert (await board.search([("fake", SEEK)])).silences == ()


@pytest.mark.parametrize(
    "answer", [down, lambda: Rejected("DOWN", "closed for the night"), lambda: 1 / 0]
)
async def test_failing_is_never_contagious(
    answer: Callable[[], Outcome[tuple[PartnerOffer, ...]]],
) -> None:
    clock = MovingClock()
    board = board_of(clock, (terms(), Fake(answer)), (terms("other"), Fake(found(clock))))
    answers = await board.search([("fake", SEEK), ("other", SEEK)])
    assert [each.partner for each in answers.silences] == ["fake"]
    assert len(answers.offers["other", SEEK]) == 1


async def test_a_partner_that_is_asked_too_much_is_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "AT_ONCE", 1)
    clock = MovingClock()
    board = board_of(clock, (terms(), Fake(5.0)))
    other = replace(SEEK, destination="INV")
    answers = await board.search([("fake", SEEK), ("fake", other)])
    assert answers.offers == {}
    assert ("fake", "spared", 1) in list(board)
    await board.close()


async def test_a_partner_that_is_not_there_is_silent() -> None:
    board = board_of(MovingClock())
    answers = await board.search([("nobody", SEEK)])
    assert answers.silences[0].reason == "it is not connected"
    priced = await board.price("nobody", SEEK, offer(datetime(2027, 1, 12, tzinfo=UTC)))
    assert isinstance(priced, Unknown)

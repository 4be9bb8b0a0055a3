"""Seats are held before an order is recorded, so that what is recorded can be booked.

A hold lapses by itself: whatever goes wrong between here and the record costs nobody a seat for
longer than HOLD.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from ndc_oms.errors import Refusal, Unavailable
from ndc_oms.fulfilment.asking import answer_of
from ndc_oms.fulfilment.booking import sales
from ndc_oms.model.order import Order
from ndc_oms.model.seat import SeatChoice
from ndc_oms.model.seating import wanted
from ndc_oms.orders.build import hold_reference
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.pss import Found, Hold, Pss, SegmentSale

HOLD: Final = timedelta(minutes=15)
RETRY_S: Final = 5
CALL_S: Final = 5.0  # of each call: all of them end within the claim's lease


async def hold_seats(pss: Pss, clock: Clock, order: Order, *, asked_before: bool) -> None:
    """The order's seats are held under its hold reference. asked_before: an earlier attempt may
    have held them already.

    Raises Unavailable (493): sold out, or nobody knows; then nothing was booked. Of flights that
    are partners' nothing is held: those are booked at once when the order is there.
    """
    if sales(order):
        await _hold_flights(pss, clock, order, asked_before=asked_before)
    choices = wanted(order)
    if not choices:
        return
    try:
        await hold_choices(pss, clock, order.hold_reference, choices)
    except Refusal:
        await release_hold(pss, order.order_id)
        raise


async def hold_choices(
    pss: Pss,
    clock: Clock,
    reference: str,
    choices: tuple[SeatChoice, ...],
    how_long: timedelta = HOLD,
) -> None:
    """These very seats are kept under the reference. Raises Unavailable (281, 493). What may be
    held all the same lapses by itself: the request sent again holds under the same reference.
    """
    outcome: Outcome[None] = Unknown("not asked")
    for _ in range(2):  # asked again, the PSS answers as before: an Unknown costs nothing
        call = pss.hold_seats(reference, choices, clock.now() + how_long)
        outcome = await answer_of(call, CALL_S)
        if not isinstance(outcome, Unknown):
            break
    if isinstance(outcome, Confirmed):
        return
    if isinstance(outcome, Rejected) and outcome.final:
        raise Unavailable(
            f"A seat that was chosen cannot be had: {_sentence(outcome.reason)}",
            code="281",
            remedy="Ask for the seat map again, and choose another seat.",
        )
    raise _refusal(outcome)


async def _hold_flights(pss: Pss, clock: Clock, order: Order, *, asked_before: bool) -> None:
    if asked_before and _is_hold(await _find(pss, order.hold_reference)):
        return
    outcome = await ask_for_hold(pss, clock, order.hold_reference, sales(order))
    if not isinstance(outcome, Confirmed):
        if isinstance(outcome, Unknown):
            await release_hold(pss, order.order_id)  # whatever comes of it: it lapses by itself
        raise _refusal(outcome)


async def hold_for_change(
    pss: Pss, clock: Clock, reference: str, wanted: Sequence[SegmentSale], how_long: timedelta
) -> None:
    """The seats that a change brings. Raises Unavailable (493), as `hold_seats`. A hold that
    nobody knows of lapses by itself: the same key may ask for it again.
    """
    outcome = await ask_for_hold(pss, clock, reference, wanted, how_long)
    if not isinstance(outcome, Confirmed):
        refused = _refusal(outcome)
        if isinstance(outcome, Rejected) and outcome.final:
            refused.remedy = "Send OrderReshop again: other flights or classes may have seats."
        else:
            refused.done = "The order is as it was, and nothing was charged."
        raise refused


async def ask_for_hold(
    pss: Pss,
    clock: Clock,
    reference: str,
    wanted: Sequence[SegmentSale],
    how_long: timedelta = HOLD,
) -> Outcome[object]:
    """Unknown only where nobody can say what became of it."""
    outcome = await _hold(pss, clock, reference, wanted, how_long)
    if isinstance(outcome, Unknown):
        found = await _find(pss, reference)
        if _is_hold(found):
            return found
        if found == Confirmed(None):  # proven absent: it may be sent again, once
            return await _hold(pss, clock, reference, wanted, how_long)
    return outcome


async def _hold(
    pss: Pss, clock: Clock, reference: str, wanted: Sequence[SegmentSale], how_long: timedelta
) -> Outcome[Hold]:
    return await answer_of(pss.hold(reference, wanted, clock.now() + how_long), CALL_S)


async def _find(pss: Pss, reference: str) -> Outcome[Found | None]:
    return await answer_of(pss.find(reference), CALL_S)


async def release_hold(pss: Pss, order_id: str) -> None:
    """Lets the hold of an order that was never recorded go, as well as it can be done."""
    await answer_of(pss.release(hold_reference(order_id)), CALL_S)


def _is_hold(found: Outcome[Found | None]) -> bool:
    return isinstance(found, Confirmed) and isinstance(found.value, Hold)


def _refusal(outcome: Rejected | Unknown) -> Refusal:
    if isinstance(outcome, Rejected) and outcome.final:
        return Unavailable(
            f"The seats of this offer are not to be had any more: {_sentence(outcome.reason)}",
            remedy="Shop again: other flights or booking classes may have seats.",
        )
    if isinstance(outcome, Rejected):
        return Unavailable(
            f"The reservation system takes no booking at the moment: {_sentence(outcome.reason)}",
            remedy="Send the same request again, with the same key.",
            retry_after_s=RETRY_S,
        )
    minutes = int(HOLD.total_seconds() // 60)
    return Unavailable(
        "The reservation system did not answer.",
        remedy="Send the same request again, with the same key.",
        done="No order was made and nothing was charged; a hold of seats, if there is one, "
        f"lapses by itself within {minutes} minutes.",
        retry_after_s=RETRY_S,
    )


def _sentence(reason: str) -> str:
    """Another system's words, at whose end the next sentence can begin."""
    return reason.rstrip(".") + "."

"""Bugs that are planted on purpose: each breaks one promise of the house, as a careless change
would.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any, Final

import pytest

from ndc_oms.fulfilment import (
    booking,
    deliver,
    exchanging,
    giving_back,
    paying,
    plan,
    splitting,
)
from ndc_oms.model.offer import Offer
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.status import CouponStatus
from ndc_oms.offers.recall import Recall
from ndc_oms.orders import cancel
from ndc_oms.orders import claim as claiming
from ndc_oms.payments.gateways import accounts
from ndc_oms.ports.outcome import Rejected, Unknown
from ndc_oms.ports.store import Differs
from ndc_oms.store import claims, recording
from ndc_oms.store.reader import Reader
from ndc_pss_simulator import bookings, calls, documents, holds

Plant = Callable[[pytest.MonkeyPatch], None]


def unknown_is_failed(patch: pytest.MonkeyPatch) -> None:
    """A time-out counts as a refusal, though the call may have been carried out."""
    honest = deliver.answer_of

    async def hasty(call: Any, within_s: float) -> Any:
        outcome = await honest(call, within_s)
        return Rejected("HASTY", outcome.reason) if isinstance(outcome, Unknown) else outcome

    patch.setattr(deliver, "answer_of", hasty)


def sent_again_under_another_name(patch: pytest.MonkeyPatch) -> None:
    """Each attempt has a reference of its own, so that nobody can see that it is the same."""
    number, made = count(), deliver.DEEDS

    def renamed(deed: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda ask: deed(replace(ask, reference=f"{ask.reference}~{next(number)}"))

    patch.setattr(deliver, "DEEDS", {step: renamed(deed) for step, deed in made.items()})


def seats_given_back_twice(patch: pytest.MonkeyPatch) -> None:
    """A cancelled booking gives its seats back whenever it is cancelled."""
    honest = bookings.cancel

    def twice(connection: Any, inventory: Any, reference: str, wanted: str) -> Any:
        done = honest(connection, inventory, reference, wanted)
        inventory.give(connection, [replace(s, seats=1) for s in _sales(done)], "sold")
        return done

    patch.setattr(bookings, "cancel", twice)


def _sales(pnr: Any) -> Sequence[Any]:
    live = tuple(replace(s, code="HK") for s in pnr.segments if s.code != bookings.PASSIVE)
    return bookings.sales_of(replace(pnr, segments=live))


def seats_kept_after_closing(patch: pytest.MonkeyPatch) -> None:
    """A closed order's booking is not cancelled."""
    patch.setattr(giving_back, "_all_seats", lambda _order: None)


def lapsed_holds_keep_their_seats(patch: pytest.MonkeyPatch) -> None:
    """A hold whose time is over is struck out, and its seats stay taken."""

    def struck_out(connection: Any, _inventory: Any, now: datetime) -> None:
        connection.execute(
            "UPDATE holds SET state = 'lapsed' WHERE state = 'held' AND expires_us <= ?",
            (holds.microseconds(now),),
        )

    patch.setattr(holds, "release_lapsed", struck_out)


def charged_twice(patch: pytest.MonkeyPatch) -> None:
    """The gateway does not know a request that it had before."""
    number = count()

    def keep(connection: Any, reference: str, asked: str, made: str) -> None:
        connection.execute("INSERT OR IGNORE INTO calls VALUES (?, ?, ?)", (reference, asked, made))

    patch.setattr(accounts, "_earlier", lambda *_: None)
    patch.setattr(accounts, "_keep", keep)
    patch.setattr(accounts, "_name", lambda kind, _reference: f"{kind}{next(number)}")


def ticketed_twice(patch: pytest.MonkeyPatch) -> None:
    """The PSS does not know a request that it had before."""

    def keep(connection: Any, reference: str, verb: str, asked: bytes, subject: str) -> None:
        connection.execute(
            "INSERT OR IGNORE INTO calls VALUES (?, ?, ?, ?)", (reference, verb, asked, subject)
        )

    patch.setattr(calls, "earlier", lambda *_: None)
    patch.setattr(calls, "keep", keep)


def a_ledger_leg_is_dropped(patch: pytest.MonkeyPatch) -> None:
    """The other side of every third posting is forgotten."""
    honest, number = recording.ledger_rows, count(1)

    def forgetful(transactions: Any) -> Any:
        rows = honest(transactions)
        return rows[:-1] if rows and next(number) % 3 == 0 else rows

    patch.setattr(recording, "ledger_rows", forgetful)


def too_much_comes_back(patch: pytest.MonkeyPatch) -> None:
    """A refund gives back all that is left, whatever was agreed."""

    def generous(_order: Order, payment: Payment) -> Any:
        return payment.left

    patch.setattr(paying, "_due", generous)


def tickets_stay_valid(patch: pytest.MonkeyPatch) -> None:
    """What is given up keeps its documents."""
    patch.setattr(giving_back, "_undo", lambda *_: None)


def paid_orders_are_given_up_for_nothing(patch: pytest.MonkeyPatch) -> None:
    """CancelUnpaidOrder also takes what is paid."""
    patch.setattr(cancel, "check_free", lambda *_: None)


def the_last_reply_stands(patch: pytest.MonkeyPatch) -> None:
    """A repetition does not get the first reply, but one composed anew."""

    async def composed_anew(self: Any, known: Any, _deadline: float) -> Any:
        record = await self.store.get_order(known.order_id, self.seller)
        return self.answer(record, known.sequence)

    patch.setattr(claiming.Claims, "replayed", composed_anew)


def another_body_passes(patch: pytest.MonkeyPatch) -> None:
    """A key answers for whatever comes under it."""
    honest = claims._decide

    def lenient(hand: Any, unit: Any, found: Any, offer_is_taken: bool) -> Any:
        answer = honest(hand, unit, found, offer_is_taken)
        if isinstance(answer, Differs) and found is not None:
            return honest(hand, replace(unit, body_hash=found[1]), found, offer_is_taken)
        return answer

    patch.setattr(claims, "_decide", lenient)


def expired_offers_are_sold(patch: pytest.MonkeyPatch) -> None:
    """A priced offer has no end."""

    async def timeless(self: Any, offer_id: str, *_: Any) -> Offer:
        found: Offer = await self._store.find_offer(offer_id)
        return replace(found)

    patch.setattr(Recall, "_stored", timeless)


def sellers_see_each_other_s(patch: pytest.MonkeyPatch) -> None:
    """The seller's filter is forgotten."""
    honest = Reader.get_order
    patch.setattr(Reader, "get_order", lambda self, order_id, _seller: honest(self, order_id, None))


def a_task_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Now and then what comes next is not written down with the event."""
    honest, number = recording._passing_on, count(1)

    def forgetful(unit: Any) -> Any:
        return honest(replace(unit, next_task=None) if next(number) % 20 == 0 else unit)

    patch.setattr(recording, "_passing_on", forgetful)


def chosen_seats_are_not_assigned(patch: pytest.MonkeyPatch) -> None:
    """What was chosen beside the flights never reaches the booking."""
    honest = booking.wanted
    patch.setattr(booking, "wanted", lambda order: honest(replace(order, ancillaries=())))
    patch.setattr(plan, "seat", lambda _order: None)


def old_flights_stay_booked(patch: pytest.MonkeyPatch) -> None:
    """After a change of flights the booking has the old ones as well."""
    honest = exchanging.exchanged_seats

    def forgetful(order: Order, change: Any) -> Any:
        coming, _ = honest(order, change)
        return coming, ()

    patch.setattr(exchanging, "exchanged_seats", forgetful)


def old_tickets_stay_valid(patch: pytest.MonkeyPatch) -> None:
    """An exchange leaves the coupons of the old ticket as they are, at the PSS and with us."""
    honest = documents.move_coupons

    def lenient(connection: Any, every: Any, changing: Any, status: CouponStatus) -> None:
        if status is not CouponStatus.EXCHANGED:
            honest(connection, every, changing, status)

    patch.setattr(documents, "move_coupons", lenient)


def a_split_shares_nothing(patch: pytest.MonkeyPatch) -> None:
    """Who gets an order apart has not paid for it, and whoever stays paid for both."""
    patch.setattr(splitting, "shares", lambda *_: ())


PLANTED: Final[tuple[Plant, ...]] = (
    unknown_is_failed,
    sent_again_under_another_name,
    seats_given_back_twice,
    seats_kept_after_closing,
    lapsed_holds_keep_their_seats,
    charged_twice,
    ticketed_twice,
    a_ledger_leg_is_dropped,
    too_much_comes_back,
    tickets_stay_valid,
    paid_orders_are_given_up_for_nothing,
    the_last_reply_stands,
    another_body_passes,
    expired_offers_are_sold,
    sellers_see_each_other_s,
    a_task_is_forgotten,
    chosen_seats_are_not_assigned,
    old_flights_stay_booked,
    old_tickets_stay_valid,
    a_split_shares_nothing,
)
